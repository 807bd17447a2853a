import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { createRedactor, type Redact } from '../server/redact.js';

/** A redactor for every secret in the environment, whether the configuration is right or not. */
export function redactorFor(
  env: Readonly<Record<string, string | undefined>>,
  config: ClusterRegistryConfig | undefined,
): Redact {
  const fromEnv = Object.entries(env).flatMap(([name, value]) =>
    /^PROXMOX_.*(SECRET|PASSWORD|KEY)$/i.test(name) && value ? [value.trim()] : [],
  );
  const fromConfig = config?.clusters.map(({ tokenSecret }) => tokenSecret) ?? [];
  return createRedactor([...new Set([...fromEnv, ...fromConfig])]);
}
