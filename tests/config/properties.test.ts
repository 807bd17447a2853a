import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterRegistryConfig } from '../../src/config/cluster-config.js';
import { isMultiClusterMode, parseEnv } from '../../src/config/env.js';
import { quote } from '../../src/config/faults.js';
import { allClusterSuffixes, globalNames, singleNames } from '../../src/config/variables.js';
import { configOf, type Env, faultsOf, single } from './environments.js';

const clusterName = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/).filter((name) => name !== 'all' && name !== 'auto');
const anyVariable = fc.oneof(
  fc.constantFrom<string>(...globalNames, ...singleNames, 'HOME', 'USERPROFILE'),
  fc
    .tuple(fc.constantFrom('a', 'B-c', '__proto__', 'constructor', 'é'), fc.constantFrom(...allClusterSuffixes))
    .map(([name, suffix]) => `PROXMOX_CLUSTER_${name}_${suffix}`),
  fc.string().map((tail) => `PROXMOX_${tail}`),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'PROXMOX_CLUSTER_', 'PROXMOX_CLUSTER__API_URL'),
);
const anyValue = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'a',
    'a,B-c',
    '__proto__',
    'constructor,a',
    'true',
    '~',
    '/',
    '{',
    '{"a":"a"}',
    '100:a',
    ',',
    '=',
    `\${X}`,
  ),
  fc.constantFrom('https://h', 'http://[::1]', 'u@r!t', 'root@pam!x=y', 'enc:v1:', '~/x', '3600'),
);

describe('parseEnv on any environment', () => {
  it('answers, and says what to do about each fault', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyVariable, anyValue), { maxLength: 20 }), (entries) => {
        const env: Env = Object.fromEntries(entries);
        const parsed = parseEnv(env);
        for (const note of [...(parsed.ok ? [] : parsed.faults), ...parsed.warnings]) {
          expect(note.message.startsWith(`${note.variable} `)).toBe(true);
        }
        expect(parsed.ok || parsed.faults.length > 0).toBe(true);
        if (parsed.ok) {
          expect(parsed.config.multiCluster).toBe(isMultiClusterMode(env));
          expect(parsed.config.clusters.map(({ name }) => name)).toContain(parsed.config.defaultCluster);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('does not depend on the order of the variables', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(anyVariable, anyValue), { selector: ([name]) => name }), (entries) => {
        expect(parseEnv(Object.fromEntries(entries.toReversed()))).toEqual(parseEnv(Object.fromEntries(entries)));
      }),
    );
  });
});

