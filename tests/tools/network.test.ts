import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let blind: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
  session = await startSession(simulator.env());
  const secret = simulator
    .cluster('production')
    .addToken('vms@pve!mcp', { '/vms': ['PVEVMAdmin'], '/nodes': ['Sys.Audit'] });
  blind = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_production_TOKEN_ID: 'vms@pve!mcp',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
});

afterAll(async () => {
  await Promise.all([session?.close(), blind?.close()]);
  await simulator?.close();
});

const bridgesOf = (cluster: string, node: string) =>
  simulator
    .cluster(cluster)
    .state.nodes.find((one) => one.node === node)
    ?.networks.filter(({ type }) => type === 'bridge' || type === 'OVSBridge') ?? [];

it('lists the bridges of a node and no other interface', async () => {
  const { data } = await session.call('proxmox-list-bridges', { cluster: 'production', node: 'pve2' });
  const [management] = bridgesOf('production', 'pve2');
  expect(data).toMatchObject({ cluster: 'production', via: 'explicit', total: 2 });
  expect(data.items).toEqual([
    {
      iface: 'vmbr0',
      type: 'bridge',
      active: true,
      autostart: true,
      cidr: `${management?.address}/${management?.netmask}`,
      gateway: management?.gateway,
      ports: [management?.bridgePorts],
      vlan_aware: true,
      comments: 'guests and management',
    },
    {
      iface: 'vmbr1',
      type: 'bridge',
      active: true,
      autostart: true,
      ports: [],
      vlan_aware: false,
      comments: 'isolated',
    },
  ]);
});

it('lists Open vSwitch bridges under whatever name, on 8.4', async () => {
  const { data } = await session.call('proxmox-list-bridges', { cluster: 'staging', node: 'pve-stg1' });
  expect(data.items.map(({ iface, type }: Record<string, string>) => [iface, type])).toEqual(
    bridgesOf('staging', 'pve-stg1')
      .map(({ iface, type }) => [iface, type])
      .sort(),
  );
  expect(data.items[0]).toEqual({ iface: 'ovsbr0', type: 'OVSBridge', active: true, autostart: true });
});

it('names the privilege that an empty list may be for want of', async () => {
  const { data } = await blind.call('proxmox-list-bridges', { cluster: 'production', node: 'pve1' });
  expect(data.items).toEqual([]);
  expect(data.notes).toEqual([expect.stringContaining('lacks SDN.Audit or SDN.Use on /sdn/zones/localnetwork')]);
});

it('names the nodes there are for one that is not there', async () => {
  const { data, isError } = await session.call('proxmox-list-bridges', { cluster: 'production', node: 'pve9' });
  expect(isError).toBe(true);
  expect(data.error).toMatchObject({ code: 'NODE_NOT_FOUND', asked: 'pve9', known: ['pve1', 'pve2', 'pve3'] });
});
