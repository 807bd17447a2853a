import { storageIdOf } from '../disk-volumes.js';
import { type Disk, disksOf, isCdrom, isCloudInit, ownDisksOf } from '../disks.js';
import { isShared } from '../guest-features.js';
import type { JsonObject } from '../json.js';
import type { Call, Route } from '../route.js';
import type { GuestState } from '../state.js';
import { isOnNode } from '../storage.js';
import { node, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

/** Disks that only the guest's own node sees. */
export function localDisks(call: Call, guest: GuestState): Disk[] {
  return ownDisksOf(guest, { unused: true }).filter((disk) => !isShared(call.cluster, disk));
}

/** Images in its drives that only its own node sees: they hold it there. */
export function localImages(call: Call, guest: GuestState): Disk[] {
  return disksOf(guest).filter(
    (disk) => isCdrom(disk.properties) && !isCloudInit(disk.volid) && !isShared(call.cluster, disk),
  );
}

/** Storages of the guest that a node does not have. */
function missingStorages(call: Call, guest: GuestState, target: string): string[] {
  const names = new Set(ownDisksOf(guest).map((disk) => storageIdOf(disk.volid)));
  return [...names].filter((name) => {
    const storage = call.cluster.state.storages.find((entry) => entry.storage === name);
    return storage === undefined || !storage.enabled || !isOnNode(storage, target);
  });
}

function nodeRows(call: Call, guest: GuestState) {
  const others = call.cluster.state.nodes.filter((entry) => entry.node !== guest.node && call.cluster.isOnline(entry));
  const faults = others.map(({ node: name }) => ({ name, missing: missingStorages(call, guest, name) }));
  return {
    allowed: faults.filter(({ missing }) => missing.length === 0).map(({ name }) => name),
    refused: Object.fromEntries(
      faults
        .filter(({ missing }) => missing.length > 0)
        .map(({ name, missing }) => [name, { unavailable_storages: missing }]),
    ),
  };
}

function qemuPreconditions(call: Call): JsonObject {
  const guest = guestOf(call, 'qemu');
  const running = guest.status === 'running';
  const { allowed, refused } = nodeRows(call, guest);
  const newer = call.cluster.state.version === '9.2';
  return {
    running: running ? 1 : 0,
    // asked for a stopped VM only: a running one takes its disks along
    allowed_nodes: running ? undefined : allowed,
    not_allowed_nodes: running ? undefined : refused,
    local_disks: [...localDisks(call, guest), ...localImages(call, guest)].map((disk) => ({
      volid: disk.volid,
      drivename: disk.key,
      size: disk.size,
      cdrom: isCdrom(disk.properties) ? 1 : 0,
      is_unused: disk.key.startsWith('unused') ? 1 : 0,
      is_vmstate: 0,
      is_attached: disk.key.startsWith('unused') ? 0 : 1,
      shared: 0,
    })),
    local_resources: Object.keys(guest.config).filter((key) => /^(hostpci|usb)\d+$/.test(key)),
    'mapped-resources': [],
    'mapped-resource-info': {},
    'dependent-ha-resources': newer ? [] : undefined,
    'has-dbus-vmstate': newer ? 1 : undefined,
  };
}

function lxcPreconditions(call: Call): JsonObject {
  const guest = guestOf(call, 'lxc');
  const { allowed, refused } = nodeRows(call, guest);
  return {
    running: guest.status === 'running' ? 1 : 0,
    'allowed-nodes': allowed,
    'not-allowed-nodes': refused,
    'dependent-ha-resources': [],
  };
}

const permission = { path: '/vms/{vmid}', privileges: ['VM.Migrate'] } as const;
const asked = { node, vmid, target: { ...node, optional: true } } as const;

export const migratePreconditionRoutes: readonly Route[] = [
  { route: 'GET /nodes/{node}/qemu/{vmid}/migrate', params: asked, permission, handler: qemuPreconditions },
  {
    route: 'GET /nodes/{node}/lxc/{vmid}/migrate',
    params: asked,
    permission,
    since: '9.2',
    handler: lxcPreconditions,
  },
];
