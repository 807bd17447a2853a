import type { Example } from './example.js';

const confirm = true;
const vmid = 100;

export default [
  ['proxmox-guest-exec', { vmid, command: ['echo', 'one', 'two'], input: 'naïve €', timeout: 5, confirm }],
  ['proxmox-guest-exec', { vmid, command: ['sleep', '3600'], timeout: 1, confirm }],
  ['proxmox-guest-exec-status', (last) => ({ vmid, pid: last?.result.pid })],
  ['proxmox-guest-file-write', { vmid, file: '/tmp/x', content: 'größe €', confirm }],
  ['proxmox-guest-file-write', { vmid, file: '/tmp/y', content: 'x'.repeat(100_000), confirm }],
  ['proxmox-guest-file-read', { vmid, file: '/tmp/y', offset: 10, count: 100 }],
  ...['network', 'os', 'filesystems', 'users', 'hostname', 'time', 'timezone', 'info', 'vcpus'].map(
    (what): Example => ['proxmox-guest-agent-info', { vmid, what }],
  ),
  ['proxmox-guest-freeze', { vmid, action: 'freeze', confirm }],
  ['proxmox-guest-freeze', { vmid, action: 'thaw', confirm }],
  ['proxmox-guest-trim', { vmid }],
  ['proxmox-register-vm-as-host', { tag: 'prod', status: 'running', format: 'yaml', ssh_user: 'ops' }],
  ['proxmox-register-vm-as-host', { name: 'prod-*', pool: 'web', group: 'web', prefer_interface: 'eth0' }],
] satisfies readonly Example[];
