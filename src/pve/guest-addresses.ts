import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ForbiddenError, NotImplementedError, type RequestError, ServerError } from './errors.js';
import { failureInWords } from './failure.js';
import { number, text } from './loose.js';

const addresses = z.array(z.object({ 'ip-address': text.optional(), prefix: number.optional() })).optional();

/** What the guest agent of a running VM says; an agent can answer with an error inside a success. */
export const agentInterfaces = endpoint(
  'GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces',
  z.object({
    result: z.union([
      z.array(z.object({ name: text, 'hardware-address': text.optional(), 'ip-addresses': addresses })),
      z.looseObject({}),
    ]),
  }),
);

/** What a running container has; new in 8.x, and `ip-addresses` in 9.x. */
export const containerInterfaces = endpoint(
  'GET /nodes/{node}/lxc/{vmid}/interfaces',
  z.array(
    z.object({
      name: text,
      hwaddr: text.optional(),
      inet: text.optional(),
      inet6: text.optional(),
      'ip-addresses': addresses,
    }),
  ),
);

/** An interface as it is inside a running guest. */
export interface GuestInterface {
  readonly name: string;
  readonly mac?: string | undefined;
  /** With prefix length, as far as it is known: `10.0.0.5/24`. */
  readonly addresses: string[];
}

/** The interfaces that an agent told, but the loopback; `undefined` where it told of an error. */
export function interfacesOfAgent({
  result,
}: z.output<(typeof agentInterfaces)['data']>): GuestInterface[] | undefined {
  if (!Array.isArray(result)) return undefined;
  return result
    .map((one) => ({ name: one.name, mac: one['hardware-address'], addresses: listed(one['ip-addresses']) }))
    .filter(isNoLoopback);
}

export function interfacesOfContainer(found: z.output<(typeof containerInterfaces)['data']>): GuestInterface[] {
  return found
    .map(({ name, hwaddr, inet, inet6, ...one }) => {
      const told = listed(one['ip-addresses']);
      return { name, mac: hwaddr, addresses: told.length > 0 ? told : [inet, inet6].flatMap((ip) => ip ?? []) };
    })
    .filter(isNoLoopback);
}

/** Why the addresses of a running guest could not be had. */
export function whyNoAddresses(error: RequestError): string {
  if (error instanceof ForbiddenError) return 'no privilege';
  if (error instanceof NotImplementedError) return 'not supported';
  if (error instanceof ServerError && notRunning.test(error.reason)) return 'not running';
  if (error instanceof ServerError && notConfigured.test(error.reason)) return 'not configured';
  return `the node ${failureInWords(error)}`;
}

// The server tells its failures apart by their words alone (qemu-server, Agent.pm; pve-container, LXC.pm).
const notRunning = /^(?:(?:VM|CT) \d+(?: is)?|QEMU guest agent is) not running/;
const notConfigured = /^No QEMU guest agent configured/;

const listed = (found: z.output<typeof addresses> = []) =>
  found.flatMap(({ 'ip-address': ip, prefix }) =>
    ip === undefined ? [] : [prefix === undefined ? ip : `${ip}/${prefix}`],
  );

const isNoLoopback = ({ name, addresses: [first = ''] }: GuestInterface) =>
  name !== 'lo' && !first.startsWith('127.') && !/^::1(?:\/|$)/.test(first);
