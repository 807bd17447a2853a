import type { Settings } from '../configuration-state.js';
import type { JsonObject } from '../json.js';
import { splitList } from '../parameter-format.js';
import { died } from '../pve-error.js';
import { changeSettings, deletedKeys, requireDigest, settingsOf } from '../sections.js';
import type { StorageState } from '../state.js';
import { storageNamed } from '../storage.js';
import type { Handler } from './declaration.js';
import { configOf } from './storage.js';

interface StorageKind {
  readonly required: readonly string[];
  readonly content: readonly string[];
  readonly shared?: boolean;
}

const files = ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'import'];

const kinds: Readonly<Record<string, StorageKind>> = {
  btrfs: { required: ['path'], content: files },
  cephfs: { required: [], content: ['vztmpl', 'iso', 'backup', 'snippets', 'import'], shared: true },
  cifs: { required: ['server', 'share'], content: files, shared: true },
  dir: { required: ['path'], content: files },
  esxi: { required: ['server', 'username', 'password'], content: ['import'], shared: true },
  glusterfs: { required: ['volume'], content: files, shared: true },
  iscsi: { required: ['portal', 'target'], content: ['images', 'none'], shared: true },
  iscsidirect: { required: ['portal', 'target'], content: ['images'], shared: true },
  lvm: { required: ['vgname'], content: ['images', 'rootdir'] },
  lvmthin: { required: ['thinpool', 'vgname'], content: ['images', 'rootdir'] },
  nfs: { required: ['export', 'server'], content: files, shared: true },
  pbs: { required: ['datastore', 'server'], content: ['backup'], shared: true },
  rbd: { required: [], content: ['images', 'rootdir'], shared: true },
  zfs: { required: ['iscsiprovider', 'pool', 'portal', 'target'], content: ['images'], shared: true },
  zfspool: { required: ['pool'], content: ['images', 'rootdir'] },
};

const size = 500 * 1024 ** 3;
const own = ['storage', 'type', 'content', 'nodes', 'shared', 'disable', 'password', 'encryption-key'];

function optionsOf(settings: Settings): StorageState['options'] {
  const entries = Object.entries(settings).map(([key, value]) => [
    key,
    typeof value === 'object' ? String(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function contentOf(kind: StorageKind, type: string, text: string | undefined): string[] {
  if (text === undefined)
    return kind.content.includes('images')
      ? ['images', 'rootdir'].filter((one) => kind.content.includes(one))
      : [...kind.content];
  const wanted = splitList(text);
  const foreign = wanted.find((one) => one !== 'none' && !kind.content.includes(one));
  if (foreign !== undefined) throw died(`storage type '${type}' does not support content type '${foreign}'`);
  return wanted;
}

function requireReachable(name: string, settings: Settings): void {
  const server = String(settings.server ?? settings.portal ?? '');
  if (server.endsWith('.invalid')) throw died(`create storage failed: storage '${name}' is not online`);
}

const create: Handler = (call, specs) => {
  const { cluster, params } = call;
  const name = params.text('storage');
  const type = params.text('type');
  const kind = kinds[type];
  if (kind === undefined) throw died(`unsupported type '${type}'`);
  if (cluster.state.storages.some((entry) => entry.storage === name)) {
    throw died(`create storage failed: storage ID '${name}' already defined`);
  }
  const settings = settingsOf(call, specs, own);
  const missing = kind.required.find((key) => !params.has(key));
  if (missing !== undefined) throw died(`create storage failed: missing value for required option '${missing}'`);
  requireReachable(name, settings);
  if (type === 'nfs' || type === 'cifs') settings.path ??= `/mnt/pve/${name}`;
  const entry: StorageState = {
    storage: name,
    type,
    content: contentOf(kind, type, params.optionalText('content')),
    shared: kind.shared ?? params.flag('shared'),
    enabled: !params.flag('disable'),
    nodes: params.has('nodes') ? splitList(params.text('nodes')) : undefined,
    options: optionsOf(settings),
    total: size,
    used: 0,
    inactiveOn: [],
    volumes: [],
  };
  cluster.state.storages.push(entry);
  cluster.mounts.join(entry);
  return { storage: name, type };
};

const update: Handler = (call, specs): JsonObject => {
  const { cluster, params } = call;
  const entry = storageNamed(cluster, params.text('storage'));
  requireDigest(call, String(configOf(entry).digest));
  const kind = kinds[entry.type] ?? { required: [], content: files };
  const gone = deletedKeys(call);
  const fixed = gone.find((key) => kind.required.includes(key));
  if (fixed !== undefined) throw died(`unable to delete required option '${fixed}'`);
  const settings: Settings = { ...entry.options };
  changeSettings(call, specs, settings, own);
  const content = params.optionalText('content');
  if (content !== undefined) entry.content = contentOf(kind, entry.type, content);
  if (params.has('disable')) entry.enabled = !params.flag('disable');
  if (params.has('nodes')) entry.nodes = splitList(params.text('nodes'));
  if (params.has('shared') && kind.shared !== true) entry.shared = params.flag('shared');
  if (gone.includes('disable')) entry.enabled = true;
  if (gone.includes('nodes')) entry.nodes = undefined;
  if (gone.includes('shared') && kind.shared !== true) entry.shared = false;
  entry.options = optionsOf(settings);
  cluster.mounts.join(entry);
  return { storage: entry.storage, type: entry.type };
};

const remove: Handler = ({ cluster, params }) => {
  const entry = storageNamed(cluster, params.text('storage'));
  const user = cluster.state.storages.find((other) => String(other.options.base ?? '').startsWith(`${entry.storage}:`));
  if (user !== undefined)
    throw died("delete storage failed: can't remove storage - storage is used as base of another storage");
  cluster.state.storages = cluster.state.storages.filter((other) => other !== entry);
  cluster.mounts.leave(entry);
  return null;
};

export const storageConfigHandlers: Readonly<Record<string, Handler>> = {
  'POST /storage': create,
  'PUT /storage/{storage}': update,
  'DELETE /storage/{storage}': remove,
};
