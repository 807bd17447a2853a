import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changed, imbalance, type Level, levelOut, type Mover } from '../../src/tools/placement/level.js';
import { type Leaver, relocate } from '../../src/tools/placement/relocate.js';
import { freeMemory } from '../../src/tools/placement/room.js';

const gib = 1024 ** 3;
const names = ['n0', 'n1', 'n2', 'n3'];

/** Guests on nodes, and the nodes as their guests load them. */
const cluster = fc
  .record({
    nodes: fc.array(
      fc.record({
        memory: fc.integer({ min: 8, max: 256 }),
        host: fc.double({ min: 0, max: 0.5, noNaN: true }),
        cpus: fc.integer({ min: 1, max: 64 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    guests: fc.array(
      fc.record({
        at: fc.nat(),
        maxmem: fc.integer({ min: 1, max: 64 }),
        use: fc.double({ min: 0, max: 1, noNaN: true }),
        cores: fc.integer({ min: 1, max: 16 }),
        load: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ nodes, guests }) => {
    const movers = guests.map(
      ({ at, maxmem, use, cores, load }, index): Mover => ({
        vmid: 100 + index,
        node: names[at % nodes.length] ?? '',
        mem: Math.floor(maxmem * use * gib),
        maxmem: maxmem * gib,
        busy: load * cores,
        cores,
      }),
    );
    const levels = nodes.map(({ memory, host, cpus }, index): Level => {
      const node = names[index] ?? '';
      const bare: Level = {
        node,
        memory: memory * gib,
        used: memory * gib * host,
        promised: 0,
        cpus,
        busy: 0,
        vcpus: 0,
        running: 0,
      };
      return movers.filter((mover) => mover.node === node).reduce((level, mover) => changed(level, mover, 1), bare);
    });
    return { levels, movers };
  });

const by = fc.constantFrom('memory' as const, 'cpu' as const);
const after = (levels: readonly Level[], mover: Mover, to: string) =>
  levels.map((one) => {
    if (one.node === to) return changed(one, mover, 1);
    return one.node === mover.node ? changed(one, mover, -1) : one;
  });

describe('the plan that levels nodes', () => {
  it('lowers the imbalance with each move, promises no memory twice, moves no guest twice, and ends', () => {
    fc.assert(
      fc.property(cluster, by, fc.integer({ min: 1, max: 50 }), ({ levels, movers }, measure, most) => {
        const moves = levelOut(levels, movers, { by: measure, most, allowed: () => true });
        expect(moves.length).toBeLessThanOrEqual(Math.min(most, movers.length));
        expect(new Set(moves.map(({ vmid }) => vmid)).size).toBe(moves.length);
        let now: readonly Level[] = levels;
        for (const { vmid, to, imbalance: told } of moves) {
          const mover = movers.find((one) => one.vmid === vmid);
          if (mover === undefined) throw new Error('no such guest');
          const next = after(now, mover, to);
          expect(imbalance(next, measure)).toBeLessThan(imbalance(now, measure));
          expect(told).toBeCloseTo(imbalance(next, measure));
          const target = next.find(({ node }) => node === to);
          if (target === undefined) throw new Error('no such node');
          expect(freeMemory(target)).toBeGreaterThanOrEqual(0);
          expect(target.cpus).toBeGreaterThanOrEqual(mover.cores);
          now = next;
        }
      }),
    );
  });

  it('is made for a large cluster as well', () => {
    const nodes = Array.from(
      { length: 20 },
      (_, at): Level => ({
        node: `n${at}`,
        memory: 1024 * gib,
        used: (at % 5) * 150 * gib,
        promised: 0,
        cpus: 128,
        busy: 0,
        vcpus: 0,
        running: 0,
      }),
    );
    const guests = Array.from(
      { length: 2000 },
      (_, at): Mover => ({
        vmid: 100 + at,
        node: `n${at % 20}`,
        mem: (1 + (at % 7)) * gib,
        maxmem: 8 * gib,
        busy: 0.1,
        cores: 2,
      }),
    );
    const moves = levelOut(nodes, guests, { by: 'memory', most: 50, allowed: () => true });
    expect(moves).toHaveLength(50);
    expect(moves.at(-1)?.imbalance).toBeLessThan(imbalance(nodes, 'memory'));
  });

  it('keeps to what is allowed', () => {
    fc.assert(
      fc.property(cluster, by, ({ levels, movers }, measure) => {
        const allowed = (vmid: number, to: string) => vmid % 2 === 0 && to !== 'n0';
        for (const { vmid, to } of levelOut(levels, movers, { by: measure, most: 50, allowed }))
          expect(allowed(vmid, to)).toBe(true);
      }),
    );
  });
});

describe('the plan that empties a node', () => {
  const leaving = cluster.map(({ levels, movers }) => {
    const leavers = movers
      .filter(({ node }) => node === 'n0')
      .map((one): Leaver => ({ ...one, running: one.vmid % 3 !== 0 }));
    return { levels, movers, leavers, targets: levels.filter(({ node }) => node !== 'n0') };
  });

  it('places or names every guest, and promises no memory twice', () => {
    fc.assert(
      fc.property(leaving, ({ movers, leavers, targets }) => {
        const places = new Map(movers.map(({ vmid, node }) => [vmid, node]));
        const { moves, stuck } = relocate(targets, leavers, { places, refusal: () => undefined });
        expect([...moves.map(({ vmid }) => vmid), ...stuck.keys()].sort()).toEqual(
          leavers.map(({ vmid }) => vmid).sort(),
        );
        for (const target of targets) {
          const come = leavers.filter(
            ({ vmid, running }) => running && moves.some((move) => move.vmid === vmid && move.to === target.node),
          );
          const full = come.reduce((level, mover) => changed(level, mover, 1), target);
          if (come.length > 0) expect(freeMemory(full)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  const level = (node: string, memory: number): Level => ({
    node,
    memory: memory * gib,
    used: 0,
    promised: 0,
    cpus: 8,
    busy: 0,
    vcpus: 0,
    running: 0,
  });
  const guest = (vmid: number, bound?: Leaver['bound']): Leaver => ({
    vmid,
    node: 'n0',
    mem: gib,
    maxmem: gib,
    busy: 0,
    cores: 1,
    running: true,
    bound,
  });
  const free = { rules: ['r'], returns: true, apart: [], together: [] };
  const targets = [level('n1', 64), level('n2', 32)];
  const run = (leavers: readonly Leaver[], places: [number, string][] = []) =>
    relocate(targets, leavers, { places: new Map(places), refusal: () => undefined });

  it('keeps to the rules of HA', () => {
    expect(run([guest(100)]).moves).toMatchObject([{ to: 'n1' }]);
    expect(run([guest(100, { ...free, only: ['n0', 'n2'] })]).moves).toMatchObject([{ to: 'n2' }]);
    expect(run([guest(100, { ...free, only: ['n0'] })]).stuck.get(100)).toBe(
      'HA rule r keeps it off n1; HA rule r keeps it off n2',
    );
    expect(run([guest(100, { ...free, apart: [101] })], [[101, 'n1']]).moves).toMatchObject([{ to: 'n2' }]);
    expect(run([guest(100, { ...free, together: [101] })], [[101, 'n2']]).moves).toMatchObject([{ to: 'n2' }]);
    const both = [guest(100, { ...free, together: [101] }), guest(101, { ...free, together: [100] })];
    const pair = run(both, [
      [100, 'n0'],
      [101, 'n0'],
    ]);
    expect(new Set(pair.moves.map(({ to }) => to)).size).toBe(1);
    expect(run([guest(100, { ...free, homes: ['n0'] })]).stuck.get(100)).toContain('HA would bring it back (r)');
    expect(run([guest(100, { ...free, homes: ['n0'], returns: false })]).moves).toHaveLength(1);
    expect(run([guest(100, { ...free, homes: ['n0', 'n2'] })]).moves).toMatchObject([{ to: 'n2' }]);
  });
});
