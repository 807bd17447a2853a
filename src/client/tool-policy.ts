import { ClusterError } from '../clusters/errors.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import type { PolicyRule } from '../config/cluster-config.js';
import { ruleAgainst } from '../config/tool-rule.js';
import { accessOf } from '../pve/policy/operate-routes.js';
import type { Tool } from '../tools/define.js';
import { needsTwoClusters } from '../tools/scope.js';
import type { Outcome } from './outcome.js';

/** As the answer of a call begins. */
export type Chosen = Pick<Outcome, 'cluster' | 'target' | 'via' | 'by'>;

/** A rule of a cluster does not allow a tool there: nothing was sent. */
export class ToolPolicyError extends ClusterError {
  override readonly name = 'ToolPolicyError';
  readonly tool: string;
  readonly rule: PolicyRule;
  /** Of a call that is refused as a whole: where it was to go, and why there. */
  readonly chosen: Chosen | undefined;
  constructor(cluster: string, tool: string, rule: PolicyRule, chosen?: Chosen) {
    super(cluster, `${rule.from} does not allow ${tool} on cluster '${cluster}'`);
    this.tool = tool;
    this.rule = rule;
    this.chosen = chosen;
  }
}

/** What keeps a tool from a cluster; `undefined` where nothing does. */
export function toolRefusal(
  registry: ClusterRegistry,
  { name, calls }: Tool,
  cluster: string,
  policy = registry.getClusterConfig(cluster).policy,
) {
  if (policy === undefined || policy.length === 0) return undefined;
  const rule = ruleAgainst({ name, access: accessOf(calls) }, policy);
  return rule && new ToolPolicyError(cluster, name, rule);
}

/**
 * Holds a call against the rules of its clusters. A read of several goes on without those that refuse it, if there are
 * others; anything else is refused as a whole, before anything is sent.
 * @throws {ToolPolicyError}
 */
export function holdToRules(registry: ClusterRegistry, tool: Tool, selected: readonly string[], chosen: Chosen): void {
  // What is configured is shown if it may be seen of any.
  const { target: other } = chosen;
  const clusters =
    tool.scope === 'configuration' ? registry.listClusters() : other === undefined ? selected : [...selected, other];
  const refusals = clusters.flatMap((name) => toolRefusal(registry, tool, name) ?? []);
  const [first] = refusals;
  if (first === undefined) return;
  const isWhole = tool.effect !== 'read' || needsTwoClusters(tool.scope);
  const isShared = tool.scope === 'across' || tool.scope === 'configuration';
  if (isWhole || (isShared && refusals.length === clusters.length))
    throw new ToolPolicyError(first.cluster, first.tool, first.rule, chosen);
}
