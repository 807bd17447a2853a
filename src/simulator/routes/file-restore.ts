import { archiveNamed, archiveType } from '../guest-archive.js';
import type { JsonObject } from '../json.js';
import { died, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { VolumeState } from '../state.js';
import { storageOn } from '../storage.js';
import { node, storage } from './common-parameters.js';
import { requireArchive } from './vzdump.js';

interface Entry {
  readonly name: string;
  /** `v` what stands for an archive or a partition, `d` a folder, `f` a file. */
  readonly type: 'v' | 'd' | 'f';
  readonly size?: number;
}

const tree: Readonly<Record<string, readonly Entry[]>> = {
  '': [
    { name: 'etc', type: 'd' },
    { name: 'home', type: 'd' },
    { name: 'var', type: 'd' },
  ],
  etc: [
    { name: 'hostname', type: 'f', size: 11 },
    { name: 'fstab', type: 'f', size: 412 },
    { name: 'network', type: 'd' },
  ],
  'etc/network': [{ name: 'interfaces', type: 'f', size: 251 }],
  home: [],
  var: [{ name: 'log', type: 'd' }],
  'var/log': [{ name: 'syslog', type: 'f', size: 81_920 }],
};

/** The file system of a container is one archive; that of a VM lies in the partitions of its disks. */
function entriesAt(archive: VolumeState, path: string): readonly Entry[] | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const vm = archiveType(archive) === 'qemu';
  const root = vm ? 'drive-scsi0.img.fidx' : 'root.pxar.didx';
  if (parts.length === 0) return [{ name: root, type: 'v' }];
  if (parts[0] !== root) return undefined;
  if (!vm) return tree[parts.slice(1).join('/')];
  if (parts.length === 1) return [{ name: 'part', type: 'v' }];
  if (parts[1] !== 'part') return undefined;
  if (parts.length === 2) return [{ name: '1', type: 'v', size: 8 * 1024 ** 3 }];
  return parts[2] === '1' ? tree[parts.slice(3).join('/')] : undefined;
}

function list(call: Call): JsonObject[] {
  const { params, cluster } = call;
  const on = cluster.node(params.text('node')).node;
  const { type } = storageOn(cluster, params.text('storage'), on);
  const given = params.text('volume');
  const volid = given.includes(':') ? given : `${params.text('storage')}:${given}`;
  const archive = archiveNamed(cluster, volid, on);
  requireArchive(call, archive);
  if (type !== 'pbs') throw parameterError({ storage: 'Only PBS storages supported for file-restore.' });
  const written = params.text('filepath');
  const path = written === '/' ? written : Buffer.from(written, 'base64').toString();
  const entries = entriesAt(archive, path);
  if (entries === undefined) throw died(`proxmox-file-restore failed: Error: path '${path}' does not exist in archive`);
  return entries.map(({ name, type: kind, size }) => ({
    filepath: Buffer.from(`${path === '/' ? '' : path}/${name}`).toString('base64'),
    leaf: kind === 'f' ? 1 : 0,
    mtime: kind === 'v' ? undefined : archive.ctime - 86_400,
    size,
    text: name,
    type: kind,
  }));
}

export const fileRestoreRoutes: readonly Route[] = [
  {
    route: 'GET /nodes/{node}/storage/{storage}/file-restore/list',
    params: { node, storage, filepath: { type: 'string' }, volume: { type: 'string' } },
    permission: 'all',
    handler: list,
  },
];
