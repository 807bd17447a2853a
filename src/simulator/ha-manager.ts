import type { Cluster } from './cluster.js';
import { sidOf } from './guest.js';
import { turnOff, turnOn } from './guest-running.js';
import type { GuestState, HaResourceState } from './state.js';

const managerTakes = 5;
const moveTakes = 10;

export function guestOfSid(cluster: Cluster, sid: string): GuestState | undefined {
  return cluster.state.guests.find((guest) => sidOf(guest) === sid);
}

/** The manager looks every few seconds and brings a guest to what is asked of it; one that is locked it cannot. */
export function followRequest(cluster: Cluster, resource: HaResourceState, from: number = cluster.now): void {
  const look = (at: number) => {
    const guest = guestOfSid(cluster, resource.sid);
    if (guest === undefined || !cluster.state.haResources.includes(resource) || resource.state === 'ignored') return;
    if (guest.config.lock !== undefined) return followRequest(cluster, resource, at);
    if (resource.state === 'started' && guest.status === 'stopped') turnOn(guest, at);
    if (resource.state !== 'started' && guest.status === 'running') turnOff(guest);
  };
  cluster.tasks.after(managerTakes, look, from);
}

function arrive(cluster: Cluster, guest: GuestState, target: string): void {
  const from = guest.node;
  guest.node = target;
  for (const storage of cluster.state.storages) {
    for (const volume of storage.volumes) {
      const disk = volume.content === 'images' || volume.content === 'rootdir';
      if (disk && volume.vmid === guest.vmid && volume.node === from) volume.node = target;
    }
  }
}

/** Queues a move; the task of it is the manager's, and begins at its next look. */
export function moveLater(cluster: Cluster, sid: string, target: string): void {
  cluster.tasks.after(managerTakes, () => {
    const guest = guestOfSid(cluster, sid);
    const known = cluster.state.nodes.some((node) => node.node === target && cluster.isOnline(node));
    if (guest === undefined || !known || guest.node === target || guest.config.lock !== undefined) return;
    guest.config.lock = 'migrate';
    cluster.tasks.start({
      node: guest.node,
      type: guest.type === 'qemu' ? 'qmigrate' : 'vzmigrate',
      id: String(guest.vmid),
      user: 'root@pam',
      duration: moveTakes,
      log: [`starting migration of ${sid} to node '${target}'`, 'migration finished successfully (duration 00:00:10)'],
      finish: () => {
        arrive(cluster, guest, target);
        delete guest.config.lock;
        return 'OK';
      },
    });
  });
}
