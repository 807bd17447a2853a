import { z } from 'zod';
import type { GuestResource } from '../../pve/resources.js';
import { ageInHours, isoTime } from '../../pve/time.js';
import { defineList } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { type CopyState, type CopyVerdict, judgeCopies, states } from './copy-state.js';
import { distinctClusters } from './distinct-clusters.js';
import { groupBy } from './group-by.js';
import { type LostGuest, lostGuests } from './lost-guests.js';
import { blindFor, type ReadSite, readSite, reportCalls, type SilentSite } from './read-sites.js';
import { findTwins, type Twin, twinKey } from './twins.js';

const text = z.string().optional();

const row = z.object({
  cluster: z.string(),
  vmid: z.number().optional(),
  type: text,
  name: text,
  /** `none`, `stale`, `unknown` or `ok`. */
  state: z.string(),
  age_hours: z.number().optional(),
  /** The newest copy, as the first of `seen_by` lists it. */
  copy: text,
  seen_by: z.array(z.string()).optional(),
  where: text,
  ctime: text,
  size: z.number().optional(),
  /** By what it was taken for a copy of this guest. */
  recognised: text,
  copies: z.number().optional(),
  /** Guests of other clusters that may stand in for it. */
  standby: z.array(z.string()).optional(),
  why: text,
});
type Row = z.input<typeof row>;

const defaultAge = 24;

export default [
  defineList({
    name: 'proxmox-dr-report',
    title: 'Disaster recovery report',
    description: "Each guest's newest copy that another cluster sees: none, stale, unknown or ok; worst first.",
    effect: 'read',
    scope: 'across',
    tellsNamesakes: true,
    toolset: 'federation',
    input: {
      of: z.string().min(1).max(256).optional().describe('Guests of this cluster alone'),
      max_age_hours: z.number().min(0.1).max(87_600).optional().describe('Older is stale; default 24'),
    },
    output: row,
    calls: reportCalls,
    privileges: [
      'VM.Audit on /vms',
      'Datastore.Audit|Datastore.Allocate on /storage',
      'Datastore.AllocateSpace|Datastore.Allocate on /storage',
      'VM.Backup on /vms',
    ],
    run: async ({ target, input, at, now }) => {
      const names = target.clusters.map(({ info }) => info.name);
      checkClusters(names, input.of);
      const wanted = (cluster: string) => input.of === undefined || cluster === input.of;
      const { views, notes } = await distinctClusters(target.clusters, input.of);
      if (views.length < 2) throw new Refused('these are names of one and the same cluster', 'Name another beside it.');
      const read = await Promise.all(views.map((view) => readSite(view, at(view).call)));
      const sites = read.filter((one) => 'guests' in one);
      const silent = read.filter((one) => 'why' in one);
      const { twins, uncompared } = await findTwins(sites, wanted);
      const maxAge = input.max_age_hours ?? defaultAge;
      const judged = sites
        .filter(({ cluster }) => wanted(cluster))
        .flatMap((home) => judgeSite(home, { sites, silent, twins, oldest: now / 1000 - maxAge * 3600, now }));
      const lost = silent
        .filter(({ cluster }) => wanted(cluster))
        .flatMap((one) => lostRows(one, lostGuests(one.cluster, sites), now));
      const rows = [...judged, ...lost].sort(worstFirst);
      return { rows, notes: [...notesOf({ rows: judged, sites, silent, wanted, maxAge, uncompared }), ...notes] };
    },
  }),
];

function checkClusters(names: readonly string[], of: string | undefined): void {
  if (names.length < 2)
    throw new InvalidInput({
      argument: 'cluster',
      message: "a copy elsewhere takes at least two clusters; 'of' narrows the guests to those of one",
    });
  if (of !== undefined && !names.includes(of))
    throw new InvalidInput({ argument: 'of', message: `one of ${names.join(', ')}` });
}

interface Read {
  readonly sites: readonly ReadSite[];
  readonly silent: readonly SilentSite[];
  readonly twins: ReadonlyMap<string, readonly Twin[]>;
  readonly oldest: number;
  readonly now: number;
}

