import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { MultiClusterProxmoxClient } from '../../src/client/multi-cluster-client.js';
import { ClusterConnectionError } from '../../src/clusters/errors.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { registryOf } from '../clusters/simulated.js';

let simulator: Simulator;
let client: MultiClusterProxmoxClient;

beforeEach(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 10 });
  client = new MultiClusterProxmoxClient(
    registryOf(simulator, {
      PROXMOX_CLUSTER_production_GROUP: 'core',
      PROXMOX_CLUSTER_staging_GROUP: 'lab',
      PROXMOX_CLUSTER_disaster_recovery_GROUP: 'core',
    }),
  );
});
afterEach(async () => {
  await client.close();
  await simulator.close();
});

const guestsOf = (name: string, type?: string) =>
  simulator.cluster(name).state.guests.filter((guest) => type === undefined || guest.type === type).length;

describe('a read over several clusters', () => {
  it('has one entry a cluster, in the order of the configuration', async () => {
    const answer = await client.across('all').listVms({ limit: 1000 });
    expectTypeOf(answer.total).toEqualTypeOf<number | undefined>();
    expect(answer).toMatchObject({ cluster: 'all', via: 'all' });
    const names = ['production', 'staging', 'disaster-recovery'];
    expect(answer.clusters.map(({ cluster }) => cluster)).toEqual(names);
    expect(answer.total).toBe(names.reduce((sum, name) => sum + guestsOf(name, 'qemu'), 0));
    expect(answer.next_cursor).toBeUndefined();
  });

  it('gives data or an error for each: a dead cluster costs one entry', async () => {
    simulator.cluster('staging').setFault({ kind: 'unreachable' });
    const { clusters, ...rest } = await client.across('all').listNodes();
    const [production, staging, dr] = clusters;
    expect(production).toMatchObject({ cluster: 'production', total: 3 });
    expect(dr).toMatchObject({ cluster: 'disaster-recovery' });
    expect(staging?.error).toBeInstanceOf(ClusterConnectionError);
    expect(staging?.error).toMatchObject({ cluster: 'staging', cause: { code: 'ECONNREFUSED' } });
    if (production?.error === undefined) expectTypeOf(production?.items[0]?.node).toEqualTypeOf<string | undefined>();
    expect(rest).not.toHaveProperty('total');
  });

  it.each([
    ['core', 'group', ['production', 'disaster-recovery']],
    ['lab', 'group', ['staging']],
    ['staging,production', 'list', ['production', 'staging']],
    ['lab, disaster-recovery', 'list', ['staging', 'disaster-recovery']],
  ])('goes to %j, a %s', async (asked, via, clusters) => {
    const answer = await client.across(asked).listNodes();
    expect(answer.via).toBe(via);
    expect(answer.clusters.map(({ cluster }) => cluster)).toEqual(clusters);
  });

  it('asks nobody when one part is unknown', async () => {
    await expect(client.across('production,stagin').listNodes()).rejects.toMatchObject({
      name: 'ClusterNotFoundError',
      cluster: 'stagin',
      nearest: 'staging',
    });
    expect(simulator.clusters.flatMap(({ requests }) => requests)).toEqual([]);
  });

  it('over one cluster by its name has one entry too, be it data or an error', async () => {
    expect(await client.across('staging').listNodes()).toMatchObject({ clusters: [{ cluster: 'staging', total: 2 }] });
    simulator.cluster('staging').setFault({ kind: 'unreachable' });
    const { clusters } = await client.across('staging').listNodes();
    expect(clusters).toHaveLength(1);
    expect(clusters[0]?.error).toBeInstanceOf(ClusterConnectionError);
  });

  it('asks all at once: the slow one holds up no other', async () => {
    simulator.cluster('production').setFault({ kind: 'hung' });
    const stop = new AbortController();
    const pending = client
      .across('all')
      .listNodes({}, { signal: stop.signal })
      .catch((error: unknown) => error);
    await expect.poll(() => simulator.clusters.map(({ requests }) => requests.length)).toEqual([1, 1, 1]);
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await pending).toBe(reason);
  });

  it('is what operations on the whole fleet are by themselves', async () => {
    simulator.cluster('disaster-recovery').setFault({ kind: 'unreachable' });
    const answer = await client.listAllVmsFromAllClusters({ limit: 1000 });
    expect(answer.total).toBeUndefined();
    expect(answer.clusters[0]).toMatchObject({ total: guestsOf('production') });
    expect(answer.clusters[2]?.error).toBeInstanceOf(ClusterConnectionError);
    const some = await client.listAllVmsFromAllClusters({ cluster: 'staging', type: 'lxc' });
    expect(some.clusters).toHaveLength(1);
    expect(some.total).toBe(guestsOf('staging', 'lxc'));
  });
});
