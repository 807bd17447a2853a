import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PveVersion, startSimulator } from '../src/simulator/listen.js';
import { startSession } from './support/session.js';

const notaryFile = resolve(import.meta.dirname, '../../shared/pve/notary.mjs');

const calls: readonly (readonly [string, object])[] = [
  ['proxmox-list-all-clusters', {}],
  ['proxmox-cluster-status', {}],
  ['proxmox-get-all-cluster-status', {}],
  ['proxmox-cluster-health', {}],
  ['proxmox-list-all-nodes-from-all-clusters', {}],
  ['proxmox-list-all-vms-from-all-clusters', {}],
  ['proxmox-find-guest', { ip: '10.20.0.120' }],
  ['proxmox-find-guest', { mac: 'BC:24:11:00:00:01', tag: 'web' }],
  ['proxmox-list-nodes', { cluster: 'all' }],
  ['proxmox-node-status', { node: 'pve1' }],
  ['proxmox-list-vms', { status: 'running', cluster: 'core' }],
  ['proxmox-vm-info', { vmid: 100 }],
  ['proxmox-vm-info', { vmid: 103 }],
  ['proxmox-list-lxc', { search: 'web' }],
  ['proxmox-list-storage', { cluster: 'all' }],
  ['proxmox-list-storage', { node: 'pve1', content: 'backup' }],
  ['proxmox-storage-content', { storage: 'local', node: 'pve1', content: 'iso' }],
  ['proxmox-storage-content', { storage: 'local', vmid: 100 }],
  ['proxmox-list-bridges', { node: 'pve1' }],
  ['proxmox-list-tasks', { limit: 5, user: 'root@pam', since: '2020-01-01T00:00:00Z', status: 'error' }],
  ['proxmox-vm-metrics', { vmid: 100, timeframe: 'week', cf: 'MAX' }],
  ['proxmox-node-metrics', { node: 'pve1' }],
  ['proxmox-storage-metrics', { storage: 'local', node: 'pve1', timeframe: 'day' }],
  ['proxmox-list-pools', { poolid: 'web' }],
  ['proxmox-list-pools', {}],
  ['proxmox-list-users', {}],
  ['proxmox-list-roles', {}],
  ['proxmox-list-snapshots', { vmid: 103 }],
  ['proxmox-list-backups', { vmid: 100 }],
];

describe.runIf(existsSync(notaryFile))('every request, as a real server would judge it', () => {
  it.each([
    ['9.2', '9.2.3'],
    ['8.4', '8.4.5'],
  ] as const)('is faultless for %s', async (version: PveVersion, contract) => {
    const { startNotary } = await import(notaryFile);
    const simulator = await startSimulator({ version, http: true });
    const notaries = await Promise.all(
      simulator.clusters.map(({ url }) => startNotary({ upstream: url, version: contract, strict: true })),
    );
    const addresses = simulator.clusters.map(({ name }, index) => [
      `PROXMOX_CLUSTER_${name.replaceAll('-', '_')}_API_URL`,
      notaries[index].url,
    ]);
    const session = await startSession({ ...simulator.env(), ...Object.fromEntries(addresses) });
    const failed: string[] = [];
    for (const [tool, args] of calls) {
      const { isError, text } = await session.call(tool, { ...args });
      if (isError) failed.push(`${tool}: ${text}`);
    }
    const { data } = await session.call('proxmox-list-tasks', { limit: 1 });
    const lxc = await session.call('proxmox-list-lxc', { limit: 1 });
    const [{ upid }] = data.items;
    const [{ vmid }] = lxc.data.items;
    for (const tool of ['proxmox-task-status', 'proxmox-task-log']) await session.call(tool, { upid });
    await session.call('proxmox-wait-task', { upid, timeout: 1 });
    for (const tool of ['proxmox-lxc-info', 'proxmox-lxc-metrics']) await session.call(tool, { vmid });
    await session.close();
    const faults = notaries.flatMap((notary) => notary.faults);
    const requests = notaries.reduce((sum, notary) => sum + notary.requests, 0);
    await Promise.all(notaries.map((notary) => notary.close()));
    await simulator.close();
    expect(faults).toEqual([]);
    expect(failed).toEqual([]);
    expect(requests).toBeGreaterThan(100);
  });
});
