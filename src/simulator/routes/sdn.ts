import type { SdnObjects, Section, Settings } from '../configuration-state.js';
import type { JsonObject } from '../json.js';
import { died, forbidden } from '../pve-error.js';
import { SeededRandom } from '../random.js';
import type { Call } from '../route.js';
import { type SectionFile, type SectionHandlers, sectionHandlers, settingsRow } from '../sections.js';
import type { Handler } from './declaration.js';

type Kind = keyof SdnObjects;

const steering = ['lock-token', 'release-lock', 'pending', 'running'];

function sdnOf({ cluster }: Call) {
  return cluster.state.configuration.sdn;
}

/** While somebody holds the lock, all others are refused. */
function requireLock(call: Call): void {
  const { lock } = sdnOf(call);
  const token = call.params.optionalText('lock-token');
  if (lock === undefined && token === undefined) return;
  if (token === undefined) throw died('sdn configuration is locked, please provide a valid lock-token');
  if (token !== lock) throw died('sdn: invalid lock token provided');
}

function vnetNamed(call: Call, id: string): Section {
  const vnet = sdnOf(call).written.vnets.find((entry) => entry.id === id);
  if (vnet === undefined) throw died(`sdn '${id}' does not exist`);
  return vnet;
}

function requireOnVnet(call: Call, zone: string, vnet: string): void {
  const path = `/sdn/zones/${zone}/${vnet}`;
  if (!call.caller.permissions.has(path, 'SDN.Allocate')) throw forbidden(`${path}, SDN.Allocate`);
}

function checkVnet(call: Call, settings: Settings, id: string): void {
  const zone = sdnOf(call).written.zones.find((entry) => entry.id === settings.zone);
  if (zone === undefined) throw died(`sdn '${settings.zone}' does not exist`);
  requireOnVnet(call, zone.id, id);
  const { type } = zone.settings;
  if (type === 'simple' && settings.tag !== undefined) throw died('vlan tag is not allowed on simple zone');
  if (type !== 'simple' && settings.tag === undefined) throw died(`missing ${type === 'vlan' ? 'vlan' : 'vxlan'} tag`);
}

function checkZone({ cluster }: Call, settings: Settings): void {
  const required: Readonly<Record<string, string>> = { vlan: 'bridge', qinq: 'tag', vxlan: 'peers', evpn: 'vrf-vxlan' };
  const key = required[String(settings.type)];
  const fabric = cluster.state.version === '9.2' && settings.fabric !== undefined;
  if (key !== undefined && settings[key] === undefined && !fabric)
    throw died(`missing value for required option '${key}'`);
}

function fileOf(kind: Kind, key: string, more: Partial<SectionFile>): SectionFile {
  return {
    key,
    of: (call) => sdnOf(call).written[kind],
    missing: (id) => `sdn '${id}' does not exist`,
    existing: (id) => `sdn ${key} object ID '${id}' already defined`,
    without: steering,
    ...more,
  };
}

const zoneFile = fileOf('zones', 'zone', {
  check: checkZone,
  visible: ({ caller, params }, { id, settings }) => {
    const type = params.optionalText('type');
    if (type !== undefined && settings.type !== type) return false;
    return caller.permissions.hasAny(`/sdn/zones/${id}`, ['SDN.Audit', 'SDN.Use', 'SDN.Allocate']);
  },
  checkDelete: (call, id) => {
    const user = sdnOf(call).written.vnets.find(({ settings }) => settings.zone === id);
    if (user !== undefined) throw died(`zone ${id} is used by vnet ${user.id}`);
  },
});

const vnetFile = fileOf('vnets', 'vnet', {
  check: checkVnet,
  visible: ({ caller }, { id, settings }) =>
    caller.permissions.hasAny(`/sdn/zones/${settings.zone}/${id}`, ['SDN.Audit', 'SDN.Allocate']),
  checkDelete: (call, id) => {
    requireOnVnet(call, String(vnetNamed(call, id).settings.zone), id);
    const user = sdnOf(call).written.subnets.some(({ settings }) => settings.vnet === id);
    if (user) throw died(`can't delete vnet if subnets exists`);
  },
});

const subnetFile = fileOf('subnets', 'subnet', {
  without: [...steering, 'vnet'],
  visible: ({ caller, params }, { settings }) =>
    settings.vnet === params.text('vnet') &&
    caller.permissions.hasAny(`/sdn/zones/${settings.zone}/${settings.vnet}`, ['SDN.Audit', 'SDN.Allocate']),
  check: (call, settings) => {
    const vnet = vnetNamed(call, String(settings.vnet ?? call.params.text('vnet')));
    requireOnVnet(call, String(vnet.settings.zone), vnet.id);
  },
});

/** How an object differs from the one that runs. */
function pendingRow(key: string, written: Section | undefined, running: Section | undefined): JsonObject {
  const id = written?.id ?? running?.id ?? '';
  const row = { [key]: id, ...settingsRow(running?.settings ?? written?.settings ?? {}) };
  if (written === undefined) return { ...row, state: 'deleted' };
  if (running === undefined) return { ...row, state: 'new', pending: settingsRow(written.settings) };
  const changed = Object.entries(written.settings).filter(
    ([name, value]) => String(running.settings[name]) !== String(value),
  );
  const gone = Object.keys(running.settings).filter((name) => written.settings[name] === undefined);
  if (changed.length === 0 && gone.length === 0) return row;
  const removed = Object.fromEntries(gone.map((name) => [name, 'deleted']));
  return { ...row, state: 'changed', pending: { ...settingsRow(Object.fromEntries(changed)), ...removed } };
}

