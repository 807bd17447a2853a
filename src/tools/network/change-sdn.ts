import { z } from 'zod';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import type { Params } from '../../pve/params.js';
import { toWord } from '../../pve/quoted.js';
import { startedUpid } from '../../pve/upid.js';
import { sdnId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { isCalled, readSdn, type SdnKind, type SdnObject, sdnKind, sdnReads } from './sdn-objects.js';
import { sdnParams, sdnSettings } from './sdn-settings.js';

const shared = { scope: 'cluster', toolset: 'network', privileges: ['SDN.Allocate on /sdn'] } as const;

const writes = {
  createZone: endpoint('POST /cluster/sdn/zones', z.null()),
  createVnet: endpoint('POST /cluster/sdn/vnets', z.null()),
  createSubnet: endpoint('POST /cluster/sdn/vnets/{vnet}/subnets', z.null()),
  updateZone: endpoint('PUT /cluster/sdn/zones/{zone}', z.null()),
  updateVnet: endpoint('PUT /cluster/sdn/vnets/{vnet}', z.null()),
  updateSubnet: endpoint('PUT /cluster/sdn/vnets/{vnet}/subnets/{subnet}', z.null()),
};
const removals = {
  removeZone: endpoint('DELETE /cluster/sdn/zones/{zone}', z.null()),
  removeVnet: endpoint('DELETE /cluster/sdn/vnets/{vnet}', z.null()),
  removeSubnet: endpoint('DELETE /cluster/sdn/vnets/{vnet}/subnets/{subnet}', z.null()),
};

const staged = 'Not in force yet: proxmox-apply-sdn applies it.';
const kind = sdnKind.describe('Kind');
const id = z.string().min(2).max(64);

function create(of: SdnKind, name: string, vnet: string, call: Bound<typeof writes>, params: Params) {
  if (of === 'zone') return call.createZone({}, { ...params, zone: name });
  if (of === 'vnet') return call.createVnet({}, { ...params, vnet: name });
  return call.createSubnet({ vnet }, { ...params, subnet: name, type: 'subnet' });
}

function update({ kind: of, id: name, vnet = '' }: SdnObject, call: Bound<typeof writes>, params: Params) {
  if (of === 'zone') return call.updateZone({ zone: name }, params);
  return of === 'vnet' ? call.updateVnet({ vnet: name }, params) : call.updateSubnet({ vnet, subnet: name }, params);
}

/** What a change of a vnet or subnet sends again, so that nothing hangs on whether a version keeps what is left out. */
const repeated: Readonly<Record<SdnKind, readonly string[]>> = {
  zone: [],
  vnet: ['zone', 'tag', 'alias', 'vlanaware', 'isolate-ports'],
  subnet: ['gateway', 'snat', 'dhcp-range', 'dhcp-dns-server', 'dnszoneprefix'],
};

const range = z.looseObject({ 'start-address': z.string(), 'end-address': z.string() });
const value = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  // A range is sent as text, and may be listed taken apart.
  z.array(
    z.union([
      z.string(),
      range.transform((one) => `start-address=${one['start-address']},end-address=${one['end-address']}`),
    ]),
  ),
]);

function keptOf({ kind: of, settings }: SdnObject): Params {
  const kept = repeated[of].flatMap((key) => {
    const parsed = value.safeParse(settings[key]);
    return parsed.success ? [[key, parsed.data] as const] : [];
  });
  return Object.fromEntries(kept);
}

const needed: Readonly<Record<SdnKind, readonly ('type' | 'zone' | 'vnet')[]>> = {
  zone: ['type'],
  vnet: ['zone'],
  subnet: ['vnet'],
};

function requireId(kind: SdnKind, id: string): void {
  const fault = kind === 'subnet' ? undefined : sdnId.safeParse(id).error?.issues[0];
  if (fault !== undefined) throw new InvalidInput({ argument: 'id', message: fault.message });
}

