import { z } from 'zod';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { type GuestConfig, guestConfig } from '../../pve/guest-config.js';
import type { Params } from '../../pve/params.js';
import { pendingRows, waitingOf } from '../../pve/pending.js';
import { startedUpid } from '../../pve/upid.js';
import { endedWell, type Waiting } from '../config/ended-well.js';
import type { GuestTarget } from '../scope.js';

/** What a change of a guest's hardware reads and sends. */
export const configCalls = {
  config: guestConfig,
  waiting: pendingRows,
  // A hotplug may take longer than the 30 s that the server gives a PUT; a container knows no POST.
  changeVm: endpoint('POST /nodes/{node}/qemu/{vmid}/config', startedUpid.nullable()),
  changeLxc: endpoint('PUT /nodes/{node}/lxc/{vmid}/config', z.null()),
} as const;

/** What was changed, and the keys of it that wait for the guest's next start. */
export const changed = {
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  upid: z.string().optional(),
  pending: z.array(z.string()).optional(),
};

export interface Changing extends Waiting {
  readonly target: GuestTarget;
  readonly call: { readonly [K in keyof typeof configCalls]: Call<(typeof configCalls)[K]> };
  note(text: string): void;
}

/** A guest's configuration as it will be, and its digest. */
export async function readConfig({ target, call }: Changing): Promise<{ config: GuestConfig; digest: string }> {
  const { data: config } = await call.config(target);
  return { config, digest: z.string().parse(config.digest) };
}

/** Every key that the configuration has, or had before a change that is still pending. */
export async function takenKeys({ target, call }: Changing): Promise<ReadonlySet<string>> {
  return new Set((await call.waiting(target)).data.map(({ key }) => key));
}

/**
 * Sends a change of the configuration, and says what of it takes a restart.
 * @param asked what is told where it was not seen to end well
 * @returns `ended`: whether it was; only then may its effect be told
 */
export async function changeConfig(changing: Changing, params: Params, keys: readonly string[], asked: string) {
  const { target, note } = changing;
  const about = { vmid: target.vmid, name: target.name, node: target.node };
  const upid = await send(changing, params);
  if (upid !== undefined && !(await endedWell(changing, upid))) {
    note(`Asked: ${asked}.`);
    return { done: { ...about, upid }, ended: false, inEffect: false };
  }
  const open = waitingOf((await changing.call.waiting(target)).data).map(({ key }) => key);
  const pending = keys.filter((key) => open.includes(key));
  if (pending.length > 0)
    note(
      `Not in effect yet: ${pending.join(', ')}; it takes a shutdown and a start, and a reboot from inside does not do.`,
    );
  const done = { ...about, upid, ...(pending.length > 0 ? { pending } : {}) };
  return { done, ended: true, inEffect: pending.length === 0 };
}

async function send({ target, call }: Changing, params: Params): Promise<string | undefined> {
  if (target.type === 'qemu') return (await call.changeVm(target, params)).data ?? undefined;
  await call.changeLxc(target, params);
  return undefined;
}
