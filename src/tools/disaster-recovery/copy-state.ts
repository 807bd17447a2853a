import { toWord } from '../../pve/quoted.js';
import { type Claim, claimOf, type KnownGuest, type Sighting, type Site, type Sites } from './copy-claim.js';

export const states = ['none', 'stale', 'unknown', 'ok'] as const;
export type CopyState = (typeof states)[number];

/** What is known of the copies of a guest on other clusters. */
export interface CopyVerdict {
  readonly state: CopyState;
  /** The newest that is surely of it, else the newest that may be. */
  readonly copy?: Sighting;
  readonly recognised?: string;
  /** Every cluster that lists that copy. */
  readonly seenBy: readonly string[];
  /** Those that are surely of it. */
  readonly copies: number;
  readonly why?: string;
}

interface Wish {
  readonly guest: KnownGuest;
  readonly home: Site;
  readonly sites: Sites;
  readonly sightings: readonly Sighting[];
  /** What of other clusters was not read, or may be hidden, that could hold copies of it. */
  readonly blind: readonly string[];
  /** It was restored on another cluster, which tells not of when its data are. */
  readonly twin: boolean;
  /** Seconds since the epoch, before which a copy is stale. */
  readonly oldest: number;
}

interface Claimed {
  readonly seen: Sighting;
  readonly claim: Claim;
}

export function judgeCopies(wish: Wish): CopyVerdict {
  const { guest, home, sites, sightings, blind, twin, oldest } = wish;
  const claimed = sightings
    .flatMap((seen): Claimed[] => {
      const claim = claimOf(guest, home, seen, sites);
      return claim === undefined ? [] : [{ seen, claim }];
    })
    .sort((a, b) => timeOf(b) - timeOf(a) || a.seen.cluster.localeCompare(b.seen.cluster));
  const sure = claimed.filter(({ claim }) => claim.sure);
  const [newest] = sure;
  const [maybe] = claimed.filter(({ claim }) => !claim.sure);
  const unread = blind.length === 0 ? undefined : `not seen: ${blind.join('; ')}`;
  if (newest === undefined) return without({ maybe, unread, twin, claimed });
  const fresh = timeOf(newest) >= oldest;
  const newer =
    maybe !== undefined && timeOf(maybe) > timeOf(newest) ? `a newer one may be of it: ${told(maybe)}` : undefined;
  const why = fresh ? undefined : [newer, unread].filter((one) => one !== undefined).join('; ');
  return {
    state: fresh ? 'ok' : 'stale',
    ...shown(newest, sure),
    copies: new Set(sure.map(({ seen }) => keyOf(seen))).size,
    ...(why ? { why } : {}),
  };
}

interface Without {
  readonly maybe: Claimed | undefined;
  readonly unread: string | undefined;
  readonly twin: boolean;
  readonly claimed: readonly Claimed[];
}

function without({ maybe, unread, twin, claimed }: Without): CopyVerdict {
  const why = [
    maybe === undefined ? undefined : `it may be of another guest: ${maybe.claim.how}`,
    twin ? 'only a twin of it was found, and how old its data are is not known' : undefined,
    unread,
  ].filter((one) => one !== undefined);
  const state = why.length > 0 ? 'unknown' : 'none';
  const copy = maybe === undefined ? { seenBy: [] } : shown(maybe, claimed);
  return { state, ...copy, copies: 0, ...(why.length > 0 ? { why: why.join('; ') } : {}) };
}

const told = ({ seen, claim }: Claimed) => `${toWord(seen.volume.volid)} on ${seen.cluster} (${claim.how})`;

const shown = (one: Claimed, among: readonly Claimed[]) => ({
  copy: one.seen,
  recognised: one.claim.how,
  seenBy: [
    ...new Set(among.filter(({ seen }) => keyOf(seen) === keyOf(one.seen)).map(({ seen }) => seen.cluster)),
  ].sort(),
});

const timeOf = ({ seen }: Claimed) => seen.volume.ctime ?? 0;

/** The same archive has one name wherever it is listed, but for its storage's. */
const keyOf = ({ where, volume }: Sighting) => `${where} ${volume.volid.slice(volume.volid.indexOf(':'))}`;
