import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Nic } from '../../src/pve/guest-config.js';
import { sharedStorages } from '../../src/tools/federation/shared-storages.js';
import { planBridges } from '../../src/tools/migration-between/bridge-map.js';
import { endpointAddress } from '../../src/tools/migration-between/endpoint-address.js';
import { parseIdMap, writeIdMap } from '../../src/tools/migration-between/id-map.js';
import { tokenLifetime } from '../../src/tools/migration-between/move-token.js';
import { type MovedVolume, movedVolumes } from '../../src/tools/migration-between/moved-volumes.js';
import { planStorages, type TargetStorage } from '../../src/tools/migration-between/storage-map.js';

const types = ['dir', 'lvmthin', 'lvm', 'zfspool', 'rbd', 'nfs'];
const name = fc.constantFrom('a', 'b', 'c', 'd');
const gib = 1024 ** 3;

const volumes: fc.Arbitrary<MovedVolume[]> = fc.array(
  fc.record({
    key: fc.constant('scsi0'),
    volid: fc.constant('x'),
    storage: name,
    bytes: fc.integer({ min: 0, max: 40 }).map((size) => size * gib),
    format: fc.constantFrom('raw', 'qcow2'),
    mirrored: fc.boolean(),
  }),
  { maxLength: 6 },
);
const targets: fc.Arbitrary<TargetStorage[]> = fc.uniqueArray(
  fc.record({
    storage: name,
    type: fc.constantFrom(...types),
    content: fc.constantFrom(['images'], ['images', 'rootdir'], ['iso']),
    active: fc.boolean(),
    avail: fc.option(
      fc.integer({ min: 0, max: 100 }).map((size) => size * gib),
      { nil: undefined },
    ),
  }),
  { selector: ({ storage }) => storage },
);
const sourceTypes = fc.array(fc.tuple(name, fc.constantFrom(...types))).map((pairs) => new Map(pairs));
const maps = fc
  .tuple(fc.dictionary(name, name), fc.option(name, { nil: undefined }))
  .map(([named, others]) => ({ named: new Map(Object.entries(named)), ...(others === undefined ? {} : { others }) }));

describe('the map of storages', () => {
  it('gives each storage a place that takes its disks and has room for all of them, or is a stop', () => {
    fc.assert(
      fc.property(volumes, targets, sourceTypes, maps, (moved, there, known, asked) => {
        const { map, stops } = planStorages({
          ...{ type: 'qemu', node: 'n', volumes: moved, targets: there, asked, sourceTypes: known },
        });
        const used = new Set(moved.map(({ storage }) => storage));
        expect(map.length + stops.length).toBe(used.size);
        expect(new Set(map.map(({ source }) => source)).size).toBe(map.length);
        for (const { source, target } of map) {
          const found = there.find(({ storage }) => storage === target);
          expect(found).toMatchObject({ active: true });
          expect(found?.content).toContain('images');
          const wanted = asked.named.get(source) ?? ('others' in asked ? asked.others : undefined);
          if (wanted !== undefined) expect(target).toBe(wanted);
        }
        for (const { storage, avail } of there) {
          const taken = map.filter(({ target }) => target === storage).reduce((sum, { bytes }) => sum + bytes, 0);
          if (avail !== undefined) expect(taken).toBeLessThanOrEqual(avail);
        }
      }),
    );
  });

  const place = (storage: string, type: string, avail: number): TargetStorage => ({
    ...{ storage, type, avail: avail * gib, content: ['images'], active: true },
  });
  const one: MovedVolume = {
    key: 'scsi0',
    volid: 'x',
    storage: 'src',
    bytes: 10 * gib,
    format: 'raw',
    mirrored: false,
  };
  const plan = (there: TargetStorage[], type = 'lvmthin', volume: Partial<MovedVolume> = {}, preferred?: string) =>
    planStorages({
      ...{ type: 'qemu', node: 'n', volumes: [{ ...one, ...volume }], targets: there, preferred },
      ...{ asked: parseIdMap('storage_map', undefined), sourceTypes: new Map([['src', type]]) },
    });

  it.each([
    ['the same name and type', [place('src', 'lvmthin', 20), place('other', 'lvmthin', 900)], undefined, 'src'],
    ['the same type', [place('src', 'dir', 900), place('other', 'lvmthin', 20)], undefined, 'other'],
    ['the default storage', [place('a', 'dir', 900), place('b', 'lvm', 20)], 'b', 'b'],
    ['the most space', [place('a', 'dir', 30), place('b', 'lvm', 40)], undefined, 'b'],
    ['what has room, rather than what is alike', [place('src', 'lvmthin', 5), place('b', 'dir', 40)], undefined, 'b'],
  ] as const)('prefers %s', (_, there, preferred, chosen) => {
    expect(plan([...there], 'lvmthin', {}, preferred).map).toMatchObject([{ source: 'src', target: chosen }]);
  });

  it('keeps what is streamed in its family of storages, and lets a running VM go anywhere', () => {
    expect(plan([place('z', 'zfspool', 90)]).stops[0]?.message).toContain("takes no 'raw' from a lvmthin storage");
    expect(plan([place('z', 'zfspool', 90)], 'lvmthin', { mirrored: true }).map).toHaveLength(1);
    expect(plan([place('z', 'zfspool', 90)], 'zfspool').map).toHaveLength(1);
    expect(plan([place('t', 'lvmthin', 90)], 'dir', { format: 'qcow2' }).stops).toHaveLength(1);
    expect(plan([place('t', 'nfs', 90)], 'dir', { format: 'qcow2' }).map).toHaveLength(1);
  });
});

