import type { Settings } from '../configuration-state.js';
import { splitList } from '../parameter-format.js';
import { died } from '../pve-error.js';
import type { Call } from '../route.js';
import { type SectionFile, sectionHandlers } from '../sections.js';
import type { Handler } from './declaration.js';

/** 9 knows the calls still, but its groups have become rules. */
function unlessMigrated(verb: string, handler: Handler): Handler {
  return (call, specs) => {
    if (call.cluster.state.version === '9.2') throw died(`cannot ${verb}: ha groups have been migrated to rules`);
    return handler(call, specs);
  };
}

const groupFile: SectionFile = {
  key: 'group',
  of: ({ cluster }) => cluster.state.configuration.haGroups,
  missing: (id) => `no such ha group '${id}'`,
  existing: (id) => `ha group ID '${id}' already defined`,
  row: () => ({ type: 'group' }),
  checkDelete: ({ cluster }, id) => {
    const user = cluster.state.haResources.find((resource) => resource.group === id);
    if (user !== undefined) throw died(`ha group is used by service '${user.sid}'`);
  },
};

function checkRule({ cluster }: Call, settings: Settings): void {
  const resources = splitList(String(settings.resources ?? ''));
  const foreign = resources.filter((sid) => !cluster.state.haResources.some((entry) => entry.sid === sid));
  if (foreign.length > 0) throw died(`cannot use unmanaged resource(s) ${foreign.join(', ')}.`);
  const required = settings.type === 'node-affinity' ? 'nodes' : 'affinity';
  if (settings[required] === undefined) throw died(`missing value for required option '${required}'`);
  if (settings.type === 'resource-affinity' && resources.length < 2) {
    throw died('rule is defined with less than two unique resources');
  }
  const nodes = splitList(String(settings.nodes ?? '')).map((node) => node.replace(/:\d+$/, ''));
  const unknown = nodes.find((node) => !cluster.state.nodes.some((entry) => entry.node === node));
  if (unknown !== undefined) throw died(`cannot use unknown node '${unknown}'`);
}

const ruleFile: SectionFile = {
  key: 'rule',
  of: ({ cluster }) => cluster.state.configuration.haRules,
  missing: (id) => `no such ha rule '${id}'`,
  existing: (id) => `HA rule '${id}' already defined`,
  check: checkRule,
  visible: ({ params }, { settings }) => {
    const type = params.optionalText('type');
    const resource = params.optionalText('resource');
    if (type !== undefined && settings.type !== type) return false;
    return resource === undefined || splitList(String(settings.resources)).includes(resource);
  },
  row: (call, section) => ({ order: call.cluster.state.configuration.haRules.indexOf(section) + 1 }),
};

const groups = sectionHandlers(groupFile);
const rules = sectionHandlers(ruleFile);

export const haGroupRuleHandlers: Readonly<Record<string, Handler>> = {
  'GET /cluster/ha/groups': unlessMigrated('index groups', groups.list),
  'POST /cluster/ha/groups': unlessMigrated('create group', groups.create),
  'GET /cluster/ha/groups/{group}': unlessMigrated('read group', groups.read),
  'PUT /cluster/ha/groups/{group}': unlessMigrated('update group', groups.update),
  'DELETE /cluster/ha/groups/{group}': unlessMigrated('delete group', groups.remove),
  'GET /cluster/ha/rules': rules.list,
  'POST /cluster/ha/rules': rules.create,
  'GET /cluster/ha/rules/{rule}': rules.read,
  'PUT /cluster/ha/rules/{rule}': rules.update,
  'DELETE /cluster/ha/rules/{rule}': rules.remove,
  'GET /cluster/ha/status/manager_status': managerStatus,
  'POST /cluster/ha/status/disarm-ha': ({ cluster, params }) => {
    cluster.state.configuration.haDisarmed = params.text('resource-mode');
    return null;
  },
  'POST /cluster/ha/status/arm-ha': ({ cluster }) => {
    cluster.state.configuration.haDisarmed = undefined;
    return null;
  },
};

function managerStatus({ cluster }: Call) {
  const { state, now, localNode, quorate } = cluster;
  const nodes = state.nodes.map((node) => [
    node.node,
    cluster.isOnline(node) ? (node.maintenance === true ? 'maintenance' : 'online') : 'unknown',
  ]);
  const services = state.haResources.map(({ sid, state: wanted }) => {
    const guest = state.guests.find((entry) => sid.endsWith(`:${entry.vmid}`));
    return [sid, { node: guest?.node ?? '', state: wanted, running: guest?.status === 'running' ? 1 : 0 }];
  });
  const lrm = state.nodes.map((node) => [
    node.node,
    { mode: node.maintenance === true ? 'maintenance' : 'active', state: 'active', timestamp: now, results: {} },
  ]);
  return {
    manager_status: {
      master_node: localNode.node,
      node_status: Object.fromEntries(nodes),
      service_status: Object.fromEntries(services),
      timestamp: now,
    },
    lrm_status: Object.fromEntries(lrm),
    quorum: { node: localNode.node, quorate: quorate ? 1 : 0 },
  };
}
