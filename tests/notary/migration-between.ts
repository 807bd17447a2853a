import type { Example } from './example.js';

const tool = 'proxmox-migrate-vm-between-clusters';
const way = { cluster: 'production', target_cluster: 'disaster-recovery', confirm: true };

export default [
  [
    tool,
    {
      ...{ ...way, vmid: 102, target_node: 'pve-dr1', target_vmid: 4102, storage_map: 'local-lvm:local-lvm' },
      ...{ bridge_map: 'vmbr0:vmbr1', bwlimit: 100_000, delete_source: true, via: 'remote' },
    },
  ],
  [tool, { ...way, vmid: 101, online: true }],
  [tool, { ...way, vmid: 141 }],
  [tool, { ...way, vmid: 105, via: 'backup', bridge_map: 'vmbr1', timeout: 600 }],
] satisfies readonly Example[];
