import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeClusters } from '../../src/tools/federation/seen-in-clusters.js';
import { startSession } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const all = ['production', 'staging', 'disaster-recovery'];

async function view(args: Record<string, unknown>) {
  const { data, isError, text } = await world.call('proxmox-federated-view', { limit: 1000, ...args });
  if (isError) throw new Error(text);
  return {
    rows: data.items as Record<string, any>[],
    notes: (data.notes ?? []).join('\n') as string,
    data: data as Record<string, any>,
  };
}

describe('pools, tags and users of all clusters in one table', () => {
  it('has a row for each pool, with who has it and what differs', async () => {
    const { rows, notes } = await view({ kind: 'pools' });
    expect(rows.map(({ name }) => name)).toEqual(['ci', 'data', 'empty', 'web']);
    expect(rows.at(-1)).toEqual({
      name: 'web',
      clusters: all,
      differs: ['guests'],
      by_cluster: {
        production: { comment: 'Web servers', guests: expect.any(Number), storages: ['nfs-shared'] },
        staging: { comment: 'Web servers', guests: 3, storages: ['nfs-shared'] },
        'disaster-recovery': { comment: 'Web servers', guests: 2, storages: ['nfs-shared'] },
      },
    });
    expect(rows[2]).toMatchObject({ clusters: ['staging'], missing: ['production', 'disaster-recovery'] });
    expect(notes).toBe('');
  });

  it('counts the guests of a tag', async () => {
    const { rows } = await view({ kind: 'tags' });
    const tag = rows.find(({ name }) => name === 'monitoring');
    expect(tag?.by_cluster.staging).toEqual({ guests: 1, running: 1 });
    expect(rows.map(({ name }) => name)).toEqual(rows.map(({ name }) => name).sort());
  });

  it('says what differs of a user, and can leave out who is the same everywhere', async () => {
    const alice = world.simulator.cluster('staging').state.users.find(({ userid }) => userid === 'alice@pve');
    if (alice === undefined) throw new Error('no alice');
    Object.assign(alice, { enable: false, expire: 1_900_000_000 });
    const { rows } = await view({ kind: 'users', differing: true });
    expect(rows.map(({ name }) => name)).toEqual(['alice@pve']);
    expect(rows[0]).toMatchObject({ differs: ['enabled', 'expire'], clusters: all });
    expect(rows[0]?.by_cluster.staging).toMatchObject({ enabled: false, expire: '2030-03-17T17:46:40Z' });
    const whole = await view({ kind: 'users' });
    expect(whole.rows.length).toBeGreaterThan(4);
    expect(JSON.stringify(whole.rows)).not.toContain('secret');
  });

  it('goes on without a cluster that does not answer, and says so', async () => {
    world.simulator.cluster('staging').setFault({ kind: 'unreachable' });
    const { rows, notes } = await view({ kind: 'pools' });
    world.simulator.cluster('staging').setFault(undefined);
    expect(rows.map(({ name }) => name)).toEqual(['ci', 'data', 'web']);
    expect(rows.every(({ missing = [] }) => !missing.includes('staging'))).toBe(true);
    expect(notes).toBe('staging could not be reached: what it has is not in here.');
  });

  it('is an error where none answers', async () => {
    for (const { name } of world.simulator.clusters) world.simulator.cluster(name).setFault({ kind: 'unreachable' });
    const error = await world.error('proxmox-federated-view', { kind: 'tags' });
    for (const { name } of world.simulator.clusters) world.simulator.cluster(name).setFault(undefined);
    expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  });

  it('says where a token may not see all', async () => {
    const secret = world.simulator.cluster('staging').addToken('eyes@pve!some', { '/vms': ['PVEAuditor'] });
    const session = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_staging_TOKEN_ID: 'eyes@pve!some',
      PROXMOX_CLUSTER_staging_TOKEN_SECRET: secret,
    });
    const { data } = await session.call('proxmox-federated-view', { kind: 'pools' });
    await session.close();
    expect(data.notes).toEqual(['staging may have more: its token lacks Pool.Audit on /pool.']);
  });

  it('comes in pages, each row once, and of the clusters that are named', async () => {
    const { rows } = await view({ kind: 'tags', cluster: 'staging,production' });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const args = { kind: 'tags', cluster: 'staging,production', limit: 4, ...(cursor ? { cursor } : {}) };
      const { data } = await view(args);
      seen.push(...data.items.map(({ name }: { name: string }) => name));
      cursor = data.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(rows.map(({ name }) => name));
    expect(rows.some(({ clusters }) => clusters.includes('disaster-recovery'))).toBe(false);
    expect(world.writes()).toBe(0);
  });
});

describe('the table', () => {
  const fields = fc.dictionary(fc.constantFrom('guests', 'comment'), fc.constantFrom('1', '2'), { maxKeys: 2 });
  const cluster = fc.dictionary(fc.constantFrom('web', 'data', 'ci', 'Web'), fields, { maxKeys: 4 });

  it('has every name once, sorted, and every cluster as having or missing it', () => {
    fc.assert(
      fc.property(fc.array(cluster, { maxLength: 4 }), (clusters) => {
        const seen = clusters.map((items, at) => ({ cluster: `c${at}`, items: new Map(Object.entries(items)) }));
        const rows = mergeClusters(seen);
        const names = rows.map(({ name }) => name);
        expect(names).toEqual([...new Set(clusters.flatMap((items) => Object.keys(items)))].sort());
        for (const row of rows) {
          expect([...row.clusters, ...row.missing].sort()).toEqual(seen.map((one) => one.cluster));
          expect(Object.keys(row.by_cluster)).toEqual(row.clusters);
          const alike = new Set(
            row.clusters.map((one) => JSON.stringify(Object.entries(row.by_cluster[one] ?? {}).sort())),
          );
          expect(row.differs.length === 0).toBe(alike.size === 1);
        }
      }),
    );
  });
});
