import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFields } from '../../src/tools/federation/difference.js';
import { referencesOf } from '../../src/tools/federation/firewall-references.js';
import { guestFields } from '../../src/tools/federation/guest-fields.js';

const hex = fc.integer({ min: 0, max: 255 }).map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
const mac = fc.array(hex, { minLength: 6, maxLength: 6 }).map((bytes) => bytes.join(':'));
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);

/** A VM as it would be after a copy: all that may not be alike is new. */
const twins = fc
  .record({
    cores: fc.integer({ min: 1, max: 64 }),
    bridge: word,
    storage: word,
    size: fc.integer({ min: 1, max: 4096 }),
    tags: fc.uniqueArray(word, { maxLength: 4 }),
    macs: fc.tuple(mac, mac),
    vmids: fc.tuple(fc.integer({ min: 100, max: 999 }), fc.integer({ min: 100, max: 999 })),
    uuids: fc.tuple(fc.uuid(), fc.uuid()),
    file: fc.boolean(),
  })
  .map(({ cores, bridge, storage, size, tags, macs, vmids, uuids, file }) =>
    ([0, 1] as const).map((side) => ({
      cores,
      digest: uuids[side],
      vmgenid: uuids[side],
      smbios1: `uuid=${uuids[side]},manufacturer=QUNNRQ==,base64=1`,
      meta: `creation-qemu=9.0,ctime=${vmids[side]}`,
      net0: `virtio=${macs[side]},bridge=${bridge},firewall=1`,
      net1: `name=eth0,hwaddr=${macs[side]},bridge=${bridge}`,
      scsi0: file
        ? `${storage}:${vmids[side]}/vm-${vmids[side]}-disk-0.qcow2,size=${size}G,discard=on`
        : `${storage}:vm-${vmids[side]}-disk-0,size=${size}G,discard=on`,
      ide2: 'none,media=cdrom',
      tags: (side === 0 ? tags : tags.toReversed()).join(';'),
    })),
  );

describe('the fields of a guest', () => {
  it('are alike for two that differ only in what no two have alike', () => {
    fc.assert(
      fc.property(twins, ([one, other]) => {
        expect(compareFields(guestFields(one ?? {}), guestFields(other ?? {}))).toEqual([]);
      }),
    );
  });

  it('tell which part of a line differs', () => {
    fc.assert(
      fc.property(twins, word, ([one], bridge) => {
        const config = one ?? {};
        const changed = { ...config, net0: `e1000=BC:24:11:00:00:01,bridge=x${bridge},firewall=1` };
        const keys = compareFields(guestFields(config), guestFields(changed)).map(({ key }) => key);
        expect(keys).toContain('net0.model');
        expect(keys.every((key) => key === 'net0.model' || key === 'net0.bridge')).toBe(true);
      }),
    );
  });

  it('show no password, and no name of a volume', () => {
    const config = { cipassword: 'hush', sshkeys: 'ssh-ed25519%20AAAAC3%20alice%40x', scsi0: 'a:vm-1-disk-0,size=1G' };
    expect(guestFields(config)).toEqual({
      cipassword: '[not shown]',
      sshkeys: ['ssh-ed25519 AAAAC3 alice%40x'],
      'scsi0.storage': 'a',
      'scsi0.size': '1G',
    });
    expect(guestFields({ ide2: 'local:iso/a.iso,media=cdrom' })).toMatchObject({ 'ide2.volume': 'local:iso/a.iso' });
  });
});

describe('what rules refer to', () => {
  const address = fc.constantFrom('10.0.0.0/8', '10.0.0.1-10.0.0.9', 'fe80::1', 'fd00::/8', '0.0.0.0/0');
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{1,10}$/);

  it('is every name, once, with or without its scope and in any case, and no address', () => {
    fc.assert(
      fc.property(fc.array(name), fc.array(name), fc.array(address), (sets, aliases, addresses) => {
        const parts = [
          ...sets.map((set, at) => (at % 2 ? `+${set}` : `+dc/${set}`)),
          ...aliases.map((alias, at) => (at % 2 ? alias : `dc/${alias.toUpperCase()}`)),
          ...addresses,
        ];
        const found = referencesOf([{ source: parts.join(',') }, { dest: parts[0] }, {}]);
        const names = (all: readonly string[]) => [...new Set(all.map((one) => one.toLowerCase()))].sort();
        expect(found).toEqual({ sets: names(sets), aliases: names(aliases), generated: [] });
      }),
    );
  });

  it('knows the IP sets that vnets bring', () => {
    expect(referencesOf([{ source: '+sdn/vnet1-all' }])).toEqual({
      sets: [],
      aliases: [],
      generated: ['sdn/vnet1-all'],
    });
  });
});
