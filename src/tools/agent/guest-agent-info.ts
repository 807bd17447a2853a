import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { errorOfAgent } from '../../pve/guest-agent.js';
import { defineTool } from '../define.js';
import { readers } from './agent-facts.js';
import { ofAgent } from './ready-agent.js';

const reply = z.object({ result: z.unknown() });

const calls = {
  network: endpoint('GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces', reply),
  os: endpoint('GET /nodes/{node}/qemu/{vmid}/agent/get-osinfo', reply),
  filesystems: endpoint('GET /nodes/{node}/qemu/{vmid}/agent/get-fsinfo', reply),
  users: endpoint('GET /nodes/{node}/qemu/{vmid}/agent/get-users', reply),
  hostname: endpoint('GET /nodes/{node}/qemu/{vmid}/agent/get-host-name', reply),
  time: endpoint('GET /nodes/{node}/qemu/{vmid}/agent/get-time', reply),
  timezone: endpoint('GET /nodes/{node}/qemu/{vmid}/agent/get-timezone', reply),
  info: endpoint('GET /nodes/{node}/qemu/{vmid}/agent/info', reply),
  vcpus: endpoint('GET /nodes/{node}/qemu/{vmid}/agent/get-vcpus', reply),
} as const;

const kinds = ['network', 'os', 'filesystems', 'users', 'hostname', 'time', 'timezone', 'info', 'vcpus'] as const;

export default [
  defineTool({
    name: 'proxmox-guest-agent-info',
    title: 'Guest agent info',
    description: 'What the agent in a VM says of it; info: its version and commands.',
    effect: 'read',
    scope: 'vm',
    toolset: 'agent',
    input: { what: z.enum(kinds).describe('Topic') },
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      node: z.string(),
      what: z.string(),
      facts: z.record(z.string(), z.unknown()).optional(),
      rows: z.array(z.record(z.string(), z.unknown())).optional(),
      /** Why there is nothing, in the words of the agent. */
      agent_error: z.string().optional(),
    }),
    calls,
    privileges: ['VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted|VM.Monitor on /vms'],
    run: async ({ target, input, call }) => {
      const { vmid, name, node } = target;
      const { result } = (await ofAgent(call[input.what](target))).data;
      const about = { vmid, name, node, what: input.what };
      const error = errorOfAgent(result);
      if (error !== undefined) return { ...about, agent_error: error };
      const { facts, rows }: { facts?: Record<string, unknown>; rows?: Record<string, unknown>[] } =
        readers[input.what](result) ?? {};
      if (facts === undefined && rows === undefined)
        return { ...about, agent_error: 'its answer is not of a known form' };
      return { ...about, facts, rows };
    },
  }),
];
