import type { Example } from './example.js';

const confirm = true;

export default [
  ['proxmox-start-vm', { vmid: 102 }],
  ['proxmox-suspend-vm', { vmid: 102, confirm }],
  ['proxmox-resume-vm', { vmid: 102 }],
  ['proxmox-reset-vm', { vmid: 102, confirm }],
  ['proxmox-create-snapshot', { vmid: 102, snapname: 'before' }],
  ['proxmox-rollback-snapshot', { vmid: 102, snapname: 'before', confirm }],
  ['proxmox-delete-snapshot', { vmid: 102, snapname: 'before', confirm }],
  ['proxmox-start-vm', { vmid: 102 }],
  ['proxmox-shutdown-vm', { vmid: 102, grace: 60, force: true, confirm }],
  ['proxmox-start-vm', { vmid: 102 }],
  ['proxmox-stop-vm', { vmid: 102, hard: true, confirm }],
  ['proxmox-delete-vm', { vmid: 102, destroy_unreferenced_disks: true, confirm }],
  ['proxmox-start-lxc', { vmid: 105 }],
  ['proxmox-shutdown-lxc', { vmid: 105, confirm }],
  ['proxmox-start-lxc', { vmid: 105 }],
  ['proxmox-stop-lxc', { vmid: 105, hard: true, confirm }],
  ['proxmox-delete-lxc', { vmid: 105, confirm }],
  // The start that follows comes on its own, so nothing else is done with these.
  ['proxmox-reboot-vm', { vmid: 100, grace: 30, confirm }],
  ['proxmox-reboot-lxc', { vmid: 141, confirm }],
] satisfies readonly Example[];
