import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

const nodeState = () => simulator.cluster('production').state.nodes.find(({ node }) => node === 'pve1');
const inForce = (iface: string) => nodeState()?.networks.find((one) => one.iface === iface);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  const state = nodeState();
  if (state) state.stagedNetworks = undefined;
  before = writes();
});

const place = { cluster: 'production', node: 'pve1' };
const staged = async (iface: string) => {
  const { data } = await session.call('proxmox-list-network-interfaces', place);
  return data.items.find((one: { iface: string }) => one.iface === iface);
};

describe('an interface of a node', () => {
  it('is only staged, shown with the pending diff, dropped or put in force', async () => {
    const args = {
      ...place,
      iface: 'vmbr7',
      type: 'bridge',
      ports: 'none',
      vlan_aware: true,
      cidr: '10.77.0.1/24,fd77::1/64',
      mtu: 9000,
      comments: 'storage',
    };
    const preview = await session.call('proxmox-create-network-interface', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve1/network',
        parameters: {
          iface: 'vmbr7',
          type: 'bridge',
          bridge_ports: 'none',
          bridge_vlan_aware: true,
          cidr: '10.77.0.1/24',
          cidr6: 'fd77::1/64',
          mtu: 9000,
          autostart: true,
          comments: 'storage',
        },
      },
    ]);
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-create-network-interface', args);
    expect(data.result).toMatchObject({
      node: 'pve1',
      iface: 'vmbr7',
      pending: expect.stringContaining('+iface vmbr7'),
    });
    expect(data.notes.join()).toContain('proxmox-apply-network');
    expect(inForce('vmbr7')).toBeUndefined();
    expect(await staged('vmbr7')).toMatchObject({ active: false, cidr: '10.77.0.1/24', vlan_aware: true, mtu: 9000 });
    const list = await session.call('proxmox-list-network-interfaces', place);
    expect(list.data.notes.join()).toContain('+iface vmbr7');

    const dropping = await session.call('proxmox-revert-network', place);
    expect(dropping.data.plan.writes).toEqual([{ method: 'DELETE', path: '/nodes/pve1/network' }]);
    expect(await staged('vmbr7')).toBeDefined();
    const dropped = await session.call('proxmox-revert-network', { ...place, confirm: true });
    expect(dropped.data.result.dropped).toContain('+iface vmbr7');
    expect(await staged('vmbr7')).toBeUndefined();
    const nothing = await session.call('proxmox-apply-network', { ...place, confirm: true });
    expect(nothing.data.result).toEqual({ node: 'pve1', unchanged: 'nothing is staged' });

    await session.call('proxmox-create-network-interface', args);
    const sent = writes();
    const plan = await session.call('proxmox-apply-network', place);
    expect(plan.data.plan.writes).toEqual([{ method: 'PUT', path: '/nodes/pve1/network' }]);
    expect(plan.data.plan.notes.join()).toContain('+iface vmbr7');
    expect(writes()).toBe(sent);
    const applied = await session.call('proxmox-apply-network', { ...place, confirm: true });
    expect(applied.data.result).toMatchObject({ node: 'pve1', task: { state: 'ok' } });
    expect(inForce('vmbr7')).toMatchObject({ active: true, address: '10.77.0.1' });
  });

  it('keeps what a change does not name', async () => {
    const kept = { ...inForce('vmbr0') };
    expect(kept.address).toBeDefined();
    const args = { ...place, iface: 'vmbr0', changes: { mtu: 1400, comments: 'main' } };
    const preview = await session.call('proxmox-update-network-interface', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toMatchObject([
      {
        method: 'PUT',
        path: '/nodes/pve1/network/vmbr0',
        parameters: { type: 'bridge', cidr: `${kept.address}/${kept.netmask}`, gateway: kept.gateway, mtu: 1400 },
      },
    ]);
    expect(writes()).toBe(before);
    await session.call('proxmox-update-network-interface', args);
    const cidr = `${kept.address}/${kept.netmask}`;
    const { bridgePorts = '' } = kept;
    expect(await staged('vmbr0')).toMatchObject({
      cidr,
      gateway: kept.gateway,
      mtu: 1400,
      comments: 'main',
      autostart: true,
      ports: bridgePorts.split(' '),
    });
    const { data } = await session.call('proxmox-update-network-interface', {
      ...place,
      iface: 'vmbr0',
      changes: { mtu: null, gateway: null },
    });
    expect(data.result.iface).toBe('vmbr0');
    const changed = await staged('vmbr0');
    expect(changed).toMatchObject({ cidr, comments: 'main' });
    expect(changed).not.toHaveProperty('mtu');
    expect(changed).not.toHaveProperty('gateway');
  });

  it('has a flag switched off by taking it out', async () => {
    const made = { ...place, iface: 'vmbr8', type: 'bridge', vlan_aware: true, autostart: false };
    const preview = await session.call('proxmox-create-network-interface', { ...made, dry_run: true });
    expect(preview.data.plan.writes[0].parameters).toEqual({ iface: 'vmbr8', type: 'bridge', bridge_vlan_aware: true });
    await session.call('proxmox-create-network-interface', made);
    expect(await staged('vmbr8')).toMatchObject({ vlan_aware: true, autostart: false });
    const off = { ...place, iface: 'vmbr8', changes: { vlan_aware: false, autostart: true } };
    const plan = await session.call('proxmox-update-network-interface', { ...off, dry_run: true });
    expect(plan.data.plan.writes[0].parameters).toEqual({
      type: 'bridge',
      autostart: true,
      delete: 'bridge_vlan_aware',
    });
    await session.call('proxmox-update-network-interface', off);
    expect(await staged('vmbr8')).toMatchObject({ vlan_aware: false, autostart: true });
  });

  it('is a bond, a VLAN or of Open vSwitch, each with what it needs', async () => {
    const bond = {
      ...place,
      iface: 'bond1',
      type: 'bond',
      ports: 'eno3, eno4',
      bond_mode: '802.3ad',
      hash_policy: 'layer3+4',
    };
    const plan = await session.call('proxmox-create-network-interface', { ...bond, dry_run: true });
    expect(plan.data.plan.writes[0].parameters).toMatchObject({
      slaves: 'eno3 eno4',
      bond_mode: '802.3ad',
      bond_xmit_hash_policy: 'layer3+4',
    });
    const vlan = { ...place, iface: 'storage', type: 'vlan', device: 'vmbr0', tag: 30, dry_run: true };
    const vlanPlan = await session.call('proxmox-create-network-interface', vlan);
    expect(vlanPlan.data.plan.writes[0].parameters).toMatchObject({ 'vlan-raw-device': 'vmbr0', 'vlan-id': 30 });
    const port = { ...place, iface: 'ovs0', type: 'OVSIntPort', device: 'vmbr9', tag: 12, dry_run: true };
    const portPlan = await session.call('proxmox-create-network-interface', port);
    expect(portPlan.data.plan.writes[0].parameters).toMatchObject({ ovs_bridge: 'vmbr9', ovs_tag: 12 });
  });

  it.each([
    [{ iface: 'vmbr8', type: 'bridge', tag: 5 }, ['tag']],
    [{ iface: 'storage', type: 'vlan' }, ['device', 'tag']],
    [{ iface: 'bond2', type: 'bond', ports: 'eno3', bond_mode: 'fast' }, ['bond_mode']],
    [{ iface: 'vmbr8', type: 'bridge', cidr: '10.0.0.1' }, ['cidr']],
    [{ iface: 'vmbr8', type: 'bridge', gateway: '10.0.0.1,10.0.0.2' }, ['gateway']],
    [{ iface: '../x', type: 'bridge' }, ['iface']],
  ])('%j is refused before anything is sent', async (args, names) => {
    const { data } = await session.call('proxmox-create-network-interface', { ...place, ...args });
    expect(data.error.code).toBe('INVALID_ARGUMENTS');
    expect(data.error.arguments.map(({ argument }: { argument: string }) => argument)).toEqual(names);
    expect(writes()).toBe(before);
  });

  it('is not changed to nothing', async () => {
    const faults = [
      [{}, 'changes'],
      [{ gateway: null, vlan_aware: true, tag: 5 }, 'tag'],
      [{ tag: null }, 'changes.tag'],
      [{ mtu: 'big' }, 'changes.mtu'],
    ] as const;
    for (const [changes, argument] of faults) {
      const args = { ...place, iface: 'vmbr0', changes };
      const { data } = await session.call('proxmox-update-network-interface', args);
      expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
    }
    expect(writes()).toBe(before);
  });

  it('whose port is not there fails to come up, and the task says so', async () => {
    await session.call('proxmox-create-network-interface', { ...place, iface: 'vmbr8', type: 'bridge', ports: 'eno9' });
    const { data, isError } = await session.call('proxmox-apply-network', { ...place, confirm: true });
    expect(isError).toBe(true);
    expect(data.result.task).toMatchObject({ state: 'failed', exitstatus: expect.stringContaining('ifreload') });
    expect(JSON.stringify(data.result.task)).toContain('bridge port eno9 does not exist');
    await session.call('proxmox-delete-network-interface', { ...place, iface: 'vmbr8' });
    await session.call('proxmox-apply-network', { ...place, confirm: true });
    expect(inForce('vmbr8')).toBeUndefined();
  });

  it('is deleted in stages too, and not while another is on it', async () => {
    await session.call('proxmox-create-network-interface', { ...place, iface: 'vmbr8', type: 'bridge' });
    const { bridgePorts = '' } = inForce('vmbr0') ?? {};
    const used = await session.call('proxmox-delete-network-interface', { ...place, iface: bridgePorts });
    expect(used.data.error.message).toMatch(new RegExp(`^vmbr0.* of node pve1 is on ${bridgePorts}`));
    const preview = await session.call('proxmox-delete-network-interface', { ...place, iface: 'vmbr8', dry_run: true });
    expect(preview.data.plan.writes).toEqual([{ method: 'DELETE', path: '/nodes/pve1/network/vmbr8' }]);
    expect(await staged('vmbr8')).toBeDefined();
    const { isError } = await session.call('proxmox-delete-network-interface', { ...place, iface: 'vmbr8' });
    expect(isError).toBe(false);
    expect(await staged('vmbr8')).toBeUndefined();
  });

  it('needs a privilege, and names it', async () => {
    const secret = simulator.cluster('production').addToken('eyes@pve!net', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!net',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const args = { ...place, iface: 'vmbr8', type: 'bridge' };
    const { data } = await limited.call('proxmox-create-network-interface', args);
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('Sys.Modify') });
  });
});

describe('a VLAN', () => {
  const args = { ...place, vlan_id: 42, vlan_name: 'guests', bridge: 'vmbr0', cidr: '10.42.0.2/24' };

  it('is staged on a bridge, with the address of the node', async () => {
    const preview = await session.call('proxmox-create-vlan', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve1/network',
        parameters: { iface: 'vmbr0.42', type: 'vlan', cidr: '10.42.0.2/24', autostart: true, comments: 'guests' },
      },
    ]);
    const { data } = await session.call('proxmox-create-vlan', args);
    expect(data.result).toMatchObject({ iface: 'vmbr0.42', pending: expect.stringContaining('vmbr0.42') });
    expect(await staged('vmbr0.42')).toMatchObject({ type: 'vlan', device: 'vmbr0', tag: 42, comments: 'guests' });
    expect(inForce('vmbr0.42')).toBeUndefined();
    const again = await session.call('proxmox-create-vlan', args);
    expect(again.data.error.message).toContain('is there already');
  });

  it('is not staged on what is not there', async () => {
    const { data } = await session.call('proxmox-create-vlan', { ...args, bridge: 'vmbr99' });
    expect(data.error.message).toContain('no interface vmbr99');
    expect(writes()).toBe(before);
  });
});