describe('the map of bridges', () => {
  const nics = fc.array(
    fc.record({
      nic: fc.constant('net0'),
      bridge: name,
      tag: fc.option(fc.integer({ min: 1, max: 4094 }), { nil: undefined }),
    }),
    { maxLength: 4 },
  );
  const bridges = fc.uniqueArray(
    fc.record({
      iface: name,
      active: fc.boolean(),
      vlanAware: fc.option(fc.boolean(), { nil: undefined }),
    }),
    { selector: ({ iface }) => iface },
  );

  it('gives each bridge one that is there, or is a stop', () => {
    fc.assert(
      fc.property(nics, bridges, maps, fc.option(name, { nil: undefined }), (cards, there, asked, preferred) => {
        const { map, stops } = planBridges({ node: 'n', nics: cards as Nic[], targets: there, asked, preferred });
        expect(map.length + stops.length).toBe(new Set(cards.map(({ bridge }) => bridge)).size);
        for (const { source, target } of map) {
          expect(there.map(({ iface }) => iface)).toContain(target);
          const wanted = asked.named.get(source) ?? ('others' in asked ? asked.others : undefined);
          if (wanted !== undefined) expect(target).toBe(wanted);
          else if (there.some(({ iface }) => iface === source)) expect(target).toBe(source);
        }
      }),
    );
  });

  it('takes the only bridge that knows VLANs for a card that has one', () => {
    const targets = [
      { iface: 'vmbr7', active: true, vlanAware: true },
      { iface: 'vmbr8', active: true, vlanAware: false },
    ];
    const card = { nic: 'net0', bridge: 'vmbr0', tag: 20 } as Nic;
    const asked = parseIdMap('bridge_map', undefined);
    expect(planBridges({ node: 'n', nics: [card], targets, asked }).map).toEqual([
      { source: 'vmbr0', target: 'vmbr7', reason: 'the only one that fits its VLAN' },
    ]);
    const plain = planBridges({ node: 'n', nics: [{ ...card, tag: undefined }], targets, asked });
    expect(plain.stops).toHaveLength(1);
    const named = planBridges({ node: 'n', nics: [card], targets, asked: parseIdMap('bridge_map', 'vmbr8') });
    expect(named.warnings).toMatchObject([{ code: 'vlan' }]);
  });
});

it('a map is written as Proxmox reads it, and read as it was written', () => {
  fc.assert(
    fc.property(fc.dictionary(name, name), (pairs) => {
      const list = Object.entries(pairs).map(([source, target]) => ({ source, target }));
      expect([...parseIdMap('x', writeIdMap(list)).named]).toEqual(Object.entries(pairs));
    }),
  );
});

describe('the disks of a guest', () => {
  it('are those on a storage, with what the storage says of them', () => {
    const config = {
      scsi0: 'thin:vm-1-disk-0,size=32G',
      scsi1: 'thin:vm-1-disk-1,size=8G',
      ide2: 'local:iso/x.iso,media=cdrom',
      ide0: 'thin:vm-1-cloudinit,media=cdrom',
      ide1: 'none,media=cdrom',
      unused0: 'files:1/vm-1-disk-9.qcow2',
      tpmstate0: 'thin:vm-1-disk-2,size=4M',
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
    };
    const listed = [{ volid: 'thin:vm-1-disk-0', size: 40 * gib, format: 'raw' }];
    const moved = movedVolumes(config, listed, true);
    expect(moved.map(({ key, bytes, mirrored }) => [key, bytes, mirrored])).toEqual([
      ['ide0', 0, true],
      ['scsi0', 40 * gib, true],
      ['scsi1', 8 * gib, true],
      ['tpmstate0', 4 * 1024 ** 2, false],
      ['unused0', 0, false],
    ]);
    expect(moved.find(({ key }) => key === 'unused0')?.format).toBe('qcow2');
  });
});

