import { afterEach, describe, expect, it } from 'vitest';
import { InvalidArgumentsError } from '../../src/client/input.js';
import { AmbiguousClusterSelectionError, ClusterNotFoundError, GuestNotFoundError } from '../../src/clusters/errors.js';
import type { ClusterRegistry } from '../../src/clusters/registry.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { registryOf } from '../clusters/simulated.js';
import { rejectionOf } from '../pve/one-cluster.js';
import { answer, asked, execute, stopVm, writes } from './library.js';

let simulator: Simulator;
let registry: ClusterRegistry;

async function begin(world: 'multi' | 'twins', env: Record<string, string> = {}) {
  simulator = await startSimulator({ world, authDelayMs: 10 });
  registry = registryOf(simulator, env);
}
afterEach(async () => {
  await registry.close();
  await simulator.close();
});

const unrouted = { PROXMOX_CLUSTER_PATTERNS: '', PROXMOX_CLUSTER_VMID_MAP: '' };
/** Confirmed, and without waiting for its task. */
const sent = { confirm: true, wait: false };
const stop = (given: object) => execute(registry, stopVm, { ...given, ...sent });
const refused = (given: object) => rejectionOf(stop(given), AmbiguousClusterSelectionError);

describe('a destructive call that came to its cluster by default', () => {
  it.each([[{ vmid: 100 }], [{ name: 'web' }], [{ vmid: 100, name: 'web', node: 'pve1' }]])(
    'is refused for %j when another cluster has such a guest, and nothing is written',
    async (given) => {
      await begin('twins');
      const error = await refused(given);
      expect(error).toMatchObject({ cluster: 'east', candidates: ['east', 'west'], unasked: [] });
      expect(error.message).toContain('guest 100 or its name is also on west');
      expect(writes(simulator)).toEqual([]);
    },
  );

  it('is refused when only the name, or only the VMID, is on another cluster too', async () => {
    await begin('twins');
    const { guests } = simulator.cluster('west').state;
    const web = guests.find(({ vmid }) => vmid === 100);
    if (web === undefined) throw new Error('no guest 100');
    web.vmid = 777;
    expect(await refused({ vmid: 100 })).toMatchObject({ candidates: ['east', 'west'] });
    web.vmid = 100;
    web.config.name = 'other';
    expect(await refused({ name: 'web' })).toMatchObject({ candidates: ['east', 'west'] });
    expect(writes(simulator)).toEqual([]);
  });

  it('counts a container of that VMID as one that may be meant', async () => {
    await begin('twins');
    const { guests } = simulator.cluster('west').state;
    guests.splice(0, guests.length, ...guests.filter(({ vmid }) => vmid === 102));
    for (const guest of guests) guest.vmid = 100;
    expect(await refused({ vmid: 100 })).toMatchObject({ candidates: ['east', 'west'] });
    expect(writes(simulator)).toEqual([]);
  });

  it.each([
    ['is refused', { kind: 'unreachable' } as const],
    ['answers with an error', { kind: 'status', status: 500, reason: 'broken' } as const],
    ['is no Proxmox VE', { kind: 'garbage' } as const],
    ['shows another certificate', { kind: 'certificate' } as const],
  ])('is refused when another cluster %s: it may have the guest', async (_, fault) => {
    await begin('multi', unrouted);
    simulator.cluster('staging').setFault(fault);
    const error = await refused({ vmid: 101 });
    expect(error).toMatchObject({ cluster: 'production', candidates: ['production'], unasked: ['staging'] });
    expect(error.message).toContain('staging could not be asked');
    expect(writes(simulator)).toEqual([]);
  });

  it('is run when all other clusters were asked and have no such guest', async () => {
    await begin('multi', unrouted);
    const { result, notes: _, ...route } = await answer(registry, stopVm, { vmid: 101, ...sent });
    expect(route).toEqual({ cluster: 'production', via: 'default' });
    expect(result).toMatchObject({ upid: expect.stringMatching(/^UPID:pve2:.*:qmstop:101:/), node: 'pve2', vmid: 101 });
    expect(writes(simulator)).toEqual(['production POST /nodes/pve2/qemu/101/status/stop']);
    expect(asked(simulator)).toContain('staging GET /cluster/resources');
    expect(asked(simulator)).toContain('disaster-recovery GET /cluster/resources');
  });

  it('is not run on a guest that is not there', async () => {
    await begin('multi', unrouted);
    const error = await rejectionOf(stop({ vmid: 200 }), GuestNotFoundError);
    expect(error).toMatchObject({ cluster: 'production', found: [{ cluster: 'staging', vmid: 200 }] });
    expect(writes(simulator)).toEqual([]);
  });

  it('stops with its signal while others are asked', async () => {
    await begin('twins');
    simulator.cluster('west').setFault({ kind: 'hung' });
    const control = new AbortController();
    const pending = execute(registry, stopVm, { vmid: 100, ...sent }, { signal: control.signal });
    await expect.poll(() => simulator.cluster('west').requests.length).toBe(1);
    control.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect(writes(simulator)).toEqual([]);
  });
});

describe('a destructive call is run', () => {
  it('on the cluster that was named, and on no other', async () => {
    await begin('twins');
    const { cluster, via } = await answer(registry, stopVm, { cluster: 'west', vmid: 100, ...sent });
    expect([cluster, via]).toEqual(['west', 'explicit']);
    expect(writes(simulator)).toEqual(['west POST /nodes/pve1/qemu/100/status/stop']);
    expect(simulator.cluster('east').requests).toEqual([]);
  });

  it('on the cluster of its pattern', async () => {
    await begin('twins', { PROXMOX_CLUSTER_PATTERNS: 'web:west' });
    const { cluster, via, by } = await answer(registry, stopVm, { name: 'web', ...sent });
    expect([cluster, via, by]).toEqual(['west', 'pattern', 'web']);
    expect(writes(simulator)).toEqual(['west POST /nodes/pve1/qemu/100/status/stop']);
  });

  it('on the cluster of its VMID', async () => {
    await begin('twins', { PROXMOX_CLUSTER_VMID_MAP: '100-199:west' });
    const { cluster, via, by } = await answer(registry, stopVm, { vmid: 100, ...sent });
    expect([cluster, via, by]).toEqual(['west', 'vmid', '100-199']);
    expect(writes(simulator)).toEqual(['west POST /nodes/pve1/qemu/100/status/stop']);
  });
});

describe('a write', () => {
  it.each(['all', 'twins', 'east,west'])('never goes to %j, which is several', async (cluster) => {
    await begin('twins');
    const error = await rejectionOf(stop({ cluster, vmid: 100 }), InvalidArgumentsError);
    expect(error.faults).toMatchObject([
      { argument: 'cluster', message: expect.stringContaining('takes one cluster') },
    ]);
    expect(asked(simulator)).toEqual([]);
  });

  it.each(['eest', 'EAST', ' east'])('never goes to %j', async (cluster) => {
    await begin('twins');
    const error = await rejectionOf(stop({ cluster, vmid: 100 }), ClusterNotFoundError);
    expect(error.cluster).toBe(cluster);
    expect(asked(simulator)).toEqual([]);
  });

  it.each(['clustr', 'clusters', 'Cluster'])('with the misspelt argument %s goes nowhere', async (argument) => {
    await begin('twins');
    await expect(stop({ [argument]: 'west', vmid: 100 })).rejects.toMatchObject({ name: 'InvalidArgumentsError' });
    expect(asked(simulator)).toEqual([]);
  });
});
