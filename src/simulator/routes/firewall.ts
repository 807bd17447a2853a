import type { FirewallState, SecurityGroup } from '../configuration-state.js';
import { type FirewallLevel, firewallOf, macros } from '../firewall.js';
import { died } from '../pve-error.js';
import { type Call, Envelope, type Route } from '../route.js';
import { changeSettings, digestOfJson, requireDigest, settingsRow } from '../sections.js';
import type { GuestType } from '../state.js';
import { type Declaration, type Handler, routesOf } from './declaration.js';
import { firewallClusterDeclarations } from './declared/firewall-cluster.js';
import { firewallGuestDeclarations } from './declared/firewall-guest.js';
import { firewallNodeDeclarations } from './declared/firewall-node.js';
import { ruleHandlers } from './firewall-rules.js';
import { aliasHandlers, ipsetHandlers } from './firewall-sets.js';

function refsOf(firewall: FirewallState, scope: 'dc' | 'guest', type: string | undefined) {
  const aliases = firewall.aliases.map(({ name, comment }) => ({
    type: 'alias',
    name,
    scope,
    comment,
    ref: `${scope}/${name}`,
  }));
  const ipsets = firewall.ipsets.map(({ name, comment }) => ({
    type: 'ipset',
    name,
    scope,
    comment,
    ref: `+${scope}/${name}`,
  }));
  return [...aliases, ...ipsets].filter((entry) => type === undefined || entry.type === type);
}

function ruleAndOptionHandlers(path: string, level: FirewallLevel): Record<string, Handler> {
  const of = (call: Call) => firewallOf(call, level);
  const rules = ruleHandlers({ rules: (call) => of(call).rules, firewall: of });
  return {
    [`GET ${path}/rules`]: rules.list,
    [`POST ${path}/rules`]: rules.create,
    [`GET ${path}/rules/{pos}`]: rules.read,
    [`PUT ${path}/rules/{pos}`]: rules.update,
    [`DELETE ${path}/rules/{pos}`]: rules.remove,
    [`GET ${path}/options`]: (call) => {
      const { options } = of(call);
      return { ...settingsRow(options), digest: digestOfJson(options) };
    },
    [`PUT ${path}/options`]: (call, specs) => {
      const { options } = of(call);
      requireDigest(call, digestOfJson(options));
      changeSettings(call, specs, options, ['node', 'vmid']);
      return null;
    },
  };
}

/** No packet was ever dropped here. */
const emptyLog: Handler = () => new Envelope([{ n: 1, t: 'no content' }], { total: 1 });

function setHandlers(path: string, level: FirewallLevel): Record<string, Handler> {
  const of = (call: Call) => firewallOf(call, level);
  return {
    ...aliasHandlers(`${path}/aliases`, of),
    ...ipsetHandlers(`${path}/ipset`, of),
    [`GET ${path}/refs`]: (call) => {
      const type = call.params.optionalText('type');
      const ofCluster = refsOf(firewallOf(call, 'cluster'), 'dc', type);
      return level === 'cluster' ? ofCluster : [...ofCluster, ...refsOf(of(call), 'guest', type)];
    },
  };
}

function groupNamed({ cluster, params }: Call): SecurityGroup {
  const name = params.text('group');
  const group = cluster.state.configuration.securityGroups.find((entry) => entry.group === name);
  if (group === undefined) throw died(`no such security group '${name}'`);
  return group;
}

const listGroups: Handler = ({ cluster }) => {
  const groups = cluster.state.configuration.securityGroups;
  return groups.map(({ group, comment }) => ({ group, comment, digest: digestOfJson(groups) }));
};

const createGroup: Handler = ({ cluster, params }) => {
  const groups = cluster.state.configuration.securityGroups;
  const group = params.text('group');
  const rename = params.optionalText('rename');
  const comment = params.optionalText('comment');
  if (groups.some((entry) => entry.group === group) && rename !== group) {
    throw died(`Security group '${group}' already exists`);
  }
  // What is read from the file is in lower case (PVE/Firewall.pm, generic_fw_config_parser).
  const kept = group.toLowerCase();
  if (rename === undefined) {
    if (!groups.some((entry) => entry.group === kept)) groups.push({ group: kept, comment, rules: [] });
    return null;
  }
  const known = groups.find((entry) => entry.group === rename);
  if (known === undefined) throw died(`Security group '${rename}' does not exist`);
  known.group = kept;
  known.comment = comment ?? known.comment;
  return null;
};

const deleteGroup: Handler = (call) => {
  const group = groupNamed(call);
  if (group.rules.length > 0) throw died(`Security group '${group.group}' is not empty`);
  const groups = call.cluster.state.configuration.securityGroups;
  groups.splice(groups.indexOf(group), 1);
  return null;
};

function groupHandlers(): Record<string, Handler> {
  const path = '/cluster/firewall/groups';
  const rules = ruleHandlers({ rules: (call) => groupNamed(call).rules, firewall: () => undefined });
  return {
    [`GET ${path}`]: listGroups,
    [`POST ${path}`]: createGroup,
    [`GET ${path}/{group}`]: rules.list,
    [`POST ${path}/{group}`]: rules.create,
    [`DELETE ${path}/{group}`]: deleteGroup,
    [`GET ${path}/{group}/{pos}`]: rules.read,
    [`PUT ${path}/{group}/{pos}`]: rules.update,
    [`DELETE ${path}/{group}/{pos}`]: rules.remove,
  };
}

/** VMs and containers have the same firewall under paths of their own. */
function guestRoutes(type: GuestType): Route[] {
  const path = `/nodes/{node}/${type}/{vmid}/firewall`;
  const declarations: Record<string, Declaration> = {};
  for (const [route, declaration] of Object.entries(firewallGuestDeclarations)) {
    declarations[route.replace('/qemu/', `/${type}/`)] = declaration;
  }
  return routesOf(declarations, {
    ...ruleAndOptionHandlers(path, type),
    ...setHandlers(path, type),
    [`GET ${path}/log`]: emptyLog,
  });
}

const cluster = '/cluster/firewall';
const node = '/nodes/{node}/firewall';

export const firewallRoutes: readonly Route[] = [
  ...routesOf(firewallClusterDeclarations, {
    ...ruleAndOptionHandlers(cluster, 'cluster'),
    ...setHandlers(cluster, 'cluster'),
    ...groupHandlers(),
    'GET /cluster/firewall/macros': () => Object.entries(macros).map(([macro, descr]) => ({ macro, descr })),
  }),
  ...routesOf(firewallNodeDeclarations, { ...ruleAndOptionHandlers(node, 'node'), [`GET ${node}/log`]: emptyLog }),
  ...guestRoutes('qemu'),
  ...guestRoutes('lxc'),
];
