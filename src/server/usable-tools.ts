import { toolRefusal } from '../client/tool-policy.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import type { Clock } from '../pve/clock.js';
import { type Permissions, permissions } from '../pve/discovery.js';
import { holdsSome, parseNeed } from '../pve/privileges.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';

/** Tools that no token can use, each with the reason. */
export type Unusable = ReadonlyMap<string, string>;

export interface PrivilegeMatch {
  /** By the clusters that answered in time; of one that did not, every tool is usable. */
  readonly unusable: Unusable;
  /** The same once all have answered or failed, where that takes longer. */
  readonly later?: Promise<Unusable>;
}

/** Asks every cluster what its token may do, and waits so many milliseconds for that. */
export async function matchPrivileges(
  registry: ClusterRegistry,
  clock: Clock,
  patience: number,
): Promise<PrivilegeMatch> {
  const granted = new Map<string, Permissions>();
  const asking = Promise.all(
    registry.listClusters().map(async (name) => {
      try {
        granted.set(name, (await registry.getClient(name).send(permissions, {}, {})).data);
      } catch {
        // Why a cluster cannot be asked is told by each call to it, and by the check after the start.
      }
    }),
  );
  const stop = new AbortController();
  const late = clock.sleep(patience, stop.signal).then(
    () => true,
    () => false,
  );
  const isLate = await Promise.race([late, asking.then(() => false)]);
  stop.abort();
  const unusable = unusableBy(registry, granted);
  return isLate ? { unusable, later: asking.then(() => unusableBy(registry, granted)) } : { unusable };
}

function unusableBy(registry: ClusterRegistry, granted: ReadonlyMap<string, Permissions>): Unusable {
  const all: readonly Tool[] = catalogue;
  const isUsable = (tool: Tool) =>
    registry.listClusters().some((name) => {
      const held = granted.get(name);
      if (toolRefusal(registry, tool, name) !== undefined) return false;
      return held === undefined || tool.privileges.every((need) => holdsSome(held, parseNeed(need)));
    });
  const lacking = all.filter((tool) => tool.privileges.length > 0 && !isUsable(tool));
  return new Map(
    lacking.map(({ name, privileges }) => [
      name,
      `no cluster's token can use it (PROXMOX_MATCH_PRIVILEGES); it needs ${privileges.join(', ')}`,
    ]),
  );
}
