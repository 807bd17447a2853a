import { z } from 'zod';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import type { Params } from '../../pve/params.js';
import { interfaceName } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { creatableTypes, interfaceParams, interfaceSettings, readInterfaceChanges } from './interface-settings.js';
import { deviceOf, networks, portsOf } from './network-interface.js';

const shared = {
  effect: 'write',
  scope: 'node',
  toolset: 'network',
  output: z.object({
    node: z.string(),
    iface: z.string(),
    /** All that is staged on the node, as a diff. */
    pending: z.string().optional(),
  }),
  privileges: ['Sys.Modify on /nodes', 'Sys.Audit on /nodes'],
} as const;

const create = endpoint('POST /nodes/{node}/network', z.null());

const staged = 'Staged only: proxmox-apply-network puts it in force, proxmox-revert-network drops all that is staged.';

async function outcome(node: string, iface: string, call: Bound<{ networks: typeof networks }>) {
  const { changes } = await call.networks({ node });
  return { node, iface, pending: changes };
}

/** What is off is left out: Proxmox takes a flag that is there for one that is on, whatever its value. */
const withoutOff = (params: Params): Params =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== false));

const createInterface = defineTool({
  ...shared,
  name: 'proxmox-create-network-interface',
  title: 'Create interface',
  description: 'Stage a bridge, bond, VLAN or OVS interface for proxmox-apply-network.',
  input: {
    iface: interfaceName.describe('Name'),
    type: z.enum(creatableTypes).describe('Kind'),
    ...interfaceSettings,
  },
  calls: { create, networks },
  run: async ({ target: { node }, input, call, note }) => {
    const { iface, type, ...settings } = input;
    const params = interfaceParams(type, { ...settings, autostart: settings.autostart ?? true });
    const needed = needs(type, iface).filter((name) => settings[name] === undefined);
    if (needed.length > 0)
      throw new InvalidInput(...needed.map((argument) => ({ argument, message: `type ${type} needs it` })));
    note(staged);
    await call.create({ node }, { iface, type, ...withoutOff(params) });
    return outcome(node, iface, call);
  },
});

/** The name `eno1.10` says both what a VLAN is on and its tag. */
function needs(type: string, iface: string) {
  if (type === 'vlan') return /\.\d+$/.test(iface) ? ([] as const) : (['device', 'tag'] as const);
  if (type === 'bond') return ['ports', 'bond_mode'] as const;
  if (type === 'OVSBond') return ['ports', 'bond_mode', 'device'] as const;
  return type === 'OVSPort' || type === 'OVSIntPort' ? (['device'] as const) : ([] as const);
}

const createVlan = defineTool({
  ...shared,
  name: 'proxmox-create-vlan',
  title: 'Create VLAN',
  description: 'Stage a VLAN of a bridge or card of a node, with cidr if given; no DHCP.',
  input: {
    vlan_id: z.int().min(1).max(4094).describe('Tag'),
    vlan_name: z.string().max(256).optional().describe('Kept as its comment'),
    bridge: interfaceName.optional().describe('Else default or vmbr0'),
    cidr: interfaceSettings.cidr,
    gateway: interfaceSettings.gateway,
  },
  calls: { create, networks },
  run: async ({ target: { node }, input, call, note, defaults }) => {
    const { vlan_id, vlan_name, cidr, gateway } = input;
    const bridge = input.bridge ?? defaults.bridge ?? 'vmbr0';
    const iface = `${bridge}.${vlan_id}`;
    const { data } = await call.networks({ node });
    if (!data.some((one) => one.iface === bridge))
      throw new Refused(`node ${node} has no interface ${bridge}`, 'See proxmox-list-network-interfaces.');
    if (data.some((one) => one.iface === iface))
      throw new Refused(`${iface} is there already`, 'Change it with proxmox-update-network-interface.');
    note(
      `${staged} A guest needs no such interface: on a VLAN-aware bridge, tag=${vlan_id} of its network card will do.`,
    );
    const params = interfaceParams('vlan', { cidr, gateway, autostart: true, comments: vlan_name });
    await call.create({ node }, { iface, type: 'vlan', ...params });
    return outcome(node, iface, call);
  },
});

/** What a change must send again: Proxmox takes what is left out of an address as taken away (API2/Network.pm, update_network). */
const repeated = [
  ...['autostart', 'bond-primary', 'bond_mode', 'bond_xmit_hash_policy', 'bridge_ports', 'bridge_vids'],
  ...['bridge_vlan_aware', 'cidr', 'cidr6', 'comments', 'comments6', 'gateway', 'gateway6', 'mtu', 'ovs_bonds'],
  ...['ovs_bridge', 'ovs_options', 'ovs_ports', 'ovs_tag', 'slaves', 'vlan-id', 'vlan-raw-device'],
];

const plain = z.union([z.string(), z.number(), z.boolean()]);

function settingsOf(found: Readonly<Record<string, unknown>>): Params {
  const kept = repeated.flatMap((key) => {
    const value = plain.safeParse(found[key]);
    return value.success && value.data !== '' ? [[key, value.data] as const] : [];
  });
  return Object.fromEntries(kept);
}

const updateInterface = defineTool({
  ...shared,
  name: 'proxmox-update-network-interface',
  title: 'Change interface',
  description: 'Stage changes of an interface: null takes a setting out, the rest stays.',
  input: {
    iface: interfaceName.describe('Name'),
    changes: z.looseObject({}).describe('As for creation'),
  },
  calls: {
    networks,
    read: endpoint('GET /nodes/{node}/network/{iface}', z.looseObject({ type: z.string() })),
    update: endpoint('PUT /nodes/{node}/network/{iface}', z.null()),
  },
  run: async ({ target: { node }, input: { iface, changes }, call, note }) => {
    const { data: found } = await call.read({ node, iface });
    const { type } = found;
    const { set, gone } = readInterfaceChanges(type, changes);
    const given = Object.entries(set).filter(([, value]) => value !== undefined);
    const removed = gone.filter((key) => found[key] !== undefined);
    if (given.length === 0 && removed.length === 0)
      throw new InvalidInput({ argument: 'changes', message: 'they change nothing' });
    const kept = Object.entries(settingsOf(found)).filter(([key]) => !removed.includes(key));
    const params: Params = Object.fromEntries([...kept, ...given]);
    note(staged);
    const out = removed.length > 0 ? removed.join(',') : undefined;
    await call.update({ node, iface }, { type, ...params, delete: out });
    return outcome(node, iface, call);
  },
});

const deleteInterface = defineTool({
  ...shared,
  name: 'proxmox-delete-network-interface',
  title: 'Delete interface',
  description: 'Stage the removal of an interface for proxmox-apply-network.',
  input: { iface: interfaceName.describe('Name') },
  calls: { networks, remove: endpoint('DELETE /nodes/{node}/network/{iface}', z.null()) },
  run: async ({ target: { node }, input: { iface }, call, note }) => {
    const { data } = await call.networks({ node });
    const users = data.filter(
      (one) => one.iface !== iface && (portsOf(one)?.includes(iface) || deviceOf(one) === iface),
    );
    if (users.length > 0)
      throw new Refused(
        `${users.map((one) => one.iface).join(', ')} of node ${node} is on ${iface}`,
        'Take it out there first with proxmox-update-network-interface.',
      );
    note(`${staged} Whether a guest is attached to it was not looked at.`);
    await call.remove({ node, iface });
    return outcome(node, iface, call);
  },
});

export default [createInterface, createVlan, updateInterface, deleteInterface];
