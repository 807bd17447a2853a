import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { nameOrNone } from '../../pve/quoted.js';
import { type GuestResource, guestResources } from '../../pve/resources.js';
import type { WaitOptions, WaitResult } from '../../pve/task-wait.js';
import { Refused } from '../refused.js';

const statusRows = z.array(z.object({ vmid: number, status: text }));

/** What is read of the guests before and after a task for all of them; unlike the cluster's, these states are live. */
export const guestReads = {
  guests: guestResources,
  vms: endpoint('GET /nodes/{node}/qemu', statusRows),
  containers: endpoint('GET /nodes/{node}/lxc', statusRows),
};

export const guestsOutput = z.object({
  node: z.string(),
  /** Of the task, where it was not waited for. */
  upid: z.string().optional(),
  task: z.object({ upid: z.string(), state: z.string(), log: z.array(z.string()) }).optional(),
  rows: z
    .array(
      z.object({
        vmid: z.number(),
        name: z.string().optional(),
        node: z.string(),
        status: z.string(),
        as_asked: z.boolean(),
      }),
    )
    .optional(),
  /** Guests that are not as asked, without those that the HA manager is to see to. */
  failed: z.number().optional(),
});

type Reads = { readonly [K in keyof typeof guestReads]: Call<(typeof guestReads)[K]> };

/**
 * The guests of a node, or of these those that are named.
 * @throws {Refused} where a named one is not on the node: Proxmox would pass over it without a word
 */
export async function guestsOf(node: string, vmids: readonly number[] | undefined, call: Reads) {
  const here = (await call.guests({}, { type: 'vm' })).data.filter((guest) => guest.node === node);
  const missing = vmids?.filter((vmid) => !here.some((guest) => guest.vmid === vmid)) ?? [];
  if (missing.length > 0)
    throw new Refused(
      `not on node '${node}': ${missing.join(', ')}`,
      'Look with proxmox-find-guest, or leave them out.',
    );
  return here.filter(({ vmid }) => vmids?.includes(vmid) ?? true).sort((a, b) => a.vmid - b.vmid);
}

/** Start and stop pass over guests under HA unless they are named (pve-manager, Nodes.pm, get_start_stop_list). */
export const isUnderHa = ({ hastate }: GuestResource) => hastate !== undefined && hastate !== 'ignored';

const longest = 20;

export function guestsInWords(guests: readonly GuestResource[]): string {
  const shown = guests.slice(0, longest).map(({ vmid, name }) => `${vmid} ${nameOrNone(name)}`);
  return `${guests.length} guests: ${[...shown, ...(guests.length > longest ? ['...'] : [])].join(', ') || 'none'}`;
}

interface Surroundings {
  readonly target: { readonly node: string };
  readonly call: Reads;
  wait(task: { readonly node: string; readonly upid: string }, options: WaitOptions): Promise<WaitResult>;
  secondsLeft(): number;
  note(text: string): void;
  outline(text: string): void;
}

interface Work {
  /** Such as `Starts`. */
  readonly verb: string;
  readonly guests: readonly GuestResource[];
  readonly start: () => Promise<string>;
  readonly asAsked: (guest: { readonly node: string; readonly status: string }) => boolean;
}

/** Starts the one task for all, and sees afterwards what became of each guest: the task ends with `OK` in any case. */
export async function forEachGuest(context: Surroundings, { verb, guests, start, asAsked }: Work) {
  const { target, call, wait, secondsLeft, note, outline } = context;
  const { node } = target;
  const waits = secondsLeft() > 0;
  (waits ? outline : note)(`${verb} ${guestsInWords(guests)}.`);
  const managed = guests.filter(isUnderHa);
  if (managed.length > 0) note(`Under HA, whose manager acts within some seconds: ${guestsInWords(managed)}.`);
  const upid = await start();
  if (!waits) {
    note("The task's OK says nothing of the guests: look at their status.");
    return { node, upid };
  }
  const { state, log } = await wait({ node, upid }, { timeout: secondsLeft() });
  const task = { upid, state, log: [...log] };
  if (state === 'running') {
    note('It goes on; its OK will say nothing of the guests: look at their status after proxmox-wait-task.');
    return { node, task };
  }
  const rows = (await statesOf(node, guests, call)).map((row) => ({ ...row, as_asked: asAsked(row) }));
  const open = rows.filter(({ vmid, as_asked }) => !as_asked && !managed.some((one) => one.vmid === vmid)).length;
  return { node, task, rows, failed: state === 'ok' || state === 'warnings' ? open : Math.max(1, open) };
}

async function statesOf(node: string, guests: readonly GuestResource[], call: Reads) {
  const [all, vms, containers] = await Promise.all([
    call.guests({}, { type: 'vm' }),
    call.vms({ node }),
    call.containers({ node }),
  ]);
  const live = new Map([...vms.data, ...containers.data].map(({ vmid, status }) => [vmid, status]));
  const places = new Map(all.data.map((guest) => [guest.vmid, guest]));
  return guests.map(({ vmid, name }) => {
    const now = places.get(vmid);
    return { vmid, name, node: now?.node ?? 'unknown', status: live.get(vmid) ?? now?.status ?? 'unknown' };
  });
}
