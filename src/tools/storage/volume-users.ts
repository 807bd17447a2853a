import { configText, type GuestConfig } from '../../pve/guest-config.js';
import { toWord } from '../../pve/quoted.js';
import type { GuestResource } from '../../pve/resources.js';
import { settle } from '../../pve/settle.js';
import { Refused } from '../refused.js';

/** A line of a guest's configuration that names a volume. */
export interface VolumeUser {
  readonly vmid: number;
  readonly key: string;
}

/** Keys that hold text of people. */
const prose = new Set(['description', 'tags', 'name', 'hostname', 'searchdomain', 'nameserver']);

/** The volumes that a value names: of a disk, a CD, `cicustom`, `hookscript`, ... */
const volidsIn = (value: string) => value.split(/[,;=\s]+/).filter((part) => /^[A-Za-z][\w.-]*:[^/]/.test(part));

export function namesVolume(volid: string): (named: string) => boolean {
  const [storage = '', disk] = [volid.slice(0, volid.indexOf(':')), diskName(volid)];
  return (named) =>
    named === volid ||
    // What a linked clone is based on stands before its own name.
    named.startsWith(`${volid}/`) ||
    (disk !== undefined && named.startsWith(`${storage}:`) && diskName(named) === disk);
}

/** A disk's own name, which is the same with and without what it is based on. */
const diskName = (volid: string) => /(?:^|[:/])((?:vm|base|subvol|basevol)-\d+-[^/]+)$/.exec(volid)?.[1];

/** The keys of a configuration whose value names such a volume. */
export function keysNaming(config: GuestConfig, named: (volid: string) => boolean): string[] {
  return Object.entries(config)
    .filter(([key, value]) => !prose.has(key) && volidsIn(configText(value) ?? '').some(named))
    .map(([key]) => toWord(key))
    .sort();
}

type Read = (guest: GuestResource) => Promise<{ readonly data: GuestConfig }>;

/** The guests whose configurations name such a volume, and those whose configurations cannot be read. */
export async function seenVolumeUsers(guests: readonly GuestResource[], read: Read, named: (volid: string) => boolean) {
  const { values, failed } = await settle(guests, read);
  const users: VolumeUser[] = values
    .flatMap(({ key: { vmid }, value }) => keysNaming(value.data, named).map((key) => ({ vmid, key })))
    .sort((a, b) => a.vmid - b.vmid);
  return { users, unread: failed };
}

/**
 * The guests whose configurations name such a volume.
 * @throws {Refused} when the configuration of one cannot be read
 */
export async function volumeUsers(
  guests: readonly GuestResource[],
  read: Read,
  named: (volid: string) => boolean,
): Promise<VolumeUser[]> {
  const { users, unread: failed } = await seenVolumeUsers(guests, read, named);
  const [unread] = failed;
  if (unread !== undefined)
    throw new Refused(
      `Whether guest ${unread.key.vmid} uses it is not known: node ${unread.key.node} ${unread.reason}`,
      'Try again when all its nodes answer.',
    );
  return users;
}

export const inWords = (users: readonly VolumeUser[]): string =>
  users
    .slice(0, 10)
    .map(({ vmid, key }) => `${vmid} (${key})`)
    .join(', ') + (users.length > 10 ? ` and ${users.length - 10} more` : '');
