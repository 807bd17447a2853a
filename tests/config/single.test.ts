import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { isMultiClusterMode, parseEnv, requireConfig } from '../../src/config/env.js';
import { configOf, faultsOf, secret, single, warningsOf } from './environments.js';

describe('the single-cluster form', () => {
  it('is one cluster called default', () => {
    expect(parseEnv(single())).toEqual({
      ok: true,
      config: {
        clusters: [
          {
            name: 'default',
            apiUrls: ['https://pve1.example.com:8006'],
            tokenId: 'mcp@pve!proxmox-mcp',
            tokenSecret: secret,
            tls: { mode: 'system' },
          },
        ],
        defaultCluster: 'default',
        multiCluster: false,
        patterns: [],
        vmidMap: [],
        validateOnStart: true,
        cacheTtl: 3600,
      },
      log: { level: 'info' },
      warnings: [],
    });
  });

  it('reads every setting of it', () => {
    const [cluster] = configOf(
      single({
        PROXMOX_DEFAULT_NODE: 'pve1',
        PROXMOX_DEFAULT_STORAGE: 'local-lvm',
        PROXMOX_DEFAULT_BRIDGE: 'vmbr0',
        PROXMOX_REGION: 'eu-west',
        PROXMOX_TIER: 'Tier 1',
        PROXMOX_CA_FILE: '/etc/ca.pem',
      }),
    ).clusters;
    expect(cluster).toMatchObject({
      defaultNode: 'pve1',
      defaultStorage: 'local-lvm',
      defaultBridge: 'vmbr0',
      region: 'eu-west',
      tier: 'Tier 1',
      tls: { mode: 'ca', caFile: '/etc/ca.pem' },
    });
    expect(cluster).not.toHaveProperty('group');
  });

  it.each(['', '   ', `\${user_config.clusters}`, `\${PROXMOX_CLUSTERS}`])(
    'is chosen by PROXMOX_CLUSTERS=%j',
    (value) => {
      const env = single({ PROXMOX_CLUSTERS: value });
      expect(isMultiClusterMode(env)).toBe(false);
      expect(configOf(env).multiCluster).toBe(false);
    },
  );

  it('takes an empty or unfilled value of any variable as unset', () => {
    const empty = { PROXMOX_VERIFY: '', PROXMOX_TIER: ' ', PROXMOX_FINGERPRINT: `\${user_config.fingerprint}` };
    expect(parseEnv(single(empty))).toEqual(parseEnv(single()));
    expect(faultsOf(single({ PROXMOX_TOKEN_SECRET: `\${SECRET}` }))).toEqual([
      'PROXMOX_TOKEN_SECRET is missing: set it, such as 00000000-0000-0000-0000-000000000000',
    ]);
  });

  it('trims values', () => {
    expect(configOf(single({ PROXMOX_TOKEN_SECRET: ` ${secret}\n` })).clusters[0]?.tokenSecret).toBe(secret);
  });

  it('names each missing variable', () => {
    expect(faultsOf({ PROXMOX_API_URL: 'pve1' })).toEqual([
      'PROXMOX_TOKEN_ID is missing: set it, such as mcp@pve!proxmox-mcp',
      'PROXMOX_TOKEN_SECRET is missing: set it, such as 00000000-0000-0000-0000-000000000000',
    ]);
    expect(faultsOf({ PROXMOX_TOKEN_SECRET: secret })).toHaveLength(2);
  });

  it('says both ways when neither form is there', () => {
    const [fault, ...others] = faultsOf({ PATH: '/bin', PROXMOX_REGION: 'eu' });
    expect(others).toEqual([]);
    expect(fault).toContain('PROXMOX_CLUSTERS is not set');
    expect(fault).toContain('PROXMOX_API_URL, PROXMOX_TOKEN_ID and PROXMOX_TOKEN_SECRET');
    expect(fault).toContain('PROXMOX_CLUSTER_<name>_API_URL');
  });

  it('warns of settings that only many clusters have', () => {
    const useless = {
      PROXMOX_DEFAULT_CLUSTER: 'x',
      PROXMOX_CLUSTER_PATTERNS: 'not even a pattern',
      PROXMOX_CLUSTER_VMID_MAP: '1:x',
    };
    expect(faultsOf(single(useless))).toEqual([]);
    const rest = 'has no effect, as PROXMOX_CLUSTERS is not set and there is one cluster';
    expect(warningsOf(single(useless))).toEqual([
      `PROXMOX_DEFAULT_CLUSTER ${rest}`,
      `PROXMOX_CLUSTER_PATTERNS ${rest}`,
      `PROXMOX_CLUSTER_VMID_MAP ${rest}`,
    ]);
  });

  it('reads own properties only', () => {
    expect(faultsOf(Object.create(single()))).toHaveLength(1);
    expect(isMultiClusterMode(Object.create({ PROXMOX_CLUSTERS: 'a' }))).toBe(false);
  });
});

