import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MultiClusterProxmoxClient } from '../../src/client/multi-cluster-client.js';
import { readCursor, shareOut, writeCursor } from '../../src/client/page.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { registryOf } from '../clusters/simulated.js';
import { answer, execute } from './library.js';

describe('the rows of one page, shared out over lists', () => {
  it.each([
    [10, [100, 100], [5, 5]],
    [10, [2, 100], [2, 8]],
    [10, [1, 0, 3], [1, 0, 3]],
    [5, [9, 9, 9], [2, 2, 1]],
    [2, [9, 9, 9], [1, 1, 0]],
    [7, [], []],
  ])('%i of %j are %j', (limit, available, shares) => {
    expect(shareOut(limit, available)).toEqual(shares);
  });

  it('are as many as may be, none that are not there, and evenly', () => {
    const lists = fc.array(fc.nat({ max: 60 }), { maxLength: 25 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), lists, (limit, available) => {
        const shares = shareOut(limit, available);
        const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
        expect(shares).toHaveLength(available.length);
        expect(sum(shares)).toBe(Math.min(limit, sum(available)));
        const most = Math.max(0, ...shares);
        for (const [at, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(available[at] ?? 0);
          if (share < (available[at] ?? 0)) expect(share).toBeGreaterThanOrEqual(most - 1);
        }
      }),
    );
  });
});

describe('a cursor', () => {
  it('is read back as it was written', () => {
    const clusters = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(clusters, fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (names, offsets) => {
        const position = new Map(names.map((name, at) => [name, offsets[at] ?? 0]));
        const cursor = writeCursor('mark', position);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(readCursor('tool', 'mark', cursor, [...names, 'another'])).toEqual(position);
      }),
    );
  });

  it('of another selection, or made up, is refused and nothing else', () => {
    expect(readCursor('tool', 'mark', undefined, ['a'])).toBeUndefined();
    const refused = (cursor: string) => {
      expect(() => readCursor('tool', 'mark', cursor, ['a'])).toThrow(/next_cursor/);
    };
    refused(writeCursor('mark', new Map([['b', 1]])));
    refused(writeCursor('another', new Map([['a', 1]])));
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const value of [[], ['a', -1], ['a', 1.5], ['a'], ['a', '1'], null]) refused(encoded(['mark', [value]]));
    for (const value of [[], {}, 'a', null, ['mark', []]]) refused(encoded(value));
    fc.assert(fc.property(fc.string({ minLength: 1 }), refused));
  });
});

describe('paging through what clusters have', () => {
  let simulator: Simulator;
  let client: MultiClusterProxmoxClient;

  beforeEach(async () => {
    simulator = await startSimulator({ world: 'large', clusters: 4, guests: 23, authDelayMs: 10 });
    client = new MultiClusterProxmoxClient(registryOf(simulator));
  });
  afterEach(async () => {
    await client.close();
    await simulator.close();
  });

  const all = (names: readonly string[]) =>
    names.flatMap((name) => simulator.cluster(name).state.guests.map(({ vmid }) => `${name} ${vmid}`)).sort();
  const names = ['cluster-1', 'cluster-2', 'cluster-3', 'cluster-4'];

  async function walk(limit: number): Promise<string[][]> {
    const pages: string[][] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await client.listAllVmsFromAllClusters({ limit, ...(cursor === undefined ? {} : { cursor }) });
      pages.push(
        page.clusters.flatMap((one) =>
          one.error === undefined ? one.items.map(({ vmid }) => `${one.cluster} ${vmid}`) : [],
        ),
      );
      cursor = page.next_cursor;
      if (cursor === undefined) return pages;
      expect(pages.length).toBeLessThan(200);
    }
  }

  it.each([1, 3, 7, 50, 92, 1000])('gives each guest of all clusters once, %i a page', async (limit) => {
    const pages = await walk(limit);
    expect(pages.flat().sort()).toEqual(all(names));
    expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
  });

  it('gives each guest of the clusters that live once', async () => {
    simulator.cluster('cluster-2').setFault({ kind: 'unreachable' });
    const pages = await walk(10);
    expect(pages.flat().sort()).toEqual(all(['cluster-1', 'cluster-3', 'cluster-4']));
  });

  it('over one cluster has a total, a cursor while rows are left, and the rest behind it', async () => {
    const first = await client.listVms({ cluster: 'cluster-3', limit: 15 });
    const vms = simulator.cluster('cluster-3').state.guests.filter(({ type }) => type === 'qemu');
    expect(first).toMatchObject({ cluster: 'cluster-3', total: vms.length });
    expect(first.items).toHaveLength(15);
    const rest = await client.listVms({ cluster: 'cluster-3', limit: 15, cursor: first.next_cursor ?? '' });
    expect(rest.next_cursor).toBeUndefined();
    expect([...first.items, ...rest.items].map(({ vmid }) => vmid)).toEqual(vms.map(({ vmid }) => vmid));
  });

  it('asks only the clusters that have rows left', async () => {
    simulator.cluster('cluster-1').state.guests.splice(2);
    const { next_cursor: cursor = '' } = await client.listAllVmsFromAllClusters({ limit: 16 });
    const before = simulator.cluster('cluster-1').requests.length;
    const second = await client.listAllVmsFromAllClusters({ limit: 16, cursor });
    expect(second.clusters.map(({ cluster }) => cluster)).toEqual(['cluster-2', 'cluster-3', 'cluster-4']);
    expect(simulator.cluster('cluster-1').requests).toHaveLength(before);
    expect(second).not.toHaveProperty('total');
  });

  it('refuses the cursor of another cluster and asks nothing', async () => {
    const { next_cursor: cursor = '' } = await client.listVms({ cluster: 'cluster-1', limit: 2 });
    const before = simulator.cluster('cluster-2').requests.length;
    await expect(client.listVms({ cluster: 'cluster-2', cursor })).rejects.toMatchObject({
      name: 'InvalidArgumentsError',
      faults: [{ argument: 'cursor' }],
    });
    expect(simulator.cluster('cluster-2').requests).toHaveLength(before);
  });

  it('gives only the fields that were asked for', async () => {
    const { items } = await answer(client.registry, 'proxmox-list-vms', { fields: ['name', 'vmid'], limit: 2 });
    expect(items).toEqual([
      { name: 'c1-web-1', vmid: 100 },
      { name: 'c1-db-1', vmid: 101 },
    ]);
    await expect(execute(client.registry, 'proxmox-list-vms', { fields: ['vmid', 'colour'] })).rejects.toMatchObject({
      faults: [{ argument: 'fields', message: expect.stringMatching(/^no field 'colour'; there are vmid, name/) }],
    });
  });
});
