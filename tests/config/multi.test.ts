import { describe, expect, it } from 'vitest';
import { clusterVariable } from '../../src/config/cluster-source.js';
import { isMultiClusterMode, parseEnv } from '../../src/config/env.js';
import { configOf, faultsOf, multi, secret, single, warningsOf } from './environments.js';

describe('the multi-cluster form', () => {
  it('has the clusters in the order named, the first being the default', () => {
    const env = multi(['production', 'staging', 'dr'], { PROXMOX_CLUSTERS: ' production ,, staging,dr, ' });
    const config = configOf(env);
    expect(isMultiClusterMode(env)).toBe(true);
    expect(config.clusters.map((cluster) => cluster.name)).toEqual(['production', 'staging', 'dr']);
    expect(config).toMatchObject({ multiCluster: true, defaultCluster: 'production' });
    expect(warningsOf(env)).toEqual([]);
  });

  it('gives each cluster its own settings', () => {
    const config = configOf(
      multi(['a', 'b'], {
        PROXMOX_CLUSTER_a_GROUP: 'europe',
        PROXMOX_CLUSTER_a_REGION: 'eu-west',
        PROXMOX_CLUSTER_b_DEFAULT_NODE: 'pve9',
        PROXMOX_CLUSTER_b_GROUP: 'europe',
      }),
    );
    expect(config.clusters).toMatchObject([
      { name: 'a', group: 'europe', region: 'eu-west' },
      { name: 'b', group: 'europe', defaultNode: 'pve9' },
    ]);
    expect(config.clusters[0]).not.toHaveProperty('defaultNode');
  });

  it.each([
    'PROXMOX_CLUSTER_disaster-recovery_REGION',
    'PROXMOX_CLUSTER_disaster_recovery_REGION',
    'PROXMOX_CLUSTER_DISASTER_RECOVERY_REGION',
    'PROXMOX_CLUSTER_DISASTER-RECOVERY_REGION',
  ])('accepts the spelling %s', (variable) => {
    const env = multi(['disaster-recovery'], { [variable]: 'us' });
    expect(configOf(env).clusters[0]?.region).toBe('us');
    expect(warningsOf(env)).toEqual([]);
  });

  it('accepts two spellings of one value and refuses two that differ, without showing them', () => {
    const upper = 'PROXMOX_CLUSTER_PRODUCTION_TOKEN_SECRET';
    expect(faultsOf(multi(['production'], { [upper]: secret }))).toEqual([]);
    expect(faultsOf(multi(['production'], { [upper]: 'another-secret' }))).toEqual([
      `PROXMOX_CLUSTER_production_TOKEN_SECRET and ${upper} hold different values: keep one of the two`,
    ]);
  });

  it('names the variable in the spelling that was used', () => {
    expect(faultsOf(multi(['prod'], { PROXMOX_CLUSTER_PROD_VERIFY: 'x' }))).toEqual([
      "PROXMOX_CLUSTER_PROD_VERIFY is 'x': write true or false",
    ]);
  });

  it('collects the faults of all clusters, in order', () => {
    const env = multi(['a', 'b'], {
      PROXMOX_CLUSTER_a_TOKEN_ID: 'root@pam',
      PROXMOX_CLUSTER_b_API_URL: undefined,
      PROXMOX_CLUSTER_b_GROUP: 'A',
      PROXMOX_CLUSTER_CACHE_TTL: '0',
      PROXMOX_DEFAULT_CLUSTER: 'c',
      PROXMOX_LOG_LEVEL: 'loud',
    });
    const parsed = parseEnv(env);
    expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.variable)).toEqual([
      'PROXMOX_CLUSTER_a_TOKEN_ID',
      'PROXMOX_CLUSTER_b_API_URL',
      'PROXMOX_CLUSTER_b_GROUP',
      'PROXMOX_DEFAULT_CLUSTER',
      'PROXMOX_CLUSTER_CACHE_TTL',
      'PROXMOX_LOG_LEVEL',
    ]);
  });

  it('warns once that the single form is ignored', () => {
    expect(warningsOf({ ...single(), ...multi(['a']) })).toEqual([
      'PROXMOX_API_URL and PROXMOX_TOKEN_ID, PROXMOX_TOKEN_SECRET are ignored, as PROXMOX_CLUSTERS is set',
    ]);
    expect(warningsOf(multi(['a'], { PROXMOX_VERIFY: 'nonsense' }))).toEqual([
      'PROXMOX_VERIFY is ignored, as PROXMOX_CLUSTERS is set',
    ]);
  });

  it('warns of two clusters with one address', () => {
    const url = 'https://a.example.com:8006';
    expect(warningsOf(multi(['a', 'b'], { PROXMOX_CLUSTER_b_API_URL: `pve9,${url}/api2/json` }))).toEqual([
      `PROXMOX_CLUSTER_b_API_URL has '${url}', and so has the cluster 'a': they are one cluster with two names`,
    ]);
  });

  it('takes a default cluster that exists', () => {
    expect(configOf(multi(['a', 'b'], { PROXMOX_DEFAULT_CLUSTER: 'b' })).defaultCluster).toBe('b');
    expect(faultsOf(multi(['production', 'dr'], { PROXMOX_DEFAULT_CLUSTER: 'prodcution' }))).toEqual([
      "PROXMOX_DEFAULT_CLUSTER names 'prodcution', which is no cluster (production, dr); did you mean 'production'?",
    ]);
    expect(faultsOf(multi(['production'], { PROXMOX_DEFAULT_CLUSTER: 'zzz' }))).toEqual([
      "PROXMOX_DEFAULT_CLUSTER names 'zzz', which is no cluster (production)",
    ]);
  });
});

