import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session | undefined;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
});
afterEach(async () => {
  await session?.close();
});
afterAll(() => simulator.close());

/** production twice, once by another address, and staging. */
function envOf(more: Record<string, string> = {}) {
  const { url, tokenId, tokenSecret, fingerprint = '' } = simulator.cluster('production');
  return {
    ...simulator.env(),
    PROXMOX_CLUSTERS: 'production,again,staging,disaster-recovery',
    PROXMOX_CLUSTER_again_API_URL: url.replace('127.0.0.1', 'localhost'),
    PROXMOX_CLUSTER_again_TOKEN_ID: tokenId,
    PROXMOX_CLUSTER_again_TOKEN_SECRET: tokenSecret,
    PROXMOX_CLUSTER_again_FINGERPRINT: fingerprint,
    PROXMOX_CLUSTER_VALIDATION: 'false',
    ...more,
  };
}

const namesakes = (rows: readonly Record<string, any>[]) => rows.map((row) => row.same_cluster_as);

describe('two configured names of one real cluster', () => {
  it('are recognised by a check, shown from then on, and told once in the log', async () => {
    session = await startSession(envOf());
    const before = await session.call('proxmox-list-all-clusters');
    expect(namesakes(before.data.result.clusters)).toEqual([undefined, undefined, undefined, undefined]);
    const health = await session.call('proxmox-cluster-health');
    const results = health.data.clusters.map(({ result }: { result: object }) => result);
    expect(namesakes(results)).toEqual([['again'], ['production'], undefined, undefined]);
    expect(results[0].problems).toEqual([expect.objectContaining({ code: 'SAME_CLUSTER' })]);
    const listed = await session.call('proxmox-list-all-clusters');
    expect(namesakes(listed.data.result.clusters)).toEqual([['again'], ['production'], undefined, undefined]);
    await session.call('proxmox-cluster-health');
    await expect.poll(session.stderr, { timeout: 5000 }).toContain('several names are one cluster');
    expect(session.stderr().split('several names are one cluster')).toHaveLength(2);
  });

  it.each([
    ['proxmox-fleet-action', { cluster: 'all', action: 'stop', tag: 'k8s', confirm: true }, 'cluster'],
    [
      'proxmox-copy-definition',
      { cluster: 'production', target_cluster: 'again', kind: 'pool', name: 'web', confirm: true },
      'target_cluster',
    ],
  ])('are refused by %s, which would change one cluster twice, also where no check was made before', async (...row) => {
    const [tool, args, argument] = row;
    session = await startSession(envOf());
    const { data, isError } = await session.call(tool, args);
    expect(isError).toBe(true);
    expect(data.error.arguments).toEqual([{ argument, message: expect.stringContaining('two names of one cluster') }]);
    const sent = simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));
    expect(sent).toEqual([]);
  });

  it('are run over once, which is told', async () => {
    session = await startSession(envOf());
    await session.call('proxmox-cluster-health');
    const { data } = await session.call('proxmox-federated-view', { kind: 'pools' });
    expect(data.notes).toContain('again is another name of production, which is counted once.');
    for (const { clusters, missing = [] } of data.items) expect([...clusters, ...missing]).not.toContain('again');
  });

  it('are not assumed of two that have the same name, nodes and addresses, and another authority', async () => {
    const { state } = simulator.cluster('staging');
    const like = simulator.cluster('production').state;
    Object.assign(state, { name: like.name, nodes: like.nodes });
    session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
    const { data } = await session.call('proxmox-cluster-health');
    expect(data.clusters.map(({ result }: { result: any }) => result.cluster_name).slice(0, 2)).toEqual([
      'production',
      'production',
    ]);
    expect(namesakes(data.clusters.map(({ result }: { result: object }) => result))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
