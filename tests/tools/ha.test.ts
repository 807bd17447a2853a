import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 }, authDelayMs: 0 });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const stateOf = (cluster: string) => simulator.cluster(cluster).state;
const resource = (sid: string, cluster = 'production') => stateOf(cluster).haResources.find((one) => one.sid === sid);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;
const statusNow = async () => (await session.call('proxmox-vm-info', { vmid: 101 })).data.result.status;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('proxmox-ha-status', () => {
  it('tells of the manager, the nodes and the managed guests', async () => {
    const { data } = await session.call('proxmox-ha-status', { cluster: 'production' });
    expect(data.result).toMatchObject({
      quorate: true,
      manager: { node: 'pve1', status: 'active' },
      nodes: expect.arrayContaining([expect.objectContaining({ node: 'pve2', status: 'active' })]),
    });
    expect(data.result.resources[0]).toMatchObject({
      sid: 'vm:103',
      vmid: 103,
      node: 'pve1',
      requested: 'started',
      comment: 'database',
    });
  });

  it('needs Sys.Audit', async () => {
    const secret = simulator.cluster('production').addToken('few@pve!mcp', { '/vms': ['PVEVMAdmin'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'few@pve!mcp',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const status = await limited.call('proxmox-ha-status', { cluster: 'production' });
    const added = await limited.call('proxmox-ha-add', { vmid: 101 });
    await limited.close();
    expect(status.data.error).toMatchObject({ code: 'PRIVILEGE_MISSING' });
    expect(added.data.error).toMatchObject({ code: 'PRIVILEGE_MISSING' });
  });
});

describe('a guest', () => {
  it('is added as it is', async () => {
    const plan = await session.call('proxmox-ha-add', { vmid: 102, max_restart: 2, dry_run: true });
    expect(plan.data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/cluster/ha/resources',
        parameters: { sid: 'vm:102', state: 'stopped', max_restart: 2 },
      },
    ]);
    expect(writes()).toBe(before);
    await session.call('proxmox-ha-add', { vmid: 102, max_restart: 2, comment: 'Spare' });
    expect(resource('vm:102')).toMatchObject({ state: 'stopped', comment: 'Spare' });
    const running = await session.call('proxmox-ha-add', { vmid: 101 });
    expect(running.data.result).toEqual({ sid: 'vm:101', name: 'prod-web-2', state: 'started' });
  });

  it.each([
    [{ vmid: 103 }, 'manages guest 103 already'],
    [{ vmid: 100, state: 'stopped' }, 'HA would stop it'],
    [{ vmid: 100, group: 'both' }, 'Since version 9'],
  ])('is not added with %j', async (args, reason) => {
    const { data } = await session.call('proxmox-ha-add', args);
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining(reason) });
    expect(writes()).toBe(before);
  });

  it('is changed, and stopped, only when confirmed', async () => {
    const plan = await session.call('proxmox-ha-update', { vmid: 101, state: 'stopped' });
    expect(plan.data.plan).toMatchObject({
      writes: [{ method: 'PUT', path: '/cluster/ha/resources/vm%3A101', parameters: { state: 'stopped' } }],
      notes: ['HA stops the guest within seconds if it runs.'],
    });
    expect(writes()).toBe(before);
    await session.call('proxmox-ha-update', { vmid: 101, state: 'stopped', confirm: true });
    await expect.poll(statusNow, { timeout: 5000, interval: 250 }).toBe('stopped');
    const { data } = await session.call('proxmox-ha-update', { vmid: 101, state: 'started', confirm: true });
    expect(data.result).toMatchObject({ sid: 'vm:101', state: 'started' });
    await expect.poll(statusNow, { timeout: 5000, interval: 250 }).toBe('running');
  });

  it('that HA does not manage cannot be changed there', async () => {
    for (const [tool, args] of [
      ['proxmox-ha-update', { max_restart: 1, confirm: true }],
      ['proxmox-ha-remove', {}],
      ['proxmox-ha-migrate', { target_node: 'pve2', confirm: true }],
    ] as const) {
      const { data } = await session.call(tool, { vmid: 100, ...args });
      expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('does not manage') });
    }
    expect(writes()).toBe(before);
  });

  it('moves on its own once that was asked', async () => {
    const plan = await session.call('proxmox-ha-migrate', { vmid: 101, target_node: 'pve3', relocate: true });
    expect(plan.data.plan.writes).toEqual([
      { method: 'POST', path: '/cluster/ha/resources/vm%3A101/relocate', parameters: { node: 'pve3' } },
    ]);
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-ha-migrate', { vmid: 101, target_node: 'pve3', confirm: true });
    expect(data.result).toMatchObject({ sid: 'vm:101', from: 'pve2', target_node: 'pve3', failed: 0 });
    const nodeNow = async () => {
      const status = await session.call('proxmox-ha-status', { cluster: 'production' });
      return status.data.result.resources.find((one: { vmid: number }) => one.vmid === 101)?.node;
    };
    await expect.poll(nodeNow, { timeout: 5000, interval: 250 }).toBe('pve3');
  });

  it('moves to a node that is online, and another', async () => {
    const same = await session.call('proxmox-ha-migrate', { vmid: 101, target_node: 'pve3', confirm: true });
    const none = await session.call('proxmox-ha-migrate', { vmid: 101, target_node: 'pve9', confirm: true });
    expect([same.data.error.code, none.data.error.code]).toEqual(['REFUSED', 'REFUSED']);
    expect(writes()).toBe(before);
  });
});

