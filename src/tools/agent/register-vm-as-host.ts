import { z } from 'zod';
import { attempt, inTurns } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import {
  agentInterfaces,
  containerInterfaces,
  type GuestInterface,
  interfacesOfAgent,
  interfacesOfContainer,
  whyNoAddresses,
} from '../../pve/guest-addresses.js';
import { guestConfig, nicsOf } from '../../pve/guest-config.js';
import { clusterResources, type GuestResource } from '../../pve/resources.js';
import { defineTool } from '../define.js';
import { filterGuests } from '../guests/guest-rows.js';
import { seenGuests } from '../guests/seen-guests.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';
import { type ChosenAddress, chooseAddress } from './chosen-address.js';
import { hostNames, iniInventory, yamlInventory } from './inventory-text.js';

const calls = {
  resources: clusterResources,
  config: guestConfig,
  agent: agentInterfaces,
  container: containerInterfaces,
};

type Reads = { readonly [K in keyof typeof calls]: Call<(typeof calls)[K]> };

/** A text of this form; not said in the schema, which every session pays for. */
const like = (form: RegExp, words: string) =>
  z
    .string()
    .refine((given) => form.test(given), words)
    .optional();

const word = like(/^.{1,256}$/u, '1 to 256 characters');

const input = {
  vmid: vmid.optional().describe('Only this guest'),
  name: word.describe('As web-*'),
  tag: word.describe('Tag'),
  pool: word.describe('Pool'),
  status: word.describe('running, stopped, ...'),
  format: z.enum(['ini', 'yaml']).optional().describe('Default ini'),
  group: like(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'letters, digits and _').describe('Default proxmox'),
  ssh_user: like(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'letters, digits, _, . and -').describe('Default root'),
  ssh_private_key_path: like(/^[\w~./][\w ./~@+-]{0,1000}$/, 'letters, digits, spaces and ./~@+-_').describe(
    'Key file',
  ),
  prefer_interface: word.describe('Such as eth1'),
};

type Input = z.output<z.ZodObject<typeof input>>;

/** `web-*` as it is meant, whatever else stands in it. */
function nameFits(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return true;
  const parts = pattern.toLowerCase().split('*');
  const [first = '', ...rest] = parts;
  const lower = name.toLowerCase();
  if (rest.length === 0) return lower === first;
  if (!lower.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const hit = lower.indexOf(part, at);
    if (hit < 0) return false;
    at = hit + part.length;
  }
  const last = rest.at(-1) ?? '';
  return lower.endsWith(last) && lower.length - last.length >= at;
}

type Looked = { readonly guest: GuestResource } & ({ readonly found: ChosenAddress } | { readonly reason: string });

const interfacesOf = async (guest: GuestResource, call: Reads) =>
  guest.type === 'qemu'
    ? interfacesOfAgent((await call.agent(guest)).data)
    : interfacesOfContainer((await call.container(guest)).data);

/** The first network card's MAC; asked only where there is something to choose. */
async function firstMac(guest: GuestResource, interfaces: readonly GuestInterface[], call: Reads) {
  if (interfaces.flatMap(({ addresses }) => addresses).length < 2) return undefined;
  const read = await attempt(call.config(guest, { current: true }));
  return 'error' in read ? undefined : nicsOf(read.value.data)[0]?.mac;
}

async function look(guest: GuestResource, preferred: string | undefined, call: Reads): Promise<Looked> {
  if (guest.status !== 'running') return { guest, reason: `status ${guest.status ?? 'unknown'}` };
  const asked = await attempt(interfacesOf(guest, call));
  const what = guest.type === 'qemu' ? 'guest agent' : 'interfaces';
  if ('error' in asked) return { guest, reason: `${what}: ${whyNoAddresses(asked.error)}` };
  if (asked.value === undefined) return { guest, reason: 'guest agent: reports an error' };
  const mac = await firstMac(guest, asked.value, call);
  const found = chooseAddress(asked.value, { interface: preferred, mac });
  if (found !== undefined) return { guest, found };
  return { guest, reason: preferred === undefined ? 'no address that can be reached' : 'none on that interface' };
}

/** Each is asked on its own, and the answer has to hold them all. */
const most = 100;

async function chosenGuests(asked: Input, resources: Reads['resources']): Promise<GuestResource[]> {
  const { guests } = await seenGuests(resources);
  const fitting = filterGuests(guests, { tag: asked.tag, pool: asked.pool, status: asked.status }).filter(
    (guest) =>
      !guest.template &&
      (asked.vmid === undefined || guest.vmid === asked.vmid) &&
      nameFits(asked.name, guest.name ?? ''),
  );
  if (fitting.length === 0 && asked.vmid !== undefined)
    throw new Refused(`no guest ${asked.vmid} fits, or the token may not see it`, 'Look with proxmox-find-guest.');
  if (fitting.length > most)
    throw new Refused(
      `${fitting.length} guests fit, and ${most} can be asked at once`,
      'Narrow it by tag, pool or name.',
    );
  return fitting;
}

export default [
  defineTool({
    name: 'proxmox-register-vm-as-host',
    title: 'Ansible inventory',
    description: 'Ansible inventory of running guests, with their real addresses.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'agent',
    input,
    output: z.object({
      inventory: z.string(),
      hosts: z.array(
        z.object({ host: z.string(), vmid: z.number(), node: z.string(), address: z.string(), interface: z.string() }),
      ),
      without_address: z.array(z.object({ vmid: z.number(), name: z.string().optional(), reason: z.string() })),
    }),
    calls,
    privileges: ['VM.Audit on /vms', 'VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted|VM.Monitor on /vms'],
    run: async ({ input: asked, call, note }) => {
      const guests = await chosenGuests(asked, call.resources);
      if (guests.length === 0)
        note('No guest fits, as far as VM.Audit on /vms lets the token see; templates are left out.');
      const looked = await inTurns(guests, (guest) => look(guest, asked.prefer_interface, call));
      const found = looked.flatMap((one) => ('found' in one ? [one] : []));
      const { group = 'proxmox', ssh_user: user = 'root', ssh_private_key_path: keyFile } = asked;
      const names = hostNames(
        found.map(({ guest }) => guest),
        group,
      );
      const hosts = found.map(({ guest, found: chosen }, at) => ({
        host: names[at] ?? `guest-${guest.vmid}`,
        vmid: guest.vmid,
        node: guest.node,
        ...chosen,
      }));
      const write = asked.format === 'yaml' ? yamlInventory : iniInventory;
      return {
        inventory: write(
          hosts.map(({ host: name, address }) => ({ name, address })),
          { group, user, keyFile },
        ),
        hosts,
        without_address: looked.flatMap((one) =>
          'reason' in one ? [{ vmid: one.guest.vmid, name: one.guest.name, reason: one.reason }] : [],
        ),
      };
    },
  }),
];
