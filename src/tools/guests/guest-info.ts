import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import {
  agentInterfaces,
  containerInterfaces,
  interfacesOfAgent,
  interfacesOfContainer,
  whyNoAddresses,
} from '../../pve/guest-addresses.js';
import { agentEnabled, guestConfig } from '../../pve/guest-config.js';
import { guestStatus } from '../../pve/guest-status.js';
import { defineTool } from '../define.js';
import type { GuestTarget } from '../scope.js';
import { guestFacts, toFacts } from './guest-facts.js';

const reads = { status: guestStatus, config: guestConfig };

async function readGuest(target: GuestTarget, call: { readonly [K in keyof typeof reads]: Call<(typeof reads)[K]> }) {
  const [status, config, next] = await Promise.all([
    call.status(target),
    // What is in force, and what will be after the next start.
    call.config(target, { current: true }),
    call.config(target),
  ]);
  const facts = toFacts(target, status.data, config.data, next.data);
  return { facts, agent: agentEnabled(config.data), running: status.data.status === 'running' };
}

export default [
  defineTool({
    name: 'proxmox-vm-info',
    daily: true,
    title: 'VM details',
    description: 'One VM: status (cpu 0-1), configuration, pending changes, IP addresses.',
    effect: 'read',
    scope: 'vm',
    toolset: 'guests',
    input: {},
    output: guestFacts.extend({ agent: z.string() }),
    calls: { ...reads, interfaces: agentInterfaces },
    privileges: ['VM.Audit on /vms', 'VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted|VM.Monitor on /vms'],
    run: async ({ target, call }) => {
      const { facts, agent, running } = await readGuest(target, call);
      if (!agent || !running) return { ...facts, agent: agent ? 'not running' : 'not configured' };
      const asked = await attempt(call.interfaces(target));
      if ('error' in asked) return { ...facts, agent: whyNoAddresses(asked.error) };
      const addresses = interfacesOfAgent(asked.value.data);
      return addresses === undefined
        ? { ...facts, agent: 'reports an error' }
        : { ...facts, agent: 'running', addresses };
    },
  }),
  defineTool({
    name: 'proxmox-lxc-info',
    daily: true,
    title: 'Container details',
    description: 'One container: status (cpu 0-1), configuration, pending changes, IP addresses.',
    effect: 'read',
    scope: 'lxc',
    toolset: 'guests',
    input: {},
    output: guestFacts.extend({ no_addresses: z.string().optional() }),
    calls: { ...reads, interfaces: containerInterfaces },
    privileges: ['VM.Audit on /vms'],
    run: async ({ target, call }) => {
      const { facts, running } = await readGuest(target, call);
      if (!running) return { ...facts, no_addresses: 'not running' };
      const asked = await attempt(call.interfaces(target));
      if ('error' in asked) return { ...facts, no_addresses: whyNoAddresses(asked.error) };
      return { ...facts, addresses: interfacesOfContainer(asked.value.data) };
    },
  }),
];
