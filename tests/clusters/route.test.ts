import { describe, expect, it } from 'vitest';
import { AmbiguousClusterSelectionError, ClusterNotFoundError } from '../../src/clusters/errors.js';
import { route, select, selectAll } from '../../src/clusters/route.js';
import { cluster, config, pattern } from './routing-config.js';

const three = config(
  [cluster('production', { group: 'core' }), cluster('staging', { group: 'lab' }), cluster('dr', { group: 'core' })],
  {
    patterns: [
      pattern('prod-', 'production'),
      pattern('prod-dr-', 'dr'),
      pattern('*-test', 'staging'),
      pattern('/^db\\d+$/', 'dr'),
    ],
    vmidMap: [
      { from: 100, to: 199, cluster: 'production' },
      { from: 9000, to: 9000, cluster: 'dr' },
    ],
  },
);

const errorOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('it did not throw');
};

describe('the one cluster of a call', () => {
  it('is the one that was named, whatever else fits', () => {
    expect(route({ cluster: 'staging', name: 'prod-web-1', vmid: 100 }, three)).toEqual({
      cluster: 'staging',
      via: 'explicit',
    });
  });

  it.each([
    ['stagin', 'staging'],
    ['STAGING', 'staging'],
    ['prod', 'production'],
    ['xyzzy', undefined],
    ['', undefined],
    [' staging', 'staging'],
  ])('is never another one when %j names none', (asked, nearest) => {
    const error = errorOf(() => route({ cluster: asked, name: 'prod-web-1', vmid: 100 }, three));
    expect(error).toBeInstanceOf(ClusterNotFoundError);
    expect(error).toMatchObject({ cluster: asked, known: ['production', 'staging', 'dr'], nearest });
  });

  it.each(['all', 'core', 'production,staging'])('is not %j: a write has one cluster', (asked) => {
    expect(errorOf(() => route({ cluster: asked }, three))).toBeInstanceOf(ClusterNotFoundError);
  });

  it.each([
    ['prod-web-1', 'production', 'prod-'],
    ['PROD-web-1', 'production', 'prod-'],
    ['prod-dr-web-1', 'dr', 'prod-dr-'],
    ['web-test', 'staging', '*-test'],
    ['db7', 'dr', '/^db\\d+$/'],
  ])('of %s is chosen by its pattern', (name, chosen, by) => {
    expect(route({ name }, three)).toEqual({ cluster: chosen, via: 'pattern', by });
  });

  it('is chosen by the pattern before the VMID', () => {
    expect(route({ name: 'web-test', vmid: 100 }, three)).toMatchObject({ cluster: 'staging', via: 'pattern' });
  });

  it('is ambiguous when two patterns fit equally well', () => {
    const even = config([cluster('a'), cluster('b')], { patterns: [pattern('web-', 'a'), pattern('*-one', 'b')] });
    const error = errorOf(() => route({ name: 'web-one' }, even));
    expect(error).toBeInstanceOf(AmbiguousClusterSelectionError);
    expect(error).toMatchObject({ candidates: ['a', 'b'], unasked: [] });
    expect(route({ name: 'web-one', cluster: 'b' }, even)).toEqual({ cluster: 'b', via: 'explicit' });
  });

  it('is not ambiguous when two patterns lead to the same cluster', () => {
    const same = config([cluster('a'), cluster('b')], { patterns: [pattern('web-', 'b'), pattern('*-one', 'b')] });
    expect(route({ name: 'web-one' }, same)).toMatchObject({ cluster: 'b', via: 'pattern' });
  });

  it.each([
    ['production-vm-101', 'production'],
    ['Staging-LXC-7', 'staging'],
    ['dr-ct-1', 'dr'],
  ])('of %s is the one that the name begins with', (name, chosen) => {
    expect(route({ name }, three)).toEqual({ cluster: chosen, via: 'pattern', by: '{cluster}-{type}-{id}' });
  });

  it.each(['staging-101', 'staging-vm', 'staging-vm-x', 'staging-vm-1-2', 'xstaging-vm-1', 'stagingvm-1', 'staging'])(
    'of %s is the default: that is not the form {cluster}-{type}-{id}',
    (name) => {
      expect(route({ name }, three)).toEqual({ cluster: 'production', via: 'default' });
    },
  );

  it('of a name of that form is still that of a pattern that fits', () => {
    const own = config([cluster('a'), cluster('b')], { patterns: [pattern('b-', 'a')] });
    expect(route({ name: 'b-vm-1' }, own)).toMatchObject({ cluster: 'a', by: 'b-' });
  });

  it.each([
    [99, 'production', 'default', undefined],
    [100, 'production', 'vmid', '100-199'],
    [199, 'production', 'vmid', '100-199'],
    [200, 'production', 'default', undefined],
    [9000, 'dr', 'vmid', '9000-9000'],
    [9001, 'production', 'default', undefined],
  ])('of VMID %i is %s by %s', (vmid, chosen, via, by) => {
    expect(route({ vmid }, three)).toEqual({ cluster: chosen, via, ...(by === undefined ? {} : { by }) });
  });

  it('is the default when nothing tells', () => {
    expect(route({}, three)).toEqual({ cluster: 'production', via: 'default' });
    expect(route({}, { ...three, defaultCluster: 'dr' })).toEqual({ cluster: 'dr', via: 'default' });
  });

  it('is the only one there is when there is one', () => {
    expect(route({ vmid: 5 }, config([cluster('alone')]))).toEqual({ cluster: 'alone', via: 'only' });
  });

  it('in single-cluster mode is `default`, whatever is named', () => {
    const single = config([cluster('default')], { multiCluster: false });
    for (const asked of [undefined, 'default', 'production', 'all'])
      expect(route({ cluster: asked }, single)).toEqual({ cluster: 'default', via: 'only' });
    expect(select({ cluster: 'all' }, single)).toEqual({ clusters: ['default'], via: 'only', many: false });
  });
});

