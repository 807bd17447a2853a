import { describe, expect, it } from 'vitest';
import { type ClusterIdentity, isSameCluster } from '../../src/clusters/identity.js';

const joined: ClusterIdentity = { name: 'c', nodes: ['a', 'b'], addresses: ['10.0.0.1', '10.0.0.2'], authority: 'AA' };
const { authority: _, ...withoutAuthority } = joined;
const { addresses: __, ...withoutAddresses } = joined;
const host: ClusterIdentity = { nodes: ['pve'], addresses: ['192.168.1.10'], authority: 'AA' };
const { authority: ___, ...bareHost } = host;

describe('two answers', () => {
  it.each([
    ['of one cluster', joined, { ...joined }, true],
    ['of which one does not know its authority', joined, withoutAuthority, true],
    ['of which one does not know its addresses', joined, withoutAddresses, true],
    ['of one stand-alone host', host, { ...host }, true],
  ])('%s are the same', (_, a, b, expected) => {
    expect(isSameCluster(a, b)).toBe(expected);
    expect(isSameCluster(b, a)).toBe(expected);
  });

  it.each([
    ['with another authority', joined, { ...joined, authority: 'BB' }],
    ['with another name', joined, { ...joined, name: 'd' }],
    ['with other nodes', joined, { ...joined, nodes: ['a', 'c'] }],
    ['with other addresses', joined, { ...joined, addresses: ['10.0.0.1', '10.0.0.3'] }],
    ['of stand-alone hosts with a name in common', host, { ...host, authority: 'BB' }],
  ])('%s differ', (_, a, b) => {
    expect(isSameCluster(a, b)).toBe(false);
  });

  it.each([
    ['of hosts that are called alike, as so many are', bareHost, bareHost],
    ['of which neither tells addresses and authority', { name: 'c', nodes: ['a'] }, { name: 'c', nodes: ['a'] }],
    ['of which one is not there', host, undefined],
  ])('%s do not tell', (_, a, b) => {
    expect(isSameCluster(a, b)).toBeUndefined();
  });
});
