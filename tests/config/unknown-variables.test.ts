import { describe, expect, it } from 'vitest';
import { faultsOf, multi, secret, single, warningsOf } from './environments.js';

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
    'PROXMOX_HOST',
    'PROXMOX_',
    'PROXMOX_GROUP',
    'proxmox_api_url',
    'PROXY',
  ])('is silent about %s', (name) => {
    expect(warningsOf(single({ [name]: 'x' }))).toEqual([]);
    expect(warningsOf(multi(['a'], { [name]: 'x' }))).toEqual([]);
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
    ['PROXMOX_STAGING_PROTECT_TAGS', "is not known: a cluster's rule is PROXMOX_CLUSTER_<name>_PROTECT_TAGS"],
    ['PROXMOX_ACCESS', 'is for one cluster alone: set PROXMOX_CLUSTER_<name>_ACCESS'],
  ])('%s would have kept something from being done, and is a fault', (name, rest) => {
    expect(faultsOf(multi(['staging', 'dr'], { [name]: 'read' }))).toEqual([`${name} ${rest}`]);
  });

  it('never shows a value', () => {
    expect(warningsOf(single({ PROXMOX_TOKEN_SECRETT: secret })).join()).not.toContain(secret);
  });
});
