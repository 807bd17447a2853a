import { nameOrNone } from '../../pve/quoted.js';
import type { GuestResource } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';
import { sidOf } from './sid.js';

/** A rule, or a group, as it is to stand. */
interface Placement {
  readonly nodes?: string | undefined;
  readonly affinity?: string | undefined;
  readonly sids: readonly string[];
}

/** `n1:2,n2`: the nodes that HA prefers to all others; without a number it is 0. */
function preferredOf(nodes: string): string[] {
  const all = splitList(nodes).map((written) => {
    const [node = '', priority = '0'] = written.split(':');
    return { node, priority: Number(priority) };
  });
  const best = Math.max(...all.map(({ priority }) => priority));
  return all.filter(({ priority }) => priority === best).map(({ node }) => node);
}

/** The guests that are not where a rule wants them: HA moves them on its own. */
function misplaced({ nodes, affinity, sids }: Placement, all: readonly GuestResource[]): GuestResource[] {
  const guests = all.filter((guest) => sids.includes(sidOf(guest)));
  if (nodes !== undefined) {
    const preferred = preferredOf(nodes);
    return guests.filter(({ node }) => !preferred.includes(node));
  }
  const isWith = (one: GuestResource) => guests.some((other) => other !== one && other.node === one.node);
  if (affinity === 'negative') return guests.filter(isWith);
  return new Set(guests.map(({ node }) => node)).size > 1 ? guests : [];
}

/** What is to be said of guests that a rule may make HA move; `undefined` where all are in their places. */
export function moveNote(placement: Placement, all: readonly GuestResource[]): string | undefined {
  const named = misplaced(placement, all).map(({ vmid, name, node }) => `${vmid} (${nameOrNone(name)}, on ${node})`);
  return named.length === 0
    ? undefined
    : `HA may move within seconds: ${named.join(', ')}; a container by a restart, a VM live where it can.`;
}
