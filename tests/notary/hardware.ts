import type { Example } from './example.js';

/** What destroys and is about no guest names its cluster. */
const sure = { confirm: true, cluster: 'production' };

export default [
  ['proxmox-list-hardware', { node: 'pve1' }],
  ['proxmox-list-hardware', { node: 'pve1', kind: 'usb' }],
  [
    'proxmox-set-mapping',
    { kind: 'pci', id: 'gpu', entries: ['node=pve1,path=0000:01:00.0,id=10de:2204'], description: 'GPU', mdev: false },
  ],
  [
    'proxmox-set-mapping',
    { kind: 'pci', id: 'gpu', entries: ['node=pve1,path=0000:01:00.0,id=10de:2204,iommugroup=14'] },
  ],
  ['proxmox-set-mapping', { kind: 'usb', id: 'stick', entries: ['node=pve1,path=1-2,id=0951:1666'] }],
  ['proxmox-list-mappings', { kind: 'pci' }],
  ['proxmox-delete-mapping', { kind: 'usb', id: 'stick', ...sure }],
  [
    'proxmox-set-metric-server',
    {
      id: 'influx',
      type: 'influxdb',
      server: 'metrics.example.com',
      port: 8086,
      protocol: 'https',
      token: 'abc',
      bucket: 'pve',
      organization: 'lab',
    },
  ],
  ['proxmox-set-metric-server', { id: 'influx', disable: true }],
  [
    'proxmox-set-metric-server',
    { id: 'graphite', type: 'graphite', server: '192.0.2.7', port: 2003, protocol: 'tcp', path: 'proxmox' },
  ],
  ['proxmox-list-metric-servers', {}],
  ['proxmox-delete-metric-server', { id: 'influx', ...sure }],
  [
    'proxmox-set-notification-target',
    {
      name: 'chat',
      type: 'webhook',
      url: 'https://chat.example.com/hook',
      headers: { 'X-Key': '{{ secrets.key }}' },
      secrets: { key: 'a' },
      body: '{{ title }}',
    },
  ],
  ['proxmox-set-notification-target', { name: 'chat', type: 'webhook', method: 'put', comment: 'team' }],
  [
    'proxmox-set-notification-target',
    { name: 'phone', type: 'gotify', url: 'https://gotify.example.com', secret: 'abc' },
  ],
  [
    'proxmox-set-notification-target',
    {
      name: 'mail',
      type: 'smtp',
      server: 'smtp.example.com',
      port: 587,
      mode: 'starttls',
      username: 'pve',
      secret: 'abc',
      from_address: 'pve@example.com',
      mailto: ['ops@example.com'],
    },
  ],
  [
    'proxmox-set-notification-matcher',
    { name: 'backups', targets: ['chat'], events: ['exact:type=vzdump'], mode: 'all' },
  ],
  [
    'proxmox-set-notification-matcher',
    { name: 'backups', severities: ['error', 'warning'], calendar: ['mon-fri 8-17'] },
  ],
  ['proxmox-list-notifications', {}],
  ['proxmox-test-notification', { name: 'chat' }],
  ['proxmox-delete-notification', { kind: 'matcher', name: 'backups', ...sure }],
  ['proxmox-delete-notification', { kind: 'target', name: 'chat', ...sure }],
] satisfies readonly Example[];
