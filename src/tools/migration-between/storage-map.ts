import type { Finding, Findings } from './finding.js';
import { type IdMap, mapped } from './id-map.js';
import type { MovedVolume } from './moved-volumes.js';
import { refusedFormats } from './storage-streams.js';

/** A storage as the target node has it. */
export interface TargetStorage {
  readonly storage: string;
  readonly type: string;
  readonly content: readonly string[];
  readonly active: boolean;
  /** Bytes; absent where it was not told. */
  readonly avail?: number | undefined;
}

export interface StorageMove {
  readonly source: string;
  readonly target: string;
  readonly bytes: number;
  readonly reason: string;
}

export interface StorageWish {
  readonly type: 'qemu' | 'lxc';
  readonly node: string;
  readonly volumes: readonly MovedVolume[];
  /** Type by name, of the source's storages. */
  readonly sourceTypes: ReadonlyMap<string, string>;
  readonly targets: readonly TargetStorage[];
  readonly asked: IdMap;
  readonly preferred?: string | undefined;
}

export interface StoragePlan extends Findings {
  readonly map: readonly StorageMove[];
}

interface Group {
  readonly source: string;
  readonly type: string | undefined;
  readonly volumes: readonly MovedVolume[];
  readonly bytes: number;
}

const gib = (bytes: number) => `${Math.ceil((bytes / 1024 ** 3) * 10) / 10} GiB`;
export const contentOf = (type: 'qemu' | 'lxc') => (type === 'qemu' ? 'images' : 'rootdir');

/**
 * Where the disks of each storage go: as asked, else to the storage that is most like theirs and has room. What does not
 * fit is a stop; nothing is left out.
 */
export function planStorages(wish: StorageWish): StoragePlan {
  const left = new Map(wish.targets.map(({ storage, avail }) => [storage, avail]));
  const map: StorageMove[] = [];
  const stops: Finding[] = [];
  for (const group of groupsOf(wish)) {
    const chosen = choose(group, wish, left);
    if ('code' in chosen) {
      stops.push(chosen);
      continue;
    }
    const { storage } = chosen.target;
    const before = left.get(storage);
    if (before !== undefined) left.set(storage, before - group.bytes);
    map.push({ source: group.source, target: storage, bytes: group.bytes, reason: chosen.reason });
  }
  const unused = [...wish.asked.named.keys()].filter((source) => !wish.volumes.some((one) => one.storage === source));
  const warnings = unused.map((source) => ({
    code: 'map_unused',
    message: `storage_map names '${source}', where the guest has no disk`,
  }));
  return { map: map.sort((a, b) => a.source.localeCompare(b.source)), stops, warnings };
}

/** The largest first, so that it finds its room. */
function groupsOf({ volumes, sourceTypes }: StorageWish): Group[] {
  const sources = [...new Set(volumes.map(({ storage }) => storage))];
  return sources
    .map((source) => {
      const own = volumes.filter(({ storage }) => storage === source);
      return {
        source,
        type: sourceTypes.get(source),
        volumes: own,
        bytes: own.reduce((sum, one) => sum + one.bytes, 0),
      };
    })
    .sort((a, b) => b.bytes - a.bytes || a.source.localeCompare(b.source));
}

type Left = ReadonlyMap<string, number | undefined>;

function choose(group: Group, wish: StorageWish, left: Left): { target: TargetStorage; reason: string } | Finding {
  const asked = mapped(wish.asked, group.source);
  const { node, targets } = wish;
  if (asked !== undefined) {
    const target = targets.find(({ storage }) => storage === asked);
    const fault =
      target === undefined
        ? `node '${node}' has no storage '${asked}', or the token may not see it`
        : faultOf(group, target, wish, left);
    if (target !== undefined && fault === undefined) return { target, reason: 'as asked' };
    return stop(group, fault ?? '');
  }
  const faults = targets.map((target) => ({ target, fault: faultOf(group, target, wish, left) }));
  const [best] = faults
    .filter(({ fault }) => fault === undefined)
    .map(({ target }) => ({ target, ...likeness(group, target, wish.preferred) }))
    .sort((a, b) => b.score - a.score || room(b.target, left) - room(a.target, left));
  if (best !== undefined) return best;
  // What holds no disks at all is told of only where nothing else is there to be told of.
  const holding = faults.filter(({ target }) => target.content.includes(contentOf(wish.type)));
  const why = (holding.length > 0 ? holding : faults).flatMap(({ fault }) => fault ?? []).join('; ');
  return stop(group, why === '' ? `node '${node}' shows no storage to the token` : why);
}

const stop = ({ source, bytes }: Group, why: string): Finding => ({
  code: 'storage',
  message: `the disks on '${source}' (${gib(bytes)}) have no place: ${why}`,
  fix: `Name one in storage_map ('${source}:other'), make room, or move the disks to another storage first.`,
});

const room = ({ storage }: TargetStorage, left: Left) => left.get(storage) ?? 0;

/** Why the disks cannot go there. */
function faultOf(group: Group, target: TargetStorage, wish: StorageWish, left: Left): string | undefined {
  const { storage } = target;
  const content = contentOf(wish.type);
  if (!target.content.includes(content)) return `'${storage}' holds no '${content}'`;
  if (!target.active) return `'${storage}' is not available just now`;
  const formats = refusedFormats(wish.type, group.type, target.type, group.volumes);
  if (formats !== undefined) return `'${storage}' (${target.type}) takes no ${formats}`;
  const free = left.get(storage);
  return free !== undefined && free < group.bytes ? `'${storage}' has only ${gib(free)} left` : undefined;
}

function likeness({ source, type }: Group, target: TargetStorage, preferred: string | undefined) {
  const sameType = type !== undefined && type === target.type;
  const sameName = source === target.storage;
  if (sameName && sameType) return { score: 4, reason: `same name and type (${target.type})` };
  if (sameType) return { score: 3, reason: `same type (${target.type}), enough space` };
  if (target.storage === preferred) return { score: 2, reason: "the cluster's default storage" };
  return sameName ? { score: 1, reason: 'same name' } : { score: 0, reason: 'takes them and has the most space' };
}
