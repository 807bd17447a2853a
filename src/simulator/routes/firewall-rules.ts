import type { FirewallRule, FirewallState } from '../configuration-state.js';
import { requireGoodRule } from '../firewall.js';
import type { JsonObject } from '../json.js';
import { died, parameterError } from '../pve-error.js';
import type { Call } from '../route.js';
import { changeSettings, digestOfJson, requireDigest, settingsOf, settingsRow } from '../sections.js';
import type { Handler } from './declaration.js';

/** A list of rules: of a level, or of a security group. */
export interface RuleList {
  readonly rules: (call: Call) => FirewallRule[];
  readonly firewall: (call: Call) => FirewallState | undefined;
}

const place = ['node', 'vmid', 'group', 'pos', 'moveto', 'vnet'];

function rowOf(rules: readonly FirewallRule[], rule: FirewallRule, pos: number): JsonObject {
  const version = String(rule.source ?? rule.dest ?? '').includes(':') ? 6 : 4;
  const single = /^[0-9a-fA-F.:]+(\/\d+)?$/.test(String(rule.source ?? rule.dest ?? ''));
  return { pos, ...settingsRow(rule), ipversion: single ? version : undefined, digest: digestOfJson(rules) };
}

function ruleAt(rules: readonly FirewallRule[], { params }: Call): FirewallRule {
  const rule = rules[params.integer('pos')];
  if (rule === undefined) throw died(`no rule at position ${params.integer('pos')}`);
  return rule;
}

function moved(rules: readonly FirewallRule[], from: number, to: number): FirewallRule[] {
  const rule = rules[from];
  if (rule === undefined || from === to) return [...rules];
  const result: FirewallRule[] = [];
  for (const [at, other] of rules.entries()) {
    if (at === from) continue;
    if (at === to) result.push(rule);
    result.push(other);
  }
  if (to >= rules.length) result.push(rule);
  return result;
}

export interface RuleHandlers {
  readonly list: Handler;
  readonly create: Handler;
  readonly read: Handler;
  readonly update: Handler;
  readonly remove: Handler;
}

export function ruleHandlers(of: RuleList): RuleHandlers {
  return {
    list: (call) => {
      const rules = of.rules(call);
      return rules.map((rule, pos) => rowOf(rules, rule, pos));
    },
    create: (call, specs) => {
      const rules = of.rules(call);
      requireDigest(call, digestOfJson(rules));
      // wherever `pos` points: a new rule is the first, and off unless it is switched on
      const rule: FirewallRule = { enable: 0, ...settingsOf(call, specs, place) };
      requireGoodRule(call, rule, of.firewall(call));
      rules.unshift(rule);
      return null;
    },
    read: (call) => {
      const rules = of.rules(call);
      return rowOf(rules, ruleAt(rules, call), call.params.integer('pos'));
    },
    update: (call, specs) => {
      const rules = of.rules(call);
      requireDigest(call, digestOfJson(rules));
      const rule = ruleAt(rules, call);
      const pos = call.params.integer('pos');
      const to = call.params.optionalInteger('moveto');
      // a call that moves does nothing else
      if (to !== undefined && to !== pos) {
        rules.splice(0, rules.length, ...moved(rules, pos, to));
        return null;
      }
      const changed = { ...rule };
      changeSettings(call, specs, changed, place);
      if (changed.type === undefined || changed.action === undefined) {
        throw parameterError({ action: 'property is missing and it is not optional' });
      }
      requireGoodRule(call, changed, of.firewall(call));
      rules.splice(pos, 1, changed);
      return null;
    },
    remove: (call) => {
      const rules = of.rules(call);
      requireDigest(call, digestOfJson(rules));
      ruleAt(rules, call);
      rules.splice(call.params.integer('pos'), 1);
      return null;
    },
  };
}
