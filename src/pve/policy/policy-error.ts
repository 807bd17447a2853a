import type { PolicyRule } from '../../config/cluster-config.js';
import { RequestError, type RequestFacts } from '../errors.js';

/** A rule of the configuration does not allow the request: it was not sent. */
export class PolicyError extends RequestError {
  override readonly name = 'PolicyError';
  readonly rule: PolicyRule['kind'];
  /** The variable that the rule stands in, or the role and its file. */
  readonly variable: string;
  /** The rest of a sentence. */
  readonly why: string;
  constructor(request: RequestFacts, { kind, from }: Pick<PolicyRule, 'kind' | 'from'>, why: string) {
    super(request, `${from}: ${why}`);
    this.rule = kind;
    this.variable = from;
    this.why = why;
  }
}
