import { attempt, inTurns } from '../../pve/attempt.js';
import { configText, type GuestConfig, nicsOf } from '../../pve/guest-config.js';
import { parseProperties } from '../../pve/property-string.js';
import type { GuestResource } from '../../pve/resources.js';
import { groupBy } from './group-by.js';
import type { ReadSite } from './read-sites.js';

/** A guest of the same name and kind on another cluster. */
export interface Twin {
  readonly cluster: string;
  readonly guest: GuestResource;
  /** `name`, or what else they have in common. */
  readonly how: string;
  /** Whether it was surely made from the other. */
  readonly restored: boolean;
}

/** A configuration is read for no more of them. */
const mostCompared = 60;

export const twinKey = (cluster: string, vmid: number) => `${cluster} ${vmid}`;

/** The guests of the same name on other clusters, compared by what a restore keeps. */
export async function findTwins(
  sites: readonly ReadSite[],
  of: (cluster: string) => boolean,
): Promise<{ readonly twins: ReadonlyMap<string, readonly Twin[]>; readonly uncompared: number }> {
  const all = sites.flatMap(({ cluster, guests, call }) => guests.map((guest) => ({ cluster, guest, call })));
  const byName = groupBy(
    all.filter(({ guest }) => !guest.template && guest.name),
    ({ guest }) => `${guest.type} ${guest.name?.toLowerCase()}`,
  );
  const groups = [...byName.values()].filter(
    (group) => new Set(group.map(({ cluster }) => cluster)).size > 1 && group.some(({ cluster }) => of(cluster)),
  );
  const members = groups.flat();
  const configs = new Map(
    await inTurns(members.slice(0, mostCompared), async ({ cluster, guest, call }) => {
      const read = await attempt(call.config(guest, { current: true }));
      return [twinKey(cluster, guest.vmid), 'error' in read ? undefined : read.value.data] as const;
    }),
  );
  const twins = groups.flatMap((group) =>
    group.map(({ cluster, guest }): [string, Twin[]] => [
      twinKey(cluster, guest.vmid),
      group
        .filter((other) => other.cluster !== cluster)
        .map((other) => ({
          ...{ cluster: other.cluster, guest: other.guest },
          ...common(configs.get(twinKey(cluster, guest.vmid)), configs.get(twinKey(other.cluster, other.guest.vmid))),
        })),
    ]),
  );
  return { twins: new Map(twins), uncompared: Math.max(0, members.length - mostCompared) };
}

/** A restore keeps MACs and the system's UUID unless it is told to make new ones (qemu-server, QemuServer.pm). */
export function common(one: GuestConfig | undefined, other: GuestConfig | undefined) {
  if (one === undefined || other === undefined) return { how: 'name', restored: false };
  const macs = new Set(nicsOf(one).flatMap(({ mac }) => mac?.toLowerCase() ?? []));
  const sameMac = nicsOf(other).some(({ mac }) => mac !== undefined && macs.has(mac.toLowerCase()));
  const uuid = uuidOf(one);
  const sameUuid = uuid !== undefined && uuid === uuidOf(other);
  const how = ['name', ...(sameMac ? ['MACs'] : []), ...(sameUuid ? ['system UUID'] : [])].join(', ');
  return { how, restored: sameMac || sameUuid };
}

const uuidOf = ({ smbios1 }: GuestConfig) =>
  parseProperties(configText(smbios1) ?? '', 'uuid')
    .get('uuid')
    ?.toLowerCase();
