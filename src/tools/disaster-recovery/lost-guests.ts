import { guestTypeOf } from '../storage/volume-row.js';
import type { Sighting } from './copy-claim.js';
import { groupBy } from './group-by.js';
import { originOf } from './origin-note.js';

/** A guest of a cluster that does not answer, as its newest backup tells. */
export interface LostGuest {
  readonly vmid: number;
  readonly type: string | undefined;
  readonly name: string | undefined;
  readonly copy: Sighting;
  readonly copies: number;
}

/** The guests of a cluster of which others hold backups that name it in their notes. */
export function lostGuests(
  cluster: string,
  sites: readonly { readonly sightings: readonly Sighting[] }[],
): LostGuest[] {
  const marked = sites
    .flatMap(({ sightings }) => sightings)
    .filter(({ volume }) => volume.vmid !== undefined && originOf(volume.notes) === cluster)
    .sort((a, b) => (b.volume.ctime ?? 0) - (a.volume.ctime ?? 0));
  return [...groupBy(marked, ({ volume }) => volume.vmid ?? 0)].flatMap(([vmid, [copy, ...others]]) =>
    copy === undefined
      ? []
      : [
          {
            ...{ vmid, copy, type: guestTypeOf(copy.volume) },
            name: /^(\S+) \| cluster /.exec(copy.volume.notes ?? '')?.[1],
            copies: new Set([copy, ...others].map(({ where, volume }) => `${where} ${volume.volid.split(':', 2)[1]}`))
              .size,
          },
        ],
  );
}
