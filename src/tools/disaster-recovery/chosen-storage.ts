import { nameOrNone } from '../../pve/quoted.js';
import type { SharedStorage } from '../federation/shared-storages.js';
import type { Finding } from '../migration-between/finding.js';

/** A storage that both mount, as far as it can be used just now. */
export interface Candidate extends SharedStorage {
  /** Why it cannot be used. */
  readonly fault?: string | undefined;
}

export interface ChosenStorage {
  readonly storage: SharedStorage;
  readonly reason: string;
}

interface Wish {
  /** By its name on either side. */
  readonly named: string | undefined;
  readonly preferred: string | undefined;
  readonly source: string;
  readonly target: string;
}

/** The named storage, else the source's default one, the only one, or one of Proxmox Backup Server before others. */
export function chooseShared(candidates: readonly Candidate[], wish: Wish): ChosenStorage | Finding {
  const { named, preferred, source, target } = wish;
  const meant = candidates.filter((one) => named === undefined || one.source === named || one.target === named);
  const usable = meant.filter(({ fault }) => fault === undefined);
  if (usable.length === 0) return noneOf(candidates, meant, wish);
  const exact = usable.find((one) => one.source === named);
  if (named !== undefined) return { storage: exact ?? usable[0] ?? none, reason: 'as asked' };
  const default_ = usable.find((one) => one.source === preferred);
  if (default_ !== undefined) return { storage: default_, reason: `the default storage of '${source}'` };
  const [first = none, ...others] = usable.toSorted(
    (a, b) => Number(b.type === 'pbs') - Number(a.type === 'pbs') || a.source.localeCompare(b.source),
  );
  if (others.length === 0)
    return { storage: first, reason: `the only one that '${source}' and '${target}' both mount` };
  const why = first.type === 'pbs' ? 'a Proxmox Backup Server goes before others' : 'the first by name';
  return { storage: first, reason: `${why}; there is also ${others.map((one) => one.source).join(', ')}` };
}

const none: SharedStorage = { source: '', target: '', type: '', where: '' };

function noneOf(candidates: readonly Candidate[], meant: readonly Candidate[], wish: Wish): Finding {
  const { named, source, target } = wish;
  const faults = meant.flatMap(({ fault }) => fault ?? []);
  const names = candidates.map((one) => one.source).join(', ');
  if (faults.length > 0) return { code: 'shared_storage', message: faults.join('; ') };
  if (named !== undefined && names !== '')
    return {
      code: 'shared_storage',
      message: `'${named}' is no storage for backups that '${source}' and '${target}' both mount`,
      fix: `Name one of ${names}.`,
    };
  return {
    code: 'shared_storage',
    message: `no storage for backups is seen that '${source}' and '${target}' both mount`,
    fix: 'The same NFS export, CIFS share, CephFS, or Backup Server datastore and namespace must be a storage with content backup on both; a token sees those on which it has Datastore.Audit.',
  };
}

/** What each side says of its half of a shared storage. */
export interface Halves {
  readonly source: ReadonlyMap<string, boolean>;
  readonly target: ReadonlyMap<string, boolean>;
}

/** Adds to each why it cannot be used on one of its sides. */
export function withFaults(
  shared: readonly SharedStorage[],
  { source, target }: Halves,
  nodes: { readonly source: string; readonly target: string },
): Candidate[] {
  const fault = (name: string, active: ReadonlyMap<string, boolean>, node: string) =>
    active.get(name) === true
      ? undefined
      : active.has(name)
        ? `storage '${name}' is not available on node '${node}' just now`
        : `node '${node}' does not show storage '${name}' to the token`;
  return shared.map((one) => ({
    ...one,
    fault: fault(one.source, source, nodes.source) ?? fault(one.target, target, nodes.target),
  }));
}

/** What makes backups of two guests hard to tell apart: neither a file name nor a group of a Backup Server knows its cluster. */
export function collision(
  { type, where }: SharedStorage,
  vmid: number,
  twin: { readonly cluster: string; readonly name?: string | undefined } | undefined,
): Finding[] {
  if (twin === undefined) return [];
  const other = `VMID ${vmid} is also ${nameOrNone(twin.name)} of cluster '${twin.cluster}'`;
  const told = 'only their notes tell them apart';
  if (type !== 'pbs')
    return [{ code: 'same_vmid', message: `${other}: backups of both on ${where} are pruned together, and ${told}` }];
  return [
    {
      code: 'same_group',
      message: `${other}: backups of both in one namespace (${where}) are one group, pruned together, and ${told}`,
      fix: 'Let each cluster back up to a namespace of its own, which the other mounts as a second storage.',
    },
  ];
}