describe('names of clusters', () => {
  const start = 'PROXMOX_CLUSTERS names a cluster that cannot be used:';

  it.each([
    ['__proto__', "'__proto__' is no valid name: a letter, then at most 62 letters, digits, '-' or '_'"],
    ['1st', "'1st' is no valid name: a letter, then at most 62 letters, digits, '-' or '_'"],
    ['a.b', "'a.b' is no valid name: a letter, then at most 62 letters, digits, '-' or '_'"],
    ['größe', "'größe' is no valid name: a letter, then at most 62 letters, digits, '-' or '_'"],
    ['all', "'all' is reserved: choose another name"],
    ['Auto', "'Auto' is reserved: choose another name"],
  ])('refuses %s', (name, problem) => {
    expect(faultsOf(multi(['good', name]))).toEqual([`${start} ${problem}`]);
  });

  it('takes 63 characters and no more', () => {
    expect(faultsOf(multi([`a${'b'.repeat(62)}`]))).toEqual([]);
    expect(faultsOf(multi([`a${'b'.repeat(63)}`]))).toHaveLength(1);
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'PATTERNS', 'CACHE', 'default'])(
    'takes %s',
    (name) => {
      expect(configOf(multi([name])).clusters.map((cluster) => cluster.name)).toEqual([name]);
      expect(warningsOf(multi([name]))).toEqual([]);
    },
  );

  it.each([
    ['prod,staging,prod', "'prod' is given twice: keep one"],
    ['prod,staging,Prod', "'Prod' is given twice: keep one"],
    ['a-b,a_b', "'a_b' and 'a-b' have the same variables, as '-' and '_' count as one: rename one"],
    ['a-b,A_B', "'A_B' and 'a-b' have the same variables, as '-' and '_' count as one: rename one"],
    ['a,a_API', "'a_API' and 'a' have variables that cannot be told apart: rename one"],
    ['a-TOKEN-SECRET,a', "'a' and 'a-TOKEN-SECRET' have variables that cannot be told apart: rename one"],
    ['a,a_VERIFY', "'a_VERIFY' and 'a' have variables that cannot be told apart: rename one"],
  ])('refuses %s', (names, problem) => {
    const all = names.split(',');
    expect(faultsOf(multi(all))).toEqual([`${start} ${problem}`]);
    expect(warningsOf(multi(all))).toEqual([]);
  });

  it('takes names that only begin alike', () => {
    const env = multi(['prod', 'prod-eu', 'prod_ca', 'prod2']);
    expect(faultsOf(env)).toEqual([]);
    expect(warningsOf(env)).toEqual([]);
    expect(configOf(env).clusters.map((cluster) => cluster.apiUrls[0])).toEqual([
      'https://prod.example.com:8006',
      'https://prod-eu.example.com:8006',
      'https://prod-ca.example.com:8006',
      'https://prod2.example.com:8006',
    ]);
  });

  it('refuses a list without a name', () => {
    expect(faultsOf({ PROXMOX_CLUSTERS: ' , ,' })).toEqual([
      'PROXMOX_CLUSTERS names no cluster: write names separated by commas, or leave it out',
    ]);
  });
});

