import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { refuseProtected } from '../src/client/protection.js';
import { ClusterRegistry, parseEnv, requireConfig } from '../src/index.js';
import type { Params } from '../src/pve/params.js';
import type { Route } from '../src/pve/route.js';
import { useWorld } from './support/world.js';

const cluster = 'production';
const confirm = true;
const world = useWorld();
const guest = (vmid: number) => {
  const found = world.simulator.cluster(cluster).state.guests.find((one) => one.vmid === vmid);
  if (found === undefined) throw new Error(`no guest ${vmid}`);
  return found;
};
const says = (vmid: number) => `guest ${vmid} has the flag 'protection'`;

/** Expects both the plan and the call to be refused, and nothing to be sent. */
async function refused(tool: string, args: Record<string, unknown>, message: string) {
  for (const more of [{ dry_run: true }, { confirm }]) {
    const error = await world.error(tool, { cluster, ...args, ...more });
    expect(error, JSON.stringify(error)).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining(message),
      next: expect.stringContaining('proxmox-set-protection'),
    });
  }
  expect(world.writes()).toBe(0);
}

beforeEach(() => {
  for (const vmid of [102, 107, 117]) delete guest(vmid).config.protection;
});

describe('a disk of a protected guest', () => {
  it('is not handed to another guest', async () => {
    guest(102).config.protection = 1;
    await refused('proxmox-move-disk', { vmid: 102, disk: 'scsi0', target_vmid: 117, target_disk: 'scsi7' }, says(102));
  });

  it('is handed over once the flag is lifted, and to a guest that has the flag', async () => {
    guest(117).config.protection = 1;
    const args = { cluster, vmid: 102, disk: 'scsi0', target_vmid: 117, target_disk: 'scsi7', dry_run: true };
    const [write] = await world.plan('proxmox-move-disk', args);
    expect(write?.parameters).toMatchObject({ 'target-vmid': 117 });
  });

  it('goes to another storage', async () => {
    guest(102).config.protection = 1;
    const args = { cluster, vmid: 102, disk: 'scsi0', storage: 'nfs-shared', delete_original: true, dry_run: true };
    expect(await world.plan('proxmox-move-disk', args)).toHaveLength(1);
  });

  it('is not deleted by way of its storage, where no configuration names it', async () => {
    const { node, config } = guest(102);
    const storage = world.simulator.cluster(cluster).state.storages.find((one) => one.storage === 'local-lvm');
    const volid = 'local-lvm:vm-102-disk-77';
    storage?.volumes.push({ volid, content: 'images', format: 'raw', size: 1, ctime: 0, vmid: 102, node });
    config.protection = 1;
    const args = { volid, node };
    await refused('proxmox-delete-volume', args, says(102));
    delete config.protection;
    expect((await world.result('proxmox-delete-volume', { cluster, ...args, confirm })).volid).toBe(volid);
  });

  it('of a guest that is gone is deleted', async () => {
    const { node } = guest(102);
    const storage = world.simulator.cluster(cluster).state.storages.find((one) => one.storage === 'local-lvm');
    const volid = 'local-lvm:vm-4711-disk-0';
    storage?.volumes.push({ volid, content: 'images', format: 'raw', size: 1, ctime: 0, vmid: 4711, node });
    expect((await world.result('proxmox-delete-volume', { cluster, volid, node, confirm })).volid).toBe(volid);
  });
});

