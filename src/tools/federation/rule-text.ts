import type { ListedRule } from '../firewall/rules.js';

const options = [
  ['iface', 'i'],
  ['source', 'source'],
  ['dest', 'dest'],
  ['proto', 'p'],
  ['dport', 'dport'],
  ['sport', 'sport'],
  ['icmp-type', 'icmp-type'],
  ['log', 'log'],
] as const;

/** A rule as pve-firewall writes it: `IN SSH(ACCEPT) -source +dc/office -log nolog # admins`, with `|` before what is off. */
export function ruleText(rule: ListedRule): string {
  const { type, action, macro, enable, comment } = rule;
  const what = macro === undefined ? action : `${macro}(${action})`;
  const settings = options.flatMap(([key, option]) => (rule[key] === undefined ? [] : [`-${option} ${rule[key]}`]));
  const said = comment === undefined || comment === '' ? [] : [`# ${comment}`];
  return [`${enable ? '' : '|'}${type.toUpperCase()} ${what}`, ...settings, ...said].join(' ');
}
