import { nameOf } from '../guest.js';
import { shownValue } from '../guest-config/config-value.js';
import { isCloudInitKey } from '../guest-config/key-privileges.js';
import { refuseFileLocked, refuseLocked } from '../guest-lock.js';
import type { Call, Route } from '../route.js';
import type { GuestState } from '../state.js';
import { node, vmAudit, vmid } from './common-parameters.js';
import { guestOf, pendingRows } from './guests.js';

function rows(call: Call) {
  return pendingRows(guestOf(call, 'qemu')).filter((row) => isCloudInitKey(String(row.key)));
}

/** Writes the drive anew; the guest reads it when it boots. */
function regenerate(call: Call) {
  const guest = guestOf(call, 'qemu');
  refuseFileLocked(call.cluster, guest);
  refuseLocked(call, guest);
  for (const [key, value] of Object.entries(guest.pending)) {
    if (!isCloudInitKey(key)) continue;
    delete guest.pending[key];
    if (value === null) delete guest.config[key];
    else guest.config[key] = value;
  }
  return null;
}

function setting(guest: GuestState, key: string): string | undefined {
  const value = guest.pending[key] === null ? undefined : (guest.pending[key] ?? guest.config[key]);
  return value === undefined ? undefined : String(shownValue(key, value));
}

function userData(guest: GuestState): string {
  const keys = decodeURIComponent(setting(guest, 'sshkeys') ?? '')
    .split('\n')
    .filter((key) => key.trim() !== '');
  const user = setting(guest, 'ciuser');
  return [
    '#cloud-config',
    `hostname: ${nameOf(guest)}`,
    'manage_etc_hosts: true',
    ...(user === undefined ? [] : [`user: ${user}`]),
    ...(setting(guest, 'cipassword') === undefined ? [] : [`password: ${guest.config.cipassword ?? ''}`]),
    ...(keys.length === 0 ? [] : ['ssh_authorized_keys:', ...keys.map((key) => `  - ${key}`)]),
    'chpasswd:',
    '  expire: False',
    'users:',
    '  - default',
    `package_upgrade: ${setting(guest, 'ciupgrade') === '0' ? 'false' : 'true'}`,
    '',
  ].join('\n');
}

function networkData(guest: GuestState): string {
  const lines = ['version: 1', 'config:'];
  for (const key of Object.keys(guest.config).filter((name) => /^net\d+$/.test(name))) {
    const index = key.slice(3);
    const mac = /=([0-9A-F:]{17})/i.exec(String(guest.config[key]))?.[1] ?? '';
    const address = setting(guest, `ipconfig${index}`) ?? '';
    const ip = /(?:^|,)ip=([^,]+)/.exec(address)?.[1];
    lines.push('    - type: physical', `      name: eth${index}`, `      mac_address: '${mac.toLowerCase()}'`);
    if (ip !== undefined) lines.push('      subnets:', `      - type: ${ip === 'dhcp' ? 'dhcp4' : 'static'}`);
    if (ip !== undefined && ip !== 'dhcp') lines.push(`        address: '${ip}'`);
  }
  return `${lines.join('\n')}\n`;
}

function dump(call: Call): string {
  const guest = guestOf(call, 'qemu');
  const type = call.params.text('type');
  if (type === 'user') return userData(guest);
  if (type === 'network') return networkData(guest);
  return `instance-id: ${guest.vmid}${nameOf(guest).length}\n`;
}

const one = '/nodes/{node}/qemu/{vmid}/cloudinit';

export const cloudInitRoutes: readonly Route[] = [
  { route: `GET ${one}`, params: { node, vmid }, permission: vmAudit, handler: rows },
  {
    route: `PUT ${one}`,
    params: { node, vmid },
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Cloudinit'] },
    handler: regenerate,
  },
  {
    route: `GET ${one}/dump`,
    params: { node, vmid, type: { type: 'string', enum: ['user', 'network', 'meta'] } },
    permission: vmAudit,
    handler: dump,
  },
];
