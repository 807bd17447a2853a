import type { Simulator } from '../../src/simulator/listen.js';
import type { Example } from './example.js';

/** What destroys and is about no guest names its cluster. */
const sure = { confirm: true, cluster: 'production' };

/** Replication copies ZFS alone, and no world has any. */
export function prepare(simulator: Simulator): void {
  for (const { state } of simulator.clusters)
    for (const storage of state.storages) if (storage.storage === 'local-lvm') storage.type = 'zfspool';
}

export default [
  ['proxmox-ha-status', {}],
  ['proxmox-ha-add', { vmid: 100, state: 'started', max_restart: 2, max_relocate: 3, comment: 'Front end' }],
  ['proxmox-ha-add', { vmid: 101 }],
  ['proxmox-ha-update', { vmid: 100, max_restart: 1, max_relocate: 1, comment: '', ...sure }],
  [
    'proxmox-set-ha-rule',
    { rule: 'near', vmids: [100, 101], nodes: 'pve1:2,pve2', strict: true, comment: 'Close', ...sure },
  ],
  ['proxmox-set-ha-rule', { rule: 'near', vmids: [100], nodes: 'pve1,pve2', strict: false, ...sure }],
  ['proxmox-list-ha-rules', {}],
  ['proxmox-ha-migrate', { vmid: 100, target_node: 'pve2', ...sure }],
  ['proxmox-ha-migrate', { vmid: 101, target_node: 'pve1', relocate: true, ...sure }],
  ['proxmox-ha-remove', { vmid: 100 }],
  ['proxmox-ha-remove', { vmid: 101 }],
  ['proxmox-set-ha-rule', { rule: 'last', vmids: [130], nodes: 'pve1', ...sure }],
  ['proxmox-set-ha-rule', { rule: 'last', vmids: [107], comment: 'Another guest', ...sure }],
  // A group must be empty before it is deleted; where there are rules, no guest has one.
  ['proxmox-ha-update', { vmid: 107, group: '', state: 'disabled', ...sure }],
  ['proxmox-delete-ha-rule', { rule: 'last', ...sure }],
  ['proxmox-setup-replication', { vmid: 103, target_node: 'pve2', schedule: '*/30', rate: 50, comment: 'Near' }],
  ['proxmox-setup-replication', { vmid: 103, target_node: 'pve3' }],
  [
    'proxmox-update-replication',
    { vmid: 103, job: 0, schedule: 'mon..fri 22:30', rate: 20, disable: false, comment: '' },
  ],
  ['proxmox-update-replication', { vmid: 103, job: 0, rate: 0 }],
  ['proxmox-run-replication', { vmid: 103, job: 0 }],
  ['proxmox-list-replication', { vmid: 103 }],
  ['proxmox-delete-replication', { vmid: 103, job: 0, keep: true, ...sure }],
  ['proxmox-delete-replication', { vmid: 103, job: 1, force: true, ...sure }],
] satisfies readonly Example[];
