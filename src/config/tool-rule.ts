import type { PolicyRule } from './cluster-config.js';
import { fitsGlob } from './glob.js';

export type Access = 'read' | 'operate' | 'full';

const order = ['read', 'operate', 'full'] as const satisfies readonly Access[];

/** What a rule decides a tool by. */
export interface RuledTool {
  readonly name: string;
  /** What it may do, by the routes that it declares. */
  readonly access: Access;
}

const prefix = 'proxmox-';
const withoutPrefix = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);

/** `proxmox-delete-vm`, `delete-vm` or `delete-*`. */
export function isMeant(written: string, { name }: Pick<RuledTool, 'name'>): boolean {
  const pattern = withoutPrefix(written);
  const short = withoutPrefix(name);
  return pattern.includes('*') ? fitsGlob(pattern, name) || fitsGlob(pattern, short) : pattern === short;
}

/** The first of a cluster's rules that does not allow a tool there. */
export const ruleAgainst = (tool: RuledTool, rules: readonly PolicyRule[] = []): PolicyRule | undefined =>
  rules.find((rule) => {
    if (rule.kind === 'access') return order.indexOf(tool.access) > order.indexOf(rule.value);
    if (rule.kind === 'allow_tools') return !rule.value.some((written) => isMeant(written, tool));
    return rule.kind === 'deny_tools' && rule.value.some((written) => isMeant(written, tool));
  });
