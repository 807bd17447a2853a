import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { notConfigured, whyNoAgent } from '../../pve/guest-agent.js';
import { agentEnabled, type guestConfig } from '../../pve/guest-config.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';

/**
 * Looks whether a VM can have an agent that answers, before anything is sent or planned.
 * @throws {Refused} when it is not running, or its configuration has none
 */
export async function expectAgent(target: GuestTarget, config: Call<typeof guestConfig>): Promise<void> {
  const { status = 'running' } = target;
  if (status !== 'running')
    throw new Refused(`VM ${target.vmid} is ${status}`, 'Start it with proxmox-start-vm, or proxmox-resume-vm.');
  const { data } = await config(target, { current: true });
  if (!agentEnabled(data)) throw new Refused(notConfigured.reason, notConfigured.next);
}

/**
 * An answer of the agent.
 * @throws {Refused} with the reason where there is no agent to talk to
 */
export async function ofAgent<T>(pending: Promise<T>): Promise<T> {
  const asked = await attempt(pending);
  if ('value' in asked) return asked.value;
  const why = whyNoAgent(asked.error);
  throw why === undefined ? asked.error : new Refused(why.reason, why.next);
}