describe('the address of the target node', () => {
  const rows = [
    { type: 'cluster', name: 'dr' },
    { type: 'node', name: 'n1', ip: '10.0.0.1', local: true },
    { type: 'node', name: 'n2', ip: '10.0.0.2', local: false },
  ];
  const at = (node: string, urls: string[], remoteHosts?: any) =>
    endpointAddress({ node, cluster: 'dr', urls, remoteHosts, rows });

  it.each([
    ['what is configured for it', 'n1', ['https://a:8006'], { nodes: { n1: { host: 'x', port: 1 } } }, 'x', 1],
    ['what is configured for all', 'n2', ['https://a:8006'], { every: { host: 'y', port: 2 }, nodes: {} }, 'y', 2],
    [
      'the only API URL, where that is the node',
      'n1',
      ['https://pve.example.com:443'],
      undefined,
      'pve.example.com',
      443,
    ],
    ['not the API URL of another node', 'n2', ['https://pve.example.com:8006'], undefined, '10.0.0.2', 8006],
    ['the API URL that names it', 'n2', ['https://n1.x:8006', 'https://n2.x:9006'], undefined, 'n2.x', 9006],
    ['no loopback address', 'n1', ['https://127.0.0.1:8006'], undefined, '10.0.0.1', 8006],
  ])('is %s', (_, node, urls, remoteHosts, host, port) => {
    expect(at(node, urls, remoteHosts)).toMatchObject({ host, port });
  });

  it('is not known of a node that nobody names', () => {
    expect(at('n3', ['https://127.0.0.1:8006'])).toBeUndefined();
  });
});

it('a token lives twice as long as the slowest copy takes, two hours at least and seven days at most', () => {
  expect(tokenLifetime(0, undefined)).toBe(7200);
  expect(tokenLifetime(100 * gib, undefined)).toBe((2 * 100 * gib) / (10 * 1024 ** 2));
  expect(tokenLifetime(100 * gib, 1024)).toBe((2 * 100 * gib) / 1024 ** 2);
  expect(tokenLifetime(1e15, undefined)).toBe(7 * 86_400);
});

describe('storages that two clusters share', () => {
  const nfs = { storage: 'a', type: 'nfs', content: 'backup,images', server: 'NAS.local', export: '/srv/x/' };
  const pbs = { storage: 'p', type: 'pbs', content: 'backup', server: '10.0.0.9', datastore: 'main' };
  const wish = { content: 'backup' } as const;

  it.each([
    ['the same export', [nfs], [{ ...nfs, storage: 'b', server: 'nas.local', export: '/srv/x' }], ['a b']],
    ['another export', [nfs], [{ ...nfs, export: '/srv/y' }], []],
    ['other content', [nfs], [{ ...nfs, content: 'images' }], []],
    ['a disabled one', [nfs], [{ ...nfs, disable: true }], []],
    ['the same datastore', [pbs], [{ ...pbs, storage: 'q', port: '8007' }], ['p q']],
    ['another namespace', [{ ...pbs, namespace: 'one' }], [{ ...pbs, namespace: 'two' }], []],
    ['another port', [pbs], [{ ...pbs, port: '9007' }], []],
    [
      'folders of their own',
      [{ storage: 'd', type: 'dir', content: 'backup' }],
      [{ storage: 'd', type: 'dir', content: 'backup' }],
      [],
    ],
  ])('%s', (_, here, there, expected) => {
    expect(sharedStorages(here, there, wish).map(({ source, target }) => `${source} ${target}`)).toEqual(expected);
  });

  it('only where the node has them', () => {
    const there = [{ ...nfs, nodes: 'n1,n2' }];
    expect(sharedStorages([nfs], there, { ...wish, targetNode: 'n3' })).toEqual([]);
    expect(sharedStorages([nfs], there, { ...wish, targetNode: 'n2' })).toHaveLength(1);
  });
});
