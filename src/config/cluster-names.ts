import { type FaultList, quote } from './faults.js';
import { nearest } from './nearest.js';
import { allClusterSuffixes } from './variables.js';

const validName = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
const reservedNames: readonly string[] = ['all', 'auto'];

/** Why a text may not name a cluster or a group, as the rest of a sentence; `undefined` when it may. */
export function nameProblem(name: string): string | undefined {
  if (reservedNames.includes(name.toLowerCase())) return `${quote(name)} is reserved: choose another name`;
  if (validName.test(name)) return undefined;
  return `${quote(name)} is no valid name: a letter, then at most 62 letters, digits, '-' or '_'`;
}

/** The names in `PROXMOX_CLUSTERS` that can be used, in order. */
export function parseClusterNames(text: string, faults: FaultList): readonly string[] {
  const notes = faults.about('PROXMOX_CLUSTERS');
  const names: string[] = [];
  for (const name of text.split(',').map((item) => item.trim())) {
    if (name === '') continue;
    const problem = nameProblem(name) ?? collision(name, names);
    if (problem === undefined) names.push(name);
    else notes.fault(`names a cluster that cannot be used: ${problem}`);
  }
  if (/^[\s,]*$/.test(text)) notes.fault('names no cluster: write names separated by commas, or leave it out');
  return names;
}

function collision(name: string, earlier: readonly string[]): string | undefined {
  for (const other of earlier) {
    if (other.toLowerCase() === name.toLowerCase()) return `${quote(name)} is given twice: keep one`;
    if (variablePrefixOf(other) === variablePrefixOf(name)) {
      return `${quote(name)} and ${quote(other)} have the same variables, as '-' and '_' count as one: rename one`;
    }
    if (readsAsVariableOf(name, other) || readsAsVariableOf(other, name)) {
      return `${quote(name)} and ${quote(other)} have variables that cannot be told apart: rename one`;
    }
  }
  return undefined;
}

function variablePrefixOf(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}

/** Whether a setting of `owner`, such as `a_API_URL`, looks like one of the longer `name`, such as `a_API`. */
function readsAsVariableOf(name: string, owner: string): boolean {
  const prefix = `${name.replaceAll('-', '_')}_`;
  const isLonger = name.length > owner.length;
  return isLonger && allClusterSuffixes.some((suffix) => `${owner.replaceAll('-', '_')}_${suffix}_`.startsWith(prefix));
}

/** The rest of a sentence about a text that should name a cluster and does not. */
export function notACluster(text: string, names: readonly string[]): string {
  const meant = nearest(text, names);
  const hint = meant === undefined ? '' : `; did you mean ${quote(meant)}?`;
  return `names ${quote(text)}, which is no cluster (${names.join(', ') || 'there is none'})${hint}`;
}
