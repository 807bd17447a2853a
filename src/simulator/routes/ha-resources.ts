import type { Settings } from '../configuration-state.js';
import { followRequest, guestOfSid, moveLater } from '../ha-manager.js';
import type { JsonObject } from '../json.js';
import { splitList } from '../parameter-format.js';
import { died, parameterError } from '../pve-error.js';
import type { Call } from '../route.js';
import { deletedKeys, digestOfJson, requireDigest, settingsOf, settingsRow } from '../sections.js';
import type { HaResourceState } from '../state.js';
import type { Handler } from './declaration.js';

const own = ['sid', 'type', 'state', 'group', 'comment', 'purge', 'node'];

function isState(state: string): state is HaResourceState['state'] {
  return ['started', 'stopped', 'disabled', 'ignored'].includes(state);
}

/** `vm:100`, or the number alone. */
function sidOfCall({ cluster, params }: Call): string {
  const sid = params.text('sid');
  if (/^(vm|ct):[1-9]\d{2,8}$/.test(sid)) return sid;
  if (!/^[1-9]\d{2,8}$/.test(sid))
    throw parameterError({ sid: 'invalid format - value does not look like a valid HA resource ID\n' });
  const guest = cluster.state.guests.find((entry) => entry.vmid === Number(sid));
  return `${guest?.type === 'lxc' ? 'ct' : 'vm'}:${sid}`;
}

function resourceNamed(call: Call): HaResourceState {
  const sid = sidOfCall(call);
  const resource = call.cluster.state.haResources.find((entry) => entry.sid === sid);
  if (resource === undefined) throw died(`no such resource '${sid}'`);
  return resource;
}

function rowOf({ cluster }: Call, resource: HaResourceState): JsonObject {
  const { sid, state, group, comment, options } = resource;
  const type = sid.slice(0, 2);
  const digest = digestOfJson(cluster.state.haResources);
  return { sid, type, state, group, comment, ...settingsRow(options ?? {}), digest };
}

function list(call: Call) {
  const type = call.params.optionalText('type');
  return call.cluster.state.haResources
    .filter(({ sid }) => type === undefined || sid.startsWith(`${type}:`))
    .map((resource) => rowOf(call, resource));
}

function requireGroup({ cluster, params }: Call): void {
  const group = params.optionalText('group');
  if (group === undefined) return;
  if (cluster.state.version === '9.2') throw died("invalid parameter 'group': ha groups have been migrated to rules");
  if (!cluster.state.configuration.haGroups.some((entry) => entry.id === group)) {
    throw died(`HA group '${group}' does not exist`);
  }
}

function setKeys({ params }: Call, resource: HaResourceState): void {
  const asked = params.optionalText('state');
  const state = asked === 'enabled' ? 'started' : asked;
  if (state !== undefined && isState(state)) resource.state = state;
  const group = params.optionalText('group');
  if (group !== undefined) resource.group = group;
  const comment = params.optionalText('comment');
  if (comment !== undefined) resource.comment = comment;
}

const create: Handler = (call, specs) => {
  const { cluster, params } = call;
  const sid = sidOfCall(call);
  const type = params.optionalText('type');
  if (type !== undefined && !sid.startsWith(type)) throw died(`types does not match`);
  if (guestOfSid(cluster, sid) === undefined) throw died(`resource '${sid}' does not exists in cluster`);
  if (cluster.state.haResources.some((entry) => entry.sid === sid)) throw died(`resource ID '${sid}' already defined`);
  requireGroup(call);
  const resource: HaResourceState = { sid, state: 'started', options: settingsOf(call, specs, own) };
  setKeys(call, resource);
  cluster.state.haResources.push(resource);
  followRequest(cluster, resource);
  return null;
};

const update: Handler = (call, specs) => {
  const resource = resourceNamed(call);
  requireDigest(call, digestOfJson(call.cluster.state.haResources));
  requireGroup(call);
  const options: Settings = { ...resource.options };
  for (const key of deletedKeys(call)) {
    delete options[key];
    if (key === 'group') delete resource.group;
    if (key === 'comment') delete resource.comment;
    if (key === 'state') resource.state = 'started';
  }
  setKeys(call, resource);
  resource.options = { ...options, ...settingsOf(call, specs, own) };
  followRequest(call.cluster, resource);
  return null;
};

function purgeRules({ cluster, params }: Call, sid: string): void {
  if (params.has('purge') && !params.flag('purge')) return;
  const { configuration } = cluster.state;
  for (const rule of configuration.haRules) {
    rule.settings.resources = splitList(String(rule.settings.resources))
      .filter((one) => one !== sid)
      .join(',');
  }
  configuration.haRules = configuration.haRules.filter((rule) => rule.settings.resources !== '');
}

function remove(call: Call) {
  const resource = resourceNamed(call);
  const { state } = call.cluster;
  state.haResources = state.haResources.filter((entry) => entry !== resource);
  purgeRules(call, resource.sid);
  return null;
}

/** Resources that a rule keeps together with this one, or apart from it. */
function partners({ cluster }: Call, sid: string, affinity: string): string[] {
  const rules = cluster.state.configuration.haRules.filter(({ settings }) => {
    const inside = splitList(String(settings.resources)).includes(sid);
    return inside && settings.type === 'resource-affinity' && settings.affinity === affinity && settings.disable !== 1;
  });
  const all = rules.flatMap(({ settings }) => splitList(String(settings.resources)));
  return [...new Set(all)].filter((one) => one !== sid);
}

function move(call: Call) {
  const { cluster, params } = call;
  const { sid } = resourceNamed(call);
  const target = params.text('node');
  if (cluster.state.version === '8.4') {
    moveLater(cluster, sid, target);
    return null;
  }
  const blocked = partners(call, sid, 'negative').filter((one) => guestOfSid(cluster, one)?.node === target);
  const together = partners(call, sid, 'positive');
  if (blocked.length === 0) for (const one of [sid, ...together]) moveLater(cluster, one, target);
  return {
    sid,
    'requested-node': target,
    'comigrated-resources': together.length > 0 ? together : undefined,
    'blocking-resources':
      blocked.length > 0 ? blocked.map((one) => ({ sid: one, cause: 'resource-affinity' })) : undefined,
  };
}

const path = '/cluster/ha/resources';

export const haResourceHandlers: Readonly<Record<string, Handler>> = {
  [`GET ${path}`]: list,
  [`POST ${path}`]: create,
  [`GET ${path}/{sid}`]: (call) => rowOf(call, resourceNamed(call)),
  [`PUT ${path}/{sid}`]: update,
  [`DELETE ${path}/{sid}`]: remove,
  [`POST ${path}/{sid}/migrate`]: move,
  [`POST ${path}/{sid}/relocate`]: move,
};
