import type { ClusterState, Simulator } from '../../src/simulator/listen.js';

/** Something that exists on a cluster. */
export interface Thing {
  readonly kind: string;
  /** What an answer may name it by; of what needs no name there is none. */
  readonly names: readonly string[];
}

/** What the simulator knows, as plain facts. */
export interface Facts {
  readonly things: ReadonlyMap<string, Thing>;
  readonly leaves: ReadonlyMap<string, string>;
}

const changing =
  /\d{4}_\d{2}_\d{2}-\d{2}_\d{2}_\d{2}|\d{4}-\d{2}-\d{2}T[\d:.]+Z|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:[0-9A-F]{2}:){5}[0-9A-F]{2}|backup-[0-9a-f]{8}-[0-9a-f]{4}|UPID:[^,\s"]+/gi;

/** What differs from one run to the next stands as one and the same. */
const steady = (text: string) => text.replace(changing, '*');

/** What follows from other facts, or from the time. */
const derived = new Set([
  'tasks',
  'startedAt',
  'createdAt',
  'ctime',
  'snaptime',
  'load',
  'memoryUsed',
  'guestsThen',
  'used',
  'rootUsed',
  'secret',
  'replicationRuns',
  'packagesRefreshed',
  'bootedAt',
  'processes',
  'endsAt',
  'digest',
  'meta',
]);

const identity = [
  'volid',
  'vmid',
  'tokenid',
  'userid',
  'groupid',
  'roleid',
  'poolid',
  'sid',
  'storage',
  'iface',
  'id',
  'name',
  'node',
];

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function keyOf(value: unknown): string {
  if (!isRecord(value)) return steady(String(value));
  const field = identity.find((name) => value[name] !== undefined && typeof value[name] !== 'object');
  // Rules have a place alone, and that changes with those before them.
  if (field === undefined) return steady(JSON.stringify(value));
  const place = field === 'volid' && value.node !== undefined ? `@${value.node}` : '';
  return steady(`${value[field]}${place}`);
}

function flatten(path: string, value: unknown, leaves: Map<string, string>): void {
  if (ArrayBuffer.isView(value)) leaves.set(path, Buffer.from(value.buffer).toString('latin1'));
  else if (Array.isArray(value))
    for (const [index, one] of value.entries()) {
      const key = `${path}/${keyOf(one)}`;
      flatten(leaves.has(key) ? `${key}#${index}` : key, one, leaves);
    }
  else if (isRecord(value)) {
    leaves.set(path, '');
    for (const [key, inner] of Object.entries(value))
      if (!derived.has(key) && inner !== undefined) flatten(`${path}/${steady(key)}`, inner, leaves);
  } else leaves.set(path, steady(String(value)));
}

type Add = (kind: string, key: string, ...names: string[]) => void;

function addGuests({ guests, storages }: ClusterState, add: Add): void {
  const owners = new Map<string, number>();
  for (const { vmid, config, snapshots } of guests) {
    add('guest', String(vmid), String(vmid));
    for (const { name } of snapshots) add('snapshot', `${vmid}/${name}`, name);
    for (const text of [config, ...snapshots.map((one) => one.config)].flatMap((one) => Object.values(one)))
      for (const volid of String(text).split(/[,=]/)) if (/^[\w-]+:./.test(volid)) owners.set(volid, vmid);
  }
  for (const { storage, volumes } of storages) {
    add('storage', storage, storage);
    for (const { volid, node, vmid = owners.get(volid) } of volumes) {
      // The name of a backup is its server's affair: whose it is says enough.
      add(
        'volume',
        steady(`${volid}@${node ?? 'shared'}`),
        volid,
        volid.replace(/^.*[:/]/, ''),
        ...(vmid === undefined ? [] : [String(vmid)]),
      );
    }
  }
}

function addAccess({ users, groups, roles, acl, pools }: ClusterState, add: Add): void {
  for (const { userid, tokens } of users) {
    add('user', userid, userid);
    for (const { tokenid } of tokens) add('token', `${userid}!${tokenid}`, `${userid}!${tokenid}`, tokenid);
  }
  for (const { groupid } of groups) add('group', groupid, groupid);
  for (const { roleid } of roles) add('role', roleid, roleid);
  for (const { poolid } of pools) add('pool', poolid, poolid);
  for (const { path, ugid, roleid } of acl) add('acl', `${path} ${ugid} ${roleid}`, ugid);
}

function addConfigured({ haResources, backupJobs, nodes, configuration }: ClusterState, add: Add): void {
  for (const { sid } of haResources) add('ha', sid, sid, sid.replace(/^\w+:/, ''));
  for (const { id } of backupJobs) add('job', steady(id), id);
  for (const { node, stagedNetworks = [] } of nodes)
    for (const { iface } of stagedNetworks) add('staged', `${node}/${iface}`, iface);
  const { haGroups, haRules, replication, pciMappings, usbMappings, metricServers } = configuration;
  const sections = { haGroups, haRules, replication, pciMappings, usbMappings, metricServers };
  for (const [kind, rows] of Object.entries(sections)) for (const { id } of rows) add(kind, id, id);
  for (const { id } of configuration.notificationEndpoints) add('target', id, id);
  for (const { id } of configuration.notificationMatchers) add('matcher', id, id);
  for (const { group, rules } of configuration.securityGroups) {
    add('security-group', group, group);
    for (const [index] of rules.entries()) add('rule', `${group}/${index}`);
  }
  for (const [kind, rows] of Object.entries(configuration.sdn.written))
    for (const { id } of rows) add(`sdn ${kind}`, id, id);
  for (const [place, { rules, aliases, ipsets }] of Object.entries(configuration.firewall)) {
    for (const [index] of rules.entries()) add('rule', `${place}/${index}`);
    for (const { name } of [...aliases, ...ipsets]) add('firewall', `${place}/${name}`, name);
  }
}

/** What is, on all clusters of a simulator. */
export function factsOf(simulator: Simulator): Facts {
  const things = new Map<string, Thing>();
  const leaves = new Map<string, string>();
  for (const { name: cluster, state } of simulator.clusters) {
    const add: Add = (kind, key, ...names) => {
      const head = `${cluster} ${kind} ${key}`;
      things.set(things.has(head) ? `${head} again` : head, { kind: `${cluster} ${kind}`, names });
    };
    addGuests(state, add);
    addAccess(state, add);
    addConfigured(state, add);
    flatten(cluster, state, leaves);
  }
  return { things, leaves };
}

/** The settings of a node stand in the simulator's state from the first look at them on. */
const made = /\/configuration\/nodes\//;
const isIn = (key: string, { leaves }: Facts) => leaves.has(key);

/** The facts that differ, as far as they are not left out. */
export function differences(a: Facts, b: Facts, except: ReadonlySet<string> = new Set()): string[] {
  const keys = new Set([...a.leaves.keys(), ...b.leaves.keys()]);
  return [...keys].filter(
    (key) =>
      !except.has(key) && a.leaves.get(key) !== b.leaves.get(key) && !(made.test(key) && isIn(key, a) !== isIn(key, b)),
  );
}
