import { inTurns } from '../../pve/attempt.js';
import { toWord, toWords } from '../../pve/quoted.js';
import { readAliases, readEntries, readIpsets } from '../firewall/firewall-sets.js';
import { type Entry, writtenOf } from '../firewall/ipset-entries.js';
import { Refused } from '../refused.js';
import type { Copying, CopySide } from './copy.js';
import { aliasIn, type References } from './firewall-references.js';

const cluster = { level: 'cluster' } as const;

interface Alias {
  readonly name: string;
  readonly cidr: string;
  readonly comment?: string | undefined;
}

interface IpSet {
  readonly name: string;
  readonly comment?: string | undefined;
  readonly entries: readonly Entry[];
}

/** What rules refer to and the other cluster lacks. */
export interface Lacking {
  readonly aliases: readonly Alias[];
  readonly sets: readonly IpSet[];
}

async function readSets(side: CopySide, names: readonly string[]): Promise<IpSet[]> {
  const wanted = (await readIpsets(cluster, side.call)).filter(({ name }) => names.includes(name.toLowerCase()));
  return inTurns(wanted, async ({ name, comment }) => {
    const entries = await readEntries(cluster, name, side.call);
    return {
      name,
      comment,
      entries: entries.map(({ cidr, nomatch = false, comment: about }) => ({ cidr, nomatch, comment: about })),
    };
  });
}

const sameEntries = (a: IpSet, b: IpSet) =>
  JSON.stringify(a.entries.map(writtenOf).sort()) === JSON.stringify(b.entries.map(writtenOf).sort());

/**
 * Finds what has to be made beside the rules, down to the aliases in IP sets.
 * @throws {Refused} for what is missing at the source, or means something else at the target
 */
export async function lackingReferences(references: References, { source, target }: Copying): Promise<Lacking> {
  const [sets, setsThere] = await Promise.all([readSets(source, references.sets), readSets(target, references.sets)]);
  const inSets = sets.flatMap(({ entries }) => entries.flatMap(({ cidr }) => aliasIn(cidr) ?? []));
  const names = [...new Set([...references.aliases, ...inSets])].sort();
  const aliases = names.length === 0 ? [] : await readAliases(cluster, source.call);
  const aliasesThere = names.length === 0 ? [] : await readAliases(cluster, target.call);
  const named = (known: readonly Alias[], name: string) => known.find((one) => one.name.toLowerCase() === name);
  requireAll(source, [
    ...references.sets.filter((name) => !sets.some((set) => set.name === name)).map((name) => `IP set ${toWord(name)}`),
    ...names.filter((name) => named(aliases, name) === undefined).map((name) => `alias ${toWord(name)}`),
  ]);
  const used = names.flatMap((name) => named(aliases, name) ?? []);
  const other = [
    ...sets.filter((set) => setsThere.some((one) => one.name === set.name && !sameEntries(one, set))),
    ...used.filter(({ name, cidr }) => (named(aliasesThere, name.toLowerCase())?.cidr ?? cidr) !== cidr),
  ];
  if (other.length > 0)
    throw new Refused(
      `the rules name ${toWords(other.map(({ name }) => name))}, which on ${target.cluster} is another IP set or alias`,
      'Make them alike there first with proxmox-firewall-set-ipset or -set-alias; what else uses them changes with them.',
    );
  return {
    aliases: used.filter(({ name }) => named(aliasesThere, name.toLowerCase()) === undefined),
    sets: sets.filter((set) => !setsThere.some(({ name }) => name === set.name)),
  };
}

function requireAll({ cluster: where }: CopySide, missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new Refused(
    `the rules name what ${where} does not have: ${missing.join(', ')}`,
    'Mend the rules there first: proxmox-firewall-update-rule.',
  );
}

/** Makes what is lacking: aliases first, as IP sets may name them. */
export async function makeLacking(lacking: Lacking, { target, offerUndo, alsoMade }: Copying): Promise<void> {
  const { call, cluster: where } = target;
  const undo = (kind: string, name: string) =>
    offerUndo(
      `proxmox-firewall-delete with cluster ${where}, level cluster, kind ${kind}, object ${toWord(name)} and force true`,
    );
  for (const { name, cidr, comment } of lacking.aliases) {
    await call.createAlias({}, { name, cidr, comment });
    undo('alias', name);
    alsoMade(`alias ${toWord(name)}`);
  }
  for (const { name, comment, entries } of lacking.sets) {
    await call.createSet({}, { name, comment });
    undo('ipset', name);
    for (const entry of entries.toReversed())
      await call.addEntry({ name }, { cidr: entry.cidr, nomatch: entry.nomatch || undefined, comment: entry.comment });
    alsoMade(`IP set ${toWord(name)} of ${entries.length} entries`);
  }
}