describe('a rule of version 9', () => {
  it('keeps guests on nodes, and is changed', async () => {
    const args = { cluster: 'production', rule: 'web', vmids: [101, 102], nodes: 'pve1:2,pve3' };
    const plan = await session.call('proxmox-set-ha-rule', args);
    expect(plan.data.plan.notes).toEqual([
      expect.stringMatching(/^HA may move within seconds: 101 \('prod-web-2', on pve\d\), 102 \(.*, on pve\d\);/),
    ]);
    expect(plan.data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/cluster/ha/rules',
        parameters: { rule: 'web', type: 'node-affinity', resources: 'vm:101,vm:102', nodes: 'pve1:2,pve3' },
      },
    ]);
    expect(writes()).toBe(before);
    const made = await session.call('proxmox-set-ha-rule', { ...args, confirm: true });
    expect(made.data.result).toEqual({ rule: 'web', type: 'node-affinity', created: true });
    const web = { cluster: 'production', rule: 'web' };
    const off = await session.call('proxmox-set-ha-rule', { ...web, disable: true });
    expect(off.data.plan.notes).toBeUndefined();
    const changed = await session.call('proxmox-set-ha-rule', { ...web, strict: true, confirm: true });
    expect(changed.data.notes).toEqual([expect.stringContaining('HA may move')]);
    expect(changed.data.result).toMatchObject({ created: false });
    const { data } = await session.call('proxmox-list-ha-rules', { cluster: 'production' });
    expect(data.items).toEqual([
      {
        rule: 'web',
        type: 'node-affinity',
        resources: ['vm:101', 'vm:102'],
        nodes: ['pve1:2', 'pve3'],
        strict: true,
        disabled: false,
      },
    ]);
  });

  it('keeps guests apart, and then HA does not bring them together', async () => {
    await session.call('proxmox-set-ha-rule', {
      cluster: 'production',
      rule: 'apart',
      vmids: [101, 103],
      affinity: 'negative',
      confirm: true,
    });
    const { data, isError } = await session.call('proxmox-ha-migrate', {
      vmid: 101,
      target_node: 'pve1',
      confirm: true,
    });
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({ blocked_by: ['vm:103'], failed: 1 });
  });

  it.each([
    [{ rule: 'new' }, 'INVALID_ARGUMENTS'],
    [{ rule: 'new', nodes: 'pve1' }, 'INVALID_ARGUMENTS'],
    [{ rule: 'new', nodes: 'pve1', affinity: 'positive', vmids: [101] }, 'INVALID_ARGUMENTS'],
    [{ rule: 'new', affinity: 'positive', vmids: [101] }, 'INVALID_ARGUMENTS'],
    [{ rule: 'web', affinity: 'positive' }, 'REFUSED'],
    [{ rule: 'web' }, 'REFUSED'],
    [{ rule: 'new', nodes: 'pve1', vmids: [100] }, 'REFUSED'],
  ])('is whole: not %j', async (args, code) => {
    const { data } = await session.call('proxmox-set-ha-rule', { cluster: 'production', confirm: true, ...args });
    expect(data.error.code).toBe(code);
    expect(writes()).toBe(before);
  });

  it('is deleted when confirmed, and loses a guest that leaves HA', async () => {
    const left = await session.call('proxmox-ha-remove', { vmid: 102 });
    expect(left.data.notes).toEqual(['It is taken out of these rules: web.']);
    expect(resource('vm:102')).toBeUndefined();
    const args = { cluster: 'production', rule: 'web' };
    const plan = await session.call('proxmox-delete-ha-rule', args);
    expect(plan.data.plan.writes).toEqual([{ method: 'DELETE', path: '/cluster/ha/rules/web' }]);
    await session.call('proxmox-delete-ha-rule', { ...args, confirm: true });
    expect(stateOf('production').configuration.haRules.map(({ id }) => id)).toEqual(['apart']);
    const again = await session.call('proxmox-delete-ha-rule', { ...args, confirm: true });
    expect(again.data.error.code).toBe('REFUSED');
  });
});

