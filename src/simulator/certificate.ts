import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

export interface ServedCertificate {
  readonly key: string;
  readonly cert: string;
  /** PEM of the authority that signed it. */
  readonly ca: string;
  /** SHA-256 of the leaf, AA:BB:... */
  readonly fingerprint: string;
}

export interface Certificates {
  readonly usual: ServedCertificate;
  /** Another one, from another authority, for the fault `certificate`. */
  readonly other: ServedCertificate;
}

const made = new Map<string, Promise<Certificates>>();

async function issue(name: string, host: string): Promise<ServedCertificate> {
  const ec = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: `Proxmox Virtual Environment ${name}` }], {
    ...ec,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  const leaf = await generate([{ name: 'commonName', value: `${name}.example` }], {
    ...ec,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
          { type: 2, value: 'localhost' },
          isAddress ? { type: 7, ip: host } : { type: 2, value: host },
        ],
      },
    ],
  });
  const { fingerprint256 } = new X509Certificate(leaf.cert);
  return { key: leaf.private, cert: leaf.cert, ca: authority.cert, fingerprint: fingerprint256 };
}

/** Made once a process and host: making them for each of many clusters would take seconds. */
export function certificatesFor(host: string): Promise<Certificates> {
  const known = made.get(host);
  if (known !== undefined) return known;
  const fresh = Promise.all([issue('pve', host), issue('pve-renewed', host)]).then(([usual, other]) => ({
    usual,
    other,
  }));
  made.set(host, fresh);
  return fresh;
}