function judgeSite(home: ReadSite, { sites, silent, twins, oldest, now }: Read): Row[] {
  const known = { answered: sites, silent: silent.map(({ cluster }) => cluster) };
  const byVmid = groupBy(
    sites.flatMap(({ sightings }) => sightings),
    ({ volume }) => volume.vmid,
  );
  return home.guests
    .filter(({ template }) => !template)
    .map((guest) => {
      const own = twins.get(twinKey(home.cluster, guest.vmid)) ?? [];
      const verdict = judgeCopies({
        ...{ guest, home, sites: known, oldest, sightings: byVmid.get(guest.vmid) ?? [] },
        blind: blindFor(home, guest.vmid, sites, silent),
        twin: own.some(({ restored }) => restored),
      });
      return shownRow(home.cluster, guest, verdict, own, now);
    });
}

function shownRow(
  cluster: string,
  guest: GuestResource,
  verdict: CopyVerdict,
  twins: readonly Twin[],
  now: number,
): Row {
  const { state, seenBy, copies, why, recognised } = verdict;
  return {
    ...{ cluster, vmid: guest.vmid, type: guest.type, name: guest.name, state },
    ...copyFacts(verdict, now),
    ...(recognised === undefined ? {} : { recognised }),
    ...(seenBy.length > 0 ? { seen_by: [...seenBy] } : {}),
    copies,
    ...(twins.length > 0 ? { standby: twins.map(twinInWords) } : {}),
    ...(why === undefined ? {} : { why }),
  };
}

const twinInWords = ({ cluster, guest, how }: Twin) =>
  `${guest.vmid} on ${cluster}, ${guest.status ?? 'status not known'} (same ${how})`;

function copyFacts({ copy }: Pick<CopyVerdict, 'copy'>, now: number): Partial<Row> {
  if (copy === undefined) return {};
  const { volid, ctime, size } = copy.volume;
  return {
    ...(ctime === undefined ? {} : { age_hours: ageInHours(ctime, now), ctime: isoTime(ctime) }),
    ...{ copy: volid, where: copy.where, size: size ?? copy.volume['approximate-size'] },
  };
}

/** A cluster that does not answer has a row of its own, and one for each guest of which others hold a marked backup. */
function lostRows({ cluster, why }: SilentSite, guests: readonly LostGuest[], now: number): Row[] {
  return [
    { cluster, state: 'unknown', why: `its guests could not be listed: it ${why}` },
    ...guests.map(({ vmid, type, name, copy, copies }) => ({
      ...{ cluster, vmid, type, name, state: 'unknown', copies, seen_by: [copy.cluster] },
      ...copyFacts({ copy }, now),
      ...{ recognised: 'cluster in its notes', why: 'its cluster could not be asked' },
    })),
  ];
}

const rank = ({ state }: Row) => states.map(String).indexOf(state);

const worstFirst = (a: Row, b: Row) =>
  rank(a) - rank(b) ||
  (b.age_hours ?? 0) - (a.age_hours ?? 0) ||
  a.cluster.localeCompare(b.cluster) ||
  (a.vmid ?? 0) - (b.vmid ?? 0);

interface Told {
  readonly rows: readonly Row[];
  readonly sites: readonly ReadSite[];
  readonly silent: readonly SilentSite[];
  readonly wanted: (cluster: string) => boolean;
  readonly maxAge: number;
  readonly uncompared: number;
}

function notesOf({ rows, sites, silent, wanted, maxAge, uncompared }: Told): string[] {
  const shown = sites.filter(({ cluster }) => wanted(cluster));
  const templates = shown.flatMap(({ guests }) => guests).filter(({ template }) => template).length;
  const unread = sites.flatMap(({ cluster, places }) =>
    places.flatMap(({ storage, unread: why }) =>
      why === undefined ? [] : [`storage ${storage} of ${cluster} ${why}`],
    ),
  );
  return [
    ...shown.map(({ cluster }) => summary(cluster, rows)),
    ...silent.map(({ cluster, why }) => `${cluster}: could not be asked, it ${why}. What it has or holds is unknown.`),
    ...unread.map((what) => `Not read: ${what}.`),
    `Looked at are backups on storages in the network that another cluster lists; stale is older than ${maxAge} hours.`,
    ...(templates > 0 ? [`${templates} templates are left out.`] : []),
    ...(uncompared > 0 ? [`${uncompared} guests of the same name elsewhere were not compared further.`] : []),
  ];
}

function summary(cluster: string, rows: readonly Row[]): string {
  const own = rows.filter((one) => one.cluster === cluster);
  const count = (state: CopyState) => own.filter((one) => one.state === state).length;
  return `${cluster}: ${own.length} guests; ${states.map((state) => `${state} ${count(state)}`).join(', ')}.`;
}
