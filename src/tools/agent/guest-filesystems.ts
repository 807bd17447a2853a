import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { errorOfAgent } from '../../pve/guest-agent.js';
import { guestConfig } from '../../pve/guest-config.js';
import { number, text } from '../../pve/loose.js';
import { defineTool } from '../define.js';
import { expectAgent, ofAgent } from './ready-agent.js';

const reply = z.object({ result: z.unknown() });
const planned = { result: 0 };

const freeze = endpoint('POST /nodes/{node}/qemu/{vmid}/agent/fsfreeze-freeze', reply, planned);
const thaw = endpoint('POST /nodes/{node}/qemu/{vmid}/agent/fsfreeze-thaw', reply, planned);
const trim = endpoint('POST /nodes/{node}/qemu/{vmid}/agent/fstrim', reply, planned);

const shared = {
  scope: 'vm',
  toolset: 'agent',
  privileges: ['VM.GuestAgent.FileSystemMgmt|VM.GuestAgent.Unrestricted|VM.Monitor on /vms'],
} as const;

const outcome = {
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  /** Why it was not done, in the words of the agent. */
  agent_error: z.string().optional(),
  failed: z.number().optional(),
};

const trimmed = z.object({
  paths: z.array(z.object({ path: text, trimmed: number.optional(), error: text.optional() })).optional(),
});

export default [
  defineTool({
    ...shared,
    name: 'proxmox-guest-freeze',
    title: 'Freeze file systems',
    description: 'Freeze the file systems of a VM: programs hang at a write until thaw.',
    effect: 'destroy',
    input: { action: z.enum(['freeze', 'thaw']).describe('Which') },
    output: z.object({ ...outcome, action: z.string(), filesystems: z.number().optional() }),
    calls: { config: guestConfig, freeze, thaw },
    run: async ({ target, input: { action }, call, note }) => {
      const { vmid, name, node } = target;
      await expectAgent(target, call.config);
      const { result } = (await ofAgent(call[action](target))).data;
      const about = { vmid, name, node, action };
      const error = errorOfAgent(result);
      if (error !== undefined) return { ...about, agent_error: error, failed: 1 };
      if (action === 'freeze') note("Thaw it soon: call again with action 'thaw'.");
      return { ...about, filesystems: number.safeParse(result).data };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-guest-trim',
    title: 'Trim file systems',
    description: 'Give unused blocks in a VM back to the storage (fstrim).',
    effect: 'write',
    input: {},
    output: z.object({
      ...outcome,
      filesystems: z
        .array(z.object({ path: z.string(), trimmed_bytes: z.number().optional(), error: z.string().optional() }))
        .optional(),
    }),
    calls: { config: guestConfig, trim },
    run: async ({ target, call }) => {
      const { vmid, name, node } = target;
      await expectAgent(target, call.config);
      const { result } = (await ofAgent(call.trim(target))).data;
      const about = { vmid, name, node };
      const error = errorOfAgent(result);
      if (error !== undefined) return { ...about, agent_error: error, failed: 1 };
      const paths = trimmed.safeParse(result).data?.paths ?? [];
      const filesystems = paths.map((one) => ({ path: one.path, trimmed_bytes: one.trimmed, error: one.error }));
      return { ...about, filesystems, failed: filesystems.filter((one) => one.error !== undefined).length };
    },
  }),
];
