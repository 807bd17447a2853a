import { z } from 'zod';
import { version } from '../../pve/discovery.js';
import { splitList } from '../../pve/storage.js';
import { defineList } from '../define.js';
import { type HaGroup, type HaRule, haGroups, haResources, haRules, rulesOrNone } from './ha-endpoints.js';

const row = z.object({
  rule: z.string(),
  type: z.string(),
  resources: z.array(z.string()),
  nodes: z.array(z.string()).optional(),
  strict: z.boolean().optional(),
  affinity: z.string().optional(),
  disabled: z.boolean(),
  comment: z.string().optional(),
});

export default [
  defineList({
    name: 'proxmox-list-ha-rules',
    title: 'List HA rules',
    description: 'Where HA may run guests: rules, or groups before version 9.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'ha',
    input: {},
    output: row,
    calls: { version, rules: haRules, groups: haGroups, resources: haResources },
    privileges: ['Sys.Audit on /'],
    run: async ({ call }) => {
      const rules = await rulesOrNone(call);
      if (rules !== undefined) return { rows: sorted(rules.map(ruleRow)) };
      const resources = (await call.resources({})).data;
      const members = (group: string) => resources.filter((one) => one.group === group).map(({ sid }) => sid);
      const groups = (await call.groups({})).data.map((group) => groupRow(group, members(group.group)));
      return { rows: sorted(groups), notes: ['This cluster is older than version 9: these are HA groups.'] };
    },
  }),
];

const sorted = (rows: z.input<typeof row>[]) => rows.sort((a, b) => (a.rule < b.rule ? -1 : 1));

function ruleRow({ rule, type, resources, nodes, strict, affinity, disable, comment }: HaRule) {
  return {
    rule,
    type,
    resources: splitList(resources).sort(),
    nodes: nodes === undefined ? undefined : splitList(nodes).sort(),
    strict: type === 'node-affinity' ? (strict ?? false) : undefined,
    affinity,
    disabled: disable ?? false,
    comment,
  };
}

function groupRow({ group, nodes, restricted, comment }: HaGroup, resources: string[]) {
  return {
    rule: group,
    type: 'group',
    resources: resources.sort(),
    nodes: splitList(nodes).sort(),
    strict: restricted ?? false,
    disabled: false,
    comment,
  };
}
