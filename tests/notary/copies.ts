import type { Simulator } from '../../src/simulator/listen.js';
import type { Example } from './example.js';

const both = { cluster: 'production', target_cluster: 'staging' };
const sure = { ...both, confirm: true };
const here = { cluster: 'production', level: 'cluster' };
const rule = {
  type: 'in',
  action: 'ACCEPT',
  source: '+known,office',
  macro: 'SSH',
  log: 'info',
  comment: 'by the notary',
};
const web = { type: 'in', action: 'ACCEPT', proto: 'tcp', dport: '80,443', enable: false };
const template = 'debian-12-standard_12.7-1_amd64.tar.zst';
const url = 'https://example.org/own.iso';
const checksum = 'a'.repeat(64);
const group = { kind: 'firewall-group', name: 'web' };

/** Storages, and an ISO image, that are on one cluster alone. */
export function prepare(simulator: Simulator): void {
  const { storages } = simulator.cluster('production').state;
  const local = storages.find(({ storage }) => storage === 'local');
  local?.volumes.push({ volid: 'local:iso/own.iso', content: 'iso', format: 'iso', size: 7, ctime: 1, node: 'pve1' });
  const common = { shared: false, enabled: true, total: 1, used: 0, inactiveOn: [], volumes: [] };
  storages.push(
    { ...common, storage: 'tank', type: 'zfspool', content: ['images'], options: { pool: 'tank' }, nodes: ['pve1'] },
    {
      ...common,
      storage: 'vault',
      type: 'pbs',
      content: ['backup'],
      options: { server: '192.0.2.6', datastore: 'main', username: 'pve@pbs', port: 8007 },
    },
  );
}

export default [
  ['proxmox-federated-view', { kind: 'pools' }],
  ['proxmox-federated-view', { kind: 'tags', cluster: 'production,staging', differing: true }],
  ['proxmox-federated-view', { kind: 'users', cluster: 'all' }],
  ['proxmox-compare-clusters', both],
  ['proxmox-compare-clusters', { ...both, what: 'storage,versions' }],
  ['proxmox-compare-clusters', { ...both, vmid: 100, target_name: 'stg-web-1' }],
  ['proxmox-compare-clusters', { ...both, name: 'prod-web-1', target_vmid: 200 }],
  ['proxmox-firewall-set-alias', { ...here, alias: 'office', cidr: '192.0.2.0/24', comment: 'office' }],
  ['proxmox-firewall-set-ipset', { ...here, ipset: 'known', comment: 'k', add: ['10.0.0.0/8', '!10.0.0.7', 'office'] }],
  ['proxmox-firewall-set-group', { cluster: 'production', group: 'web', comment: 'web servers' }],
  ['proxmox-firewall-add-rule', { cluster: 'production', level: 'group', group: 'web', rule }],
  ['proxmox-firewall-add-rule', { cluster: 'production', level: 'group', group: 'web', rule: web }],
  ['proxmox-copy-definition', { ...sure, ...group }],
  ['proxmox-firewall-set-group', { cluster: 'staging', group: 'web', comment: 'others' }],
  ['proxmox-firewall-delete-rule', { cluster: 'staging', level: 'group', group: 'web', pos: 0, confirm: true }],
  ['proxmox-copy-definition', { ...sure, ...group, overwrite: true }],
  ['proxmox-create-role', { cluster: 'production', roleid: 'Watcher', privs: 'VM.Audit,VM.Console' }],
  ['proxmox-copy-definition', { ...sure, kind: 'role', name: 'Watcher' }],
  ['proxmox-update-role', { cluster: 'production', roleid: 'Watcher', privs: 'VM.Audit', confirm: true }],
  ['proxmox-copy-definition', { ...sure, kind: 'role', name: 'Watcher', overwrite: true }],
  ['proxmox-create-pool', { cluster: 'production', poolid: 'data/hot', comment: 'hot' }],
  ['proxmox-copy-definition', { ...sure, kind: 'pool', name: 'data' }],
  ['proxmox-copy-definition', { ...sure, kind: 'pool', name: 'data/hot' }],
  ['proxmox-create-pool', { cluster: 'staging', poolid: 'ci', comment: 'other' }],
  ['proxmox-copy-definition', { ...sure, kind: 'pool', name: 'ci', overwrite: true }],
  ['proxmox-copy-definition', { ...sure, kind: 'backup-job', name: 'backup-nightly', target_storage: 'local' }],
  [
    'proxmox-update-backup-job',
    {
      cluster: 'staging',
      id: 'backup-nightly',
      schedule: '05:00',
      exclude: '220',
      comment: 'its own',
      keep: 'last=1',
      confirm: true,
    },
  ],
  ['proxmox-copy-definition', { ...sure, kind: 'backup-job', name: 'backup-nightly', overwrite: true }],
  ['proxmox-copy-definition', { ...sure, kind: 'storage', name: 'tank', nodes: 'pve-stg1,pve-stg2' }],
  ['proxmox-copy-definition', { ...sure, kind: 'storage', name: 'vault', password: 'not a real one' }],
  ['proxmox-delete-volume', { cluster: 'staging', volid: `local:vztmpl/${template}`, node: 'pve-stg1', confirm: true }],
  ['proxmox-delete-volume', { cluster: 'staging', volid: `local:vztmpl/${template}`, node: 'pve-stg2', confirm: true }],
  ['proxmox-copy-template', { ...both, template, storage: 'local', node: 'pve-stg1' }],
  ['proxmox-copy-template', { ...both, template }],
  [
    'proxmox-copy-template',
    { ...both, template: 'local:iso/own.iso', url, storage: 'local', node: 'pve-stg1', checksum },
  ],
] satisfies readonly Example[];
