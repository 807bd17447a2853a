import { attempt } from '../../pve/attempt.js';
import { version } from '../../pve/discovery.js';
import type { Call } from '../../pve/endpoint.js';
import type { GuestResource } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';
import { haGroups, haResources, haRules, rulesOrNone } from '../ha/ha-endpoints.js';
import { sidOf, vmidOf } from '../ha/sid.js';

/** What HA wants of a guest. */
export interface Bound {
  readonly rules: readonly string[];
  /** The only nodes that it may be on. */
  readonly only?: readonly string[];
  /** The nodes that it prefers to all others. */
  readonly homes?: readonly string[];
  /** HA brings it back to them. */
  readonly returns: boolean;
  /** Guests that it must not be with, and that it must be with. */
  readonly apart: readonly number[];
  readonly together: readonly number[];
}

export const haCalls = { version, haRules, haGroups, haResources };
type HaCalls = { readonly [K in keyof typeof haCalls]: Call<(typeof haCalls)[K]> };

/** A rule or a group, alike. */
interface Rule {
  readonly name: string;
  readonly sids: readonly string[];
  readonly nodes?: string | undefined;
  readonly strict: boolean;
  readonly affinity?: string | undefined;
  readonly returns?: boolean | undefined;
}

export const isManaged = ({ hastate }: GuestResource) => hastate !== undefined && hastate !== 'ignored';

async function rulesOf(call: HaCalls): Promise<{ rules: Rule[]; staying: Set<string> }> {
  const found = await rulesOrNone({ version: call.version, rules: call.haRules });
  const resources = (await call.haResources({})).data;
  if (found !== undefined)
    return {
      rules: found
        .filter(({ disable }) => disable !== true)
        .map(({ rule, resources: sids, nodes, strict = false, affinity }) => {
          return { name: rule, sids: splitList(sids), nodes, strict, affinity };
        }),
      staying: new Set(resources.filter(({ failback }) => failback === false).map(({ sid }) => sid)),
    };
  const groups = (await call.haGroups({})).data.map(({ group, nodes, restricted = false, nofailback }) => {
    const sids = resources.filter((one) => one.group === group).map(({ sid }) => sid);
    return { name: group, sids, nodes, strict: restricted, returns: nofailback !== true };
  });
  return { rules: groups, staying: new Set() };
}

const withPriority = (nodes: string) =>
  splitList(nodes).map((written) => {
    const [node = '', priority = '0'] = written.split(':');
    return { node, priority: Number(priority) };
  });

function boundOf(sid: string, all: readonly Rule[], staying: ReadonlySet<string>): Bound | undefined {
  const own = all.filter(({ sids }) => sids.includes(sid));
  if (own.length === 0) return undefined;
  const placing = own.find(({ nodes }) => nodes !== undefined);
  const nodes = withPriority(placing?.nodes ?? '');
  const top = Math.max(...nodes.map(({ priority }) => priority));
  const others = (affinity: string) =>
    own
      .filter((rule) => rule.affinity === affinity)
      .flatMap(({ sids }) => sids.filter((one) => one !== sid).flatMap((one) => vmidOf(one) ?? []));
  return {
    rules: own.map(({ name }) => name).sort(),
    ...(placing?.strict ? { only: nodes.map(({ node }) => node) } : {}),
    ...(placing === undefined
      ? {}
      : { homes: nodes.filter(({ priority }) => priority === top).map(({ node }) => node) }),
    returns: placing?.returns ?? !staying.has(sid),
    apart: others('negative'),
    together: others('positive'),
  };
}

/** What HA wants of each guest that it manages and a rule or group names; `undefined` where the token may not see it. */
export async function haBounds(
  call: HaCalls,
  guests: readonly GuestResource[],
): Promise<ReadonlyMap<number, Bound> | undefined> {
  const managed = guests.filter(isManaged);
  if (managed.length === 0) return new Map();
  const read = await attempt(rulesOf(call));
  if ('error' in read) return undefined;
  const { rules, staying } = read.value;
  return new Map(
    managed.flatMap((guest): [number, Bound][] => {
      const bound = boundOf(sidOf(guest), rules, staying);
      return bound === undefined ? [] : [[guest.vmid, bound]];
    }),
  );
}
