import { readAudit } from './audit.js';
import { parseBoolean } from './boolean.js';
import { type Reading, readCluster } from './cluster.js';
import type { ClusterConfig, ClusterRegistryConfig, ConfigFault, LogConfig } from './cluster-config.js';
import { parseClusterNames } from './cluster-names.js';
import { type ClusterSource, multiSource, singleSource } from './cluster-source.js';
import { ConfigurationError } from './configuration-error.js';
import { readConfirm } from './confirm.js';
import { type Environment, readEnvironment, secretsIn, settledValue } from './environment.js';
import { readFallbacks } from './fallback.js';
import { bad, type Checked, FaultList, good, quote } from './faults.js';
import { noteLabels } from './label-warnings.js';
import { readLog } from './log.js';
import { parseWholeNumber } from './number.js';
import { readRoles } from './roles-file.js';
import { noteUselessRouting, readRouting } from './routing.js';
import type { SecretAccess } from './secret-access.js';
import { readSecretDir } from './secret-dir.js';
import { SecretReader } from './secret-reader.js';
import { readToolChoice } from './tool-choice.js';
import { isProtective, noteUnusedVariables } from './unknown-variables.js';
import { singleNames } from './variables.js';

type Env = Readonly<Record<string, string | undefined>>;

/** What the environment says, or everything that is wrong with it; the log's settings are usable either way. */
export type ParsedEnv =
  | {
      readonly ok: true;
      readonly config: ClusterRegistryConfig;
      readonly log: LogConfig;
      readonly warnings: readonly ConfigFault[];
    }
  | {
      readonly ok: false;
      readonly log: LogConfig;
      readonly faults: readonly ConfigFault[];
      readonly warnings: readonly ConfigFault[];
    };

const defaultCacheTtl = 3600;
const mostCacheTtl = 86_400;

/**
 * Reads the environment, and collects every fault and warning. Never throws; nothing else is read but, with `access`, the
 * files of secrets that it names.
 */
export function parseEnv(env: Env, access?: SecretAccess): ParsedEnv {
  const environment = readEnvironment(env);
  const faults = new FaultList(secretsIn(environment));
  const clusterNames = environment.get('PROXMOX_CLUSTERS');
  const names = clusterNames === undefined ? [] : parseClusterNames(clusterNames, faults);
  const secrets = new SecretReader(environment, faults, access);
  const reading = { environment, faults, secrets, roles: readRoles(environment, faults, access) };
  const config = clusterNames === undefined ? readSingle(reading) : readMulti(names, reading);
  const log = readLog(environment, faults);
  noteUnusedVariables(environment, names, faults);
  const { warnings } = faults;
  return faults.faults.length === 0
    ? { ok: true, config, log, warnings }
    : { ok: false, log, faults: faults.faults, warnings };
}

/** Whether `PROXMOX_CLUSTERS` is set: neither empty nor a literal `${...}`. */
export function isMultiClusterMode(env: Env): boolean {
  return Object.hasOwn(env, 'PROXMOX_CLUSTERS') && settledValue(env.PROXMOX_CLUSTERS) !== undefined;
}

/** The configuration; throws `ConfigurationError` with all faults when there is none. */
export function requireConfig(parsed: ParsedEnv): ClusterRegistryConfig {
  if (!parsed.ok) throw new ConfigurationError(parsed.faults);
  return parsed.config;
}

function readMulti(names: readonly string[], reading: Reading): ClusterRegistryConfig {
  const { environment, faults } = reading;
  const sources = new Map(names.map((name) => [name, multiSource(name, environment, faults)]));
  const read = (name: string, source: ClusterSource) => readCluster(name, names, source, reading) ?? [];
  const plain = [...sources].flatMap(([name, source]) => read(name, source));
  const fallbacks = readFallbacks(sources, names, faults);
  const clusters = plain.map((cluster) => {
    const fallback = fallbacks.get(cluster.name);
    return fallback === undefined ? cluster : { ...cluster, fallback };
  });
  noteSharedUrls(clusters, sources, faults);
  noteLabels(clusters, sources, faults);
  const given = singleNames.filter((name) => environment.has(name));
  for (const name of given.filter(isProtective))
    faults.fault(name, `is for one cluster alone: set ${name.replace('PROXMOX_', 'PROXMOX_CLUSTER_<name>_')}`);
  const ignored = given.filter((name) => !isProtective(name));
  const [first, ...others] = ignored;
  if (first !== undefined) {
    const listed = others.length === 0 ? '' : `and ${others.join(', ')} `;
    faults.warn(first, `${listed}${others.length === 0 ? 'is' : 'are'} ignored, as PROXMOX_CLUSTERS is set`);
  }
  return { clusters, multiCluster: true, ...readRouting(environment, names, faults), ...readCare(environment, faults) };
}

