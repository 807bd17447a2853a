import { z } from 'zod';
import { toWord } from '../../pve/quoted.js';
import { defineTool } from '../define.js';
import { changeConfig, changed, configCalls, readConfig } from './config-change.js';
import { nicNamed } from './nic-line.js';

const removing = <const K extends 'vm' | 'lxc'>(kind: K, noun: string) =>
  defineTool({
    name: `proxmox-${kind}-nic-remove`,
    title: `Remove ${noun} NIC`,
    description: `Remove a network card of a ${noun}, its MAC and addresses.`,
    effect: 'destroy',
    scope: kind,
    toolset: 'disks',
    input: { slot: z.int().min(0).max(31).describe('1 for net1') },
    output: z.object({ ...changed, nic: z.string(), removed: z.string().optional() }),
    calls: configCalls,
    privileges: ['VM.Config.Network on /vms', 'VM.Audit on /vms'],
    run: async (context) => {
      const { config, digest } = await readConfig(context);
      const { key, line } = nicNamed(context.target, config, context.input.slot);
      context.outline(`Removed would be ${key}: ${toWord(line)}`);
      const { done, inEffect } = await changeConfig(
        context,
        { delete: key, digest },
        [key],
        `remove ${key}: ${toWord(line)}`,
      );
      return { ...done, nic: key, removed: inEffect ? line : undefined };
    },
  });

export default [removing('vm', 'VM'), removing('lxc', 'container')];
