import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { ForbiddenError } from '../../pve/errors.js';
import { isSilence } from '../../pve/failure.js';
import {
  type agentInterfaces,
  type containerInterfaces,
  type GuestInterface,
  interfacesOfAgent,
  interfacesOfContainer,
  whyNoAddresses,
} from '../../pve/guest-addresses.js';
import { agentEnabled, type guestConfig, nicsOf } from '../../pve/guest-config.js';
import { canonicalIp } from '../../pve/ip-address.js';
import type { GuestResource } from '../../pve/resources.js';

/** A guest, and by what it was found. */
export interface Found {
  readonly guest: GuestResource;
  readonly matched: readonly string[];
}

/** What is looked for in a guest, in one spelling. */
export interface Inside {
  readonly ip: string | undefined;
  readonly mac: string | undefined;
}

export interface Looked {
  readonly found?: Found;
  /** What of the guest could not be searched, so that it may have it all the same. */
  readonly unsearched?: string;
}

export interface SearchCalls {
  readonly config: Call<typeof guestConfig>;
  readonly agent: Call<typeof agentInterfaces>;
  readonly container: Call<typeof containerInterfaces>;
}

/** Twelve lower-case digits, whatever separates them; `undefined` for what is no MAC address. */
export function canonicalMac(written: string): string | undefined {
  const digits = written.replace(/[:.\s-]/g, '').toLowerCase();
  return /^[0-9a-f]{12}$/.test(digits) ? digits : undefined;
}

/** Looks into one guest after the other, and asks no node that is away, or that once gave no answer. */
export function guestSearch(inside: Inside, call: SearchCalls, away: ReadonlyMap<string, string>) {
  const left = new Map([...away].map(([node, status]) => [node, `on node ${node}, which is ${status}`]));
  return async (candidate: Found): Promise<Looked> => {
    const { node } = candidate.guest;
    const known = left.get(node);
    if (known !== undefined) return { unsearched: known };
    const looked = await attempt(lookInside(candidate, inside, call));
    if ('value' in looked) return looked.value;
    const unsearched = `on node ${node}, which does not answer`;
    left.set(node, unsearched);
    return { unsearched };
  };
}

/**
 * Looks into a guest's configuration, and for an address that is not there into the running guest itself.
 * @throws {RequestError} when the guest's node gives no answer
 */
async function lookInside(candidate: Found, { ip, mac }: Inside, call: SearchCalls): Promise<Looked> {
  const { guest, matched } = candidate;
  const read = await attempt(call.config(guest, { current: true }));
  if ('error' in read) {
    if (isSilence(read.error)) throw read.error;
    return { unsearched: 'configuration not readable' };
  }
  const nics = nicsOf(read.value.data);
  const byMac = nics
    .filter((nic) => mac !== undefined && canonicalMac(nic.mac ?? '') === mac)
    .map(({ nic }) => `${nic} mac`);
  if (mac !== undefined && byMac.length === 0) return {};
  if (ip === undefined) return { found: { guest, matched: [...matched, ...byMac] } };
  const configured = nics
    .filter((nic) => [nic.ip, nic.ip6].some((one) => canonicalIp(one ?? '') === ip))
    .map(({ nic }) => `${nic} ip`);
  const told = configured.length > 0 ? configured : await addressesOf(guest, agentEnabled(read.value.data), ip, call);
  if (typeof told === 'string') return { unsearched: told };
  return told.length === 0 ? {} : { found: { guest, matched: [...matched, ...byMac, ...told] } };
}

/** The interfaces of a guest that have the address, or why that cannot be said. */
async function addressesOf(
  guest: GuestResource,
  hasAgent: boolean,
  ip: string,
  call: SearchCalls,
): Promise<string[] | string> {
  if (guest.template) return [];
  if (guest.status !== 'running') return 'not running';
  if (guest.type === 'qemu' && !hasAgent) return 'guest agent not configured';
  const asked = await attempt(guest.type === 'qemu' ? agentOf(guest, call) : containerOf(guest, call));
  if ('value' in asked)
    return asked.value === undefined ? 'guest agent reports an error' : having(asked.value, ip, guest);
  if (isSilence(asked.error)) throw asked.error;
  if (asked.error instanceof ForbiddenError) return `token lacks ${asked.error.privileges.join(' or ')}`;
  const why = whyNoAddresses(asked.error);
  return guest.type === 'qemu' && why.startsWith('not ') ? `guest agent ${why}` : `interfaces: ${why}`;
}

const agentOf = async (guest: GuestResource, call: SearchCalls) => interfacesOfAgent((await call.agent(guest)).data);

const containerOf = async (guest: GuestResource, call: SearchCalls) =>
  interfacesOfContainer((await call.container(guest)).data);

function having(interfaces: readonly GuestInterface[], ip: string, { type }: GuestResource): string[] {
  const source = type === 'qemu' ? 'agent' : 'interface';
  return interfaces
    .filter(({ addresses }) => addresses.some((address) => canonicalIp(address) === ip))
    .map(({ name }) => `${source} ${name}`);
}

/** How many guests may have what was looked for and could not be searched, by reason. */
export function unsearchedNotes(looked: readonly Looked[]): string[] {
  const counts = new Map<string, number>();
  for (const { unsearched } of looked)
    if (unsearched !== undefined) counts.set(unsearched, (counts.get(unsearched) ?? 0) + 1);
  if (counts.size === 0) return [];
  const reasons = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([reason, count]) => `${count} ${reason}`);
  return [`Not fully searched, so they may match too: ${reasons.join('; ')}.`];
}
