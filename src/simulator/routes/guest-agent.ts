import { died } from '../pve-error.js';
import type { Call, PermissionCheck, Route } from '../route.js';
import type { AgentInterface, AgentState, PveVersion } from '../state.js';
import { node, vmAudit, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

const agentAudit: Readonly<Record<PveVersion, PermissionCheck>> = {
  '8.4': { path: '/vms/{vmid}', privileges: ['VM.Monitor'] },
  '9.2': { path: '/vms/{vmid}', privileges: ['VM.GuestAgent.Audit', 'VM.GuestAgent.Unrestricted'], any: true },
};

/** The agent of the guest, or one of the three states in which there is none to talk to. */
export function answering(call: Call): AgentState {
  const guest = guestOf(call, 'qemu');
  const setting = String(guest.config.agent ?? '');
  if (!/(^|,)(enabled=)?(1|on|yes|true)(,|$)/.test(setting)) throw died('No QEMU guest agent configured');
  if (guest.status !== 'running') throw died(`VM ${guest.vmid} is not running`);
  if (guest.agent === undefined) throw died('QEMU guest agent is not running');
  return guest.agent;
}

function split(address: string): { ip: string; prefix: number; type: 'ipv4' | 'ipv6' } {
  const [ip = '', prefix = '0'] = address.split('/');
  return { ip, prefix: Number(prefix), type: ip.includes(':') ? 'ipv6' : 'ipv4' };
}

function interfaces(call: Call) {
  const agent = answering(call);
  const result = agent.interfaces.map((entry: AgentInterface) => ({
    name: entry.name,
    'hardware-address': entry.mac,
    // the key is missing where an interface has no address
    'ip-addresses':
      entry.addresses.length === 0
        ? undefined
        : entry.addresses.map(split).map(({ ip, prefix, type }) => ({
            'ip-address': ip,
            'ip-address-type': type,
            prefix,
          })),
    statistics: {
      'rx-bytes': 104_857_600,
      'rx-dropped': 0,
      'rx-errs': 0,
      'rx-packets': 90_112,
      'tx-bytes': 52_428_800,
      'tx-dropped': 0,
      'tx-errs': 0,
      'tx-packets': 61_440,
    },
  }));
  return { result };
}

function osinfo(call: Call) {
  return { result: { ...answering(call).osinfo } };
}

function containerInterfaces(call: Call) {
  const guest = guestOf(call, 'lxc');
  if (guest.status !== 'running') throw died(`CT ${guest.vmid} not running`);
  const net = String(guest.config.net0 ?? '');
  const value = (key: string) => new RegExp(`(?:^|,)${key}=([^,]+)`).exec(net)?.[1];
  const rows = [
    { name: 'lo', mac: '00:00:00:00:00:00', addresses: ['127.0.0.1/8', '::1/128'] },
    {
      name: value('name') ?? 'eth0',
      mac: (value('hwaddr') ?? '00:00:00:00:00:00').toLowerCase(),
      addresses: [value('ip')].filter((ip) => ip?.includes('/')).map(String),
    },
  ];
  const version = call.cluster.state.version;
  return rows.map(({ name, mac, addresses }) => ({
    name,
    hwaddr: mac,
    inet: addresses.find((address) => !address.includes(':')),
    inet6: addresses.find((address) => address.includes(':')),
    'hardware-address': version === '9.2' ? mac : undefined,
    'ip-addresses':
      version === '9.2'
        ? addresses.map(split).map(({ ip, prefix, type }) => ({
            'ip-address': ip,
            'ip-address-type': type === 'ipv4' ? 'inet' : 'inet6',
            prefix: String(prefix),
          }))
        : undefined,
  }));
}

export const guestAgentRoutes: readonly Route[] = [
  {
    route: 'GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces',
    params: { node, vmid },
    permission: agentAudit,
    handler: interfaces,
  },
  {
    route: 'GET /nodes/{node}/qemu/{vmid}/agent/get-osinfo',
    params: { node, vmid },
    permission: agentAudit,
    handler: osinfo,
  },
  {
    route: 'GET /nodes/{node}/lxc/{vmid}/interfaces',
    params: { node, vmid },
    permission: vmAudit,
    handler: containerInterfaces,
  },
];
