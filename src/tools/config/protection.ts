import { z } from 'zod';
import { changeConfig } from '../../pve/change-config.js';
import { configText, guestConfig } from '../../pve/guest-config.js';
import { propertyFlag } from '../../pve/property-string.js';
import { defineTool } from '../define.js';

export default [
  defineTool({
    name: 'proxmox-set-protection',
    title: 'Set protection',
    description: 'Protect a guest and its disks from deletion, or lift that.',
    effect: 'write',
    destroysIf: ({ on }) => !on,
    scope: 'guest',
    toolset: 'config',
    input: { on: z.boolean().describe('Protected') },
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      node: z.string(),
      protection: z.boolean(),
      unchanged: z.string().optional(),
    }),
    calls: { config: guestConfig, change: changeConfig },
    privileges: ['VM.Audit on /vms', 'VM.Config.Options on /vms'],
    run: async ({ target, input, call }) => {
      const { data: config } = await call.config(target);
      const { vmid, name, node } = target;
      const result = { vmid, name, node, protection: input.on };
      if ((propertyFlag(configText(config.protection)) ?? false) === input.on)
        return { ...result, unchanged: input.on ? 'it is protected' : 'it is not protected' };
      await call.change(target, { protection: input.on, digest: configText(config.digest) });
      return result;
    },
  }),
];