describe('before version 9', () => {
  const cluster = 'staging';

  it('groups are listed in their place', async () => {
    const { data } = await session.call('proxmox-list-ha-rules', { cluster });
    expect(data.items).toEqual([
      {
        rule: 'both',
        type: 'group',
        resources: ['vm:202'],
        nodes: expect.any(Array),
        strict: false,
        disabled: false,
      },
    ]);
    expect(data.notes).toEqual([expect.stringContaining('older than version 9')]);
  });

  it('a rule on nodes is a group, and its guests change to it', async () => {
    const [node] = stateOf(cluster).nodes.map((one) => one.node);
    const args = { cluster, rule: 'one', vmids: [202], nodes: node, strict: true };
    const plan = await session.call('proxmox-set-ha-rule', args);
    const digest = expect.stringMatching(/^[0-9a-f]{40}$/);
    expect(plan.data.plan.writes).toEqual([
      { method: 'POST', path: '/cluster/ha/groups', parameters: { group: 'one', nodes: node, restricted: true } },
      { method: 'PUT', path: '/cluster/ha/resources/vm%3A202', parameters: { group: 'one', digest } },
    ]);
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-set-ha-rule', { ...args, confirm: true });
    expect(data.result).toEqual({ rule: 'one', type: 'group', created: true });
    expect(resource('vm:202', cluster)?.group).toBe('one');
    const nothing = await session.call('proxmox-set-ha-rule', { cluster, rule: 'one', confirm: true });
    expect(nothing.data.error.code).toBe('REFUSED');
  });

  it('a group that stops half way says which group each guest had', async () => {
    const others = stateOf(cluster).guests.filter(({ vmid }) => vmid !== 202);
    const [vmid = 0] = others.map((one) => one.vmid);
    const sid = `${others[0]?.type === 'lxc' ? 'ct' : 'vm'}:${vmid}`;
    await session.call('proxmox-ha-add', { cluster, vmid, group: 'both' });
    const args = { cluster, rule: 'one', vmids: [202, vmid], confirm: true };
    await session.call('proxmox-ha-update', { cluster, vmid: 202, group: 'both', confirm: true });
    const path = new RegExp(`resources/.*${vmid}`);
    simulator.cluster(cluster).setFault({ kind: 'status', status: 500, reason: 'no' }, { path });
    const { data, isError } = await session.call('proxmox-set-ha-rule', args);
    simulator.cluster(cluster).setFault(undefined);
    expect(isError).toBe(true);
    expect(data.error.undo).toEqual(["vm:202 was in group 'both': proxmox-ha-update with vmid 202 and group 'both'."]);
    expect((await session.call('proxmox-set-ha-rule', args)).isError).toBe(false);
    expect(resource(sid, cluster)?.group).toBe('one');
    expect(resource('vm:202', cluster)?.group).toBe('one');
    await session.call('proxmox-ha-remove', { cluster, vmid });
  });

  it('there is no affinity between guests', async () => {
    const args = { cluster, rule: 'two', vmids: [202], affinity: 'positive', confirm: true };
    const { data } = await session.call('proxmox-set-ha-rule', args);
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('older than version 9') });
    expect(writes()).toBe(before);
  });

  it('a group is deleted once no guest is in it', async () => {
    const used = await session.call('proxmox-delete-ha-rule', { cluster, rule: 'one', confirm: true });
    expect(used.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('vm:202') });
    await session.call('proxmox-ha-update', { cluster, vmid: 202, group: '', confirm: true });
    expect(resource('vm:202', cluster)?.group).toBeUndefined();
    await session.call('proxmox-delete-ha-rule', { cluster, rule: 'one', confirm: true });
    expect(stateOf(cluster).configuration.haGroups.map(({ id }) => id)).toEqual(['both']);
  });
});
