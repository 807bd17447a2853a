import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AmbiguousClusterSelectionError, ClusterError, ClusterNotFoundError } from '../../src/clusters/errors.js';
import { meansSeveral, route, select } from '../../src/clusters/route.js';
import type { ClusterConfig, ClusterRegistryConfig } from '../../src/config/cluster-config.js';
import { cluster, config, pattern } from './routing-config.js';

const names = fc.uniqueArray(fc.constantFrom('production', 'staging', 'dr', 'prod-eu', 'lab2', 'a'), {
  minLength: 2,
  maxLength: 5,
});
const prefix = fc.stringMatching(/^[a-z][a-z0-9-]{0,4}$/);

const world = names.chain((known) => {
  const one = fc.constantFrom(...known);
  const patterns = fc.uniqueArray(fc.tuple(prefix, one), { selector: ([written]) => written, maxLength: 6 });
  const range = fc.tuple(fc.integer({ min: 1, max: 9 }), one);
  const ranges = fc.uniqueArray(range, { selector: ([hundred]) => hundred, maxLength: 4 });
  const each = <T>(...values: T[]) => fc.array(fc.constantFrom(...values), { minLength: 5, maxLength: 5 });
  const labels = fc.record({
    group: each('core', 'edge', undefined),
    // Some are clusters or groups too, one is both, and one is the name of a cluster but for a capital.
    region: each('eu', 'dr', 'core', 'both', 'Staging', 'a b', undefined),
    tier: each('prod', 'staging', 'edge', 'both', 'region:eu', undefined),
  });
  return fc.record({ patterns, ranges, labels, byDefault: one }).map((rest) =>
    config(
      known.map((name, at) => {
        const { group, region, tier } = rest.labels;
        const given = Object.entries({ group: group[at], region: region[at], tier: tier[at] });
        return cluster(name, Object.fromEntries(given.filter(([, value]) => value !== undefined)));
      }),
      {
        defaultCluster: rest.byDefault,
        patterns: rest.patterns.map(([written, to]) => pattern(written, to)),
        vmidMap: rest.ranges.map(([hundred, to]) => ({ from: hundred * 100, to: hundred * 100 + 99, cluster: to })),
      },
    ),
  );
});

const hints = fc.record(
  {
    name: fc.oneof(
      fc.string(),
      fc.tuple(prefix, prefix).map(([head, tail]) => `${head}${tail}`),
    ),
    vmid: fc.integer({ min: 100, max: 1100 }),
  },
  { requiredKeys: [] },
);

/** What came of it: a value, or an error of ours. */
const attempt = <T>(run: () => T): { value: T } | { error: ClusterError } => {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof ClusterError) return { error };
    throw error;
  }
};

const words = [
  ...['production', 'staging', 'dr', 'prod-eu', 'lab2', 'a', 'core', 'edge', 'all', 'nope', ''],
  ...[
    'eu',
    'prod',
    'both',
    'Staging',
    'a b',
    'EU',
    'region:eu',
    'region:dr',
    'region:core',
    'region:both',
    'tier:prod',
  ],
  ...['tier:staging', 'tier:both', 'tier:eu', 'tier:', 'region:', 'Region:eu', 'tier:region:eu', 'region:Staging'],
];

/** The clusters that a word means, told apart from how the product finds them. */
function meant(word: string, { clusters }: ClusterRegistryConfig): readonly string[] | 'unknown' | 'ambiguous' {
  const having = (fits: (one: ClusterConfig) => boolean) => clusters.filter(fits).map(({ name }) => name);
  const taken = ['all', ...clusters.flatMap(({ name, group = name }) => [name, group])];
  const [, kind, value] = /^(region|tier):(.*)$/.exec(word) ?? [];
  const isFree = kind === undefined && !taken.some((one) => one.toLowerCase() === word.toLowerCase());
  const found = [
    having(({ name }) => name === word),
    having(() => word === 'all'),
    having(({ group }) => group === word),
    having(({ region }) => kind === 'region' && region === value),
    having(({ tier }) => kind === 'tier' && tier === value),
    having(({ region }) => isFree && region === word),
    having(({ tier }) => isFree && tier === word),
  ].filter(({ length }) => length > 0);
  return found.length > 1 ? 'ambiguous' : (found[0] ?? 'unknown');
}

