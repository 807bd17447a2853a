import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { call, exitOf, logOf, type Values } from './guest-calls.js';
import { endpointOf, migrate } from './remote-migration.js';
import { row, rows } from './request.js';

let clock: ManualClock;
let simulator: Simulator;
let production: SimulatedCluster;
let staging: SimulatedCluster;
let recovery: SimulatedCluster;

beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock, authDelayMs: 0 });
  production = simulator.cluster('production');
  staging = simulator.cluster('staging');
  recovery = simulator.cluster('disaster-recovery');
});

afterEach(() => simulator.close());

const guestIn = (cluster: SimulatedCluster, vmid: number) => cluster.state.guests.find((entry) => entry.vmid === vmid);
const volumesOf = (cluster: SimulatedCluster, vmid: number) =>
  cluster.state.storages.flatMap(({ volumes }) =>
    volumes.filter((volume) => volume.vmid === vmid && volume.content !== 'backup').map(({ volid }) => volid),
  );

/** Migrates and lets it end; `seconds` is more than enough for any. */
async function migrated(guest: string, values: Values = {}, target = recovery) {
  const answer = await migrate(production, target, guest, values);
  if (typeof answer.data !== 'string') throw new Error(`${answer.status} ${answer.reason} ${answer.text}`);
  clock.advance(300);
  return { exit: await exitOf(production, answer.data), log: await logOf(production, answer.data), upid: answer.data };
}

async function tunnelTask(cluster: SimulatedCluster, node: string, type: string) {
  const tasks = rows(await call(cluster, `GET /nodes/${node}/tasks`, { source: 'all', typefilter: type }));
  expect(tasks).toHaveLength(1);
  return tasks[0];
}