describe('the settings of the server', () => {
  it.each([
    ['false', false],
    ['OFF', false],
    ['0', false],
    ['no', false],
    ['Yes', true],
    ['1', true],
    ['on', true],
  ])('PROXMOX_CLUSTER_VALIDATION=%s', (value, expected) => {
    expect(configOf(single({ PROXMOX_CLUSTER_VALIDATION: value })).validateOnStart).toBe(expected);
  });

  it.each(['maybe', 'truee', '2'])('refuses PROXMOX_CLUSTER_VALIDATION=%s', (value) => {
    expect(faultsOf(single({ PROXMOX_CLUSTER_VALIDATION: value }))).toEqual([
      `PROXMOX_CLUSTER_VALIDATION is '${value}': write true or false`,
    ]);
  });

  it.each(['1', '86400', '0900'])('takes PROXMOX_CLUSTER_CACHE_TTL=%s', (value) => {
    expect(configOf(single({ PROXMOX_CLUSTER_CACHE_TTL: value })).cacheTtl).toBe(Number(value));
  });

  it.each(['0', '86401', '1.5', '-1', '1h', '1e3', 'Infinity'])('refuses PROXMOX_CLUSTER_CACHE_TTL=%s', (value) => {
    expect(faultsOf(single({ PROXMOX_CLUSTER_CACHE_TTL: value }))).toEqual([
      `PROXMOX_CLUSTER_CACHE_TTL is '${value}': write whole seconds from 1 to 86400`,
    ]);
  });

  it('reads the log, also when the rest is at fault', () => {
    const log = { PROXMOX_LOG_LEVEL: 'Debug', PROXMOX_LOG_FILE: '~/mcp.log', HOME: '/home/me/' };
    expect(parseEnv(log)).toMatchObject({ ok: false, log: { level: 'debug', file: '/home/me/mcp.log' } });
    expect(parseEnv(single({ PROXMOX_LOG_FILE: 'C:\\logs\\mcp.log' })).log.file).toBe('C:\\logs\\mcp.log');
  });

  it('refuses a level or a file that is none, and logs at info to standard error meanwhile', () => {
    const env = single({ PROXMOX_LOG_LEVEL: 'warning', PROXMOX_LOG_FILE: 'mcp.log' });
    expect(faultsOf(env)).toEqual([
      "PROXMOX_LOG_LEVEL is 'warning': write one of trace, debug, info, warn, error, fatal, silent; did you mean warn?",
      "PROXMOX_LOG_FILE is 'mcp.log': write an absolute path or ~/...",
    ]);
    expect(parseEnv(env).log).toEqual({ level: 'info' });
    expect(faultsOf(single({ PROXMOX_LOG_FILE: '~/mcp.log' }))).toEqual([
      'PROXMOX_LOG_FILE starts with the home folder, and HOME is not set: write the whole path',
    ]);
  });
});

describe('the folder for new secrets', () => {
  it.each([
    [{ HOME: '/home/me/' }, '/home/me/.local/state/proxmox-mcp/secrets'],
    [{ HOME: '/home/me', XDG_STATE_HOME: '/state/' }, '/state/proxmox-mcp/secrets'],
    [{ HOME: '/home/me', XDG_STATE_HOME: 'state' }, '/home/me/.local/state/proxmox-mcp/secrets'],
    [{ HOME: '/home/me', PROXMOX_SECRET_DIR: '~/kept' }, '/home/me/kept'],
    [{}, undefined],
  ])('of %j', (env, folder) => {
    expect(configOf(single(env)).secretDir).toBe(folder);
  });

  it('is a whole path', () => {
    expect(faultsOf(single({ PROXMOX_SECRET_DIR: 'kept' }))).toEqual([
      "PROXMOX_SECRET_DIR is 'kept': write an absolute path or ~/...",
    ]);
  });
});

describe('requireConfig', () => {
  it('gives the configuration', () => {
    expect(requireConfig(parseEnv(single())).clusters).toHaveLength(1);
  });

  it('throws all faults, one a line', () => {
    const parsed = parseEnv(single({ PROXMOX_VERIFY: 'perhaps', PROXMOX_API_URL: '' }));
    const attempt = () => requireConfig(parsed);
    expect(attempt).toThrow(ConfigurationError);
    expect(attempt).toThrow(
      'PROXMOX_API_URL is missing: set it, such as https://pve1.example.com:8006\n' +
        "PROXMOX_VERIFY is 'perhaps': write true or false",
    );
    const error = new ConfigurationError(parsed.ok ? [] : parsed.faults);
    expect(error.name).toBe('ConfigurationError');
    expect(error.faults.map((fault) => fault.variable)).toEqual(['PROXMOX_API_URL', 'PROXMOX_VERIFY']);
  });
});