describe('whatever the configuration is', () => {
  it('the cluster that was named wins over every pattern, VMID and default', () => {
    fc.assert(
      fc.property(world, hints, fc.nat(), (known, rest, pick) => {
        const asked = known.clusters[pick % known.clusters.length]?.name ?? '';
        expect(route({ ...rest, cluster: asked }, known)).toEqual({ cluster: asked, via: 'explicit' });
      }),
    );
  });

  it('a cluster that is not there is an error that names it, and no other cluster is chosen', () => {
    const asked = fc.oneof(fc.string(), fc.constantFrom('Production', 'stagin', 'all', 'core', 'dr,staging', ' dr'));
    fc.assert(
      fc.property(world, hints, asked, (known, rest, name) => {
        fc.pre(known.clusters.every((one) => one.name !== name));
        const outcome = attempt(() => route({ ...rest, cluster: name }, known));
        expect(outcome).toEqual({ error: expect.any(ClusterNotFoundError) });
        expect(outcome).toMatchObject({ error: { cluster: name } });
      }),
    );
  });

  it('what is chosen is one of the clusters that are configured', () => {
    fc.assert(
      fc.property(world, hints, (known, given) => {
        const outcome = attempt(() => route(given, known));
        if ('value' in outcome) expect(known.clusters.map(({ name }) => name)).toContain(outcome.value.cluster);
      }),
    );
  });

  it('the longest prefix wins, and only two of one length leave it open', () => {
    fc.assert(
      fc.property(world, hints, (known, { name = 'x' }) => {
        const fitting = known.patterns.filter(({ pattern: written }) => name.toLowerCase().startsWith(written));
        fc.pre(fitting.length > 0);
        const [longest] = fitting.toSorted((a, b) => b.pattern.length - a.pattern.length);
        // Prefixes that begin one name and are equally long are equal, so the configuration has one of them.
        expect(route({ name }, known)).toEqual({
          cluster: longest?.cluster,
          via: 'pattern',
          by: longest?.pattern,
        });
      }),
    );
  });

  it('a VMID of a range belongs to it when no name tells otherwise, any other to the default', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 100, max: 1100 }), (known, vmid) => {
        const range = known.vmidMap.find(({ from }) => from === Math.floor(vmid / 100) * 100);
        expect(route({ vmid }, known)).toMatchObject(
          range === undefined
            ? { cluster: known.defaultCluster, via: 'default' }
            : { cluster: range.cluster, via: 'vmid', by: `${range.from}-${range.to}` },
        );
      }),
    );
  });

  it('the same call goes to the same cluster each time', () => {
    fc.assert(
      fc.property(world, hints, (known, given) => {
        const once = attempt(() => route(given, known));
        expect(attempt(() => route(given, known))).toEqual(once);
      }),
    );
  });

  it('a read goes to clusters that are there, each once and in their order, or is refused', () => {
    const asked = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(','));
    fc.assert(
      fc.property(world, asked, (known, selector) => {
        const parts = selector.split(',');
        const outcome = attempt(() => select({ cluster: selector }, known));
        const wrong = parts.map((one) => meant(one, known)).find((one) => typeof one === 'string');
        if (wrong !== undefined) {
          const kind = wrong === 'unknown' ? ClusterNotFoundError : AmbiguousClusterSelectionError;
          expect(outcome).toEqual({ error: expect.any(kind) });
          return;
        }
        const expected = known.clusters
          .map(({ name }) => name)
          .filter((name) => parts.some((one) => meant(one, known).includes(name)));
        expect(outcome).toMatchObject({ value: { clusters: expected } });
      }),
      { numRuns: 1000 },
    );
  });

  it('what changes something takes the name of a cluster and nothing that stands for several', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...words), (known, word) => {
        const isCluster = known.clusters.some(({ name }) => name === word);
        const several = meant(word, known) !== 'unknown' && !isCluster;
        expect(meansSeveral(word, known)).toBe(several);
        expect(attempt(() => route({ cluster: word }, known))).toEqual(
          isCluster ? { value: { cluster: word, via: 'explicit' } } : { error: expect.any(ClusterNotFoundError) },
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('a region or tier with its prefix means its clusters, whatever else has that name', () => {
    fc.assert(
      fc.property(world, fc.constantFrom<'region' | 'tier'>('region', 'tier'), (known, kind) => {
        for (const value of new Set(known.clusters.flatMap((one) => one[kind] ?? [])))
          expect(select({ cluster: `${kind}:${value}` }, known)).toEqual({
            clusters: known.clusters.filter((one) => one[kind] === value).map(({ name }) => name),
            via: kind,
            many: true,
          });
      }),
    );
  });
});
