import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { createRedactor } from '../server/redact.js';

type Env = Readonly<Record<string, string | undefined>>;

/** A redactor for every secret in the environment and those that are added later, whether the configuration is right or not. */
export const redactorFor = (env: Env, config: ClusterRegistryConfig | undefined): ReturnType<typeof createRedactor> =>
  createRedactor(secretsOf(env, config));

/** Every secret in the environment. */
export function secretsOf(env: Env, config: ClusterRegistryConfig | undefined): string[] {
  const fromEnv = Object.entries(env).flatMap(([name, value]) =>
    /^PROXMOX_.*(SECRET|PASSWORD|KEY)$/i.test(name) && value ? [value.trim()] : [],
  );
  const fromConfig = config?.clusters.map(({ tokenSecret }) => tokenSecret) ?? [];
  return [...new Set([...fromEnv, ...fromConfig])];
}
