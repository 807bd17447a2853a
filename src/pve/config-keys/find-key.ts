import { nearest } from '../../config/nearest.js';
import type { KeySpec, KeySpecs } from './key-spec.js';
import { lxcKeys } from './lxc-keys.js';
import { vmKeys } from './vm-keys.js';

export type GuestType = 'qemu' | 'lxc';

/** What a guest of each type can be configured with. */
export const configKeys: Readonly<Record<GuestType, KeySpecs>> = { qemu: vmKeys, lxc: lxcKeys };

const numbered = /^(.*\D)(\d+)$/;

/** What a key takes; `undefined` for one that is none of this type. */
export function findKey(type: GuestType, key: string): KeySpec | undefined {
  const specs = configKeys[type];
  const [, stem = '', digits = ''] = numbered.exec(key) ?? [];
  const counted = specs[`${stem}[n]`];
  if (counted !== undefined && String(Number(digits)) === digits)
    return Number(digits) < (counted.count ?? 0) ? counted : undefined;
  return key.endsWith(']') || !Object.hasOwn(specs, key) ? undefined : specs[key];
}

/** What a caller may have meant by these, which are no keys of a guest. */
const instead = new Map(
  Object.entries({
    delete: "keys to unset go into 'delete'",
    digest: 'it is sent by itself',
    revert: 'use proxmox-revert-pending',
    skiplock: 'only root@pam himself may skip a lock; no API token can',
    force: 'no disk is destroyed by a configuration',
    vmid: 'a guest keeps its VMID',
    node: 'use the migration tools',
    pool: 'use the pool tools',
    password: 'of a container it is only taken when it is made; of a VM with cloud-init it is cipassword',
    'ssh-public-keys': 'of a container they are only taken when it is made; of a VM with cloud-init they are sshkeys',
  }),
);

const sameWords = [
  ['notes', 'description'],
  ['ram', 'memory'],
  ['cpus', 'cores'],
] as const;

const renamed = {
  qemu: new Map([...sameWords, ['hostname', 'name'], ['rootfs', 'scsi0']]),
  lxc: new Map([...sameWords, ['name', 'hostname']]),
} satisfies Record<GuestType, Map<string, string>>;

/** Why a key is none, and which was probably meant. */
export function unknownKey(type: GuestType, key: string): string {
  const what = type === 'qemu' ? 'VM' : 'container';
  const advice = instead.get(key);
  if (advice !== undefined) return `not set here: ${advice}`;
  const [, stem = '', digits = ''] = numbered.exec(key) ?? [];
  const counted = configKeys[type][`${stem}[n]`];
  if (counted !== undefined) return `a ${what} has ${stem}0 to ${stem}${(counted.count ?? 1) - 1}`;
  const names = Object.keys(configKeys[type]).map((name) => name.replace('[n]', digits || '0'));
  const meant = renamed[type].get(key) ?? nearest(key, names);
  const other = type === 'qemu' ? 'lxc' : 'qemu';
  const elsewhere = findKey(other, key) === undefined ? '' : `; only a ${other === 'qemu' ? 'VM' : 'container'} has it`;
  return `no key of a ${what}${elsewhere}${meant === undefined ? '' : `; did you mean '${meant}'?`}`;
}
