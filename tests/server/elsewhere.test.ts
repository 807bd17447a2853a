import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { RawServer } from '../support/raw-server.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let env: Record<string, string>;

beforeAll(async () => {
  simulator = await startSimulator();
  const { PROXMOX_CLUSTER_PATTERNS: _, PROXMOX_CLUSTER_VMID_MAP: __, ...unrouted } = simulator.env();
  env = { ...unrouted, PROXMOX_CLUSTER_VALIDATION: 'false' };
  session = await startSession(env);
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});
afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

describe('a call that came to its cluster by default', () => {
  it.each([
    ['proxmox-list-backups', { vmid: 203 }],
    ['proxmox-list-tasks', { vmid: 203, status: 'running' }],
    ['proxmox-storage-content', { storage: 'pbs-backup', vmid: 203 }],
  ])('%s says where the VMID is that it found nothing about', async (tool, args) => {
    const { data } = await session.call(tool, args);
    expect(data).toMatchObject({ cluster: 'production', via: 'default', items: [] });
    expect(data.notes.join(' ')).toContain('VMID 203 is on staging: name the cluster');
  });

  it('says which clusters could not be asked, and does not wait long for one that hangs', async () => {
    simulator.cluster('staging').setFault({ kind: 'hung' });
    const { data } = await session.call('proxmox-vm-info', { vmid: 555 });
    expect(data.error).toMatchObject({ code: 'GUEST_NOT_FOUND', not_asked: ['staging'] });
  });

  it('says that a task may be of another cluster', async () => {
    const upid = simulator
      .cluster('staging')
      .startTask({ node: 'pve-stg1', type: 'qmstart', id: '200', duration: 1, log: [], exitstatus: 'OK' });
    for (const tool of ['proxmox-task-status', 'proxmox-task-log', 'proxmox-wait-task']) {
      const { data, isError } = await session.call(tool, { upid });
      expect(isError).toBe(true);
      expect(data).toMatchObject({ cluster: 'production', via: 'default', error: { code: 'TASK_NOT_FOUND' } });
      expect(data.error.next).toContain("'cluster'");
    }
    const { data } = await session.call('proxmox-wait-task', { upid, cluster: 'staging' });
    expect(data.result.state).toBe('ok');
  });

  it('names the tool for a guest that is of the other kind there', async () => {
    const [container] = simulator.cluster('staging').state.guests.filter(({ type }) => type === 'lxc');
    const { data } = await session.call('proxmox-vm-info', { vmid: container?.vmid });
    expect(data).toMatchObject({ cluster: 'production', via: 'default' });
    expect(data.error.next).toContain('proxmox-lxc-info');
    expect(data.error.next).toContain("with cluster 'staging'");
  });
});

describe('waiting for a task', () => {
  it('is not broken off when the client of its cluster is renewed meanwhile', async () => {
    const renewed = await startSession({ ...env, PROXMOX_CLUSTER_CACHE_TTL: '1' });
    const upid = simulator
      .cluster('production')
      .startTask({ node: 'pve1', type: 'qmstart', id: '100', duration: 3, log: ['one', 'two'], exitstatus: 'OK' });
    const waiting = renewed.call('proxmox-wait-task', { upid, timeout: 10 });
    for (let call = 0; call < 4; call += 1) {
      await new Promise((resolve) => setTimeout(resolve, 600));
      await renewed.call('proxmox-list-nodes');
    }
    const { data } = await waiting;
    await renewed.close();
    expect(data.result).toMatchObject({ state: 'ok', exitstatus: 'OK' });
  });

  it('does not call a task running that it never saw', async () => {
    const upid = 'UPID:pve1:0000C350:0BEBC200:665B0000:qmstart:100:root@pam:';
    simulator.cluster('production').setFault({ kind: 'unreachable' });
    const { data, isError } = await session.call('proxmox-wait-task', { upid, timeout: 1, cluster: 'production' });
    expect(isError).toBe(true);
    expect(data.error.code).toBe('CLUSTER_UNREACHABLE');
  });
});

describe('progress', () => {
  it('rises over all the clusters of a call, in words that a terminal can show', async () => {
    const told: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
    const params = { name: 'proxmox-find-guest', arguments: { ip: '198.51.100.7' } };
    await session.client.callTool(params, undefined, { onprogress: (progress) => told.push(progress) });
    const steps = told.map(({ progress }) => progress);
    expect(steps.length).toBeGreaterThan(3);
    expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b));
    const guests = simulator.clusters.reduce((sum, { state }) => sum + state.guests.length, 0);
    expect(told.at(-1)).toMatchObject({ progress: guests, total: guests });
  });

  it('carries no control characters, and no more than a client shows', async () => {
    const line = `\u001b[31mred\u202e ${'x'.repeat(5000)}`;
    const upid = simulator
      .cluster('production')
      .startTask({ node: 'pve1', type: 'vzdump', id: '100', duration: 1, log: [line], exitstatus: 'OK' });
    const told: (string | undefined)[] = [];
    const params = { name: 'proxmox-wait-task', arguments: { upid, cluster: 'production', timeout: 10 } };
    await session.client.callTool(params, undefined, { onprogress: ({ message }) => told.push(message) });
    for (const unseen of ['\u001b', '\u202e']) expect(told.join('')).not.toContain(unseen);
    expect(Math.max(...told.map((message) => message?.length ?? 0))).toBeLessThanOrEqual(200);
  });
});

describe('a cancelled call', () => {
  it('is no unforeseen failure in the log', async () => {
    const server = new RawServer(env);
    await server.initialize();
    simulator.cluster('production').setFault({ kind: 'hung' });
    server.callTool(1, 'proxmox-list-nodes');
    await server.until(() => (simulator.cluster('production').connections > 0 ? true : undefined));
    server.send({ method: 'notifications/cancelled', params: { requestId: 1 } });
    await server.until(() => (simulator.cluster('production').connections === 0 ? true : undefined));
    server.child.stdin.end();
    await server.exit;
    expect(server.stderr).toContain('"code":"CANCELLED"');
    expect(server.stderr).not.toContain('unforeseen');
  });
});