describe('a protected guest', () => {
  it('is not deleted at the source of a move to another cluster, and stays there otherwise', async () => {
    guest(102).config.protection = 1;
    const tool = 'proxmox-migrate-vm-between-clusters';
    const move = { cluster, vmid: 102, target_cluster: 'disaster-recovery' };
    const stop = { code: 'protection', message: expect.stringContaining(says(102)) };
    for (const via of ['remote', 'backup']) {
      const { data } = await world.call(tool, { ...move, via, delete_source: true });
      expect(data.plan.hard_stops).toContainEqual(expect.objectContaining(stop));
      const { hard_stops } = await world.error(tool, { ...move, via, delete_source: true, confirm });
      expect(hard_stops).toContainEqual(expect.objectContaining(stop));
    }
    expect((await world.plan(tool, move)).map(({ path }) => path)).toContainEqual(
      expect.stringContaining('/102/remote_migrate'),
    );
    expect(world.writes()).toBe(0);
  });

  const ofGuest = '/nodes/{node}/{type}/{vmid}' as const;
  const storage = '/nodes/{node}/storage/{storage}/content/{volume}' as const;
  it.each<[string, number, Route, Params]>([
    ['deleted', 107, `DELETE ${ofGuest}`, {}],
    ['set back', 107, `POST ${ofGuest}/snapshot/{snapname}/rollback`, {}],
    ['replaced', 102, 'POST /nodes/{node}/{type}', { vmid: 102, force: true }],
    ['moved away for good', 102, `POST ${ofGuest}/remote_migrate`, { delete: true }],
    ['moved away for good', 107, `POST ${ofGuest}/remote_migrate`, { delete: 1 }],
    ['robbed of a disk', 102, 'POST /nodes/{node}/qemu/{vmid}/move_disk', { disk: 'scsi0', 'target-vmid': '117' }],
    ['robbed of a disk', 107, 'POST /nodes/{node}/lxc/{vmid}/move_volume', { volume: 'mp0', 'target-vmid': 106 }],
    ['robbed of a disk', 102, 'PUT /nodes/{node}/qemu/{vmid}/unlink', { idlist: 'net0,scsi0' }],
    ['robbed of a disk', 102, `PUT ${ofGuest}/config`, { delete: 'unused0' }],
    ['robbed of a disk', 102, `DELETE ${storage}`, {}],
    ['robbed of a disk', 102, 'PUT /nodes/{node}/qemu/117/config', { scsi7: 'local-lvm:vm-102-disk-0,size=8G' }],
    ['robbed of a disk', 107, 'POST /nodes/{node}/lxc/106/config', { mp3: 'mp=/x,volume=local:107/vm-107-disk-1.raw' }],
    ['robbed of a disk', 102, 'POST /nodes/{node}/{type}', { vmid: 990, scsi0: 'file=local-lvm:vm-102-disk-0' }],
  ])('is not %s (%i): %s %j', async (_, vmid, route, params) => {
    const { node, type, config } = guest(vmid);
    const volume = `local-lvm:vm-${vmid}-disk-5`;
    const path = { node, type, vmid, snapname: 'x', storage: 'local-lvm', volume };
    const client = new ClusterRegistry(requireConfig(parseEnv(world.simulator.env()))).getClient(cluster);
    const asked = () => refuseProtected(client, { route, data: z.unknown() }, path, params);
    await asked();
    config.protection = 1;
    await expect(asked()).rejects.toThrow(says(vmid));
    // One that cannot be read may be set.
    const fault = { kind: 'status', status: 403, reason: `Permission check failed (/vms/${vmid}, VM.Audit)` } as const;
    world.simulator.cluster(cluster).setFault(fault, { path: /\/config$/, method: 'GET' });
    await expect(asked()).rejects.toThrow('VM.Audit');
    world.simulator.cluster(cluster).setFault(undefined);
  });

  it.each<[string, Route, Params]>([
    ['copied', `POST ${ofGuest}/remote_migrate`, { delete: false }],
    ['given another storage', 'POST /nodes/{node}/qemu/{vmid}/move_disk', { disk: 'scsi0', 'target-vmid': 102 }],
    ['configured', `PUT ${ofGuest}/config`, { delete: 'net1' }],
    ['copied', 'PUT /nodes/{node}/qemu/117/config', { scsi7: 'local-lvm:0,import-from=local-lvm:vm-102-disk-0' }],
    ['given back a disk', `PUT ${ofGuest}/config`, { scsi1: 'local-lvm:vm-102-disk-1' }],
    ['rid of a backup', `DELETE ${storage}`, {}],
  ])('is %s nevertheless: %s %j', async (_, route, params) => {
    const { node, type, config } = guest(102);
    config.protection = 1;
    const volume = 'local:backup/vzdump-qemu-102-2026_01_01-00_00_00.vma.zst';
    const client = new ClusterRegistry(requireConfig(parseEnv(world.simulator.env()))).getClient(cluster);
    const path = { node, type, vmid: 102, storage: 'local', volume };
    await expect(refuseProtected(client, { route, data: z.unknown() }, path, params)).resolves.toBeUndefined();
  });
});
