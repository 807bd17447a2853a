import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag } from '../../pve/loose.js';
import { type Properties, parseProperties } from '../../pve/property-string.js';
import { toWords } from '../../pve/quoted.js';
import { configId, nodeName } from '../arguments/names.js';
import { defineList, defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';

const mapping = z.object({
  id: z.string(),
  map: z.array(z.string()).default([]),
  description: z.string().optional(),
  mdev: flag.optional(),
  digest: z.string().optional(),
});

const reads = {
  pci: endpoint('GET /cluster/mapping/pci', z.array(mapping)),
  usb: endpoint('GET /cluster/mapping/usb', z.array(mapping)),
};
const kind = z.enum(['pci', 'usb']).describe('Kind');
const id = configId(256).describe('Name');

const pciPath = /^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}(\.[0-9a-f])?$/;
const usbPath = /^\d+-\d+(\.\d+)*$/;
const device = /^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$/;

const entryKeys = ['node', 'path', 'id', 'iommugroup', 'subsystem-id'];

function furtherFault(parts: Properties): string | undefined {
  if (!/^\d+$/.test(parts.get('iommugroup') ?? '0')) return 'iommugroup is no number';
  return device.test(parts.get('subsystem-id') ?? '0000:0000') ? undefined : 'subsystem-id is not as 10de:2204';
}

/** `node=pve1,path=0000:01:00.0,id=10de:2204`, checked; nothing else may stand in it. */
function checkEntry(entry: string, of: 'pci' | 'usb'): string {
  const parts = parseProperties(entry, 'node');
  const unknown = [...parts.keys()].find((key) => !entryKeys.includes(key));
  const path = parts.get('path');
  const pathFits = of === 'pci' ? pciPath.test(path ?? '') : path === undefined || usbPath.test(path);
  const fault =
    unknown !== undefined
      ? `'${unknown}' is not known; an entry has ${entryKeys.join(', ')}`
      : !nodeName.safeParse(parts.get('node')).success
        ? 'has no node'
        : !device.test(parts.get('id') ?? '')
          ? 'has no id such as 10de:2204'
          : pathFits
            ? furtherFault(parts)
            : `path is not one of ${of}; proxmox-list-hardware shows them`;
  if (fault !== undefined) throw new InvalidInput({ argument: 'entries', message: `${entry.slice(0, 100)}: ${fault}` });
  return [...parts].map(([key, value]) => `${key}=${value}`).join(',');
}

export default [
  defineList({
    name: 'proxmox-list-mappings',
    title: 'List device mappings',
    description: 'PCI or USB devices that guests can be given by name.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'hardware',
    input: { kind },
    output: mapping.omit({ digest: true }),
    calls: reads,
    privileges: ['Mapping.Audit|Mapping.Use|Mapping.Modify on /mapping'],
    run: async ({ input, call }) => {
      const { data } = await call[input.kind]({});
      return { rows: data.map(({ digest, ...row }) => row).sort((a, b) => a.id.localeCompare(b.id)) };
    },
  }),
  defineTool({
    name: 'proxmox-set-mapping',
    title: 'Set device mapping',
    description: 'Create a device mapping or replace its entries, one for each device.',
    effect: 'write',
    scope: 'cluster',
    toolset: 'hardware',
    input: {
      kind,
      id,
      entries: z.array(z.string().max(300)).min(1).max(64).describe('node=,path=,id= each'),
      description: z.string().max(4096).optional().describe('Text'),
      mdev: z.boolean().optional().describe('Mediated devices (pci)'),
    },
    output: z.object({
      kind: z.string(),
      id: z.string(),
      created: z.boolean(),
      before: z.array(z.string()).optional(),
    }),
    calls: {
      ...reads,
      createPci: endpoint('POST /cluster/mapping/pci', z.null()),
      createUsb: endpoint('POST /cluster/mapping/usb', z.null()),
      changePci: endpoint('PUT /cluster/mapping/pci/{id}', z.null()),
      changeUsb: endpoint('PUT /cluster/mapping/usb/{id}', z.null()),
    },
    privileges: ['Mapping.Modify on /mapping'],
    run: async ({ input, call }) => {
      const map = input.entries.map((entry) => checkEntry(entry, input.kind));
      if (input.mdev !== undefined && input.kind === 'usb')
        throw new InvalidInput({ argument: 'mdev', message: 'is for PCI alone' });
      const present = (await call[input.kind]({})).data.find((one) => one.id === input.id);
      const form = { map, description: input.description, mdev: input.mdev };
      const answer = { kind: input.kind, id: input.id, created: present === undefined };
      if (present === undefined) {
        await (input.kind === 'pci' ? call.createPci : call.createUsb)({}, { id: input.id, ...form });
        return answer;
      }
      const change = input.kind === 'pci' ? call.changePci : call.changeUsb;
      await change({ id: input.id }, { ...form, digest: present.digest });
      return { ...answer, before: present.map };
    },
  }),
  defineTool({
    name: 'proxmox-delete-mapping',
    title: 'Delete device mapping',
    description: 'Delete a device mapping; guests that use it do not start any more.',
    effect: 'destroy',
    scope: 'cluster',
    toolset: 'hardware',
    input: { kind, id },
    output: z.object({ kind: z.string(), id: z.string(), before: z.array(z.string()) }),
    calls: {
      ...reads,
      removePci: endpoint('DELETE /cluster/mapping/pci/{id}', z.null()),
      removeUsb: endpoint('DELETE /cluster/mapping/usb/{id}', z.null()),
    },
    privileges: ['Mapping.Modify on /mapping'],
    run: async ({ input, call }) => {
      const known = (await call[input.kind]({})).data;
      const present = known.find((one) => one.id === input.id);
      if (present === undefined)
        throw new Refused(
          `there is no ${input.kind} mapping of that name`,
          `There are: ${toWords(known.map((one) => one.id)) || 'none'}.`,
        );
      await (input.kind === 'pci' ? call.removePci : call.removeUsb)({ id: input.id });
      return { kind: input.kind, id: input.id, before: present.map };
    },
  }),
];
