import { createRedactor } from '../client/redact/redact.js';
import { readSecretFile } from '../clusters/secret-file.js';
import type { ClusterConfig } from '../config/cluster-config.js';
import { clusterVariableNames } from '../config/cluster-source.js';
import { isMultiClusterMode, readTokenSecret } from '../config/env.js';
import { settledValue } from '../config/environment.js';
import type { Log } from '../pve/log.js';
import type { Environment } from './environment.js';

/** A redactor for every secret in the environment and those that are added later, whether the configuration is right or not. */
export const redactorFor = (environment: Environment): ReturnType<typeof createRedactor> =>
  createRedactor(secretsOf(environment));

/** Every secret in the environment, in the files that it names, and in what is encrypted there. */
export function secretsOf({ env, parsed, secrets = [] }: Environment): string[] {
  const fromEnv = Object.entries(env).flatMap(([name, value]) =>
    /^PROXMOX_/i.test(name) && value ? misplaced(name, value.trim()) : [],
  );
  const fromConfig = parsed.ok ? parsed.config.clusters.map(({ tokenSecret }) => tokenSecret) : [];
  return [...new Set([...fromEnv, ...fromConfig, ...secrets])];
}

/** A value that is a secret by its name, and what people paste elsewhere: a token's secret behind its name, a password in a URL. */
function misplaced(name: string, value: string): string[] {
  const whole = /(SECRET|PASSWORD|KEY)$/i.test(name) ? [value] : [];
  const behind = /^[^=]*![^=]*=(.+)$/.exec(value)?.[1] ?? [];
  const inUrls = [...value.matchAll(/:\/\/[^/?#@,]*:([^/?#,]+)@/g)].flatMap(([, password = '']) => password);
  return [...whole, ...(typeof behind === 'string' ? [behind] : behind), ...inUrls];
}

/** The variables that may name the file of a cluster's secret. */
export const secretFileVariables = (env: Environment['env'], cluster: string) =>
  isMultiClusterMode(env) ? clusterVariableNames(cluster, 'TOKEN_SECRET_FILE') : ['PROXMOX_TOKEN_SECRET_FILE'];

/** Reads the secret of a cluster anew where it stands in a file; one that cannot be read leaves that of before in force. */
export function currentSecrets({ env }: Environment, hide: (secret: string) => void, log: Log) {
  const last = new Map<string, string>();
  return ({ name, tokenSecret }: ClusterConfig): string => {
    const known = last.get(name) ?? tokenSecret;
    if (!secretFileVariables(env, name).some((variable) => settledValue(env[variable]) !== undefined)) return known;
    const read = readTokenSecret(env, name, { readFile: readSecretFile, onSecret: hide });
    if (read.ok) {
      if (read.value !== known) log.info({ cluster: name }, 'the secret of the token was read anew');
      last.set(name, read.value);
      return read.value;
    }
    log.warn({ cluster: name, reason: read.problem }, 'the secret of the token could not be read anew');
    return known;
  };
}