describe('the clusters of a read', () => {
  it.each([
    ['all', ['production', 'staging', 'dr'], 'all'],
    ['core', ['production', 'dr'], 'group'],
    ['lab', ['staging'], 'group'],
    ['dr,production', ['production', 'dr'], 'list'],
    ['dr, staging', ['staging', 'dr'], 'list'],
    ['lab,dr', ['staging', 'dr'], 'list'],
    ['core,production', ['production', 'dr'], 'list'],
    ['all,dr', ['production', 'staging', 'dr'], 'list'],
    ['staging,staging', ['staging'], 'list'],
  ])('of %j are %j', (asked, clusters, via) => {
    expect(select({ cluster: asked }, three)).toEqual({ clusters, via, many: true });
  });

  it('are one for one name, by the rules of a single call', () => {
    expect(select({ cluster: 'dr' }, three)).toEqual({ clusters: ['dr'], via: 'explicit', many: false });
    expect(select({ name: 'prod-1' }, three)).toEqual({
      clusters: ['production'],
      via: 'pattern',
      by: 'prod-',
      many: false,
    });
    expect(select({}, three)).toEqual({ clusters: ['production'], via: 'default', many: false });
  });

  it.each([
    ['production,stagin', 'stagin', 'staging'],
    ['cor', 'cor', 'core'],
    ['al', 'al', 'all'],
    ['dr,', '', undefined],
    [',', '', undefined],
    ['dr,,staging', '', undefined],
    ['nowhere', 'nowhere', undefined],
  ])('of %j are none: %j is unknown', (asked, part, nearest) => {
    const error = errorOf(() => select({ cluster: asked }, three));
    expect(error).toBeInstanceOf(ClusterNotFoundError);
    expect(error).toMatchObject({ cluster: part, nearest });
  });

  it('are all there are, in their order', () => {
    expect(selectAll(three)).toEqual({ clusters: ['production', 'staging', 'dr'], via: 'all', many: true });
  });
});

describe('regions and tiers', () => {
  const labelled = config([
    cluster('production', { group: 'core', region: 'eu-west', tier: 'production' }),
    cluster('standby', { region: 'eu-west', tier: 'production' }),
    cluster('lab', { region: 'test', tier: 'test' }),
    cluster('office', { region: 'core', tier: 'Lab' }),
  ]);

  it.each([
    ['region:eu-west', 'region', ['production', 'standby']],
    ['eu-west', 'region', ['production', 'standby']],
    ['tier:production', 'tier', ['production', 'standby']],
    ['tier:Lab', 'tier', ['office']],
    ['region:core', 'region', ['office']],
    ['core', 'group', ['production']],
    ['tier:test, standby', 'list', ['standby', 'lab']],
    ['core,region:core', 'list', ['production', 'office']],
  ])('%s is a %s', (asked, via, clusters) => {
    expect(select({ cluster: asked }, labelled)).toEqual({ clusters, via, many: true });
  });

  it('give way to a cluster of that name', () => {
    expect(select({ cluster: 'production' }, labelled)).toEqual({
      clusters: ['production'],
      via: 'explicit',
      many: false,
    });
    expect(errorOf(() => select({ cluster: 'Lab' }, labelled))).toMatchObject({ nearest: 'lab' });
  });

  it('of one name have to be told apart', () => {
    const error = errorOf(() => select({ cluster: 'lab,test' }, labelled));
    expect(error).toBeInstanceOf(AmbiguousClusterSelectionError);
    expect(error).toMatchObject({
      candidates: ['lab'],
      message: "'test' is a region and a tier; write 'region:test' or 'tier:test'",
    });
  });

  it.each([
    ['region:eu-wst', 'region:eu-west'],
    ['regoin:eu-west', 'region:eu-west'],
    ['eu-wets', 'eu-west'],
    ['tier:prodution', 'tier:production'],
    ['lab,tier:prod', 'tier:production'],
  ])('%s is misspelt, and the nearest is %s', (asked, nearest) => {
    const error = errorOf(() => select({ cluster: asked }, labelled));
    expect(error).toBeInstanceOf(ClusterNotFoundError);
    expect(error).toMatchObject({ nearest });
  });

  it('are not offered to what changes something', () => {
    expect(errorOf(() => route({ cluster: 'eu-wets' }, labelled))).toMatchObject({ nearest: undefined });
  });
});
