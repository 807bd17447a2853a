import type { Example } from './example.js';

const confirm = true;
const both = { cluster: 'production,staging', most: 50, at_once: 4, confirm };
// What is planned is then sent in the same order.
const one = { ...both, cluster: 'production', at_once: 1 };

export default [
  ['proxmox-fleet-action', { ...both, action: 'snapshot', snapname: 'fleet', tag: 'k8s' }],
  [
    'proxmox-fleet-action',
    ({ result }: Record<string, any> = {}) => ({
      ...both,
      action: 'snapshot',
      snapname: 'fleet',
      tag: 'k8s',
      resume: result.rows,
    }),
  ],
  ['proxmox-fleet-action', { ...one, action: 'tag', set_tag: 'wave1', type: 'lxc' }],
  ['proxmox-fleet-action', { ...one, action: 'untag', set_tag: 'wave1', type: 'lxc' }],
  ['proxmox-fleet-action', { ...both, action: 'shutdown', pattern: '*redis*', timeout: 300 }],
  ['proxmox-fleet-action', { ...both, action: 'start', pattern: '*redis*', stop_at_failure: true }],
  [
    'proxmox-fleet-action',
    { ...both, cluster: 'production', action: 'backup', storage: 'pbs-backup', pattern: '*redis*', timeout: 600 },
  ],
  [
    'proxmox-fleet-action',
    { ...both, cluster: 'production', action: 'migrate', target_node: 'pve2', pattern: 'prod-web-3', timeout: 600 },
  ],
] satisfies readonly Example[];
