import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  authsupported: { type: 'string' },
  base: { type: 'string', format: 'pve-volume-id' },
  blocksize: { type: 'string', format: 'pve-storage-zfs-blocksize' },
  'blocksize#2': { type: 'string' },
  bwlimit: {
    type: 'string',
    format: {
      clone: { type: 'number', optional: true, min: 0 },
      default: { type: 'number', optional: true, min: 0 },
      migration: { type: 'number', optional: true, min: 0 },
      move: { type: 'number', optional: true, min: 0 },
      restore: { type: 'number', optional: true, min: 0 },
    },
  },
  comstar_hg: { type: 'string' },
  comstar_tg: { type: 'string' },
  content: { type: 'string', format: 'pve-storage-content-list' },
  'content-dirs': { type: 'string', format: 'pve-dir-override-list' },
  'create-base-path': { type: 'boolean' },
  'create-subdirs': { type: 'boolean' },
  'data-pool': { type: 'string' },
  datastore: { type: 'string' },
  delete: { type: 'string', maxLength: 4096, format: 'pve-configid-list' },
  digest: { type: 'string', maxLength: 64 },
  disable: { type: 'boolean' },
  domain: { type: 'string', maxLength: 256 },
  'encryption-key': { type: 'string' },
  export: { type: 'string', format: 'pve-storage-path' },
  fingerprint: { type: 'string', pattern: '([A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}' },
  format: { type: 'string', enum: ['raw', 'qcow2', 'subvol', 'vmdk'] },
  'fs-name': { type: 'string', format: 'pve-configid' },
  fuse: { type: 'boolean' },
  is_mountpoint: { type: 'string' },
  iscsiprovider: { type: 'string' },
  keyring: { type: 'string' },
  krbd: { type: 'boolean' },
  lio_tpg: { type: 'string' },
  'master-pubkey': { type: 'string' },
  'max-protected-backups': { type: 'integer', min: -1 },
  maxfiles: { type: 'integer', min: 0 },
  mkdir: { type: 'boolean' },
  monhost: { type: 'string', format: 'pve-storage-portal-dns-list' },
  mountpoint: { type: 'string', format: 'pve-storage-path' },
  namespace: { type: 'string' },
  nocow: { type: 'boolean' },
  nodes: { type: 'string', format: 'pve-node-list' },
  nowritecache: { type: 'boolean' },
  options: { type: 'string', format: 'pve-storage-options' },
  password: { type: 'string', maxLength: 256 },
  path: { type: 'string', format: 'pve-storage-path' },
  pool: { type: 'string' },
  port: { type: 'integer', min: 1, max: 65535 },
  portal: { type: 'string', format: 'pve-storage-portal-dns' },
  preallocation: { type: 'string', enum: ['off', 'metadata', 'falloc', 'full'] },
  'prune-backups': { type: 'string', format: 'prune-backups' },
  saferemove: { type: 'boolean' },
  'saferemove-stepsize': { type: 'integer', enum: ['1', '2', '4', '8', '16', '32'] },
  saferemove_throughput: { type: 'string' },
  server: { type: 'string', format: 'pve-storage-server' },
  server2: { type: 'string', format: 'pve-storage-server', requires: 'server' },
  share: { type: 'string' },
  shared: { type: 'boolean' },
  'skip-cert-verification': { type: 'boolean' },
  smbversion: { type: 'string', enum: ['default', '2.0', '2.1', '3', '3.0', '3.11'] },
  'snapshot-as-volume-chain': { type: 'boolean' },
  sparse: { type: 'boolean' },
  storage: { type: 'string', format: 'pve-storage-id' },
  subdir: { type: 'string', format: 'pve-storage-path' },
  tagged_only: { type: 'boolean' },
  target: { type: 'string' },
  thinpool: { type: 'string', format: 'pve-storage-vgname' },
  transport: { type: 'string', enum: ['tcp', 'rdma', 'unix'] },
  type: {
    type: 'string',
    enum: [
      'btrfs',
      'cephfs',
      'cifs',
      'dir',
      'esxi',
      'iscsi',
      'iscsidirect',
      'lvm',
      'lvmthin',
      'nfs',
      'pbs',
      'rbd',
      'zfs',
      'zfspool',
    ],
  },
  'type#2': {
    type: 'string',
    enum: [
      'btrfs',
      'cephfs',
      'cifs',
      'dir',
      'esxi',
      'glusterfs',
      'iscsi',
      'iscsidirect',
      'lvm',
      'lvmthin',
      'nfs',
      'pbs',
      'rbd',
      'zfs',
      'zfspool',
    ],
  },
  username: { type: 'string' },
  vgname: { type: 'string', format: 'pve-storage-vgname' },
  volume: { type: 'string' },
  'zfs-base-path': { type: 'string', format: 'pve-storage-path' },
};

