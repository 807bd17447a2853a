import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../../src/pve/endpoint.js';
import { flag, number, text } from '../../src/pve/loose.js';
import { clusterResources, guestResources } from '../../src/pve/resources.js';
import { clientFor, configOf } from './one-cluster.js';
import { startRawServer } from './raw-server.js';

describe('loose types', () => {
  it.each([
    [7, 7],
    ['7', 7],
    ['0.4', 0.4],
    [0, 0],
    ['1e3', 1000],
  ])('%j is the number %d', (given, expected) => {
    expect(number.parse(given)).toBe(expected);
  });

  it.each(['', ' ', 'many', true, null, {}, Number.NaN])('%j is no number', (given) => {
    expect(number.safeParse(given).success).toBe(false);
  });

  it.each([
    [1, true],
    ['1', true],
    [true, true],
    [0, false],
    ['0', false],
    ['', false],
    [false, false],
  ])('%j is the boolean %s', (given, expected) => {
    expect(flag.parse(given)).toBe(expected);
  });

  it.each([2, 'yes', null, {}])('%j is no boolean', (given) => {
    expect(flag.safeParse(given).success).toBe(false);
  });

  it('a string may come as a number', () => {
    expect(text.parse(100)).toBe('100');
    expect(text.parse('100')).toBe('100');
    expect(text.safeParse(true).success).toBe(false);
  });
});

describe('rows of /cluster/resources', () => {
  const rows = [
    { type: 'qemu', vmid: '100', node: 'pve1', name: 'web', cpu: '0.25', template: '1', maxmem: 1024, tags: 'a;b' },
    { type: 'lxc', vmid: 101, node: 'pve1', name: 7, template: 0, cpu: 'none', uptime: '' },
    { type: 'qemu', vmid: 102 },
    { type: 'qemu', node: 'pve1' },
    { type: 'node', node: 'pve1', status: 'online', maxcpu: '8' },
    { type: 'storage', storage: 'nfs', node: 'pve1', shared: '1', disk: '5' },
    { type: 'storage', node: 'pve1' },
    { type: 'pool', pool: 'web' },
    { type: 'network', network: 'localnetwork', node: 'pve1' },
    null,
    'x',
    7,
  ];

  it('are read whatever their types are, and odd ones are left out', async () => {
    const server = await startRawServer((response) => response.end(JSON.stringify({ data: rows })));
    const client = clientFor(configOf(server.url));
    const { data } = await client.send(guestResources, {}, { type: 'vm' });
    expect(data).toEqual([
      { type: 'qemu', vmid: 100, node: 'pve1', name: 'web', cpu: 0.25, template: true, maxmem: 1024, tags: 'a;b' },
      { type: 'lxc', vmid: 101, node: 'pve1', name: '7', template: false },
    ]);
    const all = await client.send(clusterResources, {});
    expect(all.data.guests).toHaveLength(2);
    expect(all.data.nodes).toEqual([{ node: 'pve1', status: 'online', maxcpu: 8 }]);
    expect(all.data.storages).toEqual([{ storage: 'nfs', node: 'pve1', shared: true, disk: 5 }]);
    await client.close();
    await server.close();
  });

  it('an unknown field of an answer breaks nothing and does not pass', async () => {
    const server = await startRawServer((response) => response.end('{"data":{"version":"9.9","novelty":{"a":[1]}}}'));
    const client = clientFor(configOf(server.url));
    const { data } = await client.send(endpoint('GET /version', z.object({ version: z.string() })), {});
    expect(data).toEqual({ version: '9.9' });
    await client.close();
    await server.close();
  });
});
