import type { ClusterConfig, PolicyRule, RuleKind } from './cluster-config.js';
import type { ClusterSource } from './cluster-source.js';
import { bad, type Checked, type FaultList, good, quote } from './faults.js';
import { nearest } from './nearest.js';
import { parseVmidRange } from './vmid-map.js';

/** Rules of each role, by its name. */
export type Roles = ReadonlyMap<string, readonly PolicyRule[]>;

/** A variable's suffix is the same in capitals. */
export const ruleKinds = [
  'access',
  'allow_tools',
  'deny_tools',
  'allow_vmids',
  'allow_pools',
  'protect_tags',
] as const satisfies readonly RuleKind[];

const suffixes = {
  access: 'ACCESS',
  allow_tools: 'ALLOW_TOOLS',
  deny_tools: 'DENY_TOOLS',
  allow_vmids: 'ALLOW_VMIDS',
  allow_pools: 'ALLOW_POOLS',
  protect_tags: 'PROTECT_TAGS',
} as const;

const accesses = ['read', 'operate', 'full'] as const;
const word = {
  allow_tools: /^[\w*-]+$/,
  deny_tools: /^[\w*-]+$/,
  allow_pools: /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+){0,2}$/,
  protect_tags: /^[A-Za-z0-9_][A-Za-z0-9_+.-]*$/,
} as const;
const examples = {
  allow_tools: 'proxmox-list-*,proxmox-vm-info',
  deny_tools: 'proxmox-delete-*',
  allow_pools: 'web,customers/acme',
  protect_tags: 'production,keep',
} as const;

/** A rule from its items, as they stand between commas or in a list. */
export function parseRule(kind: RuleKind, items: readonly string[], from: string): Checked<PolicyRule> {
  if (kind === 'access') {
    const value = accesses.find((one) => one === items[0]);
    const near = nearest(items[0] ?? '', accesses);
    return value === undefined || items.length > 1
      ? bad(`is ${quote(items.join(','))}: write read, operate or full${near ? ` (did you mean ${near}?)` : ''}`)
      : good({ kind, value, from });
  }
  if (kind === 'allow_vmids') {
    const ranges = items.map(parseVmidRange);
    const wrong = ranges.find((range) => !range.ok);
    if (wrong?.ok === false) return wrong;
    const value = ranges.flatMap((range) => (range.ok ? [range.value] : []));
    return value.length === 0 ? bad('names nothing: write VMIDs, such as 100-199,500') : good({ kind, value, from });
  }
  const wrong = items.find((item) => !word[kind].test(item));
  if (wrong !== undefined) return bad(`has ${quote(wrong)}: write names, such as ${examples[kind]}`);
  return items.length === 0
    ? bad(`names nothing: write names, such as ${examples[kind]}`)
    : good({ kind, value: items, from });
}

/** What stands between commas; a rule may not vanish because of one too many. */
export const itemsOf = (kind: RuleKind, text: string): readonly string[] =>
  text
    .split(kind === 'allow_vmids' || kind === 'access' ? ',' : /[,;\s]+/)
    .map((item) => item.trim())
    .filter((item) => item !== '');

/**
 * The rules of a cluster: those of its role and its own. All of them hold, so that a variable can take from what a role
 * allows, and cannot add to it. `undefined` where there are none.
 */
export function readPolicy(
  source: ClusterSource,
  roles: Roles | undefined,
  faults: FaultList,
): ClusterConfig['policy'] {
  const own = ruleKinds.flatMap((kind): PolicyRule[] => {
    const setting = source.find(suffixes[kind]);
    if (setting === undefined) return [];
    const { variable, value } = setting;
    const rule = faults.take(variable, parseRule(kind, itemsOf(kind, value), variable));
    return rule === undefined ? [] : [rule];
  });
  const role = source.find('ROLE');
  const ofRole = role === undefined ? [] : faults.take(role.variable, findRole(role.value, roles));
  const rules = [...(ofRole ?? []), ...own];
  return rules.length === 0 ? undefined : rules;
}

function findRole(name: string, roles: Roles | undefined): Checked<readonly PolicyRule[]> {
  if (roles === undefined) return bad(`names a role: set PROXMOX_ROLES_FILE to the file that describes it`);
  const rules = roles.get(name);
  if (rules !== undefined) return good(rules);
  const names = [...roles.keys()];
  const near = nearest(name, names);
  const known = names.length === 0 ? 'none' : names.map(quote).join(', ');
  return bad(`is ${quote(name)}, and PROXMOX_ROLES_FILE has ${known}${near ? `: did you mean ${quote(near)}?` : ''}`);
}
