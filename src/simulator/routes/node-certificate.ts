import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { JsonObject } from '../json.js';
import { nodeSettings } from '../node-settings.js';
import { died, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import { flag, node } from './common-parameters.js';

const seconds = (date: string) => Math.floor(Date.parse(date) / 1000);

/** A row of the list of certificates. */
export function uploadedCertificate(pem: string): JsonObject {
  const read = new X509Certificate(pem);
  return {
    filename: 'pveproxy-ssl.pem',
    pem,
    subject: `/${read.subject.replaceAll('\n', '/')}`,
    issuer: `/${read.issuer.replaceAll('\n', '/')}`,
    fingerprint: read.fingerprint256,
    san: (read.subjectAltName ?? '').split(', ').map((name) => name.replace(/^[^:]*:/, '')),
    notbefore: seconds(read.validFrom),
    notafter: seconds(read.validTo),
  };
}

function parsed(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw parameterError({ certificates: 'value does not look like a valid PEM-formatted certificate' });
  }
}

function fits(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function upload({ cluster, params }: Call): JsonObject {
  const settings = nodeSettings(cluster, params.text('node'));
  const pem = params.text('certificates');
  const certificate = parsed(pem);
  if (settings.customCertificate !== undefined && !params.flag('force'))
    throw parameterError({ force: "Custom certificate file exists but 'force' is not set." });
  const key = params.optionalText('key');
  if (key === undefined && settings.customCertificate === undefined)
    throw parameterError({ key: 'Attempted to upload custom certificate without (existing) key.' });
  if (key !== undefined && !fits(certificate, key)) throw died('unable to verify: key does not match the certificate');
  settings.customCertificate = pem;
  return uploadedCertificate(pem);
}

const permission = { path: '/nodes/{node}', privileges: ['Sys.Modify'] } as const;

export const nodeCertificateRoutes: readonly Route[] = [
  {
    route: 'POST /nodes/{node}/certificates/custom',
    params: {
      node,
      certificates: { type: 'string', format: 'pem-certificate-chain' },
      force: flag,
      key: { type: 'string', optional: true, format: 'pem-string' },
      restart: flag,
    },
    permission,
    handler: upload,
  },
];
