import type { Example } from './example.js';

export default [
  ['proxmox-performance-analysis', { vmid: 100, time_range: '7d', metrics: ['cpu', 'mem'] }],
  ['proxmox-performance-analysis', { node: 'pve1', time_range: '30d' }],
  ['proxmox-performance-analysis', { storage: 'local', node: 'pve1', time_range: '1y' }],
  ['proxmox-anomaly-detection', { name: 'prod-redis', sensitivity: 'high' }],
  ['proxmox-anomaly-detection', { node: 'pve1' }],
  ['proxmox-right-sizing', { vmid: 100, time_range: '30d' }],
  ['proxmox-right-sizing', { vmid: 105, time_range: '24h' }],
  ['proxmox-apply-right-sizing', { vmid: 100, confirm: true }],
  ['proxmox-apply-right-sizing', { vmid: 105, time_range: '24h', only: 'memory', confirm: true }],
] satisfies readonly Example[];