const named = (names: string) => parametersOf(specs, names);

export const storageConfigDeclarations: Readonly<Record<string, Declaration>> = {
  'POST /storage': {
    params: named(`
      authsupported? base? blocksize? bwlimit? comstar_hg? comstar_tg? content? content-dirs? create-base-path?
      create-subdirs? data-pool? datastore? disable? domain? encryption-key? export? fingerprint? format?
      fs-name? fuse? is_mountpoint? iscsiprovider? keyring? krbd? lio_tpg? master-pubkey? max-protected-backups?
      mkdir? monhost? mountpoint? namespace? nocow? nodes? nowritecache? options? password? path? pool? port?
      portal? preallocation? prune-backups? saferemove? saferemove-stepsize? saferemove_throughput? server?
      share? shared? skip-cert-verification? smbversion? snapshot-as-volume-chain? sparse? storage subdir?
      tagged_only? target? thinpool? type username? vgname? zfs-base-path?`),
    permission: { path: '/storage', privileges: ['Datastore.Allocate'] },
    params84: named(`
      authsupported? base? blocksize#2? bwlimit? comstar_hg? comstar_tg? content? content-dirs?
      create-base-path? create-subdirs? data-pool? datastore? disable? domain? encryption-key? export?
      fingerprint? format? fs-name? fuse? is_mountpoint? iscsiprovider? keyring? krbd? lio_tpg? master-pubkey?
      max-protected-backups? maxfiles? mkdir? monhost? mountpoint? namespace? nocow? nodes? nowritecache?
      options? password? path? pool? port? portal? preallocation? prune-backups? saferemove?
      saferemove_throughput? server? server2? share? shared? skip-cert-verification? smbversion? sparse? storage
      subdir? tagged_only? target? thinpool? transport? type#2 username? vgname? volume?`),
  },
  'PUT /storage/{storage}': {
    params: named(`
      blocksize? bwlimit? comstar_hg? comstar_tg? content? content-dirs? create-base-path? create-subdirs?
      data-pool? delete? digest? disable? domain? encryption-key? fingerprint? format? fs-name? fuse?
      is_mountpoint? keyring? krbd? lio_tpg? master-pubkey? max-protected-backups? mkdir? monhost? mountpoint?
      namespace? nocow? nodes? nowritecache? options? password? pool? port? preallocation? prune-backups?
      saferemove? saferemove-stepsize? saferemove_throughput? server? shared? skip-cert-verification?
      smbversion? snapshot-as-volume-chain? sparse? storage subdir? tagged_only? username? zfs-base-path?`),
    permission: { path: '/storage', privileges: ['Datastore.Allocate'] },
    params84: named(`
      blocksize#2? bwlimit? comstar_hg? comstar_tg? content? content-dirs? create-base-path? create-subdirs?
      data-pool? delete? digest? disable? domain? encryption-key? fingerprint? format? fs-name? fuse?
      is_mountpoint? keyring? krbd? lio_tpg? master-pubkey? max-protected-backups? maxfiles? mkdir? monhost?
      mountpoint? namespace? nocow? nodes? nowritecache? options? password? pool? port? preallocation?
      prune-backups? saferemove? saferemove_throughput? server? server2? shared? skip-cert-verification?
      smbversion? sparse? storage subdir? tagged_only? transport? username?`),
  },
  'DELETE /storage/{storage}': {
    params: named('storage'),
    permission: { path: '/storage', privileges: ['Datastore.Allocate'] },
  },
};
