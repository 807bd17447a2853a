import type { ClusterRegistryConfig } from '../../src/config/cluster-config.js';
import { parseEnv, requireConfig } from '../../src/config/env.js';
import { FaultList } from '../../src/config/faults.js';
import type { SecretAccess } from '../../src/config/secret-access.js';

export type Env = Record<string, string | undefined>;

export const secret = '11111111-2222-3333-4444-555555555555';

/** A faultless environment of the single-cluster form. */
export function single(more: Env = {}): Env {
  return {
    PROXMOX_API_URL: 'https://pve1.example.com:8006',
    PROXMOX_TOKEN_ID: 'mcp@pve!proxmox-mcp',
    PROXMOX_TOKEN_SECRET: secret,
    ...more,
  };
}

/** A faultless environment of these clusters, each on a host of its own. */
export function multi(names: readonly string[], more: Env = {}): Env {
  const env: Env = { PROXMOX_CLUSTERS: names.join(',') };
  for (const name of names) {
    env[`PROXMOX_CLUSTER_${name}_API_URL`] = `https://${name.toLowerCase().replaceAll('_', '-')}.example.com:8006`;
    env[`PROXMOX_CLUSTER_${name}_TOKEN_ID`] = 'mcp@pve!proxmox-mcp';
    env[`PROXMOX_CLUSTER_${name}_TOKEN_SECRET`] = secret;
  }
  return { ...env, ...more };
}

export function configOf(env: Env): ClusterRegistryConfig {
  return requireConfig(parseEnv(env));
}

/** The messages of all faults, in order. */
export function faultsOf(env: Env, access?: SecretAccess): string[] {
  const parsed = parseEnv(env, access);
  return parsed.ok ? [] : parsed.faults.map((fault) => fault.message);
}

export function warningsOf(env: Env, access?: SecretAccess): string[] {
  return parseEnv(env, access).warnings.map((warning) => warning.message);
}

/** Runs a parser that reports to notes about the variable `V`. */
export function withNotes<T>(parse: (notes: ReturnType<FaultList['about']>) => T) {
  const list = new FaultList();
  const value = parse(list.about('V'));
  return {
    value,
    faults: list.faults.map(({ message }) => message),
    warnings: list.warnings.map(({ message }) => message),
  };
}
