import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rank, type Wish } from '../../src/tools/placement/rank.js';
import { type ClusterRoom, freeMemory, type NodeRoom } from '../../src/tools/placement/room.js';

const gib = 1024 ** 3;
const amount = (most: number) => fc.integer({ min: 0, max: most }).map((count) => count * gib);

const storage = fc.record({
  storage: fc.constantFrom('a', 'b', 'c'),
  content: fc.subarray(['images', 'rootdir', 'iso']),
  shared: fc.boolean(),
  free: fc.option(amount(500), { nil: undefined }),
  total: fc.constant(500 * gib),
});

const node: fc.Arbitrary<Omit<NodeRoom, 'node'>> = fc.record({
  closed: fc.option(fc.constant('the node is offline'), { nil: undefined, freq: 4 }),
  memory: amount(512),
  used: amount(512),
  promised: amount(512),
  cpus: fc.integer({ min: 1, max: 64 }),
  busy: fc.double({ min: 0, max: 64, noNaN: true }),
  vcpus: fc.integer({ min: 0, max: 200 }),
  running: fc.integer({ min: 0, max: 50 }),
  tags: fc
    .dictionary(fc.constantFrom('web', 'db'), fc.integer({ min: 1, max: 5 }))
    .map((tags) => new Map(Object.entries(tags))),
  storages: fc.uniqueArray(storage, { selector: (one) => one.storage }),
});

const rooms: fc.Arbitrary<ClusterRoom[]> = fc
  .array(
    fc.record({
      closed: fc.option(fc.constant('the cluster has no quorum'), { nil: undefined, freq: 5 }),
      defaultStorage: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      nodes: fc.array(node, { maxLength: 4 }),
    }),
    { maxLength: 4 },
  )
  .map((all) =>
    all.map((room, at) => ({
      ...room,
      cluster: `c${at}`,
      nodes: room.nodes.map((one, index) => ({ ...one, node: `n${index}` })),
    })),
  );

const wish: fc.Arbitrary<Wish> = fc.record({
  kind: fc.constantFrom('vm' as const, 'lxc' as const),
  cores: fc.integer({ min: 1, max: 64 }),
  memory: amount(128),
  disk: fc.option(amount(300), { nil: undefined }),
  near: fc.option(fc.constantFrom('web', 'db'), { nil: undefined }),
  apart: fc.option(fc.constantFrom('web', 'db'), { nil: undefined }),
});

describe('the ranking of places', () => {
  it('never names a place that the guest does not fit in, and passes over none without a word', () => {
    fc.assert(
      fc.property(rooms, wish, (all, asked) => {
        const { places, excluded } = rank(all, asked);
        for (const place of places) {
          const room = all.find(({ cluster }) => cluster === place.cluster);
          const on = room?.nodes.find((one) => one.node === place.node);
          expect(room?.closed ?? on?.closed).toBeUndefined();
          if (on === undefined) throw new Error('no such node');
          expect(freeMemory(on)).toBeGreaterThanOrEqual(asked.memory);
          expect(on.cpus).toBeGreaterThanOrEqual(asked.cores);
          expect(asked.apart === undefined || !on.tags.has(asked.apart)).toBe(true);
          if (asked.disk === undefined) continue;
          const disks = on.storages.find((one) => one.storage === place.storage);
          expect(disks?.content).toContain(asked.kind === 'vm' ? 'images' : 'rootdir');
          expect(disks?.free ?? 0).toBeGreaterThanOrEqual(asked.disk);
        }
        const open = all.filter((room) => room.closed === undefined);
        expect(places.length + excluded.filter((one) => one.node !== undefined).length).toBe(
          open.flatMap(({ nodes }) => nodes).length,
        );
      }),
    );
  });

  it('does not depend on the order of what it is given', () => {
    fc.assert(
      fc.property(rooms, wish, (all, asked) => {
        const turned = all.toReversed().map((room) => ({
          ...room,
          nodes: room.nodes.toReversed().map((one) => ({ ...one, storages: one.storages.toReversed() })),
        }));
        expect(rank(turned, asked)).toEqual(rank(all, asked));
      }),
    );
  });

  it('never ranks a place lower for more free memory', () => {
    fc.assert(
      fc.property(rooms, wish, fc.integer({ min: 1, max: 64 }), (all, asked, more) => {
        const before = rank(all, asked).places;
        const [last] = before.slice(-1);
        if (last === undefined) return;
        const freed = all.map((room) => ({
          ...room,
          nodes: room.nodes.map((one) =>
            room.cluster === last.cluster && one.node === last.node
              ? { ...one, used: Math.max(0, one.used - more * gib), promised: Math.max(0, one.promised - more * gib) }
              : one,
          ),
        }));
        const after = rank(freed, asked).places;
        const placeOf = (list: typeof before) =>
          list.findIndex(({ cluster, node: name }) => cluster === last.cluster && name === last.node);
        expect(placeOf(after)).toBeGreaterThanOrEqual(0);
        expect(placeOf(after)).toBeLessThanOrEqual(placeOf(before));
      }),
    );
  });
});