function readSingle(reading: Reading): ClusterRegistryConfig {
  const { environment, faults } = reading;
  const name = 'default';
  const isThere = ['API_URL', 'TOKEN_ID', 'TOKEN_SECRET', 'TOKEN_SECRET_FILE'].some((suffix) =>
    environment.has(`PROXMOX_${suffix}`),
  );
  if (!isThere) {
    faults.fault(
      'PROXMOX_CLUSTERS',
      'is not set, and neither is a single cluster: for one, set PROXMOX_API_URL, PROXMOX_TOKEN_ID and ' +
        'PROXMOX_TOKEN_SECRET; for many, set PROXMOX_CLUSTERS=name,name and for each name PROXMOX_CLUSTER_<name>_API_URL, ' +
        'PROXMOX_CLUSTER_<name>_TOKEN_ID and PROXMOX_CLUSTER_<name>_TOKEN_SECRET',
    );
  }
  const cluster = isThere ? readCluster(name, [name], singleSource(environment), reading) : undefined;
  noteUselessRouting(environment, faults);
  return {
    clusters: cluster === undefined ? [] : [cluster],
    defaultCluster: name,
    multiCluster: false,
    patterns: [],
    vmidMap: [],
    ...readCare(environment, faults),
  };
}

function readCare(
  environment: Environment,
  faults: FaultList,
): Pick<
  ClusterRegistryConfig,
  'validateOnStart' | 'cacheTtl' | 'readOnly' | 'matchPrivileges' | 'confirm' | 'tools' | 'secretDir' | 'audit'
> {
  const validation = environment.get('PROXMOX_CLUSTER_VALIDATION');
  const ttl = environment.get('PROXMOX_CLUSTER_CACHE_TTL');
  const validateOnStart = validation && faults.take('PROXMOX_CLUSTER_VALIDATION', parseBoolean(validation));
  const cacheTtl = ttl && faults.take('PROXMOX_CLUSTER_CACHE_TTL', parseWholeNumber(ttl, 1, mostCacheTtl, 'seconds'));
  const only = environment.get('PROXMOX_READ_ONLY');
  const readOnly = only !== undefined && faults.take('PROXMOX_READ_ONLY', parseBoolean(only)) === true;
  const match = environment.get('PROXMOX_MATCH_PRIVILEGES');
  const matchPrivileges = match && faults.take('PROXMOX_MATCH_PRIVILEGES', parseBoolean(match)) === true;
  const tools = readToolChoice(environment);
  const secretDir = readSecretDir(environment, faults);
  const audit = readAudit(environment, faults);
  return {
    ...(tools === undefined ? {} : { tools }),
    validateOnStart: validateOnStart !== false,
    cacheTtl: cacheTtl || defaultCacheTtl,
    ...(readOnly ? { readOnly } : {}),
    ...readConfirm(environment, faults),
    ...(matchPrivileges ? { matchPrivileges } : {}),
    ...(secretDir === undefined ? {} : { secretDir }),
    ...(audit === undefined ? {} : { audit }),
  };
}

/**
 * The secret of one cluster as it stands now: a file of it may have another one than at the start.
 * @returns or what is wrong with it
 */
export function readTokenSecret(env: Env, name: string, access: SecretAccess): Checked<string> {
  const environment = readEnvironment(env);
  const faults = new FaultList(secretsIn(environment));
  const source = isMultiClusterMode(env) ? multiSource(name, environment, faults) : singleSource(environment);
  const secret = new SecretReader(environment, faults, access).tokenSecret(source);
  const [fault] = faults.faults;
  return secret === undefined || fault !== undefined ? bad(fault?.message ?? 'has no secret') : good(secret);
}

type Sources = ReadonlyMap<string, ClusterSource>;

function noteSharedUrls(clusters: readonly ClusterConfig[], sources: Sources, faults: FaultList): void {
  const owners = new Map<string, string>();
  for (const { name, apiUrls } of clusters) {
    for (const url of apiUrls) {
      const owner = owners.get(url);
      if (owner === undefined) owners.set(url, name);
      else
        faults.warn(
          sources.get(name)?.find('API_URL')?.variable ?? '',
          `has ${quote(url)}, and so has the cluster ${quote(owner)}: they are one cluster with two names`,
        );
    }
  }
}
