import type { Example } from './example.js';

const confirm = true;

export default [
  ['proxmox-resize-vm-disk', { vmid: 102, disk: 'scsi0', grow_gb: 8 }],
  ['proxmox-resize-vm-disk', { vmid: 102, size_gb: 64 }],
  ['proxmox-resize-lxc-disk', { vmid: 105, disk: 'rootfs', grow_gb: 2 }],
  ['proxmox-resize-lxc-disk', { vmid: 105, size_gb: 12 }],
  ['proxmox-attach-disk', { vmid: 102, size_gb: 4, storage: 'local-lvm', slot: 'scsi', options: 'discard=on,ssd=1' }],
  [
    'proxmox-attach-disk',
    { vmid: 101, size_gb: 4, storage: 'nfs-shared', slot: 'virtio3', options: 'format=qcow2,cache=none' },
  ],
  ['proxmox-attach-disk', { vmid: 102, volid: 'nfs-shared:iso/virtio-win-0.1.271.iso' }],
  ['proxmox-attach-disk', { vmid: 101, volid: 'nfs-shared:iso/virtio-win-0.1.271.iso', slot: 'ide2' }],
  ['proxmox-attach-disk', { vmid: 105, size_gb: 2, storage: 'local-lvm', mp: '/data', options: 'backup=1' }],
  [
    'proxmox-move-disk',
    {
      vmid: 101,
      disk: 'virtio3',
      storage: 'local-lvm',
      format: 'raw',
      delete_original: true,
      bwlimit: 10_000,
      confirm,
    },
  ],
  ['proxmox-detach-disk', { vmid: 101, disk: 'virtio3', confirm }],
  ['proxmox-attach-disk', { vmid: 101, volid: 'unused0', slot: 'scsi' }],
  ['proxmox-delete-disk', { vmid: 101, disk: 'scsi1', confirm }],
  ['proxmox-detach-disk', { vmid: 102, disk: 'scsi1', confirm }],
  ['proxmox-move-disk', { vmid: 102, disk: 'unused0', target_vmid: 117, target_disk: 'scsi5', confirm }],
  ['proxmox-shutdown-lxc', { vmid: 105, confirm }],
  ['proxmox-detach-disk', { vmid: 105, disk: 'mp0', confirm }],
  ['proxmox-delete-disk', { vmid: 105, disk: 'unused0', confirm }],
  ['proxmox-vm-nic-add', { vmid: 101, bridge: 'vmbr0', model: 'e1000', vlan: 30, firewall: false }],
  [
    'proxmox-nic-change',
    { vmid: 101, slot: 1, bridge: 'vmbr0', vlan: 0, firewall: true, link_down: true, rate: 12.5, model: 'virtio' },
  ],
  ['proxmox-vm-nic-remove', { vmid: 101, slot: 1, confirm }],
  ['proxmox-lxc-nic-add', { vmid: 106, bridge: 'vmbr0', vlan: 30, ip: '10.9.0.5/24', gw: '10.9.0.1' }],
  ['proxmox-nic-change', { vmid: 106, slot: 1, vlan: 31, link_down: true, rate: 5 }],
  ['proxmox-lxc-nic-remove', { vmid: 106, slot: 1, confirm }],
  [
    'proxmox-migrate-storage',
    { vmid: 132, target_storage: 'nfs-shared', source_storage: 'local-lvm', online: true, confirm },
  ],
  ['proxmox-migrate-storage', { vmid: 102, target_storage: 'nfs-shared', preserve_source: true, confirm }],
] satisfies readonly Example[];
