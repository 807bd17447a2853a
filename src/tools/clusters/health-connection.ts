import { z } from 'zod';
import type { ConnectionState } from '../../pve/connection-state.js';
import type { ErrorText } from '../error-text.js';

const known = { since: z.string(), next_probe: z.string().optional(), latency: z.number().optional() };

export const connectionPart = z.object({
  /** `open`: calls fail at once, until a probe finds the cluster again. */
  state: z.enum(['closed', 'open', 'probing']),
  ...known,
  last_error: z.object({ at: z.string(), code: z.string(), message: z.string() }).optional(),
  addresses: z.array(
    z.object({ url: z.string(), state: z.enum(['up', 'bad', 'untried']), ...known, last_error: z.string().optional() }),
  ),
});

const iso = (ms: number) => new Date(ms).toISOString();

export function connectionOf(connection: ConnectionState): z.input<typeof connectionPart> {
  const { state, since, lastError, nextProbe, latencyMs, endpoints } = connection;
  return {
    state,
    since: iso(since),
    latency: latencyMs,
    next_probe: nextProbe === undefined ? undefined : iso(nextProbe),
    last_error: lastError && { at: iso(lastError.at), code: lastError.code, message: lastError.message },
    addresses: endpoints.map((one) => ({
      url: one.url,
      state: one.state,
      since: iso(one.since),
      latency: one.latencyMs,
      next_probe: one.nextProbe === undefined ? undefined : iso(one.nextProbe),
      last_error: one.lastError,
    })),
  };
}

/** Addresses that give no answer, of a cluster that gives one elsewhere. */
export function badAddresses({ endpoints }: ConnectionState): ErrorText[] {
  const bad = endpoints.filter(({ state }) => state === 'bad').map(({ url }) => url);
  if (bad.length === 0 || bad.length === endpoints.length) return [];
  return [
    {
      code: 'ADDRESSES_DOWN',
      message: `No answer at ${bad.join(', ')}.`,
      next: 'The other addresses are used, and these are tried again by themselves: look at the nodes.',
    },
  ];
}
