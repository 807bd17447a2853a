import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { defineList } from '../define.js';

/** A number where it is one: `N/A` and empty texts stand where nothing is known. */
const measured = z.unknown().transform((value) => {
  const parsed = number.safeParse(value);
  return parsed.success && Number.isFinite(parsed.data) ? parsed.data : undefined;
});

const disk = z.object({
  devpath: z.string(),
  type: text.optional(),
  size: measured,
  model: text.optional(),
  serial: text.optional(),
  wwn: text.optional(),
  health: text.optional(),
  wearout: measured,
  rpm: measured,
  used: text.optional(),
  mounted: flag.optional(),
  osdid: measured,
});

export default [
  defineList({
    name: 'proxmox-list-disks',
    title: 'List node disks',
    description: 'Physical disks of a node: size, SMART health, wear, what uses it.',
    effect: 'read',
    scope: 'node',
    toolset: 'storage',
    input: { unused: z.boolean().optional().describe('Only free ones') },
    output: z.object({
      devpath: z.string(),
      type: z.string().optional(),
      size: z.number().optional(),
      model: z.string().optional(),
      serial: z.string().optional(),
      wwn: z.string().optional(),
      health: z.string().optional(),
      wearout_percent: z.number().optional(),
      rpm: z.number().optional(),
      used: z.string().optional(),
      mounted: z.boolean().optional(),
      osd: z.number().optional(),
    }),
    calls: { disks: endpoint('GET /nodes/{node}/disks/list', z.array(disk)) },
    privileges: ['Sys.Audit on /nodes'],
    run: async ({ target, input, call }) => {
      const { data } = await call.disks(target, { type: input.unused ? 'unused' : undefined });
      return { rows: data.map(row).sort((a, b) => (a.devpath < b.devpath ? -1 : 1)) };
    },
  }),
];

function row({ wearout, rpm, osdid, ...rest }: z.output<typeof disk>) {
  return {
    ...rest,
    // Proxmox tells how much is left (Diskmanage.pm), and its own interface how much is gone.
    wearout_percent: wearout === undefined ? undefined : 100 - wearout,
    // -1 stands for unknown, 0 for no platters.
    rpm: rpm === undefined || rpm <= 0 ? undefined : rpm,
    osd: osdid === undefined || osdid < 0 ? undefined : osdid,
  };
}