function listOf(kind: Kind, file: SectionFile, usual: Handler): Handler {
  return (call, specs) => {
    const { written, running } = sdnOf(call);
    const seen = (section: Section) => file.visible?.(call, section) !== false;
    if (call.params.flag('running')) {
      return running[kind].filter(seen).map(({ id, settings }) => ({ [file.key]: id, ...settingsRow(settings) }));
    }
    if (!call.params.flag('pending')) return usual(call, specs);
    const all = [...written[kind], ...running[kind]].filter(seen);
    return [...new Set(all.map(({ id }) => id))].map((id) => {
      const named = (section: Section) => section.id === id;
      return pendingRow(file.key, written[kind].find(named), running[kind].find(named));
    });
  };
}

function locked(handler: Handler): Handler {
  return (call, specs) => {
    requireLock(call);
    return handler(call, specs);
  };
}

function crud(path: string, id: string, handlers: SectionHandlers, list: Handler): Record<string, Handler> {
  return {
    [`GET ${path}`]: list,
    [`POST ${path}`]: locked(handlers.create),
    [`GET ${path}/${id}`]: handlers.read,
    [`PUT ${path}/${id}`]: locked(handlers.update),
    [`DELETE ${path}/${id}`]: locked(handlers.remove),
  };
}

const createSubnet: Handler = (call) => {
  requireLock(call);
  const { params } = call;
  const cidr = params.text('subnet');
  const vnet = vnetNamed(call, params.text('vnet'));
  const zone = String(vnet.settings.zone);
  requireOnVnet(call, zone, vnet.id);
  const id = `${zone}-${cidr.replace('/', '-')}`;
  const { subnets } = sdnOf(call).written;
  if (subnets.some((entry) => entry.id === id)) throw died(`sdn subnet object ID '${id}' already defined`);
  const [network = '', mask = ''] = cidr.split('/');
  const settings: Settings = { type: 'subnet', vnet: vnet.id, zone, cidr, network, mask };
  for (const key of ['gateway', 'dhcp-dns-server', 'dnszoneprefix']) {
    const value = params.optionalText(key);
    if (value !== undefined) settings[key] = value;
  }
  if (params.has('snat')) settings.snat = params.integer('snat');
  if (params.has('dhcp-range')) settings['dhcp-range'] = params.list('dhcp-range');
  subnets.push({ id, settings });
  return null;
};

function copyOf(objects: SdnObjects): SdnObjects {
  return structuredClone(objects);
}

const apply: Handler = (call) => {
  requireLock(call);
  const { cluster, caller, params } = call;
  const sdn = sdnOf(call);
  const target = copyOf(sdn.written);
  if (params.flag('release-lock')) sdn.lock = undefined;
  const start = (node: string, type: string, id: string, finish: () => string, duration: number) =>
    cluster.tasks.start({ node, type, id, user: caller.authid, duration, log: [], finish });
  const reloadAll = () => {
    // only begins the reloads of the nodes; their tasks say how they went
    sdn.running = target;
    for (const node of cluster.state.nodes) {
      if (cluster.isOnline(node)) start(node.node, 'srvreload', 'networking', () => 'OK', 3);
    }
    return 'OK';
  };
  return start(cluster.localNode.node, 'reloadnetworkall', '', reloadAll, 1).upid;
};

const lock: Handler = (call) => {
  const sdn = sdnOf(call);
  if (sdn.lock !== undefined) throw died('sdn configuration is already locked');
  const pending = JSON.stringify(sdn.written) !== JSON.stringify(sdn.running);
  if (pending && !call.params.flag('allow-pending')) throw died('sdn configuration has pending changes');
  sdn.lock = new SeededRandom(`${call.cluster.clock.now()} lock`).uuid();
  return sdn.lock;
};

const unlock: Handler = (call) => {
  if (!call.params.flag('force')) requireLock(call);
  sdnOf(call).lock = undefined;
  return null;
};

const rollback: Handler = (call) => {
  requireLock(call);
  const sdn = sdnOf(call);
  sdn.written = copyOf(sdn.running);
  if (call.params.flag('release-lock')) sdn.lock = undefined;
  return null;
};

const zones = sectionHandlers(zoneFile);
const vnets = sectionHandlers(vnetFile);
const subnets = sectionHandlers(subnetFile);

export const sdnHandlers: Readonly<Record<string, Handler>> = {
  'PUT /cluster/sdn': apply,
  ...crud('/cluster/sdn/zones', '{zone}', zones, listOf('zones', zoneFile, zones.list)),
  ...crud('/cluster/sdn/vnets', '{vnet}', vnets, listOf('vnets', vnetFile, vnets.list)),
  ...crud('/cluster/sdn/vnets/{vnet}/subnets', '{subnet}', subnets, listOf('subnets', subnetFile, subnets.list)),
  'POST /cluster/sdn/vnets/{vnet}/subnets': createSubnet,
  'POST /cluster/sdn/lock': lock,
  'DELETE /cluster/sdn/lock': unlock,
  'POST /cluster/sdn/rollback': rollback,
};