const set = defineTool({
  ...shared,
  name: 'proxmox-set-sdn',
  title: 'Set SDN object',
  description: 'Stage a new or changed zone, vnet or subnet; what is not named stays.',
  effect: 'write',
  input: { kind, id: id.describe('Name, or CIDR'), ...sdnSettings },
  output: z.object({ kind: z.string(), id: z.string(), created: z.boolean() }),
  calls: { ...sdnReads, ...writes },
  run: async ({ input, call, note }) => {
    const { kind: of, id: name, ...settings } = input;
    requireId(of, name);
    const params = sdnParams(of, settings);
    if (of === 'subnet' && settings.vnet === undefined)
      throw new InvalidInput({ argument: 'vnet', message: 'a subnet needs it' });
    const found = (await readSdn(of, call, false, settings.vnet)).find((one) => isCalled(one, name));
    note(staged);
    if (found === undefined) {
      const missing = needed[of].filter((argument) => settings[argument] === undefined);
      if (missing.length > 0)
        throw new InvalidInput(...missing.map((argument) => ({ argument, message: `a new ${of} needs it` })));
      await create(of, name, settings.vnet ?? '', call, { ...params, delete: undefined });
      return { kind: of, id: name, created: true };
    }
    if (settings.type !== undefined && settings.type !== found.settings.type)
      throw new Refused(`zone ${name} is of type ${found.settings.type}`, 'The type of a zone is fixed; make another.');
    const { type: _, ...changes } = params;
    const given = Object.entries(changes).filter(([, one]) => one !== undefined);
    if (given.length === 0) throw new InvalidInput({ argument: 'id', message: 'nothing to change was given' });
    await update(found, call, { ...keptOf(found), ...Object.fromEntries(given), digest: found.digest });
    return { kind: of, id: found.id, created: false };
  },
});

const remove = defineTool({
  ...shared,
  name: 'proxmox-delete-sdn',
  title: 'Delete SDN object',
  description: 'Delete a zone, vnet or subnet; it is in force until proxmox-apply-sdn.',
  effect: 'destroy',
  input: { kind, id: id.describe('Name, or CIDR'), vnet: sdnSettings.vnet },
  output: z.object({ kind: z.string(), id: z.string() }),
  calls: { ...sdnReads, ...removals },
  run: async ({ input: { kind: of, id: name, vnet }, call, note }) => {
    if (vnet !== undefined && of !== 'subnet')
      throw new InvalidInput({ argument: 'vnet', message: 'for kind subnet alone' });
    const found = (await readSdn(of, call, false, vnet)).filter((one) => isCalled(one, name));
    const [only, another] = found;
    if (only === undefined) throw new Refused(`there is no ${of} ${name}`, 'See proxmox-list-sdn.');
    if (another !== undefined)
      throw new Refused(`${name} is of vnets ${found.map((one) => one.vnet).join(', ')}`, "Name its 'vnet'.");
    note(staged);
    if (of === 'zone') await call.removeZone({ zone: only.id });
    else if (of === 'vnet') await call.removeVnet({ vnet: only.id });
    else await call.removeSubnet({ vnet: only.vnet ?? '', subnet: only.id });
    return { kind: of, id: only.id };
  },
});

const apply = defineTool({
  ...shared,
  name: 'proxmox-apply-sdn',
  title: 'Apply SDN changes',
  description: 'Put all pending SDN changes in force on every node.',
  effect: 'destroy',
  input: {},
  output: z.object({ upid: z.string() }),
  calls: { ...sdnReads, apply: endpoint('PUT /cluster/sdn', startedUpid) },
  run: async ({ call, note }) => {
    const kinds = ['zone', 'vnet', 'subnet'] as const;
    const all = await Promise.all(kinds.map((of) => readSdn(of, call, true)));
    const changed = all.flat().filter(({ state }) => state !== undefined);
    note(
      changed.length === 0
        ? 'Nothing is pending; the nodes load what they have anew.'
        : `Pending: ${changed.map((one) => `${one.kind} ${toWord(one.id)} ${toWord(String(one.state))}`).join(', ')}.`,
    );
    const { data } = await call.apply({});
    note(
      'Its task only begins the reload of each node; how those went, their tasks srvreload tell: proxmox-list-tasks.',
    );
    return { upid: data };
  },
});

export default [set, remove, apply];
