import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeEach(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 40 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterEach(async () => {
  await session.close();
  await simulator.close();
});

const cluster = 'production';
const confirm = true;
const with_local_disks = true;
const state = (name = cluster) => simulator.cluster(name).state;
const guest = (vmid: number) => {
  const found = state().guests.find((one) => one.vmid === vmid);
  if (found === undefined) throw new Error(`no guest ${vmid}`);
  return found;
};
const runningOn = (node: string) => state().guests.filter((one) => one.node === node && one.status === 'running');
const report = async (args: object) => {
  const answer = await session.call('proxmox-balance-report', { cluster, ...args });
  return { ...answer.data.clusters[0], isError: answer.isError };
};
const writes = () => simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));
const numbers = (rows: { vmid: number }[]) => rows.map(({ vmid }) => vmid);

/** HA keeps a guest on nodes: a rule since 9. */
const bind = (sid: string, nodes: string, strict = 1) =>
  state().configuration.haRules.push({
    id: `home-${sid.replace(':', '')}`,
    settings: { type: 'node-affinity', resources: sid, nodes, strict },
  });

describe('proxmox-balance-report', () => {
  it('tells load, imbalance and moves that would level the cluster, each with a reason', async () => {
    bind('vm:103', 'pve1');
    const { result, notes, isError } = await report({ with_local_disks, moves: 3 });
    expect(isError).toBe(false);
    expect(notes[0]).toContain('standard deviation');
    expect(result.nodes).toMatchObject([
      { node: 'pve1', memory_percent: expect.any(Number), cpu_percent: 19.8, running: 8 },
      { node: 'pve2' },
      { node: 'pve3' },
    ]);
    expect(result.moves).toHaveLength(3);
    expect(result.moves[0]).toMatchObject({
      from: 'pve1',
      to: 'pve3',
      how: 'live',
      why: expect.stringContaining('imbalance'),
    });
    expect(result.moves[0].memory_bytes).toBeGreaterThan(0);
    expect(result.moves[0].disk_bytes).toBeGreaterThan(0);
    expect(result.imbalance_after).toBeLessThan(result.imbalance);
    expect(result.left_out).toContainEqual({ vmid: 103, name: 'prod-db-1', why: 'HA places it by home-vm103' });
    expect(writes()).toEqual([]);
  });

  it('leaves out what cannot move, and says why', async () => {
    guest(115).config.hostpci0 = '0000:01:00.0';
    const { result } = await report({ moves: 20 });
    const why = (vmid: number) =>
      result.left_out.find((one: { vmid: number }) => one.vmid === vmid)?.why ?? 'not left out';
    expect(result.moves).toEqual([]);
    expect(why(115)).toContain('devices of the node: hostpci0 (0000:01:00.0)');
    expect(why(112)).toBe('local disks: scsi0 (local-lvm) (with_local_disks)');
    const byCpu = await report({ by: 'cpu', restart: true, with_local_disks });
    expect(byCpu.notes[0]).toContain('CPU');
    expect(numbers(byCpu.result.moves)).not.toContain(115);
  });

  it('answers for each cluster, and one that is away costs its entry', async () => {
    simulator.cluster('staging').setFault({ kind: 'unreachable' });
    const { data, isError } = await session.call('proxmox-balance-report');
    expect(isError).toBe(false);
    expect(
      data.clusters.map((one: { cluster: string; error?: object }) => [one.cluster, one.error !== undefined]),
    ).toEqual([
      ['production', false],
      ['staging', true],
      ['disaster-recovery', false],
    ]);
  });
});

describe('proxmox-rebalance', () => {
  it('plans first, then does the moves one by one, and the report is better afterwards', async () => {
    const args = { cluster, with_local_disks, moves: 3 };
    const before = await report(args);
    const plan = await session.call('proxmox-rebalance', args);
    expect(plan.data.plan.writes).toHaveLength(3);
    expect(plan.data.plan.writes[0]).toMatchObject({
      method: 'POST',
      path: expect.stringMatching(/^\/nodes\/pve1\/qemu\/\d+\/migrate$/),
      parameters: { target: 'pve3', online: true, 'with-local-disks': true },
    });
    expect(plan.data.plan.moves.join('\n')).toMatch(/\d+ \S+ pve1 -> pve3 \(live\): memory imbalance/);
    expect(writes()).toEqual([]);
    const { data, isError } = await session.call('proxmox-rebalance', { ...args, confirm });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ ok: 3, failed: 0 });
    expect(numbers(data.result.rows)).toEqual(numbers(before.result.moves));
    for (const { vmid, to } of data.result.rows) expect(guest(vmid)).toMatchObject({ node: to, status: 'running' });
    const after = await report(args);
    expect(after.result.imbalance).toBeLessThan(before.result.imbalance);
    expect(after.result.imbalance).toBeCloseTo(data.result.imbalance_after, 0);
  });

  it('stops at the first failure and says what is left', async () => {
    const args = { cluster, with_local_disks, moves: 3 };
    const [, second] = numbers((await report(args)).result.moves);
    simulator
      .cluster(cluster)
      .setFault(
        { kind: 'status', status: 500, reason: 'no space left' },
        { path: new RegExp(`/qemu/${second}/migrate`), method: 'POST' },
      );
    const { data, isError } = await session.call('proxmox-rebalance', { ...args, confirm });
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({
      ok: 1,
      failed: 1,
      left: 1,
      rows: [{ outcome: 'ok' }, { outcome: 'failed', why: '"no space left"' }, { outcome: 'left' }],
    });
    expect(data.notes.join('\n')).toContain('Not begun: 1 of 3');
    expect(guest(second ?? 0).node).toBe(data.result.rows[1].from);
  });

  it('needs VM.Migrate', async () => {
    const secret = simulator.cluster(cluster).addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-rebalance', { cluster, with_local_disks, confirm });
    await limited.close();
    expect(data.result.rows).toEqual([]);
    expect(data.result.left_out[0].why).toContain('refused for want of a privilege (VM.Migrate)');
    expect(writes()).toEqual([]);
  });

  it('says that nothing is to be done, and refuses without quorum', async () => {
    const none = await session.call('proxmox-rebalance', { cluster, confirm });
    expect(none.data.notes).toContain('No move of what may move would level it further.');
    state().quorate = false;
    const refused = await session.call('proxmox-rebalance', { cluster, with_local_disks, confirm });
    expect(refused.text).toContain('the cluster has no quorum');
    expect(writes()).toEqual([]);
  });
});

