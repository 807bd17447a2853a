import { isDiskKey } from '../guest-config.js';
import type { Params } from '../params.js';
import { parseUpid } from '../upid.js';
import { ownersOf } from '../volume-owner.js';

const vmid = '[1-9][0-9]{2,8}';
const guest = new RegExp(`^(?:(?:vm|ct):)?(${vmid})$`);
const replication = new RegExp(`^(${vmid})-\\d+$`);
const aclPath = new RegExp(`^/vms/(${vmid})$`);

/** The guests that the items of a list name; `null` stands for an item that names none. */
export function guestsIn(value: unknown): (number | null)[] {
  const items = [value].flat().flatMap((one) => String(one).split(/[\s,;\0]+/));
  return items
    .filter((item) => item !== '')
    .flatMap((item) => {
      const named = guest.exec(item) ?? replication.exec(item) ?? aclPath.exec(item) ?? guest.exec(taskOf(item));
      return named?.[1] === undefined ? [null] : [Number(named[1])];
    });
}

const taskOf = (item: string) => parseUpid(item)?.id ?? '';

/** What is a user's own text names no volume. */
const freeText = new Set([
  'description',
  'comment',
  'notes',
  'notes-template',
  'command',
  'input-data',
  'content',
  'tags',
]);

export interface NamedByVolumes {
  /** Of volumes that are given to, taken from or made of. */
  readonly used: readonly number[];
  /** Of backups that are only read. */
  readonly read: readonly number[];
  /** Volumes and paths in the place of a disk or a backup whose names do not say whose they are. */
  readonly unowned: readonly string[];
}

/** The guests whose volumes the parameters name. */
export function volumeOwners(params: Params): NamedByVolumes {
  const found = Object.entries(params).map(([name, value]) => {
    if (value === undefined || freeText.has(name)) return { name, owners: [] };
    const pieces = [value].flat().flatMap((one) => String(one).split(/[\s,;=\0]+/));
    const volumes = pieces.filter((piece) => /^(?:[A-Za-z][\w.-]*:|\/)./.test(piece));
    return { name, owners: volumes.flatMap(ownersOf) };
  });
  const isRead = ({ name }: { readonly name: string }) => name === 'archive' || name === 'ostemplate';
  return {
    used: found.filter((one) => !isRead(one)).flatMap(({ owners }) => owners),
    read: found.filter(isRead).flatMap(({ owners }) => owners),
    unowned: Object.entries(params)
      .flatMap(([name, value]) => mountedBy(name, value))
      .filter(isUnowned),
  };
}

/** The volumes that a parameter puts to use: as a disk, or as what one is made from. */
function mountedBy(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (name === 'archive' || name === 'ostemplate') return [String(value)];
  if (!isDiskKey(name) && name !== 'cdrom') return [];
  const parts = [value].flat().flatMap((one) => String(one).split(','));
  return parts.flatMap((part) => /^(?:(?:file|volume|import-from)=)?([^=]*)$/.exec(part.trim())?.[1] ?? []);
}

/** A drive without a medium, and a disk that is made anew: `local-lvm:32`, and that of cloud-init. */
const made = /^(?:-|none|cdrom|(?:[^/:]+:)?\d+(?:\.\d+)?|[^/:]+:cloudinit)?$/;
const isShared = (volume: string) => /^[^/:]+:(?:iso|vztmpl|snippets|import|backup)\/./.test(volume);
const isUnowned = (volume: string) => !made.test(volume) && !isShared(volume) && ownersOf(volume).length === 0;
