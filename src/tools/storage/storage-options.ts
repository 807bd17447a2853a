import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';

/** The types that are made here, of those that Proxmox has. */
export const storageTypes = [
  'dir',
  'nfs',
  'cifs',
  'lvm',
  'lvmthin',
  'zfspool',
  'pbs',
  'rbd',
  'cephfs',
  'iscsi',
] as const;
export type StorageType = (typeof storageTypes)[number];

interface Options {
  /** Needed, and never changed afterwards. */
  readonly required: readonly string[];
  /** May be given at the start, and never changed afterwards. */
  readonly fixed?: readonly string[];
  readonly free: readonly string[];
}

const any = ['bwlimit'];
const folder = ['content-dirs', 'create-base-path', 'create-subdirs', 'mkdir'];
const backups = ['prune-backups', 'max-protected-backups'];
const images = ['format', 'preallocation'];

// The `options` of each plugin of pve-storage.
const optionsOf: Readonly<Record<StorageType, Options>> = {
  dir: { required: ['path'], free: ['shared', 'is_mountpoint', ...folder, ...backups, ...images] },
  nfs: { required: ['server', 'export'], fixed: ['path'], free: ['options', ...folder, ...backups, ...images] },
  cifs: {
    required: ['server', 'share'],
    fixed: ['path'],
    free: ['username', 'domain', 'subdir', 'smbversion', 'options', ...folder, ...backups, ...images],
  },
  lvm: {
    required: ['vgname'],
    fixed: ['base'],
    free: ['shared', 'saferemove', 'saferemove_throughput', 'tagged_only', 'snapshot-as-volume-chain'],
  },
  lvmthin: { required: ['vgname', 'thinpool'], free: [] },
  zfspool: { required: ['pool'], free: ['blocksize', 'sparse', 'mountpoint'] },
  pbs: {
    required: ['server', 'datastore'],
    free: [
      'username',
      'namespace',
      'port',
      'fingerprint',
      'encryption-key',
      'master-pubkey',
      'skip-cert-verification',
      ...backups,
    ],
  },
  rbd: { required: [], free: ['pool', 'monhost', 'data-pool', 'namespace', 'username', 'krbd', 'keyring'] },
  cephfs: {
    required: [],
    fixed: ['path'],
    free: ['monhost', 'subdir', 'username', 'fuse', 'fs-name', 'keyring', 'options', ...folder, ...backups],
  },
  iscsi: { required: ['portal', 'target'], free: [] },
};

const isKnown = (type: string): type is StorageType => type in optionsOf;

type Given = Readonly<Record<string, string>>;

/** What a storage of the type may be made with, beside its content and nodes; `undefined` for a type that is not made here. */
export function storageOptions(type: string): readonly string[] | undefined {
  if (!isKnown(type)) return undefined;
  const { required, fixed = [], free } = optionsOf[type];
  return [...required, ...fixed, ...free, ...any];
}

/** @throws {InvalidInput} for what is missing, or not an option of that type */
export function requireOptions(type: StorageType, given: Given): void {
  const { required, fixed = [], free } = optionsOf[type];
  const missing = required.filter((name) => given[name] === undefined);
  if (missing.length > 0) throw fault(`a storage of type ${type} needs ${missing.join(', ')}`);
  refuseOthers(given, [...required, ...fixed, ...free, ...any], `an option of type ${type}`);
}

/** @throws {InvalidInput} for what is not an option that can be changed; of types that are not made here Proxmox judges */
export function requireChangeable(type: string, given: Given): void {
  if (!isKnown(type)) return;
  refuseOthers(given, [...optionsOf[type].free, ...any], `an option of type ${type} that can be changed`);
}

/** Without these, backups that were made with them are lost. */
const keys: readonly string[] = ['encryption-key', 'master-pubkey'];

/** What every storage has, beside the options of its type. */
const common = ['content', 'nodes', 'disable'];

/**
 * @throws {InvalidInput} for what is no option that can be taken away, or is changed by the same call
 * @throws {Refused} for a key
 */
export function requireRemovable(type: string, unset: readonly string[], given: readonly string[]): void {
  const key = keys.find((name) => unset.includes(name));
  if (key !== undefined)
    throw new Refused(
      `without its ${key} the storage's encrypted backups could not be read any more`,
      "Leave it out of 'unset'; that a key goes is for root to do on a node.",
    );
  const both = unset.filter((name) => given.includes(name));
  if (both.length > 0) throw unsetFault(`${both.join(', ')} is changed by the same call`);
  if (!isKnown(type)) return;
  const free = [...optionsOf[type].free, ...any, ...common].filter((name) => !keys.includes(name));
  const strange = unset.filter((name) => !free.includes(name));
  if (strange.length > 0)
    throw unsetFault(
      `${strange.join(', ')} is not an option of type ${type} that can be taken away; there are ${free.sort().join(', ')}`,
    );
}

const unsetFault = (message: string) => new InvalidInput({ argument: 'unset', message });

function refuseOthers(given: Given, known: readonly string[], what: string): void {
  if (given.password !== undefined) throw fault("give the password as the argument 'password'");
  const strange = Object.keys(given).filter((name) => !known.includes(name));
  if (strange.length > 0)
    throw fault(`${strange.join(', ')} is not ${what}; there are ${[...known].sort().join(', ')}`);
}

const fault = (message: string) => new InvalidInput({ argument: 'options', message });
