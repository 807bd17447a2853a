import { describe, expect, it } from 'vitest';
import { clusterVariableNames } from '../../src/config/cluster-source.js';
import { policyVariables } from '../../src/config/policy-variables.js';
import { allClusterSuffixes, globalNames, singleNames } from '../../src/config/variables.js';
import { type Env, faultsOf, multi, secret, single, warningsOf } from './environments.js';

describe('misspelt variables', () => {
  it.each([
    ['PROXMOX_TOKEN_IDD', 'PROXMOX_TOKEN_ID'],
    ['PROXMOX_TOKENID', 'PROXMOX_TOKEN_ID'],
    ['PROXMOX_APIURL', 'PROXMOX_API_URL'],
    ['PROXMOX_CLUSTER', 'PROXMOX_CLUSTERS'],
    ['PROXMOX_LOG_LEVLE', 'PROXMOX_LOG_LEVEL'],
    ['PROXMOX_CLUSTER_PATERNS', 'PROXMOX_CLUSTER_PATTERNS'],
    ['PROXMX_VERIFY', 'PROXMOX_VERIFY'],
  ])('%s was meant to be %s', (wrong, right) => {
    expect(warningsOf(single({ [wrong]: 'x' }))).toEqual([`${wrong} is not known: did you mean ${right}?`]);
  });

  it.each([
    'PROXMOX_VE_ENDPOINT',
    'PROXMOX_VE_API_TOKEN',
    'PROXMOX_VE_READ_ONLY',
    'PROXMOXVE_PROXMOX_POOL',
    'PROXMOX_HOST',
    'PROXMOX_URL',
    'PROXMOX_TOKEN',
    'PROXMOX_NODE',
    'proxmox_user',
    'PROXMOX_OUTPUT_FORMAT',
    'PROXY',
    'PROXMOX_READ_ONLY and a text',
  ])('is silent about %s', (name) => {
    expect(warningsOf(single({ [name]: 'x' }))).toEqual([]);
    expect(warningsOf(multi(['a'], { [name]: 'x' }))).toEqual([]);
  });

  it.each([
    ['PROXMOX_', ', and nothing reads it'],
    ['PROXMOX_CONFIG', ', and nothing reads it'],
    ['PROXMOX_CLUSTER_NAME', ', and nothing reads it'],
    ['PROXMOX_GROUP', ', and nothing reads it'],
    ['PROXMOX_TOKEN_PRIVSEP', ', and nothing reads it'],
    ['PROXMOX_ROUTE', ', and nothing reads it'],
    ['PROXMOX_ALLOW_INSECURE', ', and nothing reads it'],
    ['PROXMOX_ACCESS_KEY', ', and nothing reads it'],
    ['PROXMOX_READ_TIMEOUT', ', and nothing reads it'],
    ['PROXMOX_READY', ', and nothing reads it'],
    ['PROXMOX_IMAGE_TAG', ': did you mean PROXMOX_PROTECT_TAGS?'],
    ['PROXMOX_POOL', ': did you mean PROXMOX_ALLOW_POOLS?'],
    ['PROXMOX_STORAGE_POOL', ': did you mean PROXMOX_ALLOW_POOLS?'],
    ['PROXMOX_TEMPLATE_VMID', ': did you mean PROXMOX_ALLOW_VMIDS?'],
    ['PROXMOX_POOL_ID', ': did you mean PROXMOX_ALLOW_POOLS?'],
    ['PROXMOX_ALLOW_SELF_SIGNED_CERTS', ', and nothing reads it'],
    ['PROXMOX_READONLY_TOKEN_ID', ', and nothing reads it'],
    ['PROXMOX_VERIFY_SSL', ': did you mean PROXMOX_VERIFY?'],
    ['proxmox_api_url', ': did you mean PROXMOX_API_URL?'],
  ])('%s is warned about, and stops nothing', (name, rest) => {
    expect(warningsOf(single({ [name]: 'x' }))).toEqual([`${name} is not known${rest}`]);
    expect(faultsOf(single({ [name]: 'x' }))).toEqual([]);
  });

  it.each([
    ['PROXMOX_CLUSTER_dr_APIURL', 'is not known: did you mean PROXMOX_CLUSTER_dr_API_URL?'],
    ['PROXMOX_CLUSTER_DR_TOKEN', 'is not known: did you mean PROXMOX_CLUSTER_DR_TOKEN_ID?'],
    [
      'PROXMOX_CLUSTER_dr_SSL_VERIFY',
      "is not known: did you mean PROXMOX_CLUSTER_dr_VERIFY, or is 'dr_SSL' missing from PROXMOX_CLUSTERS?",
    ],
    [
      'PROXMOX_CLUSTER_dr_ZZZ',
      'is not known: a cluster has API_URL, TOKEN_ID, TOKEN_SECRET, TOKEN_SECRET_FILE, VERIFY, CA_FILE, FINGERPRINT, DEFAULT_NODE, DEFAULT_STORAGE, DEFAULT_BRIDGE, REGION, TIER, GROUP, ACCESS, ALLOW_TOOLS, DENY_TOOLS, ALLOW_VMIDS, ALLOW_POOLS, PROTECT_TAGS, ROLE, PRICE_VCPU, PRICE_MEMORY_GIB, PRICE_DISK_GIB, PRICE_PER, CURRENCY, REMOTE_HOST, FALLBACK',
    ],
    ['PROXMOX_CLUSTER_stging_API_URL', "is set but 'stging' is not in PROXMOX_CLUSTERS: did you mean 'staging'?"],
    ['PROXMOX_CLUSTER_Staging_API_URL', "is set but 'Staging' is not in PROXMOX_CLUSTERS: did you mean 'staging'?"],
    ['PROXMOX_CLUSTER_lab_ACCESS', "is set but 'lab' is not in PROXMOX_CLUSTERS"],
    ['PROXMOX_CLUSTER_dr_TOKEN_SECRET_FILES', 'is not known: did you mean PROXMOX_CLUSTER_dr_TOKEN_SECRET_FILE?'],
    ['PROXMOX_CLUSTR_dr_API_URL', 'is not known: did you mean PROXMOX_CLUSTER_dr_API_URL?'],
  ])('%s', (name, rest) => {
    expect(warningsOf(multi(['staging', 'dr'], { [name]: 'x' }))).toEqual([`${name} ${rest}`]);
  });

  it('reads a variable as one of the cluster with the longest name', () => {
    expect(warningsOf(multi(['dr', 'dr_eu'], { PROXMOX_CLUSTER_dr_eu_VERFIY: 'x' }))).toEqual([
      'PROXMOX_CLUSTER_dr_eu_VERFIY is not known: did you mean PROXMOX_CLUSTER_dr_eu_VERIFY?',
    ]);
  });

  it('says that PROXMOX_CLUSTERS is missing', () => {
    expect(warningsOf({ PROXMOX_CLUSTER_dr_API_URL: 'x' })).toEqual([
      "PROXMOX_CLUSTER_dr_API_URL is set but PROXMOX_CLUSTERS is not: add 'dr' to it",
    ]);
  });

  it('knows PROXMOX_ENV_FILE and all that it reads', () => {
    expect(warningsOf(single({ PROXMOX_ENV_FILE: '/x', PROXMOX_LOG_FILE: '/y' }))).toEqual([]);
  });

  it('warns in the order of the names', () => {
    const env = multi(['dr'], { PROXMOX_VERIFFY: 'x', PROXMOX_CLUSTER_dr_ZZ: 'x', PROXMOX_LOGFILE: 'x' });
    const reversed = Object.fromEntries(Object.entries(env).reverse());
    expect(warningsOf(env)).toHaveLength(3);
    expect(warningsOf(reversed)).toEqual(warningsOf(env));
  });

  it.each([
    ['PROXMOX_READONLY', 'is not known: did you mean PROXMOX_READ_ONLY?'],
    ['PROXMOX_CONFRIM', 'is not known: did you mean PROXMOX_CONFIRM?'],
    ['PROXMOX_AUDIT_FIEL', 'is not known: did you mean PROXMOX_AUDIT_FILE?'],
    ['PROXMOX_CLUSTER_dr_ACESS', 'is not known: did you mean PROXMOX_CLUSTER_dr_ACCESS?'],
    ['PROXMOX_CLUSTER_stging_ACCESS', "is set but 'stging' is not in PROXMOX_CLUSTERS: did you mean 'staging'?"],
    ['PROXMOX_STAGING_PROTECT_TAGS', 'is not known: did you mean PROXMOX_CLUSTER_<name>_PROTECT_TAGS?'],
    ['PROXMOX_ACCESS', 'is for one cluster alone: set PROXMOX_CLUSTER_<name>_ACCESS'],
  ])('%s would have kept something from being done, and is a fault', (name, rest) => {
    expect(faultsOf(multi(['staging', 'dr'], { [name]: 'read' }))).toEqual([`${name} ${rest}`]);
  });

  it.each([
    ['PROXMOX_AUDIT', 'AUDIT_FILE'],
    ['PROXMOX_AUDIT_PATH', 'AUDIT_FILE'],
    ['PROXMOX_AUDIT_LOG', 'AUDIT_FILE'],
    ['PROXMOX_CONFIRMATION', 'CONFIRM'],
    ['PROXMOX_CONFIRM_MODE', 'CONFIRM'],
    ['PROXMOX_PROTECTED_TAGS', 'PROTECT_TAGS'],
    ['PROXMOX_TAGS', 'PROTECT_TAGS'],
    ['PROXMOX_DENIED_TOOLS', 'DENY_TOOLS'],
    ['PROXMOX_ALLOWED_VMIDS', 'ALLOW_VMIDS'],
    ['PROXMOX_ALLOWED_POOL', 'ALLOW_POOLS'],
    ['PROXMOX_RO', 'READ_ONLY'],
    ['PROXMOX_READ', 'READ_ONLY'],
    ['PROXMOX_MCP_READ_ONLY', 'READ_ONLY'],
    ['PROXMOX_DRY_RUN', 'READ_ONLY'],
    ['proxmox_read_only', 'READ_ONLY'],
    ['Proxmox_Readonly', 'READ_ONLY'],
    ['PROXMX_READ_ONLY', 'READ_ONLY'],
    ['proxmox_confirm', 'CONFIRM'],
    ['PROXMOX_EXCLUDE_TOOL', 'EXCLUDE_TOOLS'],
    ['PROXMOX_TOOLSET', 'TOOLSETS'],
    ['PROXMOX_USER_ROLE', 'ROLE'],
  ])('%s hints at a rule, and is a fault with one cluster', (name, meant) => {
    expect(faultsOf(single({ [name]: 'true' }))).toEqual([`${name} is not known: did you mean PROXMOX_${meant}?`]);
  });

  it.each([
    ['PROXMOX_CLUSTER_staging_VMIDS', 'PROXMOX_CLUSTER_staging_ALLOW_VMIDS'],
    ['PROXMOX_CLUSTER_staging_TAGS', 'PROXMOX_CLUSTER_staging_PROTECT_TAGS'],
    ['PROXMOX_CLUSTER_STAGING_POOL', 'PROXMOX_CLUSTER_STAGING_ALLOW_POOLS'],
    ['PROXMOX_CLUSTER_staging_READ_ONLY', 'PROXMOX_CLUSTER_staging_ACCESS'],
    ['PROXMOX_CLUSTER_staging_RO', 'PROXMOX_CLUSTER_staging_ACCESS'],
    ['PROXMOX_CLUSTER_staging_EXCLUDE_TOOLS', 'PROXMOX_CLUSTER_staging_DENY_TOOLS'],
    ['PROXMOX_CLUSTER_staging_AUDIT', 'PROXMOX_AUDIT_FILE'],
    ['PROXMOX_CLUSTER_staging_CONFIRM', 'PROXMOX_CONFIRM'],
    ['PROXMOX_CLUSTER_staging_access', 'PROXMOX_CLUSTER_staging_ACCESS'],
    ['proxmox_cluster_staging_access', 'PROXMOX_CLUSTER_staging_ACCESS'],
    ['PROXMOX_CLUSTER_VMIDS', 'PROXMOX_CLUSTER_<name>_ALLOW_VMIDS'],
    ['PROXMOX_CLUSTER_READ_ONLY', 'PROXMOX_CLUSTER_<name>_ACCESS'],
    ['PROXMOX_DENIED_TOOLS', 'PROXMOX_CLUSTER_<name>_DENY_TOOLS'],
    ['PROXMOX_RO', 'PROXMOX_READ_ONLY'],
  ])('%s hints at a rule, and is a fault with many clusters', (name, meant) => {
    expect(faultsOf(multi(['staging', 'dr'], { [name]: 'x' }))).toEqual([
      `${name} is not known: did you mean ${meant}?`,
    ]);
  });

  it.each(policyVariables.map(({ suffix }) => suffix))(
    '%s of a named cluster is a fault with one cluster',
    (suffix) => {
      for (const name of ['default', 'a-b', 'STAGING'])
        expect(faultsOf(single({ [`PROXMOX_CLUSTER_${name}_${suffix}`]: 'x' }))).toEqual([
          `PROXMOX_CLUSTER_${name}_${suffix} is set but PROXMOX_CLUSTERS is not: set PROXMOX_${suffix}, or add '${name}' to it`,
        ]);
    },
  );

  it.each([
    ['PROXMOX_CLUSTER_default_READ_ONLY', 'PROXMOX_READ_ONLY'],
    ['PROXMOX_CLUSTER_default_VMIDS', 'PROXMOX_ALLOW_VMIDS'],
  ])('%s is one too, though no cluster has such a rule', (name, meant) => {
    expect(faultsOf(single({ [name]: 'x' }))).toEqual([`${name} is not known: did you mean ${meant}?`]);
  });

  it('never are what is known: in its form no such variable is a fault or a warning for its name', () => {
    const notes = (env: Env) => [...faultsOf(env), ...warningsOf(env)].join();
    for (const name of [...singleNames, ...globalNames].filter((one) => one !== 'PROXMOX_CLUSTERS'))
      expect(notes(single({ [name]: 'x' }))).not.toMatch(/is not known|is set but/);
    for (const name of ['a', 'read-only', 'ALLOW_VMIDS', 'audit', 'Confirm-Pool'])
      for (const suffix of allClusterSuffixes)
        for (const variable of clusterVariableNames(name, suffix))
          expect(notes(multi([name], { [variable]: 'x' })), variable).not.toMatch(/is not known|is set but/);
    for (const name of globalNames.filter((one) => one !== 'PROXMOX_CLUSTERS'))
      expect(notes(multi(['a'], { [name]: 'x' })), name).not.toMatch(/is not known|is set but/);
  });

  it('never shows a value', () => {
    expect(warningsOf(single({ PROXMOX_TOKEN_SECRETT: secret })).join()).not.toContain(secret);
  });
});
