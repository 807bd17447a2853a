import { describe, expect, it } from 'vitest';
import { configOf, faultsOf, multi, single, warningsOf } from './environments.js';

const fallbacks = (of: Record<string, string>) =>
  multi(
    ['a', 'b', 'c'],
    Object.fromEntries(Object.entries(of).map(([name, other]) => [`PROXMOX_CLUSTER_${name}_FALLBACK`, other])),
  );

describe('the fallback of a cluster', () => {
  it('is another cluster, also of two', () => {
    const env = fallbacks({ a: 'c', b: 'c' });
    expect(configOf(env).clusters.map(({ fallback }) => fallback)).toEqual(['c', 'c', undefined]);
    expect(configOf(env).clusters[2]).not.toHaveProperty('fallback');
    expect(warningsOf(env)).toEqual([]);
  });

  it.each([
    ['nothing that is a cluster', { a: 'C' }, ["PROXMOX_CLUSTER_a_FALLBACK names 'C', which is no cluster (a, b, c)"]],
    ['not itself', { b: 'b' }, ['PROXMOX_CLUSTER_b_FALLBACK names the cluster itself: name another, or leave it out']],
    [
      'not one that has a fallback',
      { a: 'b', b: 'c' },
      ["PROXMOX_CLUSTER_a_FALLBACK makes a chain, 'a' to 'b' to 'c': a cluster that answers for another"],
    ],
    [
      'not one whose fallback it is',
      { a: 'b', b: 'a' },
      [
        "PROXMOX_CLUSTER_a_FALLBACK makes a circle, 'a' to 'b' to 'a'",
        "PROXMOX_CLUSTER_b_FALLBACK makes a circle, 'b' to 'a' to 'b'",
      ],
    ],
  ])('is %s', (_, of, expected) => {
    expect(faultsOf(fallbacks(of))).toEqual(expected.map((text) => expect.stringContaining(text)));
  });

  it('has no place in the single-cluster form', () => {
    expect(faultsOf(single({ PROXMOX_FALLBACK: 'x' }))).toEqual([]);
  });
});
