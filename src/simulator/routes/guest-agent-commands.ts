import { maxDisk, nameOf } from '../guest.js';
import type { Json } from '../json.js';
import type { ParameterSpecs } from '../parameters.js';
import type { Call, PermissionCheck, Route } from '../route.js';
import type { AgentState, GuestState, PveVersion } from '../state.js';
import { flag, node, vmid } from './common-parameters.js';
import { answering } from './guest-agent.js';
import { guestOf } from './guests.js';

type AgentReply = (agent: AgentState, guest: GuestState, call: Call) => Json;

export function agentPermission(...privileges: string[]): Readonly<Record<PveVersion, PermissionCheck>> {
  const all = [...privileges, 'VM.GuestAgent.Unrestricted'];
  return {
    '8.4': { path: '/vms/{vmid}', privileges: ['VM.Monitor'] },
    '9.2': { path: '/vms/{vmid}', privileges: all, ...(all.length > 1 ? { any: true } : {}) },
  };
}

const auditing = agentPermission('VM.GuestAgent.Audit');
const fileSystems = agentPermission('VM.GuestAgent.FileSystemMgmt');

/** While file systems are frozen the agent does nothing else; it says so inside a reply that is no error. */
function frozenError(name: string): Json {
  return {
    error: { class: 'GenericError', desc: `Command guest-${name} has been disabled: the command is not allowed` },
  };
}

const whileFrozen = ['ping', 'info', 'fsfreeze-status', 'fsfreeze-thaw'];

function fileSystem(guest: GuestState): Json {
  const total = Math.max(1, maxDisk(guest));
  return {
    name: 'sda1',
    mountpoint: '/',
    type: 'ext4',
    'total-bytes': total,
    'used-bytes': Math.floor(total * 0.24),
    disk: [{ bus: 0, 'bus-type': 'scsi', dev: '/dev/sda1', target: 0, unit: 0 }],
  };
}

const commands: Readonly<Record<string, AgentReply>> = {
  ping: () => ({}),
  info: () => ({
    version: '7.2.11',
    supported_commands: [
      'guest-ping',
      'guest-exec',
      'guest-exec-status',
      'guest-file-read',
      'guest-fsfreeze-freeze',
    ].map((name) => ({ name, enabled: true, 'success-response': true })),
  }),
  'get-fsinfo': (_, guest) => [fileSystem(guest)],
  'get-host-name': (_, guest) => ({ 'host-name': nameOf(guest) }),
  'get-time': (_, __, call) => call.cluster.clock.now() * 1_000_000,
  'get-timezone': () => ({ zone: 'UTC', offset: 0 }),
  'get-users': (_, guest) => [{ user: 'root', 'login-time': guest.startedAt ?? 0 }],
  'get-vcpus': (_, guest) =>
    Array.from({ length: Number(guest.config.cores ?? 1) }, (__, at) => ({
      'logical-id': at,
      online: true,
      'can-offline': at > 0,
    })),
  'fsfreeze-status': (agent) => (agent.frozen === true ? 'frozen' : 'thawed'),
  'fsfreeze-freeze': (agent) => {
    agent.frozen = true;
    return 1;
  },
  'fsfreeze-thaw': (agent) => {
    const count = agent.frozen === true ? 1 : 0;
    agent.frozen = false;
    return count;
  },
  fstrim: () => ({ paths: [{ path: '/', minimum: 0, trimmed: 1_073_741_824 }] }),
  'set-user-password': () => ({}),
};

function answer(name: string, reply: AgentReply) {
  return (call: Call) => {
    const agent = answering(call);
    const guest = guestOf(call, 'qemu');
    const result = agent.frozen === true && !whileFrozen.includes(name) ? frozenError(name) : reply(agent, guest, call);
    return { result };
  };
}

const password: ParameterSpecs = {
  crypted: flag,
  password: { type: 'string', minLength: 5, maxLength: 1024 },
  username: { type: 'string' },
};

function permissionOfCommand(name: string): Readonly<Record<PveVersion, PermissionCheck>> {
  if (name === 'set-user-password') return agentPermission();
  if (name === 'fsfreeze-status') return agentPermission('VM.GuestAgent.Audit', 'VM.GuestAgent.FileSystemMgmt');
  return /^fs/.test(name) ? fileSystems : auditing;
}

export const guestAgentCommandRoutes: readonly Route[] = Object.entries(commands).map(([name, reply]) => ({
  route: `${/^(get-|info)/.test(name) ? 'GET' : 'POST'} /nodes/{node}/qemu/{vmid}/agent/${name}`,
  params: { node, vmid, ...(name === 'set-user-password' ? password : {}) },
  permission: permissionOfCommand(name),
  handler: answer(name, reply),
}));
