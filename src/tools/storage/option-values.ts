import { checkValue } from '../../pve/config-keys/check-value.js';
import {
  flag,
  formed,
  forms,
  integer,
  type KeySpecs,
  like,
  number,
  oneOf,
  properties,
  upTo,
} from '../../pve/config-keys/key-spec.js';
import { InvalidInput } from '../invalid-input.js';

const rates = { clone: number(0), default: number(0), migration: number(0), move: number(0), restore: number(0) };
const count = integer(0);

/** What the options of a storage take; of those that are not here, any line of text. */
const specs: KeySpecs = {
  bwlimit: properties(rates),
  'create-base-path': flag,
  'create-subdirs': flag,
  mkdir: flag,
  shared: flag,
  sparse: flag,
  fuse: flag,
  krbd: flag,
  saferemove: flag,
  tagged_only: flag,
  'skip-cert-verification': flag,
  'snapshot-as-volume-chain': flag,
  domain: upTo(256),
  fingerprint: like(/^(?:[A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}$/, 'a SHA-256 fingerprint of 32 pairs with colons'),
  format: oneOf('raw qcow2 subvol vmdk'),
  'fs-name': formed(forms.configId),
  'max-protected-backups': integer(-1),
  port: integer(1, 65_535),
  preallocation: oneOf('off metadata falloc full'),
  'prune-backups': properties({
    'keep-all': flag,
    'keep-last': count,
    'keep-hourly': count,
    'keep-daily': count,
    'keep-weekly': count,
    'keep-monthly': count,
    'keep-yearly': count,
  }),
  smbversion: oneOf('default 2.0 2.1 3 3.0 3.11'),
};

/** A key or certificate has lines. */
const line = upTo(65_536);
const lines = { ...line, lines: true } as const;
const written = new Set(['encryption-key', 'master-pubkey', 'keyring']);

/**
 * The options as they are sent.
 * @throws {InvalidInput} for a value that Proxmox does not take
 */
export function optionValues(given: Readonly<Record<string, string>>): Record<string, string> {
  const specOf = (name: string) => (Object.hasOwn(specs, name) ? specs[name] : undefined);
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const checked = checkValue(specOf(name) ?? (written.has(name) ? lines : line), value, undefined);
      if ('wire' in checked) return [name, checked.wire];
      throw new InvalidInput({ argument: `options.${name}`, message: checked.fault });
    }),
  );
}
