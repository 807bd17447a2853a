import { z } from 'zod';
import { inTurns } from '../../pve/attempt.js';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import { text } from '../../pve/loose.js';
import { readAliases, readEntries, readIpsets, setReads } from '../firewall/firewall-sets.js';
import { writtenOf } from '../firewall/ipset-entries.js';
import { optionReads, showOptions } from '../firewall/options.js';
import { readRules, ruleReads } from '../firewall/rules.js';
import type { Fields, Items } from './difference.js';
import { ruleText } from './rule-text.js';
import type { Seen } from './seen.js';
import { settingTexts } from './setting-text.js';

const cluster = { level: 'cluster' } as const;

export const groupReads = {
  groups: endpoint('GET /cluster/firewall/groups', z.array(z.object({ group: z.string(), comment: text.optional() }))),
};

export const firewallReads = { ...groupReads, ...setReads, ...ruleReads, ...optionReads };
type Reads = Bound<typeof firewallReads>;

/** The firewall of the datacenter: that of nodes and guests is theirs. */
export async function seeFirewall(call: Reads): Promise<Seen> {
  const [options, rules, groups, sets, aliases] = await Promise.all([
    call.optionsOfCluster({}),
    readRules(cluster, call),
    seeGroups(call),
    seeSets(call),
    readAliases(cluster, call),
  ]);
  const { enable, options: others, ...policies } = showOptions(cluster, options.data);
  const datacenter: Fields = {
    ...settingTexts(others ?? {}, []),
    ...policies,
    enable: String(enable),
    rules: { inOrder: rules.map(ruleText) },
  };
  // pve-firewall finds an alias in any case (PVE/Firewall.pm, resolve_alias).
  const aliasItems = aliases.map(({ name, cidr, comment }): [string, Fields] => [
    `alias ${name.toLowerCase()}`,
    { cidr, comment },
  ]);
  return { items: new Map([['datacenter', datacenter], ...groups, ...sets, ...aliasItems]), unread: [] };
}

async function seeGroups(call: Reads): Promise<Items> {
  const { data } = await call.groups({});
  const found = await inTurns(data, async ({ group, comment }): Promise<[string, Fields]> => {
    const rules = await readRules({ level: 'group', group }, call);
    return [`group ${group}`, { comment, rules: { inOrder: rules.map(ruleText) } }];
  });
  return new Map(found);
}

async function seeSets(call: Reads): Promise<Items> {
  const sets = await readIpsets(cluster, call);
  const found = await inTurns(sets, async ({ name, comment }): Promise<[string, Fields]> => {
    const entries = await readEntries(cluster, name, call);
    const written = entries.map(({ cidr, nomatch = false }) => writtenOf({ cidr, nomatch }));
    return [`ipset ${name}`, { comment, entries: written }];
  });
  return new Map(found);
}