describe('a virtual machine goes to another cluster', () => {
  test('stopped, and the source is deleted', async () => {
    const before = structuredClone(guestIn(production, 102));
    const { exit, log, upid } = await migrated('pve3/qemu/102', { delete: 1, 'target-vmid': 950 });
    expect(exit).toBe('OK');
    expect(upid).toContain(':qmigrate:102:');
    expect(guestIn(production, 102)).toBeUndefined();
    expect(volumesOf(production, 102)).toEqual([]);
    const after = guestIn(recovery, 950);
    expect(after).toMatchObject({ node: 'pve-dr1', status: 'stopped', type: 'qemu' });
    expect(after?.config.lock).toBeUndefined();
    expect(after?.config).toMatchObject({
      name: 'prod-web-3',
      net0: before?.config.net0,
      vmgenid: before?.config.vmgenid,
    });
    expect(after?.config.scsi0).toBe('local-lvm:vm-950-disk-0,discard=on,iothread=1,size=40G,ssd=1');
    expect(volumesOf(recovery, 950)).toEqual(['local-lvm:vm-950-disk-0']);
    expect(log.join('\n')).toMatch(/remote: started tunnel worker 'UPID:pve-dr1:.*:qmtunnel:950:mcp@pve!main:'/);
    expect(log).toContainEqual(expect.stringMatching(/^\d+ bytes .* copied,/));
    expect(log).toContainEqual(expect.stringMatching(/ migration finished successfully \(duration 00:00:\d\d\)$/));
    expect(await tunnelTask(recovery, 'pve-dr1', 'qmtunnel')).toMatchObject({ status: 'OK', id: '950' });
  });

  test('running, and the source stays, stopped and locked', async () => {
    const { exit, log } = await migrated('pve2/qemu/101', { online: 1 });
    expect(exit).toBe('OK');
    expect(guestIn(production, 101)).toMatchObject({ status: 'stopped', config: { lock: 'migrate' } });
    const after = guestIn(recovery, 101);
    expect(after).toMatchObject({ status: 'running', node: 'pve-dr1' });
    expect(after?.qmpstatus).toBeUndefined();
    expect(after?.agent).toBeDefined();
    expect(after?.config.net0).toBe(guestIn(production, 101)?.config.net0);
    expect(log).toContainEqual(expect.stringMatching(/^drive-scsi0: transferred .+ of .+ \([\d.]+%\) in /));
    expect(log).toContain("all 'mirror' jobs are ready");
    expect(log).toContainEqual(expect.stringMatching(/transferred [\d.]+ \w+ of [\d.]+ \w+ VM-state/));
    const start = await call(production, 'POST /nodes/pve2/qemu/101/status/start');
    clock.advance(5);
    expect(await exitOf(production, String(start.data))).toBe('VM is locked (migrate)');
  });

  test('under way, both sides are locked and the log grows', async () => {
    const { data } = await migrate(production, recovery, 'pve3/qemu/102');
    clock.advance(5);
    const early = await logOf(production, String(data));
    expect(guestIn(production, 102)?.config.lock).toBe('migrate');
    expect(row(await call(recovery, 'GET /nodes/pve-dr1/qemu/102/config')).lock).toBe('create');
    expect(await tunnelTask(recovery, 'pve-dr1', 'qmtunnel')).toMatchObject({ id: '102' });
    expect(await exitOf(production, String(data))).toBeUndefined();
    clock.advance(3);
    expect((await logOf(production, String(data))).length).toBeGreaterThan(early.length);
    clock.advance(100);
    // seen from the other side first
    expect(row(await call(recovery, 'GET /nodes/pve-dr1/qemu/102/config')).lock).toBeUndefined();
  });

  test('to the node that was called, by its own address, on other storage and bridge', async () => {
    await call(recovery, 'PUT /storage/nfs-shared', { content: 'images,rootdir,iso' });
    recovery.state.nodes[1]?.networks.push({ iface: 'vmbr7', type: 'bridge', active: true, autostart: true });
    const { exit, log } = await migrated('pve3/qemu/102', {
      'target-endpoint': endpointOf(recovery, { host: recovery.state.nodes[1]?.ip ?? '', port: 8006 }),
      'target-storage': 'local-lvm:nfs-shared',
      'target-bridge': 'vmbr0:vmbr7',
    });
    expect(exit).toBe('OK');
    const after = guestIn(recovery, 102);
    expect(after?.node).toBe('pve-dr2');
    expect(after?.config.scsi0).toMatch(/^nfs-shared:102\/vm-102-disk-0\.raw,/);
    expect(after?.config.net0).toMatch(/,bridge=vmbr7,/);
    expect(log).toContainEqual(expect.stringMatching(/mapped: net0 from vmbr0 to vmbr7$/));
  });

  test('through a forwarded port, to the node behind it, and where the simulator speaks plain HTTP', async () => {
    recovery.alsoAt('https://192.0.2.7:9006', 'pve-dr2');
    const values = { 'target-endpoint': endpointOf(recovery, { host: '192.0.2.7', port: 9006 }) };
    expect((await migrated('pve3/qemu/102', values)).exit).toBe('OK');
    expect(guestIn(recovery, 102)?.node).toBe('pve-dr2');
    const plain = await startSimulator({ clock, authDelayMs: 0, http: true });
    const [source, target] = [plain.cluster('production'), plain.cluster('disaster-recovery')];
    const certificates = rows(await call(target, 'GET /nodes/localhost/certificates/info'));
    const fingerprint = String(certificates.find(({ filename }) => filename === 'pve-ssl.pem')?.fingerprint);
    const answer = await migrate(source, target, 'pve3/qemu/102', {
      'target-endpoint': endpointOf(target, { fingerprint }),
    });
    expect(answer.status).toBe(200);
    await plain.close();
  });

  test('to the node of the address that was called', async () => {
    const wide = await startSimulator({ clock, authDelayMs: 0, endpoints: 2 });
    const [source, target] = [wide.cluster('production'), wide.cluster('disaster-recovery')];
    const port = Number(new URL(target.urls[1] ?? '').port);
    const values = { 'target-endpoint': endpointOf(target, { port }) };
    target.setFault({ kind: 'unreachable' }, { endpoint: 0 });
    const answer = await migrate(source, target, 'pve3/qemu/102', values);
    clock.advance(60);
    expect(await exitOf(source, String(answer.data))).toBe('OK');
    expect(guestIn(target, 102)?.node).toBe('pve-dr2');
    target.setFault({ kind: 'unreachable' }, { endpoint: 1 });
    expect((await migrate(source, target, 'pve3/lxc/105', { ...values, restart: 1 })).reason).toMatch(/refused/);
    await wide.close();
  });

  test('its firewall goes with it, and 9.2 to 8.4 works too', async () => {
    await call(production, 'POST /nodes/pve3/qemu/102/firewall/rules', { action: 'ACCEPT', type: 'in', enable: 1 });
    expect((await migrated('pve3/qemu/102', { delete: 1 }, staging)).exit).toBe('OK');
    expect(rows(await call(staging, 'GET /nodes/pve-stg1/qemu/102/firewall/rules'))).toHaveLength(1);
  });
});

describe('a container goes to another cluster', () => {
  test('stopped and started there', async () => {
    const { exit, log } = await migrated('pve3/lxc/105', { restart: 1, delete: 1 });
    expect(exit).toBe('OK');
    expect(guestIn(production, 105)).toBeUndefined();
    expect(guestIn(recovery, 105)).toMatchObject({ status: 'running', node: 'pve-dr1' });
    expect(guestIn(recovery, 105)?.config).toMatchObject({ hostname: 'prod-redis', unprivileged: 1 });
    expect(log.join('\n')).toMatch(/shutdown CT 105[\s\S]*start container on target node/);
    expect(await tunnelTask(recovery, 'pve-dr1', 'vzmtunnel')).toMatchObject({ status: 'OK' });
  });

  test('kept, it stays stopped and locked', async () => {
    expect((await migrated('pve3/lxc/106', { restart: 1 })).exit).toBe('OK');
    expect(guestIn(production, 106)).toMatchObject({ status: 'stopped', config: { lock: 'migrate' } });
    expect(guestIn(recovery, 106)?.config.lock).toBeUndefined();
  });
});
