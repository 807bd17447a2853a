import { decryptValue, encryptValue } from '../config/encrypted-value.js';

export interface Keys {
  readonly old: string;
  readonly new: string;
}

/** The value under the new key; as it is where that is so already, and nothing where neither key opens it. */
export function reencrypt(value: string, keys: Keys): string | undefined {
  const opened = decryptValue(value, keys.old);
  if ('secret' in opened) return encryptValue(opened.secret, keys.new);
  return 'secret' in decryptValue(value, keys.new) ? value : undefined;
}

/** Why a value was not encrypted anew. */
export const neitherKey = (where: string) =>
  new Error(
    `${where} cannot be decrypted, neither with the old key nor with the new: the key is another one, or the value was changed. Nothing was changed`,
  );
