import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
  session = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_FALLBACK: 'disaster-recovery',
    PROXMOX_CLUSTER_staging_FALLBACK: 'disaster-recovery',
  });
});
afterEach(async () => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
  // The check finds out at once that a cluster answers again.
  const states = async () =>
    (await session.call('proxmox-cluster-health')).data.clusters.map(({ result }: { result: any }) => result.reachable);
  await expect.poll(states).toEqual([true, true, true]);
});
afterAll(async () => {
  await session?.close();
  await simulator?.close();
});

const kill = (cluster: string) => simulator.cluster(cluster).setFault({ kind: 'unreachable' });
const asked = (cluster: string) => simulator.cluster(cluster).requests.length;
const nodesOf = (cluster: string) => simulator.cluster(cluster).state.nodes.map(({ node }) => node);

describe('a cluster that is down and has a fallback', () => {
  it('is answered for where a whole cluster is read, and the answer says by which and why', async () => {
    kill('production');
    const { data, isError } = await session.call('proxmox-list-nodes', { cluster: 'production' });
    expect(isError).toBe(false);
    expect(data).toMatchObject({ cluster: 'production', via: 'explicit', answered_by: 'disaster-recovery' });
    expect(data.items.map(({ node }: { node: string }) => node)).toEqual(nodesOf('disaster-recovery'));
    expect(data.notes[0]).toMatch(/'production' cannot be reached \(.*ECONNREFUSED\).*fallback 'disaster-recovery'/);
    const status = await session.call('proxmox-cluster-status', { cluster: 'production' });
    expect(status.data).toMatchObject({
      answered_by: 'disaster-recovery',
      result: { cluster_name: 'disaster-recovery' },
    });
    expect(status.data.notes[0]).toContain("says nothing about 'production'");
  });

  it('is answered for by nobody where a guest is named, by whatever it is named', async () => {
    kill('production');
    for (const key of [{ name: 'prod-web-1' }, { vmid: 100 }, { ip: '10.0.0.9' }, { mac: 'BC:24:11:00:00:01' }]) {
      const { data } = await session.call('proxmox-find-guest', { ...key, cluster: 'production' });
      expect(data.clusters[0]).toMatchObject({ cluster: 'production', error: { code: expect.any(String) } });
      expect(data.clusters[0]).not.toHaveProperty('answered_by');
    }
    const searched = await session.call('proxmox-list-vms', { search: 'prod-web-1', cluster: 'production' });
    expect(searched.isError).toBe(true);
  });

  it('answers itself as soon as it can', async () => {
    const { data } = await session.call('proxmox-list-nodes', { cluster: 'production' });
    expect(data).not.toHaveProperty('answered_by');
    expect(data.items).toHaveLength(nodesOf('production').length);
  });

  it('is answered for by nobody where its fallback is asked anyway', async () => {
    kill('production');
    const { data } = await session.call('proxmox-list-nodes', { cluster: 'all' });
    const [production, , recovery] = data.clusters;
    expect(production.error).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
    expect(production.error.fallback).toContain("'disaster-recovery' did not answer in its place");
    expect(recovery.items).toHaveLength(nodesOf('disaster-recovery').length);
    expect(data.clusters.filter((entry: object) => 'answered_by' in entry)).toEqual([]);
  });

  it('shares its fallback with another that is down: one of the two gets the answer', async () => {
    kill('production');
    kill('staging');
    const { data } = await session.call('proxmox-list-nodes', { cluster: 'production,staging' });
    const answered = data.clusters.filter((entry: object) => 'answered_by' in entry);
    const failed = data.clusters.filter((entry: object) => 'error' in entry);
    expect([answered.length, failed.length]).toEqual([1, 1]);
    expect(failed[0].error.fallback).toContain('asks it anyway');
  });

  it('gives its own error, and says so, where the fallback is down too', async () => {
    kill('production');
    kill('disaster-recovery');
    const { data, isError } = await session.call('proxmox-list-nodes', { cluster: 'production' });
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({ code: 'CLUSTER_UNREACHABLE', cluster: 'production' });
    expect(data.error.fallback).toContain('could not answer');
  });

  it('is never answered for where a guest, a node, a storage or a task is meant, or something is to change', async () => {
    kill('production');
    const before = asked('disaster-recovery');
    const calls: [string, Record<string, unknown>][] = [
      ['proxmox-vm-info', { vmid: 100 }],
      ['proxmox-list-vms', { node: 'pve1' }],
      ['proxmox-list-tasks', { vmid: 100 }],
      ['proxmox-find-guest', { name: 'prod-web-1' }],
      ['proxmox-find-guest', { ip: '10.10.0.11' }],
      ['proxmox-node-status', { node: 'pve1' }],
      ['proxmox-list-storage', { node: 'pve1' }],
      ['proxmox-storage-content', { storage: 'local' }],
      ['proxmox-start-vm', { vmid: 100 }],
      ['proxmox-create-pool', { poolid: 'new' }],
    ];
    for (const [tool, args] of calls) {
      const { data: whole, isError } = await session.call(tool, { cluster: 'production', ...args });
      const data = whole.clusters?.[0] ?? whole;
      expect([tool, isError, data.error.code]).toEqual([
        tool,
        true,
        expect.stringMatching(/^CLUSTER_(UNREACHABLE|DOWN)$/),
      ]);
      expect(data.error).not.toHaveProperty('fallback');
    }
    expect(asked('disaster-recovery')).toBe(before);
  });

  it('is not answered for where it answers with an error, or shows another certificate', async () => {
    const before = asked('disaster-recovery');
    simulator.cluster('production').setFault({ kind: 'status', status: 500, reason: 'broken' });
    const broken = await session.call('proxmox-list-nodes', { cluster: 'production' });
    expect(broken.text).toContain('broken');
    expect(broken.data).not.toHaveProperty('answered_by');
    simulator.cluster('production').setFault({ kind: 'certificate' });
    const { data } = await session.call('proxmox-list-users', { cluster: 'production' });
    expect(data.error).toMatchObject({ code: 'CERTIFICATE_REFUSED' });
    expect(asked('disaster-recovery')).toBe(before);
  });

  it('goes on with the pages of the one that began them, though it is back', async () => {
    kill('production');
    const list = (more: object) => session.call('proxmox-list-nodes', { cluster: 'production', limit: 1, ...more });
    const first = (await list({})).data;
    simulator.cluster('production').setFault(undefined);
    await session.call('proxmox-cluster-health');
    const second = (await list({ cursor: first.next_cursor })).data;
    expect(second).toMatchObject({ cluster: 'production', answered_by: 'disaster-recovery' });
    expect([...first.items, ...second.items].map(({ node }) => node)).toEqual(nodesOf('disaster-recovery').slice(0, 2));
    const own = (await list({})).data;
    kill('production');
    const broken = await list({ cursor: own.next_cursor });
    expect(broken.data.error.fallback).toContain('pages before');
  });

  it('is shown with its fallback, and the model is told what answered_by means', async () => {
    const { data } = await session.call('proxmox-list-all-clusters');
    expect(data.result.clusters[0]).toMatchObject({ name: 'production', fallback: 'disaster-recovery' });
    expect(session.client.getInstructions()).toContain('answered_by');
  });
});