describe('secrets', () => {
  it('appear in no message, wherever they were pasted but as the name of a cluster', () => {
    const where = fc.constantFrom<string>(
      ...singleNames,
      ...globalNames.filter((name) => name !== 'PROXMOX_CLUSTERS'),
      ...allClusterSuffixes.map((suffix) => `PROXMOX_CLUSTER_a_${suffix}`),
    );
    const around = fc.tuple(
      fc.constantFrom('', 'https://u:', 'a@b!c=', '/', 'x:', '{"', '100:'),
      fc.constantFrom('', '@h', '/', ',', ':a', '"}'),
    );
    const secretText = fc.oneof(fc.uuid(), fc.stringMatching(/^[A-Za-z0-9]{16,40}$/));
    fc.assert(
      fc.property(
        secretText,
        fc.array(fc.tuple(where, around), { maxLength: 8 }),
        fc.boolean(),
        (secret, pasted, many) => {
          const env: Env = many ? { PROXMOX_CLUSTERS: 'a', PROXMOX_CLUSTER_A_TOKEN_SECRET: secret } : single();
          for (const [variable, [before, after]] of pasted) env[variable] ??= before + secret + after;
          env.PROXMOX_TOKEN_SECRET = secret;
          const parsed = parseEnv(env);
          const said = JSON.stringify([parsed.ok ? [] : parsed.faults, parsed.warnings]);
          expect(said.toLowerCase()).not.toContain(secret.toLowerCase());
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('that look like a UUID are masked in quotes, and long values are not quoted', () => {
    expect(quote('x 11111111-2222-3333-4444-555555555555')).toBe("'x ********'");
    expect(quote('11111111222233334444555555555555')).toBe("'********'");
    expect(quote('x'.repeat(61))).toBe('a value of 61 characters');
    expect(quote('a\u001bb\u202e')).toBe("'a\\u{1b}b\\u{202e}'");
  });

  it('behind the = of a token ID are masked too', () => {
    const env = single({ PROXMOX_TOKEN_ID: 'a@b!cc=hunter2-hunter2', PROXMOX_VERIFY: 'hunter2-hunter2' });
    expect(faultsOf(env).join('\n')).not.toContain('hunter2');
  });
});

/** The environment that a configuration came from, apart from its warnings. */
function render(config: ClusterRegistryConfig, json: boolean): Env {
  const env: Env = {
    PROXMOX_CLUSTERS: config.clusters.map(({ name }) => name).join(', '),
    PROXMOX_DEFAULT_CLUSTER: config.defaultCluster,
    PROXMOX_CLUSTER_VALIDATION: config.validateOnStart ? 'on' : 'off',
    PROXMOX_CLUSTER_CACHE_TTL: String(config.cacheTtl),
    PROXMOX_CLUSTER_PATTERNS: pairs(
      config.patterns.map(({ pattern, cluster }) => [pattern, cluster]),
      json,
    ),
    PROXMOX_CLUSTER_VMID_MAP: pairs(
      config.vmidMap.map(({ from, to, cluster }) => [`${from}-${to}`, cluster]),
      json,
    ),
  };
  for (const cluster of config.clusters) {
    const set = (suffix: string, value: string | undefined) => {
      env[`PROXMOX_CLUSTER_${json ? cluster.name : cluster.name.replaceAll('-', '_').toUpperCase()}_${suffix}`] = value;
    };
    set('API_URL', cluster.apiUrls.map((url) => (json ? url : `${url}/api2/json/`)).join(','));
    set('TOKEN_ID', cluster.tokenId);
    set('TOKEN_SECRET', cluster.tokenSecret);
    set('VERIFY', cluster.tls.mode === 'off' ? 'False' : undefined);
    set('CA_FILE', cluster.tls.mode === 'ca' ? cluster.tls.caFile : undefined);
    set(
      'FINGERPRINT',
      cluster.tls.mode === 'fingerprint' ? cluster.tls.fingerprints.join(', ').toLowerCase() : undefined,
    );
    set('DEFAULT_NODE', cluster.defaultNode);
    set('GROUP', cluster.group);
    set('TIER', cluster.tier);
  }
  return env;
}

function pairs(entries: readonly (readonly [string, string])[], json: boolean): string {
  return json ? JSON.stringify(Object.fromEntries(entries)) : entries.map((entry) => entry.join(':')).join(',');
}

const fingerprint = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':'));
const tls = fc.oneof(
  fc.constant({ mode: 'system' as const }),
  fc.constant({ mode: 'off' as const }),
  fc.constant({ mode: 'ca' as const, caFile: '/etc/ca file.pem' }),
  fc
    .uniqueArray(fingerprint, { minLength: 1, maxLength: 3 })
    .map((fingerprints) => ({ mode: 'fingerprint' as const, fingerprints })),
);
const settings = fc.record({
  port: fc.integer({ min: 1, max: 65_535 }),
  second: fc.boolean(),
  tls,
  labels: fc.record(
    {
      defaultNode: fc.constant('pve1'),
      tier: fc.stringMatching(/^[a-zé][a-z ]{0,5}[a-z]$/),
      group: fc.constant('the-group'),
    },
    { requiredKeys: [] },
  ),
});

const configuration: fc.Arbitrary<ClusterRegistryConfig> = fc
  .record({
    clusters: fc.uniqueArray(fc.tuple(clusterName, settings), {
      minLength: 1,
      maxLength: 5,
      selector: ([name]) => name.split('-')[0],
    }),
    chosen: fc.nat(),
    validateOnStart: fc.boolean(),
    cacheTtl: fc.integer({ min: 1, max: 86_400 }),
    prefixes: fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,6}-$/), { maxLength: 4 }),
  })
  .map(({ clusters, chosen, validateOnStart, cacheTtl, prefixes }) => {
    const names = clusters.map(([name]) => name);
    const at = (index: number) => names[index % names.length] ?? '';
    return {
      clusters: clusters.map(([name, { port, second, tls: mode, labels }], index) => ({
        name,
        apiUrls: [
          `https://h${index}.example.com:${port}`,
          ...(second ? [`https://[2001:db8::${index + 1}]:${port}`] : []),
        ],
        tokenId: `u${index}@pve!token-${index}`,
        tokenSecret: `secret-${index}`,
        tls: mode,
        ...labels,
      })),
      defaultCluster: at(chosen),
      multiCluster: true,
      patterns: prefixes.map((pattern, index) => ({
        pattern,
        regex: new RegExp(`^${pattern}`, 'i'),
        literal: pattern.length,
        cluster: at(index),
      })),
      vmidMap: prefixes.map((_, index) => ({ from: 100 + index * 100, to: 199 + index * 100, cluster: at(index) })),
      validateOnStart,
      cacheTtl,
    };
  })
  .map((config) => ({
    ...config,
    clusters: config.clusters.map((cluster) => {
      const [first = '', ...rest] = cluster.apiUrls;
      return { ...cluster, apiUrls: [first, ...rest] };
    }),
  }));

describe('a rendered configuration', () => {
  it('is read to the same, in JSON and in the short form', () => {
    fc.assert(
      fc.property(configuration, fc.boolean(), (config, json) => {
        const env = render(config, json);
        expect(faultsOf(env)).toEqual([]);
        expect(configOf(env)).toEqual(config);
      }),
      { numRuns: 500 },
    );
  });
});
