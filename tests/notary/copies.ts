import type { Example } from './example.js';

const both = { cluster: 'production', target_cluster: 'staging' };

export default [
  ['proxmox-federated-view', { kind: 'pools' }],
  ['proxmox-federated-view', { kind: 'tags', cluster: 'production,staging', differing: true }],
  ['proxmox-federated-view', { kind: 'users', cluster: 'all' }],
  ['proxmox-compare-clusters', both],
  ['proxmox-compare-clusters', { ...both, what: 'storage,versions' }],
  ['proxmox-compare-clusters', { ...both, vmid: 100, target_name: 'stg-web-1' }],
  ['proxmox-compare-clusters', { ...both, name: 'prod-web-1', target_vmid: 200 }],
] satisfies readonly Example[];
