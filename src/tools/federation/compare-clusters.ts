import { z } from 'zod';
import { type Permissions, permissions } from '../../pve/discovery.js';
import { holds, parseNeed } from '../../pve/privileges.js';
import { settle } from '../../pve/settle.js';
import { splitList } from '../../pve/storage.js';
import { type Context, defineList, type Side } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { type ClusterView, vmid } from '../scope.js';
import { firewallReads, seeFirewall } from './compare-firewall.js';
import { compareGuests, guestReads } from './compare-guests.js';
import { networkReads, seeNetwork } from './compare-network.js';
import { roleReads, seeRoles } from './compare-roles.js';
import { definitionReads, seeStorage } from './compare-storage.js';
import { seeTemplates, templateReads } from './compare-templates.js';
import { seeVersions, versionReads } from './compare-versions.js';
import { compareItems, type Difference } from './difference.js';
import type { Seen } from './seen.js';

const calls = {
  permissions,
  ...definitionReads,
  ...networkReads,
  ...firewallReads,
  ...roleReads,
  ...versionReads,
  ...templateReads,
  ...guestReads,
};
type Reads = Side<typeof calls>['call'];

const areas = ['storage', 'network', 'firewall', 'roles', 'versions', 'templates'] as const;
type Area = (typeof areas)[number];
const isArea = (name: string): name is Area => areas.some((area) => area === name);

const look: Readonly<Record<Area, (call: Reads) => Promise<Seen>>> = {
  storage: seeStorage,
  network: seeNetwork,
  firewall: seeFirewall,
  roles: seeRoles,
  versions: seeVersions,
  templates: seeTemplates,
};

/** What Proxmox leaves out, without a word, of what a token may not see. */
const needed: Readonly<Partial<Record<Area, readonly string[]>>> = {
  storage: ['Datastore.Audit|Datastore.AllocateSpace on /storage'],
  network: ['SDN.Audit|SDN.Use on /sdn/zones'],
  templates: ['VM.Audit on /vms', 'Datastore.Audit|Datastore.AllocateSpace on /storage'],
};

const word = z.string().min(1).max(256).optional();

const input = {
  what: z
    .string()
    .refine((list) => splitList(list).every(isArea), `a list of ${areas.join(', ')}`)
    .optional()
    .describe('Default: all'),
  vmid: vmid.optional().describe('Or this guest'),
  name: word.describe('Or its name'),
  target_vmid: vmid.optional().describe('Its twin; default: of its name'),
  target_name: word.describe("Or the twin's name"),
};

const side = z.union([z.string(), z.array(z.string())]).optional();

const output = z.object({
  /** `storage`, ..., or `guest`. */
  area: z.string(),
  name: z.string(),
  /** The cluster that alone has it. */
  only_on: z.string().optional(),
  key: z.string().optional(),
  /** The value; of a list what the other side lacks. */
  source: side,
  target: side,
});
type Row = z.input<typeof output>;

export default [
  defineList({
    name: 'proxmox-compare-clusters',
    title: 'Compare clusters',
    description:
      'Differences of two clusters: what=storage,network,firewall,roles,versions,templates; or a guest and its twin.',
    effect: 'read',
    scope: 'between',
    toolset: 'federation',
    input,
    output,
    calls,
    privileges: [
      'Sys.Audit on /',
      'Datastore.Audit|Datastore.AllocateSpace on /storage',
      'VM.Audit on /vms',
      'SDN.Audit|SDN.Use on /sdn/zones',
    ],
    run: (context) => {
      const { what, vmid: id, name, target_vmid, target_name } = context.input;
      const guest = id !== undefined || name !== undefined;
      if (guest && what !== undefined)
        throw new InvalidInput({ argument: 'what', message: 'not with a guest: its configuration is compared' });
      if (!guest && (target_vmid ?? target_name) !== undefined)
        throw new InvalidInput({ argument: 'vmid', message: 'name the guest that this is the twin of' });
      return guest ? guestRows(context) : areaRows(context, splitList(what).filter(isArea));
    },
  }),
];

type CompareContext = Context<'between', typeof input, typeof calls>;

function rowsOf(area: string, { target }: CompareContext, differences: readonly Difference[]): Row[] {
  const { source, destination } = target;
  return differences.map(({ name, only, key, source: here, target: there }) => ({
    area,
    name,
    only_on: only && (only === 'source' ? source.info.name : destination.info.name),
    key,
    source: shownSide(here),
    target: shownSide(there),
  }));
}

const longestText = 200;

const clipped = (text: string) =>
  text.length > longestText ? `${text.slice(0, longestText)}… (${text.length} characters)` : text;

const shownSide = (value: Difference['source']) =>
  typeof value === 'string' ? clipped(value) : value?.map((part) => clipped(part));

async function guestRows(context: CompareContext) {
  const { target, at, input: asked } = context;
  const { comparison, notes } = await compareGuests(
    {
      source: { vmid: asked.vmid, name: asked.name },
      target: { vmid: asked.target_vmid, name: asked.target_name },
    },
    {
      source: { cluster: target.source.info.name, call: at(target.source).call },
      target: { cluster: target.destination.info.name, call: at(target.destination).call },
    },
  );
  return { rows: rowsOf('guest', context, comparison.differences), notes };
}

interface Compared {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly equal: string;
}

async function areaRows(context: CompareContext, chosen: readonly Area[]) {
  const { target, at } = context;
  const wanted = chosen.length > 0 ? areas.filter((area) => chosen.includes(area)) : [...areas];
  const sideOf = (cluster: ClusterView) => ({ cluster: cluster.info.name, call: at(cluster).call });
  const [source, destination] = [sideOf(target.source), sideOf(target.destination)];
  const granted = await settle([source, destination], async ({ call }) => (await call.permissions({})).data);
  const { values, failed } = await settle(wanted, async (area): Promise<Compared> => {
    const [here, there] = await Promise.all([look[area](source.call), look[area](destination.call)]);
    const { differences, equal } = compareItems(here.items, there.items);
    const notes = [
      ...here.unread.map((text) => `${area}: ${source.cluster}: ${text}, so there may be more.`),
      ...there.unread.map((text) => `${area}: ${destination.cluster}: ${text}, so there may be more.`),
    ];
    return { rows: rowsOf(area, context, differences), notes, equal: `${area} ${equal}` };
  });
  const hidden = granted.values.flatMap(({ key, value }) => hiddenNotes(wanted, key.cluster, value));
  return {
    rows: values.flatMap(({ value }) => value.rows),
    notes: [
      `The same on both: ${values.map(({ value }) => value.equal).join(', ')}.`,
      ...values.flatMap(({ value }) => value.notes),
      ...failed.map(({ key, error, reason }) => `${key}: not compared: ${error.cluster} ${reason}.`),
      ...hidden,
      ...(wanted.includes('roles')
        ? ['roles: those that are built in are as the version has them, and left out.']
        : []),
      ...(wanted.includes('network')
        ? ['network: bridges by name over all nodes; their ports and addresses are left out.']
        : []),
    ],
  };
}

const hiddenNotes = (wanted: readonly Area[], cluster: string, granted: Permissions) =>
  wanted.flatMap((area) =>
    (needed[area] ?? [])
      .filter((need) => !holds(granted, parseNeed(need)))
      .map((need) => `${area}: ${cluster} may have more: its token lacks ${need}.`),
  );