describe('groups', () => {
  const start = 'PROXMOX_CLUSTER_a_GROUP names a group that cannot be used:';

  it.each([
    ['b', "'b' is a cluster: choose another name"],
    ['A', "'a' is a cluster: choose another name"],
    ['all', "'all' is reserved: choose another name"],
    ['AUTO', "'AUTO' is reserved: choose another name"],
    ['eu west', "'eu west' is no valid name: a letter, then at most 62 letters, digits, '-' or '_'"],
  ])('refuses %s', (group, problem) => {
    expect(faultsOf(multi(['a', 'b'], { PROXMOX_CLUSTER_a_GROUP: group }))).toEqual([`${start} ${problem}`]);
  });

  it('is checked also where the cluster has other faults', () => {
    const env = multi(['a', 'b'], { PROXMOX_CLUSTER_a_GROUP: 'b', PROXMOX_CLUSTER_a_API_URL: '' });
    expect(faultsOf(env)).toHaveLength(2);
  });
});

it('refuses control characters in labels', () => {
  expect(faultsOf(single({ PROXMOX_TIER: 'a\u001b[31mb', PROXMOX_DEFAULT_NODE: 'x\ny' }))).toEqual([
    'PROXMOX_DEFAULT_NODE holds a control character: write plain text',
    'PROXMOX_TIER holds a control character: write plain text',
  ]);
});

it.each([
  ['b-c', true, 'PROXMOX_CLUSTER_b_c_FINGERPRINT'],
  ['default', true, 'PROXMOX_CLUSTER_default_FINGERPRINT'],
  ['default', false, 'PROXMOX_FINGERPRINT'],
])(
  'names the variable of the cluster %s, among several: %s, as a shell can export it',
  (name, multiCluster, variable) => {
    expect(clusterVariable(name, 'FINGERPRINT', multiCluster)).toBe(variable);
  },
);

describe('regions and tiers', () => {
  const labels = (a: Record<string, string>, b: Record<string, string> = {}) =>
    warningsOf(
      multi(
        ['a', 'b'],
        Object.fromEntries([
          ...Object.entries(a).map(([suffix, value]) => [`PROXMOX_CLUSTER_a_${suffix}`, value]),
          ...Object.entries(b).map(([suffix, value]) => [`PROXMOX_CLUSTER_b_${suffix}`, value]),
        ]),
      ),
    );

  it.each([
    [
      { REGION: 'eu, west' },
      {},
      "PROXMOX_CLUSTER_a_REGION is 'eu, west', which no call can name, as a comma separates clusters: leave the comma out",
    ],
    [
      { TIER: 'all' },
      {},
      "PROXMOX_CLUSTER_a_TIER is 'all', which in a call means every cluster: only 'tier:...' means the tier",
    ],
    [
      { TIER: 'B' },
      {},
      "PROXMOX_CLUSTER_a_TIER is 'B', which in a call means the cluster of that name: only 'tier:...' means the tier",
    ],
    [
      { REGION: 'core' },
      { GROUP: 'core' },
      "PROXMOX_CLUSTER_a_REGION is 'core', which in a call means the group of that name: only 'region:...' means the region",
    ],
    [
      { REGION: 'lab' },
      { TIER: 'lab' },
      "PROXMOX_CLUSTER_b_TIER is 'lab', which is a region too: a call has to say 'region:...' or 'tier:...'",
    ],
    [{ REGION: 'EU' }, { REGION: 'eu' }, "PROXMOX_CLUSTER_b_REGION is 'eu', and another region 'EU': spell them alike"],
  ])('%j and %j are warned about', (a, b, warning) => {
    expect(labels(a, b)).toEqual([warning]);
  });

  it('are not where the name comes to the same clusters', () => {
    expect(labels({ TIER: 'a', REGION: 'eu' }, { REGION: 'eu', GROUP: 'lab', TIER: 'lab' })).toEqual([]);
  });
});
