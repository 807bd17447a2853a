import type { WriteGate } from './calls.js';
import { NotConfirmedError } from './not-confirmed.js';
import { describeWrite, type Write } from './write-gate.js';

/** What a person agreed to. */
export interface Confirmed {
  readonly writes: readonly Write[];
  /** The guest that the call is about, if any, and its cluster. */
  readonly cluster: string;
  readonly vmid: number | undefined;
}

/** The guests that a request is about, by its path and its parameters. */
export function vmidsIn({ path, parameters = {} }: Write): number[] {
  const ofPath = /\/(?:qemu|lxc)\/(\d+)/.exec(path)?.[1] ?? /\/(?:vm|ct)%3A(\d+)/.exec(path)?.[1];
  const named = Object.entries(parameters).filter(([name]) => /^(?:vmid|vms|sid|resources|guest)$/.test(name));
  const numbers = named.flatMap(([, value]) => String(value).match(/\d{3,9}/g) ?? []);
  return [...(ofPath === undefined ? [] : [ofPath]), ...numbers].map(Number);
}

/** What makes two requests the same. When a token expires that a call makes for itself follows from the clock. */
export const likenessOf = (write: Write): string =>
  JSON.stringify(write, (key, value: unknown) => (key === 'expire' ? undefined : value));

/**
 * The gate, for what was confirmed: the first request is one of those that were shown, and no later one is about a guest
 * that was not. In parameters those may differ, as one step can depend on what the one before gave.
 */
export function confirmedGate(
  gate: WriteGate,
  label: string | undefined,
  { writes, cluster, vmid }: Confirmed,
  done: readonly Write[],
): WriteGate {
  const shown = new Set(writes.map(likenessOf));
  const here = writes.filter((write) => write.cluster === label);
  const own = vmid !== undefined && (label === undefined || label === cluster) ? [vmid] : [];
  const guests = new Set([...here.flatMap(vmidsIn), ...own]);
  return {
    before: async (endpoint, path, params) => {
      const write = describeWrite(endpoint, path, params);
      if (vmidsIn(write).some((one) => !guests.has(one))) throw new NotConfirmedError('changed', ['Guests']);
      await gate.before(endpoint, path, params);
    },
    send: (endpoint, path, params, file) => {
      const write = {
        ...(label === undefined ? {} : { cluster: label }),
        ...describeWrite(endpoint, path, params, file),
      };
      if (done.length === 0 && !shown.has(likenessOf(write)))
        return Promise.reject(new NotConfirmedError('changed', ['Requests']));
      return gate.send(endpoint, path, params, file);
    },
  };
}
