import type { Environment } from './environment.js';
import type { FaultList } from './faults.js';
import type { ClusterSuffix } from './variables.js';

/** A variable that is set, and its value. */
export interface Setting {
  readonly variable: string;
  readonly value: string;
}

/** Where the settings of one cluster are read from. */
export interface ClusterSource {
  /** The setting, or `undefined` when it is not set. */
  find(suffix: ClusterSuffix): Setting | undefined;
  /** The variable to set, for a setting that is not there. */
  variable(suffix: ClusterSuffix): string;
}

/** The single-cluster form: `PROXMOX_API_URL` and so on. */
export function singleSource(environment: Environment): ClusterSource {
  const variable = (suffix: ClusterSuffix) => `PROXMOX_${suffix}`;
  return {
    variable,
    find: (suffix) => {
      const value = environment.get(variable(suffix));
      return value === undefined ? undefined : { variable: variable(suffix), value };
    },
  };
}

/** The ways in which variables may spell a cluster's name: a shell cannot export one with `-`, and many write only capitals. */
export function spellings(name: string): readonly string[] {
  const plain = name.replaceAll('-', '_');
  return [...new Set([name, plain, plain.toUpperCase(), name.toUpperCase()])];
}

/** Every variable that may hold this setting of this cluster, the exact spelling first. */
export function clusterVariableNames(name: string, suffix: string): readonly string[] {
  return spellings(name).map((spelling) => `PROXMOX_CLUSTER_${spelling}_${suffix}`);
}

/** The variable that sets this of a cluster, as a `.env` file and a shell both take it. */
export function clusterVariable(name: string, suffix: ClusterSuffix, multiCluster: boolean): string {
  return multiCluster ? `PROXMOX_CLUSTER_${name.replaceAll('-', '_')}_${suffix}` : `PROXMOX_${suffix}`;
}

/** The multi-cluster form. Two spellings that disagree are a fault; the exact one is then read. */
export function multiSource(name: string, environment: Environment, faults: FaultList): ClusterSource {
  return {
    variable: (suffix) => `PROXMOX_CLUSTER_${name}_${suffix}`,
    find: (suffix) => {
      const [setting, ...others] = clusterVariableNames(name, suffix).flatMap((variable) => {
        const value = environment.get(variable);
        return value === undefined ? [] : [{ variable, value }];
      });
      const contrary = others.find((other) => other.value !== setting?.value);
      if (setting !== undefined && contrary !== undefined) {
        faults.fault(setting.variable, `and ${contrary.variable} hold different values: keep one of the two`);
      }
      return setting;
    },
  };
}
