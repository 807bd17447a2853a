import type { PolicyRule, VmidSpan } from '../../config/cluster-config.js';

export const spansText = (spans: readonly VmidSpan[]): string =>
  spans.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(',');

/** What may be done on a cluster, in short. */
export interface RulesText {
  readonly access: 'read' | 'operate' | 'full';
  /** All others, each as its variable has it: `ALLOW_VMIDS=100-199`. */
  readonly rules: readonly string[];
}

/** The rules of a cluster in few words; all of them hold. */
export function rulesText(policy: readonly PolicyRule[] = []): RulesText {
  const levels = policy.flatMap((rule) => (rule.kind === 'access' ? [rule.value] : []));
  const access = levels.includes('read') ? 'read' : levels.includes('operate') ? 'operate' : 'full';
  const rules = policy.flatMap((rule) => {
    if (rule.kind === 'access') return [];
    const value = rule.kind === 'allow_vmids' ? spansText(rule.value) : rule.value.join(',');
    return [`${rule.kind.toUpperCase()}=${value}`];
  });
  return { access, rules };
}
