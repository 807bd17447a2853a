import type { ClusterConfig, ClusterRegistryConfig, PolicyRule } from '../config/cluster-config.js';
import { spansText } from '../pve/policy/rule-text.js';

/** Something that binds calls and is other than before; a value that is not there is not set. */
export interface RuleChange {
  /** The variable, or the role and its file, and the cluster that it is about. */
  readonly name: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** What two configurations allow differently: who confirms, the rules, the tools that are offered, the audit. */
export function ruleChanges(before: ClusterRegistryConfig, after: ClusterRegistryConfig): RuleChange[] {
  const ruled = before.clusters.some(({ policy = [] }) => policy.length > 0);
  const old = bindingsOf(before, ruled);
  const now = bindingsOf(after, ruled);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => old.get(name) !== now.get(name))
    .map((name) => ({ name, before: old.get(name), after: now.get(name) }));
}

function bindingsOf(config: ClusterRegistryConfig, ruled: boolean): ReadonlyMap<string, string> {
  const { confirm = 'argument', readOnly = false, tools, audit, clusters } = config;
  const all: readonly (readonly [string, string | undefined])[] = [
    ['PROXMOX_CONFIRM', confirm],
    ['PROXMOX_READ_ONLY', String(readOnly)],
    ['PROXMOX_TOOLSETS', tools?.toolsets?.join(',')],
    ['PROXMOX_TOOLS', tools?.tools?.join(',')],
    ['PROXMOX_EXCLUDE_TOOLS', tools?.exclude?.join(',')],
    ['PROXMOX_AUDIT_FILE', audit?.file],
    ['PROXMOX_AUDIT_REQUIRED', audit && String(audit.required)],
    ['PROXMOX_AUDIT_READS', audit && String(audit.reads)],
    ['PROXMOX_AUDIT_MAX_MB', audit && String(audit.maxBytes / 1_000_000)],
    ...clusters.flatMap(rulesOf),
    // Under another name or address a cluster would be free of the rules that bind it.
    ...(ruled ? clusters.map(({ name, apiUrls }) => [`cluster ${name}`, apiUrls.join(',')] as const) : []),
  ];
  return new Map(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function rulesOf({ name, policy = [] }: ClusterConfig): (readonly [string, string])[] {
  const froms = [...new Set(policy.map(({ from }) => from))];
  return froms.map((from) => {
    const rules = policy.filter((rule) => rule.from === from);
    return [`cluster ${name}, ${from}`, rules.map(ruleText).join(' ')];
  });
}

function ruleText(rule: PolicyRule): string {
  if (rule.kind === 'access') return `${rule.kind}=${rule.value}`;
  return `${rule.kind}=${rule.kind === 'allow_vmids' ? spansText(rule.value) : rule.value.join(',')}`;
}
