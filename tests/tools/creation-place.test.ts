import { describe, expect, it } from 'vitest';
import { startSession } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const production = () => world.simulator.cluster('production');
const guest = (vmid: number) => production().state.guests.find((one) => one.vmid === vmid);
const cluster = 'production';

describe('a VMID that nobody named', () => {
  it('is another for each, also for two at once', async () => {
    const made = await Promise.all([1, 2, 3].map(() => world.call('proxmox-create-vm', { cluster, disk_gb: 1 })));
    expect(made.map(({ isError }) => isError)).toEqual([false, false, false]);
    const ids = made.map(({ data }) => data.result.vmid);
    expect(new Set(ids).size).toBe(3);
    expect(ids.map((id) => guest(id)?.type)).toEqual(['qemu', 'qemu', 'qemu']);
  });

  it('is looked for again where somebody else took it meanwhile', async () => {
    const target = world.simulator.cluster(cluster);
    const reason = "unable to create CT 147 - CT 147 already exists on node 'pve2'";
    target.setFault({ kind: 'status', status: 500, reason }, { path: /\/lxc$/, times: 1 });
    const args = { cluster, ostemplate: 'debian-12-standard' };
    const { data, isError } = await world.call('proxmox-create-lxc', args);
    target.setFault(undefined);
    expect(isError).toBe(false);
    expect(guest(data.result.vmid)?.type).toBe('lxc');
    expect(world.writes()).toBe(2);
  });

  it('is not looked for without end, nor after another fault', async () => {
    const target = world.simulator.cluster(cluster);
    target.setFault({ kind: 'status', status: 500, reason: 'VM 1 already exists' }, { path: /\/qemu$/ });
    const taken = await world.call('proxmox-create-vm', { cluster });
    expect(taken.isError).toBe(true);
    expect(world.writes()).toBe(5);
    target.setFault(undefined);
    target.setFault({ kind: 'status', status: 500, reason: 'no quorum' }, { path: /\/qemu$/ });
    await world.call('proxmox-create-vm', { cluster });
    target.setFault(undefined);
    expect(world.writes()).toBe(6);
  });
});

describe('the node of what is made', () => {
  it('is the configured one, which is told by its defaults too', async () => {
    const configured = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_DEFAULT_NODE: 'pve2',
      PROXMOX_CLUSTER_production_DEFAULT_STORAGE: 'local',
      PROXMOX_CLUSTER_production_DEFAULT_BRIDGE: 'vmbr0',
    });
    const { data } = await configured.call('proxmox-create-vm', { cluster, dry_run: true });
    await configured.close();
    expect(data.plan.writes[0].path).toBe('/nodes/pve2/qemu');
    expect(data.plan.notes).toEqual([
      "Storage 'nfs-shared': it holds images and has the most free space; the default 'local' does not fit.",
      "Bridge 'vmbr0': it is the configured default.",
    ]);
  });

  it('must be there', async () => {
    const { data } = await world.call('proxmox-create-vm', { cluster, node: 'pve9' });
    expect(data.error.code).toBe('NODE_NOT_FOUND');
    expect(world.writes()).toBe(0);
  });
});
