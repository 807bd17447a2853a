import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseShared } from '../../src/tools/disaster-recovery/chosen-storage.js';
import { claimOf, type Sighting, type Site, type Sites } from '../../src/tools/disaster-recovery/copy-claim.js';
import { judgeCopies } from '../../src/tools/disaster-recovery/copy-state.js';
import { archiveInLog, findArchive } from '../../src/tools/disaster-recovery/new-archive.js';
import { namesGuest, originOf, originTemplate } from '../../src/tools/disaster-recovery/origin-note.js';

const clusters = ['a', 'b', 'c'];
const names = ['web', 'db', 'web-2', 'db.example.com'];
const places = ['nfs x:/1', 'pbs y:2'];

const guest = fc.record({
  vmid: fc.constantFrom(100, 101),
  type: fc.constantFrom('qemu' as const, 'lxc' as const),
  name: fc.option(fc.constantFrom(...names), { nil: undefined }),
});
const site = (cluster: string): fc.Arbitrary<Site> =>
  fc.record({
    cluster: fc.constant(cluster),
    byVmid: fc
      .uniqueArray(guest, { selector: ({ vmid }) => vmid, maxLength: 2 })
      .map((some) => new Map(some.map((one) => [one.vmid, one]))),
    mounts: fc.subarray(places).map((some) => new Set(some)),
  });
const notes = fc.option(
  fc.oneof(
    fc.constantFrom(...names),
    fc.constantFrom(...names).map((name) => `nightly: ${name}.`),
    fc.constantFrom('before upgrade', '', 'web, db'),
    fc
      .tuple(fc.constantFrom(...names), fc.constantFrom(...clusters, 'elsewhere'))
      .map(([name, one]) => originTemplate(one).replace('{{guestname}}', name)),
  ),
  { nil: undefined },
);
const sighting: fc.Arbitrary<Sighting> = fc.record({
  cluster: fc.constantFrom(...clusters),
  storage: fc.constant('store'),
  where: fc.constantFrom(...places),
  volume: fc
    .record({
      vmid: fc.constantFrom(100, 101, 102),
      kind: fc.constantFrom('qemu', 'lxc', 'odd'),
      notes,
      ctime: fc.nat(1000),
    })
    .map(({ kind, ...rest }) => ({
      volid: `store:backup/vzdump-${kind}-${rest.vmid}-${rest.ctime}.zst`,
      content: 'backup',
      ...rest,
    })),
});
const sites: fc.Arbitrary<Sites> = fc.record({
  answered: fc.tuple(...clusters.map(site)).chain((all) => fc.subarray(all, { minLength: 1 })),
  silent: fc.subarray(['s', 't']),
});

describe('whose backup it is', () => {
  it('is surely that of one guest at most, and never of one of the cluster that lists it', () => {
    fc.assert(
      fc.property(sites, sighting, (known, seen) => {
        const claims = known.answered.flatMap((home) =>
          [...home.byVmid.values()].map((one) => ({ home, claim: claimOf(one, home, seen, known) })),
        );
        expect(claims.filter(({ claim }) => claim?.sure).length).toBeLessThanOrEqual(1);
        expect(claims.filter(({ home, claim }) => claim && home.cluster === seen.cluster)).toEqual([]);
      }),
    );
  });

  it('is that of no other cluster once its notes name one', () => {
    fc.assert(
      fc.property(sites, sighting, (known, seen) => {
        const origin = originOf(seen.volume.notes);
        const others = known.answered.filter(({ cluster }) => cluster !== origin);
        fc.pre(origin !== undefined && known.answered.some(({ cluster }) => cluster === origin));
        for (const home of others)
          for (const one of home.byVmid.values()) expect(claimOf(one, home, seen, known)).toBeUndefined();
      }),
    );
  });
});

describe('notes that name a cluster that was not looked at', () => {
  it('leave it open whose backup it is', () => {
    fc.assert(
      fc.property(sites, sighting, (known, seen) => {
        fc.pre(originOf(seen.volume.notes) === 'elsewhere');
        for (const home of known.answered)
          for (const one of home.byVmid.values()) expect(claimOf(one, home, seen, known)?.sure).not.toBe(true);
      }),
    );
  });
});

