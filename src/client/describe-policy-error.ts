import type { PolicyRule } from '../config/cluster-config.js';
import { PolicyError } from '../pve/policy/policy-error.js';
import type { ErrorText } from '../tools/error-text.js';
import type { ToolPolicyError } from './tool-policy.js';

/** Text for what a rule of the configuration does not allow. */
export function describePolicyError(error: PolicyError | ToolPolicyError): ErrorText {
  const from = error instanceof PolicyError ? error.variable : error.rule.from;
  const facts =
    error instanceof PolicyError
      ? { rule: error.rule, request: `${error.method} ${error.path}` }
      : { rule: error.rule.kind, tool: error.tool };
  const why = error instanceof PolicyError ? error.why : toolReason(error.rule);
  return {
    code: 'POLICY',
    message: `A rule of cluster '${error.cluster}' does not allow it: ${why}; nothing was sent.`,
    next: `Tell the user; only he can change ${from}.`,
    cluster: error.cluster,
    set_by: from,
    ...facts,
  };
}

function toolReason({ kind, value }: PolicyRule): string {
  if (kind !== 'access') return `${kind} keeps this tool from it`;
  return value === 'read' ? 'nothing may be changed' : 'this tool does more than power, snapshots and backups';
}
