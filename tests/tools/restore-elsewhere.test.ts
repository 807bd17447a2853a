import { afterEach, describe, expect, it } from 'vitest';
import { startSession } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const cluster = 'disaster-recovery';
const there = () => world.simulator.cluster(cluster);
const guest = (vmid: number) => there().state.guests.find((one) => one.vmid === vmid);

/** What the survivor lists of a guest of the other. */
async function archiveOf(vmid: number, storage: string): Promise<string> {
  const { data } = await world.call('proxmox-list-backups', { cluster, vmid, storage });
  return data.items[0].volid;
}

afterEach(() => {
  world.simulator.cluster('production').setFault(undefined);
});

describe('with the cluster of a guest gone, its backup is restored on another that sees it', () => {
  it.each([
    ['proxmox-restore-vm', 101, 'pbs-offsite', 'qemu', 'prod-web-2'],
    ['proxmox-restore-lxc', 105, 'transfer', 'lxc', 'prod-redis'],
  ] as const)('by %s', async (tool, vmid, storage, type, name) => {
    world.simulator.cluster('production').setFault({ kind: 'unreachable' });
    const archive = await archiveOf(vmid, storage);
    const args = { cluster, archive, storage: 'local-lvm', unique: false };
    const [write] = await world.plan(tool, args);
    expect(write).toMatchObject({ method: 'POST', parameters: { storage: 'local-lvm' } });
    const result = await world.result(tool, { ...args, start: true, confirm: true });
    expect(result).toMatchObject({ name, archive, task: { state: 'ok' } });
    expect(guest(result.vmid)).toMatchObject({ type, status: 'running', node: result.node });
  });

  it('under its own VMID, which every later call must then name the cluster for', async () => {
    world.simulator.cluster('production').setFault({ kind: 'unreachable' });
    const args = {
      cluster,
      archive: await archiveOf(101, 'pbs-offsite'),
      storage: 'local-lvm',
      vmid: 101,
      confirm: true,
    };
    const { data, isError } = await world.call('proxmox-restore-vm', args);
    expect(isError).toBe(false);
    expect(data.notes).toContain(`VMID 101 is mapped to cluster production: name '${cluster}' in every call about it.`);
    expect(guest(101)?.config.name).toBe('prod-web-2');
    expect((await world.result('proxmox-vm-info', { cluster, vmid: 101 })).name).toBe('prod-web-2');
  });

  it('needs another storage where that of its disks is not there', async () => {
    const archive = await archiveOf(101, 'pbs-offsite');
    const thin = there().state.storages.find(({ storage }) => storage === 'local-lvm');
    if (thin !== undefined) thin.storage = 'other-lvm';
    const error = await world.error('proxmox-restore-vm', { cluster, archive, confirm: true });
    if (thin !== undefined) thin.storage = 'local-lvm';
    expect(error).toMatchObject({ code: 'REFUSED', next: "Name another as 'storage'; all disks go there." });
    expect(world.writes()).toBe(0);
  });
});

describe('the right to restore what another cluster backed up', () => {
  const rights = {
    '/vms': ['VM.Allocate', 'VM.Audit', 'VM.Config.Disk'],
    '/storage': ['Datastore.AllocateSpace', 'Datastore.Audit'],
    '/nodes': ['Sys.Audit'],
  };

  const restore = async (acl: Record<string, string[]>) => {
    const archive = await archiveOf(101, 'pbs-offsite');
    const secret = there().addToken('mover@pve!some', acl);
    const limited = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_disaster_recovery_TOKEN_ID: 'mover@pve!some',
      PROXMOX_CLUSTER_disaster_recovery_TOKEN_SECRET: secret,
    });
    const args = { cluster, archive, storage: 'local-lvm', confirm: true };
    const list = await limited.call('proxmox-list-backups', { cluster, storage: 'pbs-offsite' });
    const answer = await limited.call('proxmox-restore-vm', args);
    await limited.close();
    return { answer, list };
  };

  it('is told where it is missing, and that backups may be hidden', async () => {
    const { answer, list } = await restore(rights);
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(/Datastore\.Allocate/);
    expect(world.writes()).toBe(0);
    expect(list.data.items).toEqual([]);
    expect(list.text).toMatch(/VM\.Backup/);
  });

  it.each([
    { ...rights, '/vms/101': ['VM.Backup'] },
    { ...rights, '/storage/pbs-offsite': ['Datastore.Allocate', 'Datastore.Audit'] },
  ])('is %j', async (acl) => {
    const { answer } = await restore(acl);
    expect(answer.isError, answer.text).toBe(false);
    expect(answer.data.result.task.state).toBe('ok');
  });
});
