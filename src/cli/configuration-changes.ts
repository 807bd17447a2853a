import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { clusterVariableNames } from '../config/cluster-source.js';
import { settledValue } from '../config/environment.js';
import { allClusterSuffixes, singleNames } from '../config/variables.js';
import type { Environment } from './environment.js';
import { secretFileVariables } from './secrets.js';

/** What is not the same under a new configuration; of settings the names alone. */
export interface ConfigurationChanges {
  readonly added: string[];
  readonly removed: string[];
  readonly changed: { readonly cluster: string; readonly variables: string[] }[];
  /** Of no cluster. */
  readonly changed_for_all: string[];
}

export function changesBetween(before: Environment, after: Environment): ConfigurationChanges {
  const old = namesOf(before);
  const now = namesOf(after);
  const variables = changedVariables(before.env, after.env);
  const owned = new Map([...new Set([...old, ...now])].map((name) => [name, variablesOf(name, after)]));
  const changed = now
    .filter((name) => old.includes(name))
    .map((cluster) => ({
      cluster,
      variables: [
        ...variables.filter((name) => owned.get(cluster)?.has(name)),
        ...changedSecretFile(cluster, before, after).filter((name) => !variables.includes(name)),
        ...changedRole(cluster, before, after).filter((name) => !variables.includes(name)),
      ],
    }));
  return {
    added: now.filter((name) => !old.includes(name)),
    removed: old.filter((name) => !now.includes(name)),
    changed: changed.filter((one) => one.variables.length > 0),
    changed_for_all: variables.filter((name) => ![...owned.values()].some((own) => own.has(name))),
  };
}

/** A call that names no cluster goes elsewhere from now on. */
export function defaultChange(
  { defaultCluster: was }: ClusterRegistryConfig,
  { defaultCluster: now }: ClusterRegistryConfig,
) {
  return was === now ? {} : { default_changed: `was ${was}: calls without 'cluster' now go to ${now}` };
}

/** The variable of a file that holds another secret than before, under the same name. */
function changedSecretFile(cluster: string, before: Environment, after: Environment): string[] {
  if (secretOf(cluster, before) === secretOf(cluster, after)) return [];
  return secretFileVariables(after.env, cluster).filter((name) => settledValue(after.env[name]) !== undefined);
}

/** The variable of a role that allows something else than before, under the same name. */
function changedRole(cluster: string, before: Environment, after: Environment): string[] {
  if (JSON.stringify(policyOf(cluster, before)) === JSON.stringify(policyOf(cluster, after))) return [];
  const names = [...clusterVariableNames(cluster, 'ROLE'), 'PROXMOX_ROLE'];
  return names.filter((name) => settledValue(after.env[name]) !== undefined);
}

const policyOf = (cluster: string, { parsed }: Environment) =>
  parsed.ok ? parsed.config.clusters.find(({ name }) => name === cluster)?.policy : undefined;

const secretOf = (cluster: string, { parsed }: Environment) =>
  parsed.ok ? parsed.config.clusters.find(({ name }) => name === cluster)?.tokenSecret : undefined;

const namesOf = ({ parsed }: Environment) => (parsed.ok ? parsed.config.clusters.map(({ name }) => name) : []);

function variablesOf(cluster: string, { parsed }: Environment): ReadonlySet<string> {
  const isSingle = parsed.ok && !parsed.config.multiCluster;
  return new Set([
    ...allClusterSuffixes.flatMap((suffix) => clusterVariableNames(cluster, suffix)),
    ...(isSingle ? singleNames : []),
  ]);
}

function changedVariables(before: Environment['env'], after: Environment['env']): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) =>
    name.startsWith('PROXMOX_'),
  );
  return names.filter((name) => settledValue(before[name]) !== settledValue(after[name])).sort();
}
