import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  bridgeName,
  configId,
  dnsName,
  firewallName,
  groupName,
  interfaceName,
  nodeName,
  poolId,
  sdnId,
  storageId,
} from '../../src/tools/arguments/names.js';

const contractFile = resolve(import.meta.dirname, '../../../shared/pve/contract.mjs');

interface Contract {
  check(verb: string, path: string, params: Record<string, string>): { faults: string[] };
}
type Asked = readonly [verb: string, path: string, params: Record<string, string>];

interface Kind {
  readonly kind: string;
  readonly schema: z.ZodType;
  /** A request that carries it, and the parameter that it is there. */
  readonly ask: (value: string) => Asked;
  readonly parameter: string;
  /** Versions whose contract says what it takes. */
  readonly versions?: readonly string[];
}

const inPath = (value: string) => encodeURIComponent(value);

const kinds: readonly Kind[] = [
  {
    kind: 'a node',
    schema: nodeName,
    ask: (one) => ['POST', '/nodes/pve1/qemu/100/migrate', { target: one }],
    parameter: 'target',
  },
  {
    kind: 'a storage',
    schema: storageId,
    ask: (one) => ['POST', '/nodes/pve1/vzdump', { storage: one }],
    parameter: 'storage',
  },
  { kind: 'a pool', schema: poolId, ask: (one) => ['POST', '/pools', { poolid: one }], parameter: 'poolid' },
  {
    kind: 'a bridge',
    schema: bridgeName,
    ask: (one) => ['POST', '/nodes/pve1/qemu', { vmid: '100', net0: `virtio,bridge=${one}` }],
    parameter: 'net0.bridge',
  },
  {
    kind: 'an interface',
    schema: interfaceName,
    ask: (one) => ['POST', '/nodes/pve1/network', { iface: one, type: 'bridge' }],
    parameter: 'iface',
  },
  {
    kind: 'a VM name',
    schema: dnsName,
    ask: (one) => ['POST', '/nodes/pve1/qemu', { vmid: '100', name: one }],
    parameter: 'name',
  },
  {
    kind: 'a snapshot',
    schema: configId(40),
    ask: (one) => ['POST', '/nodes/pve1/qemu/100/snapshot', { snapname: one }],
    parameter: 'snapname',
  },
  {
    kind: 'a mapping',
    schema: configId(256),
    ask: (one) => ['POST', '/cluster/mapping/pci', { id: one, map: 'id=1' }],
    parameter: 'id',
  },
  {
    kind: 'a security group',
    schema: groupName,
    ask: (one) => ['POST', '/cluster/firewall/groups', { group: one }],
    parameter: 'group',
  },
  {
    kind: 'an alias',
    schema: firewallName,
    ask: (one) => ['POST', '/cluster/firewall/aliases', { name: one, cidr: '10.0.0.1' }],
    parameter: 'name',
  },
  {
    kind: 'a zone',
    schema: sdnId,
    ask: (one) => ['POST', '/cluster/sdn/zones', { zone: one, type: 'simple' }],
    parameter: 'zone',
    versions: ['9.2.3'],
  },
  {
    kind: 'a vnet',
    schema: sdnId,
    ask: (one) => ['PUT', `/cluster/sdn/vnets/${inPath(one)}`, {}],
    parameter: 'vnet',
    versions: ['9.2.3'],
  },
];

/** Names, nearly names, and anything; a comma would be another key of the property string that a bridge stands in. */
const text = fc
  .oneof(
    fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.-]{0,21}$/),
    fc.stringMatching(/^[a-zA-Z0-9]{1,9}$/),
    fc.stringMatching(/^[\w.:!@/-]{1,70}$/),
    fc.stringMatching(/^[a-z0-9.-]{1,10}\.?$/),
    fc.stringMatching(/^[a-z]\w{0,25}([:.]\d{1,4})?$/),
    fc.string({ unit: 'binary', maxLength: 20 }),
  )
  .filter((one) => one.isWellFormed() && !/[,/]{2}|^$|,/.test(one));

describe.runIf(existsSync(contractFile))('the name of', () => {
  const contracts = new Map<string, Contract>();
  beforeAll(async () => {
    const { loadContract } = await import(contractFile);
    for (const version of ['8.4.5', '9.2.3']) contracts.set(version, loadContract(version));
  });

  it.each(kinds)('$kind is taken here where Proxmox takes it, and nowhere else', (one) => {
    const { schema, ask, parameter, versions = ['8.4.5', '9.2.3'] } = one;
    const tried = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(text, (value) => {
        const judged = versions.map((version) => {
          const faults = contracts.get(version)?.check(...ask(value)).faults ?? [];
          return !faults.some((fault) => fault.startsWith(`${parameter}: `));
        });
        const taken = schema.safeParse(value).success;
        tried[taken ? 'taken' : 'refused'] += 1;
        expect(judged).toEqual(versions.map(() => taken));
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(tried.taken, tried.refused)).toBeGreaterThan(100);
  });
});
