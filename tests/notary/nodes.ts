import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { Example } from './example.js';

const node = 'pve2';
/** What destroys and is about no guest names its cluster. */
const sure = { confirm: true, cluster: 'production' };

const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-notary-'));
const made = await generate([{ name: 'commonName', value: 'pve2.example.com' }]);
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const pem = { certificate_file: file('cert.pem', made.cert), key_file: file('key.pem', made.private) };

export default [
  ['proxmox-set-certificate', { node, ...pem, force: true, ...sure }],
  ['proxmox-list-services', { node }],
  ['proxmox-control-service', { node, service: 'chrony', action: 'restart', ...sure }],
  ['proxmox-list-updates', { node }],
  ['proxmox-refresh-updates', { node }],
  ['proxmox-node-settings', { node }],
  ['proxmox-set-node-dns', { node, search: 'lab.example.com', servers: ['192.0.2.53', '2001:db8::53'] }],
  ['proxmox-set-node-hosts', { node, hosts: '127.0.0.1 localhost\n192.0.2.2 pve2.example.com pve2\n', ...sure }],
  ['proxmox-set-node-timezone', { node, timezone: 'Asia/Tokyo' }],
  ['proxmox-node-log', { node, lines: 5 }],
  ['proxmox-node-log', { node, lines: 5, since: new Date(Date.now() - 3_600_000).toISOString() }],
  ['proxmox-node-log', { node, service: 'pvedaemon', since: '2026-01-01T00:00:00+01:00' }],
  ['proxmox-node-subscription', { node }],
  ['proxmox-ceph-status', {}],
  ['proxmox-list-certificates', { node }],
  ['proxmox-shutdown-node', { node: 'pve3', with_guests: true, ...sure }],
  ['proxmox-order-certificate', { node, force: true, ...sure }],
  ['proxmox-order-certificate', { node, renew: true, ...sure }],
  ['proxmox-stop-all-guests', { node, vmids: [101], grace: 30, force_stop: true, ...sure }],
  ['proxmox-start-all-guests', { node, vmids: [101], force: true }],
  [
    'proxmox-migrate-all-guests',
    { node, target_node: 'pve1', vmids: [101], at_once: 2, with_local_disks: true, ...sure },
  ],
  ['proxmox-reboot-node', { node, with_guests: true, ...sure }],
  ['proxmox-wake-node', { node: 'pve3' }],
] satisfies readonly Example[];