describe('the state of a guest', () => {
  const wish = fc.record({
    sites,
    sightings: fc.array(sighting, { maxLength: 8 }),
    oldest: fc.nat(1000),
    twin: fc.boolean(),
  });

  it('is none only where everything was read, ok only with a sure and fresh copy, and the newest of the sure is told', () => {
    fc.assert(
      fc.property(wish, fc.subarray(['a storage']), (given, blind) => {
        for (const home of given.sites.answered)
          for (const one of home.byVmid.values()) {
            const { state, copy, copies } = judgeCopies({ ...given, guest: one, home, blind });
            const sure = given.sightings.filter((seen) => claimOf(one, home, seen, given.sites)?.sure);
            const newest = Math.max(...sure.map(({ volume }) => volume.ctime ?? 0));
            if (state === 'none') expect([blind, sure, given.twin]).toEqual([[], [], false]);
            expect(state === 'ok').toBe(sure.length > 0 && newest >= given.oldest);
            expect(state === 'stale').toBe(sure.length > 0 && newest < given.oldest);
            if (sure.length > 0) expect(copy?.volume.ctime).toBe(newest);
            expect(copies > 0).toBe(sure.length > 0);
          }
      }),
    );
  });
});

describe('notes', () => {
  it('name a cluster and a guest as they are written', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
        fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/),
        (one, name) => {
          const written = originTemplate(one).replace('{{guestname}}', name);
          expect(originOf(written)).toBe(one);
          expect(namesGuest(written, name)).toBe(true);
          expect(namesGuest(written, `${name}x`)).toBe(false);
          expect(namesGuest(written, one)).toBe(one.toLowerCase() === name);
        },
      ),
    );
    expect(originOf('web of production')).toBeUndefined();
    expect(namesGuest('web-2', 'web')).toBe(false);
    expect(namesGuest('the WEB, before.', 'web')).toBe(true);
  });
});

describe('the new archive', () => {
  it.each([
    [
      "INFO: creating vzdump archive '/mnt/pve/transfer/dump/vzdump-qemu-100-2026_06_01-02_00_00.vma.zst'",
      'vzdump-qemu-100-2026_06_01-02_00_00.vma.zst',
    ],
    ["INFO: creating Proxmox Backup Server archive 'vm/100/2026-06-01T02:00:00Z'", 'vm/100/2026-06-01T02:00:00Z'],
    ["INFO: creating vzdump archive 'backup/ct/100/2026-06-01T02:00:00Z'", 'ct/100/2026-06-01T02:00:00Z'],
    ['INFO: status = running', undefined],
  ])('is named by %s', (line, name) => {
    expect(archiveInLog(['INFO: starting', line])).toBe(name);
  });

  it('is found by its name, else by its guest and time and never an older one', () => {
    const volumes = [
      { volid: 'x:backup/vzdump-qemu-100-1.vma', vmid: 100, ctime: 5000 },
      { volid: 'x:backup/vzdump-lxc-100-2.tar', vmid: 100, ctime: 9000 },
      { volid: 'x:backup/vzdump-qemu-100-3.vma', vmid: 100, ctime: 8000 },
    ];
    const wanted = { type: 'qemu', vmid: 100 } as const;
    expect(findArchive(volumes, { ...wanted, name: 'vzdump-qemu-100-1.vma', since: 0 })).toBe(volumes[0]);
    expect(findArchive(volumes, { ...wanted, name: 'vzdump-qemu-100-9.vma', since: 0 })).toBeUndefined();
    expect(findArchive(volumes, { ...wanted, name: undefined, since: 8050 })).toBe(volumes[2]);
    expect(findArchive(volumes, { ...wanted, name: undefined, since: 9000 })).toBeUndefined();
  });
});

describe('the storage of a backup that goes elsewhere', () => {
  const candidate = fc.record({
    source: fc.constantFrom('nas', 'pbs', 'other'),
    target: fc.constantFrom('nas', 'pbs', 'drop'),
    type: fc.constantFrom('nfs', 'pbs'),
    where: fc.constant('somewhere'),
    fault: fc.option(fc.constant('away'), { nil: undefined }),
  });
  const name = fc.option(fc.constantFrom('nas', 'pbs', 'drop', 'none'), { nil: undefined });

  it('is one that works, the named one where one is named, and there is one whenever one could be', () => {
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 5 }), name, name, (all, named, preferred) => {
        const chosen = chooseShared(all, { named, preferred, source: 'a', target: 'b' });
        const fitting = all.filter(
          (one) => !one.fault && (named === undefined || one.source === named || one.target === named),
        );
        expect('code' in chosen).toBe(fitting.length === 0);
        if ('code' in chosen) return;
        expect(fitting).toContain(chosen.storage);
        const own = fitting.filter(({ source }) => source === (named ?? preferred));
        if (own.length > 0) expect(own).toContain(chosen.storage);
      }),
    );
  });
});
