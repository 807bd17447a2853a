import { clusterVariableNames, spellings } from './cluster-source.js';
import type { Environment } from './environment.js';
import { type FaultList, quote } from './faults.js';
import { isOneEditAway, nearest } from './nearest.js';
import { policyVariables } from './policy-variables.js';
import { hintedGlobally, hintedRule, isOfOthers, type RuleHint } from './rule-words.js';
import { allClusterSuffixes, globalNames, singleNames } from './variables.js';

const clusterPrefix = 'PROXMOX_CLUSTER_';
/** No name of a setting is longer, nor has other characters. */
const readable = /^PROX[\w.-]{0,200}$/i;

/** What is said of a variable that nobody reads, and whether it was to keep something from being done. */
interface Finding {
  readonly rest: string;
  readonly isRule: boolean;
}

/** Warns about variables that will be read by nobody: misspelt, or of a cluster that is not named. One that was to protect is a fault. */
export function noteUnusedVariables(environment: Environment, names: readonly string[], faults: FaultList): void {
  const known = [...new Set<string>([...globalNames, ...singleNames, ...variablesOf(names, allClusterSuffixes)])];
  const isKnown = new Set([...known, ...variablesOf(refusedNames(environment, names), allClusterSuffixes)]);
  const isMulti = environment.has('PROXMOX_CLUSTERS');
  for (const variable of [...environment.keys()].filter((name) => readable.test(name)).sort()) {
    if (isKnown.has(variable) || isOfOthers(variable.toUpperCase())) continue;
    const found =
      ofCluster(variable, names, isMulti) ?? misspelt(variable, known) ?? unknown(variable.toUpperCase(), isMulti);
    if (found?.isRule) faults.fault(variable, found.rest);
    else if (found !== undefined) faults.warn(variable, found.rest);
  }
}

const rules = policyVariables.map(({ suffix }) => suffix);
const protective = new RegExp(
  `(?:^|_)(?:${[...rules, 'READ_?ONLY', 'CONFIRM', 'AUDIT_[A-Z_]+', 'ROLES_FILE', 'EXCLUDE_TOOLS'].join('|')})\\b`,
);

/** Whether a setting keeps something from being done. */
export const isProtective = (variable: string): boolean => protective.test(variable);

function variablesOf(names: readonly string[], suffixes: readonly string[]): readonly string[] {
  return names.flatMap((name) => suffixes.flatMap((suffix) => clusterVariableNames(name, suffix)));
}

/** One character off, or in small letters. */
function misspelt(variable: string, known: readonly string[]): Finding | undefined {
  const capitals = variable.toUpperCase();
  const meant =
    known.find((name) => isOneEditAway(variable, name)) ??
    known.find((name) => name.toUpperCase() === capitals || isOneEditAway(capitals, name));
  if (meant === undefined) return undefined;
  const isRule = isProtective(meant) || hintedGlobally(capitals.replace(/^PROX[^_]*_/, '')) !== undefined;
  return { rest: `is not known: did you mean ${meant}?`, isRule };
}

/** Not one character off: a rule that would not hold is a fault all the same. */
function unknown(capitals: string, isMulti: boolean): Finding | undefined {
  if (!capitals.startsWith('PROXMOX_')) return undefined;
  const words = capitals.replace(/^PROXMOX_(?:MCP_)?(?:CLUSTER_)?/, '');
  const isOfCluster = capitals.startsWith(clusterPrefix);
  const hint = hintedRule(words);
  const isRule = (isOfCluster ? hint : hintedGlobally(words)) !== undefined;
  const hinted = hint && nameOf(hint, isMulti, isOfCluster);
  const meant = (isOfCluster && isMulti ? hinted : undefined) ?? nearestSetting(words, isMulti, isRule) ?? hinted;
  return { rest: `is not known${meant ? `: did you mean ${meant}?` : ', and nothing reads it'}`, isRule };
}

const formOf = (suffix: string, isMulti: boolean) => `${isMulti ? `${clusterPrefix}<name>` : 'PROXMOX'}_${suffix}`;