describe('a node', () => {
  const shareDisks = () => {
    for (const storage of state().storages) if (storage.storage === 'local-lvm') storage.shared = true;
  };

  it('is drained and filled again with what the drain gave', async () => {
    shareDisks();
    const all = numbers(runningOn('pve3')).sort((a, b) => a - b);
    const plan = await session.call('proxmox-drain-node', { cluster, node: 'pve3' });
    expect(plan.data.plan.writes).toHaveLength(all.length);
    expect(plan.data.plan.writes).toContainEqual({
      method: 'POST',
      path: '/nodes/pve3/lxc/105/migrate',
      parameters: { target: expect.stringMatching(/^pve[12]$/), restart: true },
    });
    expect(writes()).toEqual([]);
    const { data, isError } = await session.call('proxmox-drain-node', { cluster, node: 'pve3', at_once: 4, confirm });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ node: 'pve3', empty: true, failed: 0, guests: all, left: [] });
    expect(runningOn('pve3')).toEqual([]);
    const again = await session.call('proxmox-drain-node', { cluster, node: 'pve3', confirm });
    expect(again.data.result).toMatchObject({ empty: true, guests: [], rows: [] });
    const second = { cluster, node: 'pve3', earlier: data.result.guests, confirm };
    expect((await session.call('proxmox-drain-node', second)).data.result.guests).toEqual(all);
    const { guests } = data.result;
    const back = await session.call('proxmox-undrain-node', { cluster, node: 'pve3', guests, at_once: 4, confirm });
    expect(back.isError).toBe(false);
    expect(back.data.result).toMatchObject({ ok: all.length, failed: 0, left: [] });
    expect(numbers(runningOn('pve3')).sort((a, b) => a - b)).toEqual(all);
    const twice = await session.call('proxmox-undrain-node', { cluster, node: 'pve3', guests: [105, 9999], confirm });
    expect(twice.data.result.left).toEqual([
      { vmid: 105, name: 'prod-redis', why: 'it is on pve3' },
      { vmid: 9999, why: 'no such guest, as far as the token may see' },
    ]);
  });

  it('keeps what cannot leave, and waits for HA to move its own', async () => {
    shareDisks();
    bind('ct:107', 'pve1,pve2:1', 0);
    bind('vm:130', 'pve1');
    guest(115).config.hostpci0 = '0000:01:00.0';
    const { data, isError } = await session.call('proxmox-drain-node', { cluster, node: 'pve1', at_once: 5, confirm });
    expect(isError).toBe(false);
    expect(data.result.empty).toBe(false);
    expect(data.result.left).toEqual([
      { vmid: 115, name: 'k8s-worker-1', why: expect.stringContaining('devices of the node: hostpci0') },
      { vmid: 130, name: 'dc01', why: expect.stringContaining('HA rule home-vm130 keeps it off pve2') },
    ]);
    expect(numbers(runningOn('pve1')).sort()).toEqual([115, 130]);
    expect(guest(107)).toMatchObject({ node: 'pve2', status: 'running' });
    expect(data.result.rows.find((row: { vmid: number }) => row.vmid === 103)).toMatchObject({ outcome: 'ok' });
    expect(data.notes.join('\n')).toContain('node-maintenance enable pve1');
  });

  it('goes on with the others where one fails', async () => {
    shareDisks();
    simulator
      .cluster(cluster)
      .setFault(
        { kind: 'status', status: 500, reason: 'storage is busy' },
        { path: /\/qemu\/120\/migrate/, method: 'POST' },
      );
    const args = { cluster, node: 'pve3', target_nodes: ['pve2'], restart: false, confirm };
    const { data, isError } = await session.call('proxmox-drain-node', args);
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({ empty: false, failed: 1 });
    expect(data.result.rows.find((row: { vmid: number }) => row.vmid === 120)).toMatchObject({
      why: '"storage is busy"',
    });
    expect(data.result.guests).not.toContain(120);
    expect(data.result.guests.length).toBeGreaterThan(2);
    expect(numbers(data.result.left)).toContain(105);
  });

  it('is not drained where nothing else is in service, nor filled where it is not', async () => {
    const bad = await session.call('proxmox-drain-node', { cluster, node: 'pve1', target_nodes: ['pve9'], confirm });
    expect(bad.data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'target_nodes' }] });
    for (const node of state().nodes) node.maintenance = node.node !== 'pve1';
    const alone = await session.call('proxmox-drain-node', { cluster, node: 'pve1', confirm });
    expect(alone.text).toContain("no node but 'pve1' is in service");
    const full = await session.call('proxmox-undrain-node', { cluster, node: 'pve2', guests: [100], confirm });
    expect(full.text).toContain('the node is in maintenance');
    const unsure = await session.call('proxmox-undrain-node', { cluster, node: 'pve1', guests: [101] });
    expect(unsure.data.plan.writes).toEqual([]);
    expect(unsure.data.plan.notes.join()).toContain("101 'prod-web-2' stays");
    expect(writes()).toEqual([]);
  });
});
