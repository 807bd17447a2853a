import type { Cluster } from './cluster.js';
import { isTemplate, lockOf, maxCpu, maxDisk, maxMemory, nameOf, pidOf, tagsOf, uptimeOf } from './guest.js';
import type { JsonObject } from './json.js';
import type { GuestState } from './state.js';

/** What is measured of a guest; all zero while it is off, byte counters grow with its uptime. */
export function measuredOf(cluster: Cluster, guest: GuestState) {
  const uptime = uptimeOf(guest, cluster.now);
  const on = guest.status === 'running' ? 1 : 0;
  const { load } = guest;
  const container = guest.type === 'lxc';
  return {
    cpu: on * load.cpu,
    mem: on * Math.min(load.memory, maxMemory(guest)),
    // a VM's disk usage is not known from outside
    disk: container ? on * load.disk : 0,
    diskread: load.diskread * uptime,
    diskwrite: load.diskwrite * uptime,
    netin: load.netin * uptime,
    netout: load.netout * uptime,
    uptime,
  };
}

/** 9.x counts what the host spends on a VM beside what the guest sees. */
export function hostMemory(cluster: Cluster, guest: GuestState): number | undefined {
  if (cluster.state.version === '8.4' || guest.type === 'lxc') return undefined;
  return guest.status === 'running' ? Math.floor(guest.load.memory * 1.06) : 0;
}

/** The part that guest lists and `status/current` have in common. */
export function guestSummary(cluster: Cluster, guest: GuestState): JsonObject {
  const container = guest.type === 'lxc';
  const running = guest.status === 'running';
  return {
    ...measuredOf(cluster, guest),
    // containers were listed with their id as text until 9.0
    vmid: container && cluster.state.version === '8.4' ? String(guest.vmid) : guest.vmid,
    name: nameOf(guest),
    status: guest.status,
    tags: tagsOf(guest),
    lock: lockOf(guest),
    template: isTemplate(guest) ? 1 : undefined,
    cpus: maxCpu(guest),
    maxmem: maxMemory(guest),
    maxdisk: maxDisk(guest),
    memhost: hostMemory(cluster, guest),
    pid: running ? pidOf(guest) : undefined,
    ...(container ? { type: 'lxc', swap: 0, maxswap: Number(guest.config.swap ?? 512) * 1024 ** 2 } : {}),
  };
}
