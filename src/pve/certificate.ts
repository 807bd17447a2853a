import { connect } from 'node:tls';

/** The certificate that a server shows, looked at without trusting it. */
export interface SeenCertificate {
  /** SHA-256, upper-case hex with colons: what `..._FINGERPRINT` takes. */
  readonly fingerprint: string;
  readonly subject: string;
  /** As the certificate writes it: `Nov 21 00:00:00 2027 GMT`. */
  readonly validTo: string;
  /** Whether the system's authorities vouch for it. */
  readonly trusted: boolean;
  /** Why not, where they do not. */
  readonly reason?: string;
}

/**
 * Shakes hands with an `https://` address and hangs up; nothing is sent.
 * @param timeout milliseconds
 * @throws the socket's error, or one with code `ETIMEDOUT`
 */
export function readCertificate(address: string, timeout: number): Promise<SeenCertificate> {
  const { hostname, port } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, ...named }, () => {
      const leaf = socket.getPeerCertificate();
      const subject = [leaf.subject?.CN ?? ''].flat().join(', ');
      const seen = { fingerprint: leaf.fingerprint256 ?? '', subject, validTo: leaf.valid_to ?? '' };
      const verdict = socket.authorized
        ? { trusted: true }
        : { trusted: false, reason: String(socket.authorizationError) };
      socket.destroy();
      resolve({ ...seen, ...verdict });
    });
    socket.setTimeout(timeout, () => socket.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
    socket.on('error', reject);
  });
}
