import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { createRedactor } from '../server/redact.js';

/** A redactor for every secret in the environment and those that are added later, whether the configuration is right or not. */
export function redactorFor(
  env: Readonly<Record<string, string | undefined>>,
  config: ClusterRegistryConfig | undefined,
): ReturnType<typeof createRedactor> {
  const fromEnv = Object.entries(env).flatMap(([name, value]) =>
    /^PROXMOX_.*(SECRET|PASSWORD|KEY)$/i.test(name) && value ? [value.trim()] : [],
  );
  const fromConfig = config?.clusters.map(({ tokenSecret }) => tokenSecret) ?? [];
  return createRedactor([...new Set([...fromEnv, ...fromConfig])]);
}
