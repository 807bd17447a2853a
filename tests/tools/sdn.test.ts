import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const sdn = () => simulator.cluster('production').state.configuration.sdn;
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;
const cluster = 'production';
const list = async (kind: string, more: Record<string, unknown> = {}) => {
  const { data } = await session.call('proxmox-list-sdn', { cluster, kind, ...more });
  return data.items;
};

let before = 0;
beforeEach(() => {
  const empty = () => ({ zones: [], vnets: [], subnets: [] });
  sdn().written = empty();
  sdn().running = empty();
  before = writes();
});

const zone = { cluster, kind: 'zone', id: 'lab', type: 'simple', dhcp: true, nodes: 'pve1, pve2', mtu: 1450 };
const vnet = { cluster, kind: 'vnet', id: 'labnet', zone: 'lab', alias: 'the lab' };
const subnet = {
  cluster,
  kind: 'subnet',
  id: '10.9.0.0/24',
  vnet: 'labnet',
  gateway: '10.9.0.1',
  snat: true,
  dhcp_range: ['10.9.0.100-10.9.0.199'],
};

it('is made, changed, applied and deleted', async () => {
  const preview = await session.call('proxmox-set-sdn', { ...zone, dry_run: true });
  expect(preview.data.plan.writes).toEqual([
    {
      method: 'POST',
      path: '/cluster/sdn/zones',
      parameters: { type: 'simple', nodes: 'pve1,pve2', mtu: 1450, dhcp: 'dnsmasq', ipam: 'pve', zone: 'lab' },
    },
  ]);
  expect(writes()).toBe(before);
  for (const made of [zone, vnet, subnet]) {
    const { data, isError } = await session.call('proxmox-set-sdn', made);
    expect(isError).toBe(false);
    expect(data.result.created).toBe(true);
    expect(data.notes.join()).toContain('proxmox-apply-sdn');
  }
  expect(await list('zone')).toMatchObject([{ id: 'lab', state: 'new' }]);
  expect(await list('vnet')).toMatchObject([{ id: 'labnet', state: 'new' }]);
  expect(await list('subnet')).toMatchObject([{ id: 'lab-10.9.0.0-24', vnet: 'labnet', state: 'new' }]);

  const sent = writes();
  const plan = await session.call('proxmox-apply-sdn', { cluster });
  expect(plan.data.plan.writes).toEqual([{ method: 'PUT', path: '/cluster/sdn' }]);
  expect(plan.data.plan.notes[0]).toBe('Pending: zone lab new, vnet labnet new, subnet lab-10.9.0.0-24 new.');
  expect(writes()).toBe(sent);
  const applied = await session.call('proxmox-apply-sdn', { cluster, confirm: true });
  expect(applied.data.result.task).toMatchObject({ state: 'ok' });
  expect(sdn().running.zones).toHaveLength(1);
  expect((await list('zone'))[0]).not.toHaveProperty('state');

  const changed = await session.call('proxmox-set-sdn', { cluster, kind: 'vnet', id: 'labnet', vlan_aware: true });
  expect(changed.data.result).toEqual({ kind: 'vnet', id: 'labnet', created: false });
  expect(sdn().written.vnets[0]?.settings).toMatchObject({ alias: 'the lab', zone: 'lab', vlanaware: 1 });
  await session.call('proxmox-set-sdn', { cluster, kind: 'subnet', id: '10.9.0.0/24', vnet: 'labnet', snat: false });
  expect(sdn().written.subnets[0]?.settings).toMatchObject({ gateway: '10.9.0.1', snat: 0 });
  await session.call('proxmox-set-sdn', { cluster, kind: 'zone', id: 'lab', dhcp: false });
  expect(sdn().written.zones[0]?.settings).not.toHaveProperty('dhcp');
  expect(await list('subnet', { vnet: 'labnet' })).toMatchObject([{ state: 'changed', pending: { snat: 0 } }]);

  const inUse = await session.call('proxmox-delete-sdn', { cluster, kind: 'zone', id: 'lab', confirm: true });
  expect(inUse.isError).toBe(true);
  const gone = [
    { kind: 'subnet', id: '10.9.0.0/24' },
    { kind: 'vnet', id: 'labnet' },
    { kind: 'zone', id: 'lab' },
  ];
  for (const one of gone) {
    const planned = await session.call('proxmox-delete-sdn', { cluster, ...one });
    expect(planned.data.plan.writes).toMatchObject([{ method: 'DELETE' }]);
    expect((await session.call('proxmox-delete-sdn', { cluster, ...one, confirm: true })).isError).toBe(false);
  }
  expect(await list('zone')).toMatchObject([{ id: 'lab', state: 'deleted' }]);
  expect(sdn().written).toEqual({ zones: [], vnets: [], subnets: [] });
});

it.each([
  [{ kind: 'zone', id: 'lab' }, 'type'],
  [{ kind: 'zone', id: 'lab', type: 'simple', gateway: '10.0.0.1' }, 'gateway'],
  [{ kind: 'vnet', id: 'labnet' }, 'zone'],
  [{ kind: 'subnet', id: '10.9.0.0/24' }, 'vnet'],
  [{ ...subnet, dhcp_range: ['10.9.0.100'] }, 'dhcp_range'],
  [{ ...subnet, dhcp_range: ['10.9.0.100-10.9.0.199,key=1'] }, 'dhcp_range'],
  [{ ...subnet, dhcp_range: ['start-address=10.9.0.100,end-address=10.9.0.199,key=1'] }, 'dhcp_range'],
])('%j is refused before anything is sent', async (args, argument) => {
  sdn().written.zones = [{ id: 'old', settings: { type: 'simple' } }];
  const { data } = await session.call('proxmox-set-sdn', { cluster, ...args });
  expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
  expect(writes()).toBe(before);
});

it('of a zone keeps the type, and what is not there is not deleted', async () => {
  sdn().written.zones = [{ id: 'old', settings: { type: 'simple' } }];
  const other = await session.call('proxmox-set-sdn', { cluster, kind: 'zone', id: 'old', type: 'vxlan' });
  expect(other.data.error.message).toContain('of type simple');
  const missing = await session.call('proxmox-delete-sdn', { cluster, kind: 'vnet', id: 'nosuch', confirm: true });
  expect(missing.data.error.message).toContain('there is no vnet nosuch');
  const wrong = await session.call('proxmox-list-sdn', { cluster, kind: 'zone', vnet: 'labnet' });
  expect(wrong.data.error.arguments).toMatchObject([{ argument: 'vnet' }]);
  expect(writes()).toBe(before);
});

it('needs a privilege, and names it', async () => {
  const secret = simulator.cluster('production').addToken('eyes@pve!sdn', { '/': ['PVEAuditor'] });
  const limited = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!sdn',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
  const { data } = await limited.call('proxmox-set-sdn', zone);
  await limited.close();
  expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('SDN.Allocate') });
});