/** What is written with nearly the same words, such as `DENIED_TOOLS`. */
function nearestSetting(words: string, isMulti: boolean, isRule: boolean): string | undefined {
  const wanted = [
    ...(isMulti ? allClusterSuffixes.map((suffix) => formOf(suffix, true)) : singleNames),
    ...globalNames,
  ];
  const byWords = new Map(
    wanted
      .filter((name) => isProtective(name) === isRule)
      .map((name) => [name.replace(/^PROXMOX_(?:CLUSTER_<name>_)?/, ''), name]),
  );
  return byWords.get((words.length > 2 && nearest(words, [...byWords.keys()])) || '');
}

function nameOf({ variable, suffix }: RuleHint, isMulti: boolean, isOfCluster: boolean): string | undefined {
  const ofCluster = suffix && formOf(suffix, isMulti);
  return isMulti && isOfCluster ? (ofCluster ?? variable) : (variable ?? ofCluster);
}

/** `PROXMOX_CLUSTER_` and then the name of a cluster, or a setting's suffix at the end, or both without fitting together. */
function ofCluster(variable: string, names: readonly string[], isMulti: boolean): Finding | undefined {
  if (!variable.startsWith(clusterPrefix)) return undefined;
  const rest = variable.slice(clusterPrefix.length);
  const owner = longest(names.flatMap(spellings).filter((spelling) => rest.startsWith(`${spelling}_`)));
  const suffix = longest(allClusterSuffixes.filter((known) => rest.endsWith(`_${known}`)));
  const stranger = suffix === undefined ? '' : rest.slice(0, -suffix.length - 1);
  if (owner !== undefined) return ofOwner(owner, rest.slice(owner.length + 1).toUpperCase(), suffix, stranger);
  if (suffix === undefined) return undefined;
  const isRule = isProtective(suffix);
  if (!isMulti) {
    const there = isRule ? `set PROXMOX_${suffix}, or ` : '';
    return { rest: `is set but PROXMOX_CLUSTERS is not: ${there}add ${quote(stranger)} to it`, isRule };
  }
  const meant = nearest(stranger, names);
  // A rule that is misspelt would allow what it was to forbid. One of a cluster that is no more forbids nothing.
  const said = `is set but ${quote(stranger)} is not in PROXMOX_CLUSTERS`;
  return meant === undefined
    ? { rest: said, isRule: false }
    : { rest: `${said}: did you mean ${quote(meant)}?`, isRule };
}

function ofOwner(owner: string, words: string, suffix: string | undefined, stranger: string): Finding {
  const hint = stranger === '' ? hintedRule(words) : undefined;
  const near = (words.length < 3 ? undefined : nearest(words, allClusterSuffixes)) ?? hint?.suffix ?? suffix;
  const ofServer = hint?.suffix === undefined ? hint?.variable : undefined;
  const meant = near === undefined || ofServer !== undefined ? ofServer : `${clusterPrefix}${owner}_${near}`;
  const advice = meant ? `did you mean ${meant}` : `a cluster has ${allClusterSuffixes.join(', ')}`;
  const other = stranger === '' ? '' : `${meant ? ',' : ';'} or is ${quote(stranger)} missing from PROXMOX_CLUSTERS`;
  return {
    rest: `is not known: ${advice}${other}${meant || stranger ? '?' : ''}`,
    isRule: hint !== undefined || isProtective(near ?? ''),
  };
}

/** Names in `PROXMOX_CLUSTERS` that a fault has refused already; why their variables are not read needs no second word. */
function refusedNames(environment: Environment, names: readonly string[]): readonly string[] {
  const written = environment.get('PROXMOX_CLUSTERS')?.split(',') ?? [];
  return written.map((name) => name.trim()).filter((name) => name !== '' && !names.includes(name));
}

function longest(words: readonly string[]): string | undefined {
  return words.reduce<string | undefined>((best, word) => (word.length > (best?.length ?? 0) ? word : best), undefined);
}
