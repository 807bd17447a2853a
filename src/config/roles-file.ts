import type { PolicyRule, RuleKind } from './cluster-config.js';
import type { Environment } from './environment.js';
import { bad, type Checked, type FaultList, good, quote } from './faults.js';
import { expandHome, isAbsolutePath } from './file-path.js';
import { nearest } from './nearest.js';
import { itemsOf, parseRule, type Roles, ruleKinds } from './policy.js';
import { repeatedKeys } from './repeated-keys.js';
import { exposureProblem, type SecretAccess } from './secret-access.js';

const variable = 'PROXMOX_ROLES_FILE';

/** `PROXMOX_ROLES_FILE`: named bundles of rules; `undefined` where it is not set, or what is wrong was noted. */
export function readRoles(
  environment: Environment,
  faults: FaultList,
  access: SecretAccess | undefined,
): Roles | undefined {
  const written = environment.get(variable);
  if (written === undefined) return undefined;
  const path = faults.take(variable, expandHome(written, environment));
  if (path === undefined) return undefined;
  if (!isAbsolutePath(path)) {
    faults.fault(variable, `is ${quote(path)}: write an absolute path or ~/...`);
    return undefined;
  }
  const file = access?.readFile(path) ?? { reason: 'files are not read here' };
  if ('reason' in file) {
    faults.fault(variable, `names ${quote(path)}, which cannot be read: ${file.reason}`);
    return undefined;
  }
  const exposure = exposureProblem(file.exposed, false);
  if (exposure !== undefined) faults.warn(variable, `names a file ${exposure}`);
  return parseRoles(file.text, path, faults);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Roles out of JSON; each fault names its role and key. */
export function parseRoles(text: string, path: string, faults: FaultList): Roles {
  const parsed = parseJson(text);
  if (!isObject(parsed)) {
    faults.fault(variable, 'holds no JSON object of roles, such as {"viewers":{"access":"read"}}');
    return new Map();
  }
  for (const { key, within } of repeatedKeys(text)) {
    const [role] = within;
    const what = role === undefined ? `the role ${quote(key)}` : `the role ${quote(role)}, and in it ${quote(key)}`;
    faults.fault(variable, `has ${what} twice: keep one of the two`);
  }
  const roles = new Map<string, readonly PolicyRule[]>();
  for (const [name, role] of Object.entries(parsed)) roles.set(name, rulesOf(name, role, path, faults));
  return roles;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function rulesOf(name: string, role: unknown, path: string, faults: FaultList): readonly PolicyRule[] {
  if (!isObject(role)) {
    faults.fault(variable, `has the role ${quote(name)}, which is no JSON object`);
    return [];
  }
  const rules = Object.entries(role).flatMap(([key, value]) => {
    const kind = ruleKinds.find((one) => one === key);
    const rule = kind === undefined ? unknownKey(key) : roleRule(kind, value, `role '${name}' in ${path}`);
    if (rule.ok) return [rule.value];
    faults.fault(variable, `has the role ${quote(name)}, whose ${quote(key)} ${rule.problem}`);
    return [];
  });
  if (Object.keys(role).length === 0) faults.fault(variable, `has the role ${quote(name)}, which has no rule`);
  return rules;
}

function unknownKey(key: string): Checked<never> {
  const near = nearest(key, ruleKinds);
  return bad(`is not known: ${near ? `did you mean '${near}'?` : `a role has ${ruleKinds.join(', ')}`}`);
}

/** `access` is a word, all else a list. */
function roleRule(kind: RuleKind, value: unknown, from: string): Checked<PolicyRule> {
  const items = kind === 'access' ? asWord(value) : asList(kind, value);
  return items.ok ? parseRule(kind, items.value, from) : items;
}

const asWord = (value: unknown): Checked<readonly string[]> =>
  typeof value === 'string' ? good([value]) : bad('is no text: write "read", "operate" or "full"');

function asList(kind: RuleKind, value: unknown): Checked<readonly string[]> {
  const example = kind === 'allow_vmids' ? '["100-199", 500]' : '["one", "another"]';
  if (!Array.isArray(value)) return bad(`is no list: write ${example}`);
  const items = value.map((item) => (typeof item === 'number' && kind === 'allow_vmids' ? String(item) : item));
  const texts = items.filter((item) => typeof item === 'string');
  return texts.length < items.length
    ? bad(`has an item that is no text: write ${example}`)
    : good(texts.flatMap((item) => itemsOf(kind, item)));
}
