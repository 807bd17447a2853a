import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { text } from '../../pve/loose.js';
import { toWords } from '../../pve/quoted.js';
import { storageResources } from '../../pve/resources.js';
import { startedUpid } from '../../pve/upid.js';
import { defineList, defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { placeFor } from './content-place.js';

const appliance = z.object({
  template: z.string(),
  section: text.optional(),
  os: text.optional(),
  version: text.optional(),
  architecture: text.optional(),
  headline: text.optional(),
  package: text.optional(),
});

/** What the node's `pveam update` found last. */
export const appliances = endpoint('GET /nodes/{node}/aplinfo', z.array(appliance));

const word = z.string().optional();

export default [
  defineList({
    name: 'proxmox-list-appliances',
    title: 'List appliances',
    description: 'Container templates that proxmox-download-appliance can fetch.',
    effect: 'read',
    scope: 'creation',
    toolset: 'storage',
    input: {
      section: word.describe('system, turnkeylinux, ...'),
      search: word.describe('Name or headline'),
    },
    output: appliance.omit({ package: true }),
    calls: { appliances },
    privileges: [],
    run: async ({ target, input, call }) => {
      const { data } = await call.appliances(target);
      const part = input.search?.toLowerCase() ?? '';
      const rows = data.filter(
        ({ section, template, headline = '' }) =>
          (input.section === undefined || section === input.section) &&
          `${template} ${headline}`.toLowerCase().includes(part),
      );
      return { rows: rows.sort((a, b) => (a.template < b.template ? -1 : 1)) };
    },
  }),
  defineTool({
    name: 'proxmox-download-appliance',
    title: 'Download appliance',
    description: 'Fetch a container template of proxmox-list-appliances, verified.',
    effect: 'write',
    scope: 'cluster',
    toolset: 'storage',
    input: {
      template: z.string().describe('Of the list'),
      storage: word.describe('Else one for it'),
      node: word.describe('Else one with it'),
    },
    output: z.object({ volid: z.string(), storage: z.string(), node: z.string(), upid: z.string() }),
    calls: {
      resources: storageResources,
      appliances,
      download: endpoint('POST /nodes/{node}/aplinfo', startedUpid),
    },
    privileges: ['Datastore.AllocateTemplate on /storage', 'Datastore.Audit|Datastore.AllocateSpace on /storage'],
    run: async ({ input, call, defaults }) => {
      const { data: resources } = await call.resources({}, { type: 'storage' });
      const place = placeFor('vztmpl', resources, input, defaults);
      const { data: known } = await call.appliances(place);
      const template = chosen(input.template, known);
      const { data: upid } = await call.download(place, { storage: place.storage, template });
      return { volid: `${place.storage}:vztmpl/${template}`, ...place, upid };
    },
  }),
];

/** The template of that file name, or the only one of that package. */
function chosen(asked: string, known: readonly z.output<typeof appliance>[]): string {
  const names = known.filter((one) => one.template === asked || one.package === asked).map(({ template }) => template);
  const [only, another] = names;
  if (only !== undefined && another === undefined) return only;
  throw new InvalidInput({
    argument: 'template',
    message:
      only === undefined
        ? 'there is no such template: proxmox-list-appliances lists them'
        : `there are ${toWords(names)}: name one`,
  });
}
