import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkValue, dependsOnRelease } from '../../src/pve/config-keys/check-value.js';
import { configKeys, findKey, unknownKey } from '../../src/pve/config-keys/find-key.js';
import type { KeySpec, PartSpec, ValueSpec } from '../../src/pve/config-keys/key-spec.js';
import { rootOnly } from '../../src/pve/config-keys/root-only.js';

const contractFile = resolve(import.meta.dirname, '../../../shared/pve/contract.mjs');
/** What stands beside the keys in a request, and is none. */
const control = /^(?:node|vmid|delete|digest|revert|force|skiplock|background_delay|import-working-storage)$/;

type Official = Record<string, any>;
const types: Record<string, string> = { flag: 'boolean', integer: 'integer', number: 'number', text: 'string' };

const judged = ({ type, min, max, longest, oneOf }: ValueSpec) => ({
  type: types[type],
  min,
  max,
  maxLength: longest,
  enum: oneOf === undefined ? undefined : [...oneOf].sort(),
});
const official = ({ type, min, max, maxLength, enum: values }: Official) => ({
  type,
  min,
  max,
  maxLength,
  enum: values === undefined ? undefined : [...values].sort(),
});

const knownTo = (spec: ValueSpec, release: number) => (spec.since ?? 0) <= release && release <= (spec.until ?? 99);

function judgedPart(part: PartSpec, contract: Official | undefined) {
  if (part.sameAs !== undefined || contract?.alias !== undefined)
    return { alias: part.sameAs ?? contract?.alias, keyAlias: part.names };
  return { ...judged(part), required: part.required ?? false, bare: part.bare ?? false };
}
const officialPart = (part: Official) =>
  part.alias !== undefined
    ? { alias: part.alias, keyAlias: part.keyAlias }
    : { ...official(part), required: !part.optional, bare: part.defaultKey ?? false };

function partsOf(spec: KeySpec, release: number, format: Official) {
  const known = Object.entries(spec.parts ?? {}).filter(([, part]) => knownTo(part, release));
  return Object.fromEntries(known.map(([name, part]) => [name, judgedPart(part, format[name])]));
}

describe.runIf(existsSync(contractFile)).each([
  ['8.4.5', 8],
  ['9.2.3', 9],
] as const)('the keys of a configuration, against the contract of %s', (version, release) => {
  it.each(['qemu', 'lxc'] as const)('of %s are all there, as they are', async (type) => {
    const { loadContract } = await import(contractFile);
    const contract = loadContract(version);
    const named = JSON.parse(readFileSync(contractFile.replace('.mjs', '.json'), 'utf8'))._meta.namedFormats;
    const route = `/nodes/{node}/${type}/{vmid}/config`;
    const { params } = contract.methods.find((one: Official) => one.method === 'PUT' && one.path === route);
    const expected = Object.keys(params).filter((name) => !control.test(name));
    const ours = Object.entries(configKeys[type]).filter(([, spec]) => knownTo(spec, release));
    expect(ours.map(([name]) => name).sort()).toEqual(expected.sort());
    for (const [name, spec] of ours) {
      expect({ name, ...judged(spec) }).toEqual({ name, ...official(params[name]) });
      const { format, pattern } = params[name];
      const parts = typeof format === 'string' ? named[version]?.[format] : format;
      if (pattern !== undefined && !/entrypoint|env/.test(name)) expect(spec.form, name).toBeDefined();
      if (typeof parts !== 'object') continue;
      const rows = Object.entries(parts).map(([part, one]) => [part, officialPart(one as Official)]);
      expect({ name, parts: partsOf(spec, release, parts) }).toEqual({ name, parts: Object.fromEntries(rows) });
    }
  });
});

const check = (type: 'qemu' | 'lxc', key: string, value: unknown, release?: number) =>
  checkValue(findKey(type, key) ?? { type: 'text' }, value, release);

