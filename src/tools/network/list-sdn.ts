import { z } from 'zod';
import { sdnId } from '../arguments/names.js';
import { defineList } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { readSdn, sdnKind, sdnReads } from './sdn-objects.js';

const record = z.record(z.string(), z.unknown());

export default [
  defineList({
    name: 'proxmox-list-sdn',
    title: 'List SDN',
    description: 'Zones, vnets or subnets; state tells what is not applied yet.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'network',
    input: {
      kind: sdnKind.describe('Kind'),
      vnet: sdnId.optional().describe('Subnets of this one'),
    },
    output: z.object({
      id: z.string(),
      vnet: z.string().optional(),
      state: z.string().optional(),
      settings: record,
      pending: record.optional(),
    }),
    calls: sdnReads,
    privileges: ['SDN.Audit|SDN.Allocate on /sdn'],
    run: async ({ input: { kind, vnet }, call }) => {
      if (vnet !== undefined && kind !== 'subnet')
        throw new InvalidInput({ argument: 'vnet', message: 'for kind subnet alone' });
      const found = await readSdn(kind, call, true, vnet);
      return { rows: found.sort((a, b) => (a.id < b.id ? -1 : 1)) };
    },
  }),
];
