import { alreadyExists, guestWith, registerGuest } from '../guest-registry.js';
import { splitList } from '../parameter-format.js';
import { parameterError } from '../pve-error.js';
import { requireTargetBridge, requireTargetStorage } from '../remote/target-checks.js';
import { Tunnel } from '../remote/tunnel.js';
import type { Call, Route } from '../route.js';
import type { GuestType } from '../state.js';
import { node, vmid } from './common-parameters.js';
import { guestTypes } from './guests.js';

/** Only the node itself opens a tunnel: the call is not passed on to another. */
function ownNode({ cluster, params }: Call): string {
  const name = params.text('node');
  const own = cluster.localNode.node;
  if (name === 'localhost' || name === own) return own;
  throw parameterError({ node: `node needs to be 'localhost' or local hostname '${own}'` });
}

function tunnel(type: GuestType) {
  return (call: Call) => {
    const { cluster, params, caller } = call;
    const on = ownNode(call);
    for (const name of splitList(params.optionalText('storages') ?? '')) requireTargetStorage(call, type, name, on);
    for (const name of splitList(params.optionalText('bridges') ?? '')) requireTargetBridge(call, name, on);
    const number = params.integer('vmid');
    const known = guestWith(cluster, number);
    if (known !== undefined) {
      const kind = type === 'qemu' ? 'VM' : 'CT';
      throw parameterError({ vmid: `unable to create empty ${kind} config - ${alreadyExists(known)}` });
    }
    const guest = registerGuest(cluster, { type, vmid: number, node: on }, 'create');
    const task = cluster.tasks.start({
      node: on,
      type: type === 'qemu' ? 'qmtunnel' : 'vzmtunnel',
      id: String(number),
      user: caller.authid,
      duration: Number.POSITIVE_INFINITY,
      log: ['mtunnel started'],
    });
    cluster.tunnels.set(task.upid, new Tunnel(cluster, caller.authid, guest, task));
    const folder = type === 'qemu' ? '/run/qemu-server/' : '/run/pve/ct-';
    return {
      upid: task.upid,
      ticket: `PVETUNNEL:${task.starttime.toString(16)}`,
      socket: `${folder}${number}.mtunnel`,
    };
  };
}

const permission = {
  allOf: [
    { path: '/vms/{vmid}', privileges: ['VM.Allocate'] },
    { path: '/', privileges: ['Sys.Incoming'] },
  ],
} as const;

export const migrationTunnelRoutes: readonly Route[] = guestTypes.map((type) => ({
  route: `POST /nodes/{node}/${type}/{vmid}/mtunnel`,
  params: {
    node,
    vmid,
    bridges: { type: 'string', optional: true, format: 'pve-bridge-id-list' },
    storages: { type: 'string', optional: true, format: 'pve-storage-id-list' },
  },
  permission,
  proxied: false,
  handler: tunnel(type),
}));