describe('a value', () => {
  it.each([
    ['qemu', 'onboot', true, '1'],
    ['qemu', 'onboot', 'no', '0'],
    ['qemu', 'agent', true, '1'],
    ['qemu', 'cores', 4, '4'],
    ['qemu', 'cores', '4', '4'],
    ['qemu', 'cpulimit', 1.5, '1.5'],
    ['qemu', 'memory', 2048, '2048'],
    ['qemu', 'description', '', ''],
    ['qemu', 'net0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20', 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20'],
    ['qemu', 'boot', 'order=scsi0;net0', 'order=scsi0;net0'],
    ['qemu', 'machine', 'pc-q35-9.2+pve1,viommu=virtio', 'pc-q35-9.2+pve1,viommu=virtio'],
    ['lxc', 'startup', 'order=2,up=30', 'order=2,up=30'],
    ['lxc', 'searchdomain', 'lan example.org', 'lan example.org'],
    ['lxc', 'net0', 'name=eth0,bridge=vmbr0,ip=dhcp,ip6=auto', 'name=eth0,bridge=vmbr0,ip=dhcp,ip6=auto'],
  ] as const)('of %s %s may be %j', (type, key, value, wire) => {
    expect(check(type, key, value)).toEqual({ wire });
  });

  it.each([
    ['qemu', 'cores', 0, 'at least 1'],
    ['qemu', 'cores', 'four', 'whole number'],
    ['qemu', 'cores', '', "'delete'"],
    ['qemu', 'name', true, 'no boolean'],
    ['qemu', 'bios', 'uefi', 'one of seabios, ovmf'],
    ['qemu', 'net0', { bridge: 'vmbr0' }, 'a text'],
    ['qemu', 'net0', 'virtio,bidge=vmbr0', "'bidge' is no part of it; it has model, macaddr, bridge"],
    ['qemu', 'net0', 'bridge=vmbr0', "lacks 'model'"],
    ['qemu', 'net0', 'virtio,bridge=vmbr0,tag=5000', 'from 1 to 4094'],
    ['qemu', 'net0', 'virtio=BC:24:11:00:00:01,macaddr=BC:24:11:00:00:02', 'given twice'],
    ['qemu', 'audio0', 'spice', "'spice' lacks its key"],
    ['lxc', 'net0', 'name=eth0,ip=10.0.0.5', 'with its prefix'],
    ['lxc', 'cores', 9000, 'from 1 to 8192'],
    ['lxc', 'searchdomain', 'lan ../..', 'DNS names'],
    ['qemu', 'ciuser', 'ops\nargs: -x', 'one line'],
    ['qemu', 'tags', `${'a'.repeat(60)}!`, 'tags of letters'],
  ] as const)('of %s %s may not be %j', (type, key, value, fault) => {
    expect(check(type, key, value)).toEqual({ fault: expect.stringContaining(fault) });
  });

  it('may depend on the version', () => {
    expect(check('qemu', 'allow-ksm', false, 8)).toEqual({ fault: expect.stringContaining('from Proxmox VE 9') });
    expect(check('qemu', 'agent', '1,freeze-fs=0', 8)).toEqual({ fault: expect.stringContaining("'freeze-fs'") });
    expect(check('qemu', 'scsi0', 'local:x,cyls=3', 9)).toEqual({ fault: expect.stringContaining('gone since') });
    const spec = findKey('qemu', 'agent');
    expect(spec && [dependsOnRelease(spec, '1,freeze-fs=0'), dependsOnRelease(spec, '1')]).toEqual([true, false]);
  });
});

describe('a key that is none', () => {
  it.each([
    ['qemu', 'corse', "did you mean 'cores'"],
    ['qemu', 'scssi1', "did you mean 'scsi1'"],
    ['qemu', 'hostname', "only a container has it; did you mean 'name'"],
    ['qemu', 'net32', 'net0 to net31'],
    ['lxc', 'scsi0', 'only a VM has it'],
    ['lxc', 'delete', "'delete'"],
    ['qemu', 'skiplock', 'no API token can'],
  ] as const)('of %s, such as %s, is told', (type, key, told) => {
    expect(findKey(type, key)).toBeUndefined();
    expect(unknownKey(type, key)).toContain(told);
  });

  it('may have the name of a property that every object has', () => {
    expect(findKey('qemu', 'constructor')).toBeUndefined();
    expect(unknownKey('qemu', 'constructor')).toBe('no key of a VM');
    expect(findKey('qemu', 'net[n]')).toBeUndefined();
    expect(findKey('qemu', 'net01')).toBeUndefined();
  });
});

describe('what only root@pam may set', () => {
  it.each([
    ['qemu', 'args', '-foo', undefined],
    ['qemu', 'lock', undefined, 'backup'],
    ['qemu', 'usb0', '1234:5678', undefined],
    ['qemu', 'usb0', undefined, 'host=1234:5678'],
    ['qemu', 'hostpci0', '0000:01:00.0', undefined],
    ['qemu', 'serial0', '/dev/ttyS0', undefined],
    ['lxc', 'features', 'nesting=1,fuse=1', 'nesting=1'],
    ['lxc', 'dev0', '/dev/fuse', undefined],
    ['lxc', 'mp0', '/srv/data,mp=/data', undefined],
  ] as const)('of %s: %s', (type, key, value, before) => {
    expect(rootOnly(type, key, value, before)).toContain('root@pam');
  });

  it.each([
    ['qemu', 'usb0', 'spice', undefined],
    ['qemu', 'usb0', 'mapping=stick', undefined],
    ['qemu', 'hostpci0', 'mapping=gpu,pcie=1', undefined],
    ['qemu', 'serial0', 'socket', undefined],
    ['lxc', 'features', 'nesting=1,fuse=1', 'fuse=1'],
    ['lxc', 'mp0', 'local-lvm:8,mp=/data', undefined],
  ] as const)('is not %s %s=%s', (type, key, value, before) => {
    expect(rootOnly(type, key, value, before)).toBeUndefined();
  });
});
