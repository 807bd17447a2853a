import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { MultiClusterProxmoxClient } from '../../src/client/multi-cluster-client.js';
import { type ListAnswer, methodName } from '../../src/client/operations.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { registryOf } from '../clusters/simulated.js';
import { execute } from './library.js';

let simulator: Simulator;
let client: MultiClusterProxmoxClient;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 10 });
  client = new MultiClusterProxmoxClient(registryOf(simulator));
});
afterAll(async () => {
  await client.close();
  await simulator.close();
});

describe('the library', () => {
  it('has every operation of the catalogue as a method', () => {
    const methods = [
      'listAllClusters',
      'clusterStatus',
      'clusterHealth',
      'listAllNodesFromAllClusters',
      'listAllVmsFromAllClusters',
      'getAllClusterStatus',
      'findGuest',
      'listNodes',
      'nodeStatus',
      'listVms',
      'vmInfo',
      'listLxc',
      'lxcInfo',
      'listStorage',
      'storageContent',
      'listBridges',
      'listTasks',
      'taskStatus',
      'taskLog',
      'waitTask',
      'vmMetrics',
      'lxcMetrics',
      'nodeMetrics',
      'storageMetrics',
      'listPools',
      'listUsers',
      'listRoles',
      'listSnapshots',
      'listBackups',
    ];
    expect(methods.filter((name) => typeof Reflect.get(client, name) !== 'function')).toEqual([]);
    expect(methodName('proxmox-list-vms')).toBe('listVms');
    expect(methodName('proxmox-k8s-2-nodes')).toBe('k8s2Nodes');
  });

  it('lists the VMs of a cluster, filtered, with typed rows', async () => {
    const answer = await client.listVms({ cluster: 'production', node: 'pve1', status: 'running', search: 'prod-web' });
    expectTypeOf(answer.items[0]).extract<object>().toHaveProperty('vmid').toEqualTypeOf<number>();
    expectTypeOf(answer.items[0]).extract<object>().toHaveProperty('tags').toEqualTypeOf<string[] | undefined>();
    expectTypeOf(answer).toExtend<ListAnswer<object>>();
    expect(answer).toMatchObject({ cluster: 'production', via: 'explicit', total: 1 });
    expect(answer.items).toEqual([expect.objectContaining({ vmid: 100, name: 'prod-web-1', node: 'pve1' })]);
  });

  it('takes the default cluster when none is named', async () => {
    expect(await client.listNodes()).toMatchObject({ cluster: 'production', via: 'default', total: 3 });
    expectTypeOf(client.listNodes).toBeCallableWith();
    expectTypeOf(client.listNodes).toBeCallableWith({ cluster: 'staging' });
  });

  it('finds a guest by its name, on the cluster of its pattern', async () => {
    const { result, ...route } = await client.vmInfo({ name: 'stg-db-1' });
    expectTypeOf(result.vmid).toEqualTypeOf<number>();
    expect(route).toEqual({ cluster: 'staging', via: 'pattern', by: 'stg-' });
    expect(result).toMatchObject({ vmid: 202, name: 'stg-db-1', node: 'pve-stg1' });
  });

  it('refuses an argument that is misspelt, in its types and when it runs', async () => {
    // @ts-expect-error the argument is `cluster`
    const misspelt = () => client.listVms({ clustr: 'staging' });
    await expect(misspelt()).rejects.toMatchObject({
      name: 'InvalidArgumentsError',
      faults: [{ argument: 'clustr', message: "not an argument of this tool; did you mean 'cluster'?" }],
    });
    // @ts-expect-error a VMID is a number
    await expect(client.vmInfo({ vmid: '100' })).rejects.toMatchObject({ name: 'InvalidArgumentsError' });
    // @ts-expect-error a UPID is needed
    await expect(client.taskStatus({ upid: 7 })).rejects.toMatchObject({ name: 'InvalidArgumentsError' });
    // @ts-expect-error rows have no such field
    expect((await client.listVms()).items[0]?.vmId).toBeUndefined();
  });

  it('is one client for all clusters: a call says where it went', async () => {
    const names = ['production', 'staging', 'disaster-recovery'] as const;
    const answers = await Promise.all(names.map((cluster) => client.listNodes({ cluster })));
    expect(answers.map(({ cluster, via }) => [cluster, via])).toEqual(names.map((name) => [name, 'explicit']));
    expect(answers[1]?.items.map(({ node }) => node)).toEqual(['pve-stg1', 'pve-stg2']);
  });

  it('does not take several clusters for one', async () => {
    await expect(client.listVms({ cluster: 'all' })).rejects.toMatchObject({
      name: 'AmbiguousClusterSelectionError',
      candidates: ['production', 'staging', 'disaster-recovery'],
    });
  });

  it('stops with its signal', async () => {
    const reason = new Error('enough');
    await expect(client.listVms({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('logs each choice of a cluster and its reason', async () => {
    const lines: [Readonly<Record<string, unknown>>, string][] = [];
    const log = {
      debug: (...line: [Readonly<Record<string, unknown>>, string]) => lines.push(line),
      info() {},
      warn() {},
      error() {},
    };
    await execute(client.registry, 'proxmox-vm-info', { name: 'stg-db-1' }, {}, { log });
    expect(lines).toEqual([
      [{ tool: 'proxmox-vm-info', clusters: ['staging'], via: 'pattern', by: 'stg-' }, 'cluster selected'],
    ]);
  });
});

describe('in single-cluster mode', () => {
  it('the cluster argument is taken and ignored', async () => {
    const world = await startSimulator({ world: 'single', authDelayMs: 10 });
    const single = new MultiClusterProxmoxClient(registryOf(world));
    expect(await single.listVms({ cluster: 'whatever' })).toMatchObject({ cluster: 'default', via: 'only' });
    expect(await single.across('all').listNodes()).toMatchObject({
      via: 'only',
      clusters: [{ cluster: 'default', total: 1 }],
    });
    await single.close();
    await world.close();
  });
});
