import type { Params } from '../pve/params.js';
import { readAsked } from '../pve/policy/asked.js';
import { type Concerned, guestsOf } from '../pve/policy/guests-of.js';
import type { WriteGate } from './calls.js';
import { NotConfirmedError } from './not-confirmed.js';
import { describeWrite, type Write } from './write-gate.js';

/** What a person agreed to. */
export interface Confirmed {
  readonly writes: readonly Write[];
  /** The parameters of each as they would be sent. */
  readonly sent: ReadonlyMap<Write, Params>;
  /** The guest that the call is about, if any, and its cluster. */
  readonly cluster: string;
  readonly vmid: number | undefined;
}

const nobody: Pick<Concerned, 'named' | 'read' | 'made'> = { named: [], read: [], made: undefined };

function concerned(write: Write, params: Params = {}): typeof nobody {
  const asked = readAsked(write, params);
  return asked === undefined ? nobody : guestsOf(asked);
}

/** The guests that a request is about, by its path and its parameters, with one that it makes. */
export function guestsIn(write: Write, params: Params | undefined): number[] {
  const { named, read, made } = concerned(write, params);
  return [...named, ...read, ...(made === undefined ? [] : [made])];
}

/** What makes two requests the same. When a token expires that a call makes for itself follows from the clock. */
export const likenessOf = (write: Write): string =>
  JSON.stringify(write, (key, value: unknown) => (key === 'expire' ? undefined : value));

/** Method and path, without what one step can only take from the answer to another: a volume, a task, a new guest. */
function shapeOf({ method, path }: Write, made: ReadonlySet<number>): string {
  const settled = path
    .replace(/(\/storage\/[^/]+\/content\/).+$/, '$1{volume}')
    .replace(/(\/tasks\/)[^/]+/, '$1{upid}')
    .split('/')
    .map((part) => (made.has(Number(part)) ? '{made}' : part));
  return `${method} ${settled.join('/')}`;
}

/**
 * The gate, for what was confirmed: the first request is one of those that were shown, and each later one is of a method
 * and a path that were, about guests that were. In parameters later ones may differ, as one step can depend on what the
 * one before gave; so may the VMID of a guest that is made, and what is then done with it.
 */
export function confirmedGate(
  gate: WriteGate,
  label: string | undefined,
  { writes, sent, cluster, vmid }: Confirmed,
  done: readonly Write[],
): WriteGate {
  const shown = new Set(writes.map(likenessOf));
  const here = writes.filter((write) => write.cluster === label);
  const own = vmid !== undefined && (label === undefined || label === cluster) ? [vmid] : [];
  const guests = new Set([...here.flatMap((write) => guestsIn(write, sent.get(write))), ...own]);
  // A backup that is made on one cluster may be read on another.
  const anywhere = new Set([
    ...writes.flatMap((write) => guestsIn(write, sent.get(write))),
    ...(vmid === undefined ? [] : [vmid]),
  ]);
  const made = new Set(here.flatMap((write) => concerned(write, sent.get(write)).made ?? []));
  const shapes = new Set(here.map((write) => shapeOf(write, made)));
  const require = (write: Write) => {
    const isShown = done.length === 0 ? shown.has(likenessOf(write)) : shapes.has(shapeOf(write, made));
    if (!isShown) throw new NotConfirmedError('changed', ['Requests']);
  };
  return {
    before: async (endpoint, path, params) => {
      const { named, read } = concerned(describeWrite(endpoint, path, params), params);
      const others = [...named, ...read.filter((one) => !anywhere.has(one))].filter((one) => !guests.has(one));
      if (others.length > 0) throw new NotConfirmedError('changed', ['Guests']);
      await gate.before(endpoint, path, params);
    },
    send: async (endpoint, path, params, file) => {
      const described = describeWrite(endpoint, path, params, file);
      const write = { ...(label === undefined ? {} : { cluster: label }), ...described };
      require(write);
      const { made: another } = concerned(write, params);
      if (another !== undefined) {
        guests.add(another);
        made.add(another);
      }
      return gate.send(endpoint, path, params, file);
    },
  };
}
