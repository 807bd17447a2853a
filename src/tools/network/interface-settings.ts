import { z } from 'zod';
import type { Params } from '../../pve/params.js';
import { splitList } from '../../pve/storage.js';
import { interfaceList, interfaceName } from '../arguments/names.js';
import { InvalidInput } from '../invalid-input.js';

const word = z.string().min(1).max(256).optional();

const bondModes = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
  'balance-slb',
  'lacp-balance-slb',
  'lacp-balance-tcp',
];

const hashPolicies = ['layer2', 'layer2+3', 'layer3+4'];

/** What can be said of an interface when it is made or changed. */
export const interfaceSettings = {
  ports: interfaceList.optional().describe('Bridge, bond: a,b'),
  device: interfaceName.optional().describe('Of VLAN or OVS port'),
  tag: z.int().min(1).max(4094).optional().describe('VLAN'),
  vlan_aware: z.boolean().optional().describe('Linux bridges'),
  bond_mode: word.describe('802.3ad, active-backup, ...'),
  hash_policy: word.describe('layer2, layer2+3, layer3+4'),
  cidr: word.describe('IPv4, IPv6: a,b'),
  gateway: word.describe('IPv4, IPv6: a,b'),
  mtu: z.int().min(1280).max(65_520).optional().describe('Bytes'),
  autostart: z.boolean().optional().describe('Up at boot'),
  comments: z.string().max(2048).optional().describe('Comment'),
};
export type InterfaceSettings = z.output<z.ZodObject<typeof interfaceSettings>>;

type Only = 'ports' | 'device' | 'tag' | 'vlan_aware' | 'bond_mode' | 'hash_policy';

/** What Proxmox calls each of them; an interface of a type takes what stands here, and what every interface has. */
const keys: Readonly<Record<string, Readonly<Partial<Record<Only, string>>>>> = {
  bridge: { ports: 'bridge_ports', vlan_aware: 'bridge_vlan_aware' },
  bond: { ports: 'slaves', bond_mode: 'bond_mode', hash_policy: 'bond_xmit_hash_policy' },
  vlan: { device: 'vlan-raw-device', tag: 'vlan-id' },
  OVSBridge: { ports: 'ovs_ports' },
  OVSBond: { ports: 'ovs_bonds', device: 'ovs_bridge', tag: 'ovs_tag', bond_mode: 'bond_mode' },
  OVSPort: { device: 'ovs_bridge', tag: 'ovs_tag' },
  OVSIntPort: { device: 'ovs_bridge', tag: 'ovs_tag' },
};

export const creatableTypes = ['bridge', 'bond', 'vlan', 'OVSBridge', 'OVSBond', 'OVSPort', 'OVSIntPort'] as const;

/**
 * The settings as Proxmox takes them for an interface of that type.
 * @throws {InvalidInput} for what an interface of that type does not have
 */
export function interfaceParams(type: string, settings: InterfaceSettings): Params {
  const known = keys[type] ?? {};
  const { ports, device, tag, vlan_aware, bond_mode, hash_policy } = settings;
  const own = Object.entries({ ports, device, tag, vlan_aware, bond_mode, hash_policy });
  const given = own.filter(([, value]) => value !== undefined);
  const renamed = new Map(Object.entries(known));
  const foreign = given.filter(([name]) => !renamed.has(name));
  if (foreign.length > 0)
    throw new InvalidInput(
      ...foreign.map(([argument]) => ({ argument, message: `an interface of type ${type} has none` })),
    );
  if (bond_mode !== undefined && !bondModes.includes(bond_mode))
    throw new InvalidInput({ argument: 'bond_mode', message: `one of ${bondModes.join(', ')}` });
  if (hash_policy !== undefined && !hashPolicies.includes(hash_policy))
    throw new InvalidInput({ argument: 'hash_policy', message: `one of ${hashPolicies.join(', ')}` });
  const { mtu, autostart, comments } = settings;
  return {
    ...Object.fromEntries(
      given.map(([name, value]) => [renamed.get(name) ?? name, name === 'ports' ? portList(String(value)) : value]),
    ),
    ...byFamily('cidr', settings.cidr),
    ...byFamily('gateway', settings.gateway),
    mtu,
    autostart,
    comments,
  };
}

const portList = (ports: string) => splitList(ports).join(' ');

function byFamily(name: 'cidr' | 'gateway', given: string | undefined): Params {
  const all = splitList(given ?? '');
  const six = all.filter((one) => one.includes(':'));
  const four = all.filter((one) => !one.includes(':'));
  if (six.length > 1 || four.length > 1)
    throw new InvalidInput({ argument: name, message: 'one for IPv4 and one for IPv6 at most' });
  if (name === 'cidr' && all.some((one) => !one.includes('/')))
    throw new InvalidInput({ argument: name, message: 'with its prefix length, such as 10.0.0.2/24' });
  return { [name]: four[0], [`${name}6`]: six[0] };
}

/** What takes a setting out: its argument, and what Proxmox calls it. */
function removalsOf(type: string, names: readonly string[]): string[] {
  const known = new Map<string, readonly string[]>([
    ['cidr', ['cidr', 'cidr6']],
    ['gateway', ['gateway', 'gateway6']],
    ...['mtu', 'comments', 'autostart'].map((name): [string, string[]] => [name, [name]]),
    ...Object.entries(keys[type] ?? {}).map(([name, key]): [string, string[]] => [name, [key]]),
  ]);
  return names.flatMap((name) => {
    const removed = known.get(name);
    if (removed !== undefined) return removed;
    throw new InvalidInput({ argument: `changes.${name}`, message: `null takes out ${[...known.keys()].join(', ')}` });
  });
}

const some = z.strictObject(interfaceSettings);

/** What a change sets, and what it takes out: what is `null`, and a flag that is switched off. */
export interface InterfaceChanges {
  readonly set: Params;
  readonly gone: readonly string[];
}

/** @throws {InvalidInput} for what an interface of that type does not have */
export function readInterfaceChanges(type: string, given: Readonly<Record<string, unknown>>): InterfaceChanges {
  const isGone = ([, value]: readonly [string, unknown]) => value === null || value === false;
  const entries = Object.entries(given);
  const parsed = some.safeParse(Object.fromEntries(entries.filter((entry) => !isGone(entry))));
  if (!parsed.success)
    throw new InvalidInput(
      ...parsed.error.issues.map(({ path, message }) => ({ argument: ['changes', ...path].join('.'), message })),
    );
  const gone = entries.filter(isGone).map(([name]) => name);
  return { set: interfaceParams(type, parsed.data), gone: removalsOf(type, gone) };
}
