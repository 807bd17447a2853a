import { z } from 'zod';
import type { Params } from '../../pve/params.js';
import { splitList } from '../../pve/storage.js';
import { nodeList, sdnId } from '../arguments/names.js';
import { InvalidInput } from '../invalid-input.js';
import type { SdnKind } from './sdn-objects.js';

const word = z.string().min(1).max(256).optional();
const short = sdnId.optional();

export const sdnSettings = {
  zone: short.describe('Of a vnet'),
  vnet: short.describe('Of a subnet'),
  type: z.enum(['simple', 'vlan', 'qinq', 'vxlan']).optional().describe('Of a new zone'),
  bridge: word.describe('Zone vlan, qinq'),
  peers: word.describe('Zone vxlan: a,b'),
  nodes: nodeList.optional().describe('Zone: only on a,b'),
  mtu: z.int().min(1280).max(65_520).optional().describe('Zone'),
  dhcp: z.boolean().optional().describe('Zone simple: dnsmasq'),
  tag: z.int().min(1).max(16_777_215).optional().describe('Vnet, zone qinq'),
  alias: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[(-_\w\s]+$/, 'letters, digits, blanks and ()*+,-./:;<=>?@[\\]^_')
    .optional()
    .describe('Vnet'),
  vlan_aware: z.boolean().optional().describe('Vnet'),
  gateway: word.describe('Subnet'),
  snat: z.boolean().optional().describe('Subnet'),
  dhcp_range: z.array(z.string().max(100)).min(1).max(20).optional().describe('Subnet: first-last'),
};
export type SdnSettings = z.output<z.ZodObject<typeof sdnSettings>>;

/** What each kind takes; `vnet` of a subnet stands in the path. */
const taken: Readonly<Record<SdnKind, readonly (keyof SdnSettings)[]>> = {
  zone: ['type', 'bridge', 'peers', 'nodes', 'mtu', 'dhcp', 'tag'],
  vnet: ['zone', 'tag', 'alias', 'vlan_aware'],
  subnet: ['vnet', 'gateway', 'snat', 'dhcp_range'],
};

/**
 * The settings as Proxmox takes them.
 * @throws {InvalidInput} for what is not of that kind
 */
export function sdnParams(kind: SdnKind, settings: SdnSettings): Params {
  const known: readonly string[] = taken[kind];
  const foreign = Object.entries(settings).filter(([key, value]) => value !== undefined && !known.includes(key));
  if (foreign.length > 0)
    throw new InvalidInput(...foreign.map(([argument]) => ({ argument, message: `a ${kind} has none` })));
  const { zone, type, bridge, peers, nodes, mtu, dhcp, tag, alias, vlan_aware, gateway, snat, dhcp_range } = settings;
  return {
    zone,
    type,
    bridge,
    peers: listed(peers),
    nodes: listed(nodes),
    mtu,
    // Leases are kept by an IPAM; `pve` is the built-in one.
    ...(dhcp === true ? { dhcp: 'dnsmasq', ipam: 'pve' } : {}),
    delete: dhcp === false ? 'dhcp' : undefined,
    tag,
    alias,
    vlanaware: vlan_aware,
    gateway,
    snat,
    'dhcp-range': dhcp_range?.map(rangeOf),
  };
}

const listed = (names: string | undefined) => (names === undefined ? undefined : splitList(names).join(','));

/** Two addresses, as they are said or as they are listed. */
const rangeForm = /^(?:start-address=)?\s*([\d.:a-f]+)\s*(?:-|,end-address=)\s*([\d.:a-f]+)\s*$/i;

function rangeOf(written: string): string {
  const [, first, last] = rangeForm.exec(written) ?? [];
  if (first !== undefined && last !== undefined) return `start-address=${first},end-address=${last}`;
  throw new InvalidInput({ argument: 'dhcp_range', message: 'as 10.0.0.100-10.0.0.199' });
}
