import type * as Crypto from 'node:crypto';
import { getBuiltinModule } from 'node:process';

/** Loaded with the first encrypted value: it is a MiB of memory that a configuration without one does not need. */
const crypto = (): typeof Crypto => getBuiltinModule('node:crypto');

/** What an encrypted value begins with; it is authenticated along with the rest. */
const version = 'enc:v1:';

// Fixed by v1: base64url without padding of salt, nonce, ciphertext and tag.
const saltLength = 16;
const nonceLength = 12;
const tagLength = 16;
const cipher = 'aes-256-gcm';
const keyLength = 32;
const stretching = { N: 16_384, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** Stretching takes its time, and a configuration that is read again has mostly the same values. */
const stretched = new Map<string, Buffer>();
const mostStretched = 512;

/** Whether a text says of itself that it is encrypted, in this form or another. */
export const isEncrypted = (text: string) => /^enc:/i.test(text);

/** A secret under a key, each time another text. */
export function encryptValue(secret: string, key: string): string {
  const salt = crypto().randomBytes(saltLength);
  const nonce = crypto().randomBytes(nonceLength);
  const sealing = crypto().createCipheriv(cipher, stretch(key, salt), nonce, { authTagLength: tagLength });
  sealing.setAAD(Buffer.from(version));
  const sealed = Buffer.concat([sealing.update(secret, 'utf8'), sealing.final()]);
  return version + Buffer.concat([salt, nonce, sealed, sealing.getAuthTag()]).toString('base64url');
}

/** Why a value was not decrypted: it has not the form of one, or key and value do not belong together. */
export type Undecrypted = 'form' | 'key-or-value';

export function decryptValue(text: string, key: string): { readonly secret: string } | { readonly why: Undecrypted } {
  const written = text.slice(version.length);
  const bytes = Buffer.from(written, 'base64url');
  const isWhole = bytes.length > saltLength + nonceLength + tagLength;
  // Characters that are none of base64url, and bits behind its end, would be passed over.
  if (!text.startsWith(version) || !isWhole || bytes.toString('base64url') !== written) return { why: 'form' };
  const salt = bytes.subarray(0, saltLength);
  const nonce = bytes.subarray(saltLength, saltLength + nonceLength);
  const opening = crypto().createDecipheriv(cipher, stretch(key, salt), nonce, { authTagLength: tagLength });
  opening.setAAD(Buffer.from(version));
  opening.setAuthTag(bytes.subarray(-tagLength));
  const opened = opening.update(bytes.subarray(saltLength + nonceLength, -tagLength));
  try {
    return { secret: Buffer.concat([opened, opening.final()]).toString('utf8') };
  } catch {
    return { why: 'key-or-value' };
  }
}

function stretch(key: string, salt: Buffer): Buffer {
  const name = `${salt.toString('base64url')} ${key}`;
  const known = stretched.get(name);
  if (known !== undefined) return known;
  if (stretched.size >= mostStretched) stretched.clear();
  const made = crypto().scryptSync(key.normalize('NFC'), salt, keyLength, stretching);
  stretched.set(name, made);
  return made;
}
