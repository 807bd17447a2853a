import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { share } from '../../pve/share.js';
import { defineTool } from '../define.js';

const amounts = z.object({ used: number.optional(), total: number.optional() });

const status = endpoint(
  'GET /nodes/{node}/status',
  z.object({
    uptime: number.optional(),
    pveversion: text.optional(),
    kversion: text.optional(),
    // Since 8.0; before, `kversion` alone.
    'current-kernel': z.object({ release: text.optional() }).optional(),
    'boot-info': z.object({ mode: text.optional() }).optional(),
    cpu: number.optional(),
    wait: number.optional(),
    loadavg: z.array(number).optional(),
    cpuinfo: z
      .object({ model: text.optional(), sockets: number.optional(), cores: number.optional(), cpus: number.optional() })
      .optional(),
    memory: amounts.optional(),
    swap: amounts.optional(),
    rootfs: amounts.optional(),
  }),
);

const word = z.string().optional();
const amount = z.number().optional();
const space = z.object({ used: amount, total: amount }).optional();

export default [
  defineTool({
    name: 'proxmox-node-status',
    daily: true,
    title: 'Node status',
    description: 'One node: load (cpu, wait 0-1), memory, root disk, CPU, kernel, version.',
    effect: 'read',
    scope: 'node',
    toolset: 'clusters',
    input: {},
    output: z.object({
      node: z.string(),
      uptime: amount,
      cpu: amount,
      wait: amount,
      loadavg: z.array(z.number()).optional(),
      memory: space,
      swap: space,
      rootfs: space,
      cpuinfo: z.object({ model: word, sockets: amount, cores: amount, cpus: amount }).optional(),
      pveversion: word,
      kernel: word,
      boot_mode: word,
    }),
    calls: { status },
    privileges: ['Sys.Audit on /nodes'],
    run: async ({ target: { node }, call }) => {
      const { data } = await call.status({ node });
      const { cpu, wait, kversion, 'current-kernel': kernel, 'boot-info': boot, ...rest } = data;
      return {
        node,
        ...rest,
        cpu: share(cpu),
        wait: share(wait),
        // `Linux 6.8.12-11-pve #1 SMP ...`
        kernel: kernel?.release ?? kversion?.split(' ')[1],
        boot_mode: boot?.mode,
      };
    },
  }),
];
