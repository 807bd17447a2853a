import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRemoteHosts } from '../../src/config/remote-host.js';
import { configOf, faultsOf, multi, warningsOf, withNotes } from './environments.js';

const parse = (text: string) => withNotes((notes) => parseRemoteHosts(text, notes));

describe('where other clusters reach this one', () => {
  it.each([
    ['10.0.0.5', { every: { host: '10.0.0.5', port: 8006 }, nodes: {} }],
    ['pve.example.com:8443', { every: { host: 'pve.example.com', port: 8443 }, nodes: {} }],
    ['[2001:db8::5]:443', { every: { host: '2001:db8::5', port: 443 }, nodes: {} }],
    [
      'pve1=10.0.0.5, pve2=10.0.0.6:9006',
      { nodes: { pve1: { host: '10.0.0.5', port: 8006 }, pve2: { host: '10.0.0.6', port: 9006 } } },
    ],
    [
      '10.0.0.5,pve2=10.0.0.6',
      { every: { host: '10.0.0.5', port: 8006 }, nodes: { pve2: { host: '10.0.0.6', port: 8006 } } },
    ],
  ])('takes %s', (text, value) => {
    expect(parse(text)).toEqual({ value, faults: [], warnings: [] });
  });

  it.each([
    ['https://10.0.0.5:8006', "V has 'https://10.0.0.5:8006': write a host without https:// and path"],
    ['10.0.0.5:99999', "V has '10.0.0.5:99999', which is no host"],
    ['a_b=10.0.0.5', "V names 'a_b', which can be no node"],
    ['pve1=10.0.0.5,pve1=10.0.0.6', "V names node 'pve1' twice"],
    ['10.0.0.5,10.0.0.6', 'V has several hosts without a node'],
    [' , ', 'V holds no host'],
  ])('names what is wrong with %j', (text, start) => {
    const { value, faults } = parse(text);
    expect(value).toBeUndefined();
    expect(faults).toHaveLength(1);
    expect(faults[0]?.startsWith(start)).toBe(true);
  });

  it('stands beside the other settings of its cluster', () => {
    const env = multi(['a', 'b'], { PROXMOX_CLUSTER_b_REMOTE_HOST: 'pve1=192.0.2.7' });
    expect(warningsOf(env)).toEqual([]);
    expect(configOf(env).clusters).toMatchObject([
      { name: 'a' },
      { name: 'b', remoteHosts: { nodes: { pve1: { host: '192.0.2.7', port: 8006 } } } },
    ]);
    expect(configOf(env).clusters[0]).not.toHaveProperty('remoteHosts');
    expect(faultsOf(multi(['a'], { PROXMOX_CLUSTER_a_REMOTE_HOST: 'x y' }))[0]).toContain(
      'PROXMOX_CLUSTER_a_REMOTE_HOST',
    );
  });

  it('never throws, and either reads or names a fault', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { value, faults } = parse(text);
        expect(value === undefined).toBe(faults.length > 0);
      }),
    );
  });
});
