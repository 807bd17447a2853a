import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Example } from './example.js';

/** What destroys and is about no guest names its cluster. */
const sure = { confirm: true, cluster: 'production' };
const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-notary-'));

function file(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, `bytes of ${name}\r\n--not a boundary`);
  return path;
}

const checksum = createHash('sha256').update('bytes of small.iso\r\n--not a boundary').digest('hex');
const local = { storage: 'local', node: 'pve1' };
const url = 'https://example.com/images/noble.img?x=1&y=2';

export default [
  ['proxmox-upload-iso', { file_path: file('small.iso'), ...local, checksum, timeout: 60 }],
  ['proxmox-upload-iso', { file_path: file('other.img'), filename: 'my other.img', storage: 'nfs-shared' }],
  ['proxmox-upload-template', { file_path: file('base_1.tar.zst'), ...local }],
  ['proxmox-upload-image', { file_path: file('disk.qcow2'), storage: 'nfs-shared' }],
  ['proxmox-storage-content', { ...local, content: 'iso' }],
  ['proxmox-download-url', { url, content: 'import', filename: 'noble.qcow2', ...local, verify_certificates: false }],
  ['proxmox-download-url', { url: 'https://example.com/a.iso.gz', compression: 'gz', checksum, ...local }],
  ['proxmox-list-appliances', { section: 'system', search: 'trixie', node: 'pve1' }],
  ['proxmox-download-appliance', { template: 'debian-13-standard', ...local }],
  ['proxmox-delete-volume', { volid: 'local:iso/small.iso', node: 'pve1', ...sure }],
  ['proxmox-delete-volume', { volid: 'nfs-shared:iso/my_other.img', ...sure }],
  ['proxmox-delete-volume', { volid: 'local:vztmpl/base_1.tar.zst', node: 'pve1', ...sure }],
  ['proxmox-list-storage-definitions', {}],
  [
    'proxmox-create-storage',
    {
      storage: 'more',
      type: 'dir',
      content: 'iso,backup',
      nodes: 'pve1',
      options: { path: '/srv/more', 'prune-backups': 'keep-last=3', is_mountpoint: 'yes' },
    },
  ],
  [
    'proxmox-create-storage',
    {
      storage: 'smb',
      type: 'cifs',
      content: 'iso',
      password: 'S3cret!',
      options: { server: '10.0.0.9', share: 'pve', username: 'pve', domain: 'LAB', smbversion: '3.0' },
    },
  ],
  ['proxmox-create-storage', { storage: 'nas', type: 'nfs', options: { server: '10.0.0.9', export: '/pve' } }],
  ['proxmox-create-storage', { storage: 'thick', type: 'lvm', options: { vgname: 'vg1', saferemove: '1' } }],
  ['proxmox-create-storage', { storage: 'thin', type: 'lvmthin', options: { vgname: 'vg1', thinpool: 'data' } }],
  ['proxmox-create-storage', { storage: 'tank', type: 'zfspool', options: { pool: 'tank/vm', sparse: '1' } }],
  [
    'proxmox-create-storage',
    {
      storage: 'pbs2',
      type: 'pbs',
      content: 'backup',
      password: 'S3cret!',
      options: { server: '10.0.0.6', datastore: 'main', username: 'pve@pbs', namespace: 'a/b', port: '8007' },
    },
  ],
  [
    'proxmox-create-storage',
    {
      storage: 'ceph',
      type: 'rbd',
      options: { pool: 'vm', monhost: '10.0.0.1 10.0.0.2', username: 'admin', krbd: '1' },
    },
  ],
  ['proxmox-create-storage', { storage: 'cfs', type: 'cephfs', content: 'iso', options: { 'fs-name': 'cephfs' } }],
  [
    'proxmox-create-storage',
    { storage: 'san', type: 'iscsi', content: 'none', options: { portal: '10.0.0.7', target: 'iqn.2001-05.com.x:a' } },
  ],
  [
    'proxmox-update-storage',
    { storage: 'more', enabled: false, content: 'iso', unset: 'prune-backups,nodes', ...sure },
  ],
  ['proxmox-update-storage', { storage: 'more', enabled: true, nodes: 'pve1', options: { mkdir: '0' }, ...sure }],
  ['proxmox-delete-storage-definition', { storage: 'more', ...sure }],
  ['proxmox-list-disks', { node: 'pve1', unused: true }],
  ['proxmox-list-disks', { node: 'pve1' }],
] satisfies readonly Example[];
