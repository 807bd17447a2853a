import { toWords } from '../../pve/quoted.js';
import { Refused } from '../refused.js';

export interface Entry {
  readonly cidr: string;
  /** Taken out of the set. */
  readonly nomatch: boolean;
  readonly comment?: string | undefined;
}

/** `!10.0.0.5` is what is taken out of a set. */
const entryOf = (written: string): Entry =>
  written.startsWith('!') ? { cidr: written.slice(1), nomatch: true } : { cidr: written, nomatch: false };

export const writtenOf = ({ cidr, nomatch }: Entry) => (nomatch ? `!${cidr}` : cidr);

interface Asked {
  readonly add?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
}

interface Known {
  readonly cidr: string;
  readonly nomatch?: boolean | undefined;
  readonly comment?: string | undefined;
}

/**
 * What is to be sent so that a set has what is to be added and lacks what is to be removed. An entry that is there, but
 * is excepted or no longer to be, is among the added and, as it was, among the replaced.
 * @throws {Refused} for an entry to remove that is not there
 */
export function changesOf(name: string, known: readonly Known[], { add = [], remove = [] }: Asked) {
  const present = new Map(known.map(({ cidr, nomatch = false, comment }) => [cidr, { cidr, nomatch, comment }]));
  const unwanted = [...new Set(remove.map((written) => entryOf(written).cidr))];
  const removed = unwanted.flatMap((cidr) => present.get(cidr) ?? []);
  const missing = unwanted.filter((cidr) => !present.has(cidr));
  if (missing.length > 0)
    throw new Refused(`${toWords(missing)}: not in IP set ${name}`, 'See proxmox-firewall-list with what: ipsets.');
  const named = new Map(add.map(entryOf).map((entry) => [entry.cidr, entry]));
  const wanted = [...named.values()].map((entry) => ({ ...entry, comment: present.get(entry.cidr)?.comment }));
  const added = wanted.filter(({ cidr, nomatch }) => unwanted.includes(cidr) || present.get(cidr)?.nomatch !== nomatch);
  const replaced = added.flatMap(({ cidr }) => (unwanted.includes(cidr) ? [] : (present.get(cidr) ?? [])));
  return { removed, replaced, added };
}
