import { clusterVariableNames, spellings } from './cluster-source.js';
import type { Environment } from './environment.js';
import { type FaultList, quote } from './faults.js';
import { isOneEditAway, nearest } from './nearest.js';
import { policyVariables } from './policy-variables.js';
import { allClusterSuffixes, globalNames, singleNames } from './variables.js';

const clusterPrefix = 'PROXMOX_CLUSTER_';

/** Warns about variables that will be read by nobody: misspelt, or of a cluster that is not named. One that was to protect is a fault. */
export function noteUnusedVariables(environment: Environment, names: readonly string[], faults: FaultList): void {
  const known = new Set<string>([...globalNames, ...singleNames, ...variablesOf(names, allClusterSuffixes)]);
  const refused = new Set(variablesOf(refusedNames(environment, names), allClusterSuffixes));
  for (const variable of [...environment.keys()].filter((name) => name.startsWith('PROX')).sort()) {
    if (known.has(variable) || refused.has(variable)) continue;
    const meant =
      misspeltClusterSetting(variable, names, environment) ?? oneEditFrom(variable, [...known]) ?? ruleOf(variable);
    if (meant === undefined) continue;
    const [, named] = /did you mean (\S+)/.exec(meant) ?? [];
    // A rule that is misspelt would allow what it was to forbid. One of a cluster that is no more forbids nothing.
    const isRule =
      isProtective(named ?? '') || (isProtective(variable) && !(meant.startsWith('is set') && named === undefined));
    if (isRule) faults.fault(variable, meant);
    else faults.warn(variable, meant);
  }
}

const rules = policyVariables.map(({ suffix }) => suffix);
const protective = new RegExp(
  `(?:^|_)(?:${[...rules, 'READ_?ONLY', 'CONFIRM', 'AUDIT_[A-Z_]+', 'ROLES_FILE'].join('|')})\\b`,
);

/** Whether a setting keeps something from being done. */
export const isProtective = (variable: string): boolean => protective.test(variable);

function ruleOf(variable: string): string | undefined {
  const suffix = rules.find((rule) => variable.endsWith(`_${rule}`));
  return suffix && `is not known: a cluster's rule is ${clusterPrefix}<name>_${suffix}`;
}

function variablesOf(names: readonly string[], suffixes: readonly string[]): readonly string[] {
  return names.flatMap((name) => suffixes.flatMap((suffix) => clusterVariableNames(name, suffix)));
}

function oneEditFrom(variable: string, known: readonly string[]): string | undefined {
  const meant = known.find((name) => isOneEditAway(variable, name));
  return meant === undefined ? undefined : `is not known: did you mean ${meant}?`;
}

/** `PROXMOX_CLUSTER_` and then the name of a cluster, or a setting's suffix at the end, or both without fitting together. */
function misspeltClusterSetting(
  variable: string,
  names: readonly string[],
  environment: Environment,
): string | undefined {
  if (!variable.startsWith(clusterPrefix)) return undefined;
  const rest = variable.slice(clusterPrefix.length);
  const owner = longest(names.flatMap(spellings).filter((spelling) => rest.startsWith(`${spelling}_`)));
  const suffix = longest(allClusterSuffixes.filter((known) => rest.endsWith(`_${known}`)));
  const stranger = suffix === undefined ? '' : rest.slice(0, -suffix.length - 1);
  if (owner !== undefined) {
    const meant = nearest(rest.slice(owner.length + 1).toUpperCase(), allClusterSuffixes) ?? suffix;
    const advice = meant
      ? `did you mean ${clusterPrefix}${owner}_${meant}`
      : `a cluster has ${allClusterSuffixes.join(', ')}`;
    const other = stranger === '' ? '' : `${meant ? ',' : ';'} or is ${quote(stranger)} missing from PROXMOX_CLUSTERS`;
    return `is not known: ${advice}${other}${meant || stranger ? '?' : ''}`;
  }
  if (stranger === '') return undefined;
  if (!environment.has('PROXMOX_CLUSTERS')) return `is set but PROXMOX_CLUSTERS is not: add ${quote(stranger)} to it`;
  const meant = nearest(stranger, names);
  return `is set but ${quote(stranger)} is not in PROXMOX_CLUSTERS${meant ? `: did you mean ${quote(meant)}?` : ''}`;
}

/** Names in `PROXMOX_CLUSTERS` that a fault has refused already; why their variables are not read needs no second word. */
function refusedNames(environment: Environment, names: readonly string[]): readonly string[] {
  const written = environment.get('PROXMOX_CLUSTERS')?.split(',') ?? [];
  return written.map((name) => name.trim()).filter((name) => name !== '' && !names.includes(name));
}

function longest(words: readonly string[]): string | undefined {
  return words.reduce<string | undefined>((best, word) => (word.length > (best?.length ?? 0) ? word : best), undefined);
}
