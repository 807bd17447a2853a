import { describe, expect, it } from 'vitest';
import { useWorld, type World } from '../support/world.js';

const cluster = 'production';

/** Expects a call to be refused by a rule, and gives its words. */
const refusedBy = (world: World, variable: string) => async (tool: string, args: Record<string, unknown>) => {
  const error = await world.error(tool, { cluster, ...args });
  expect(error, `${tool} ${JSON.stringify(error)}`).toMatchObject({ code: 'POLICY', cluster, set_by: variable });
  return String(error.message);
};

describe('ALLOW_VMIDS', () => {
  const variable = 'PROXMOX_CLUSTER_production_ALLOW_VMIDS';
  const world = useWorld({ [variable]: '100-102,150-151' });
  const refused = refusedBy(world, variable);

  it('lets the guests be changed that it names, and no other', async () => {
    await world.result('proxmox-start-vm', { vmid: 102, cluster });
    expect(world.writes()).toBe(1);
    const change = { vmid: 103, params: { cores: 2 } };
    expect(await refused('proxmox-configure-vm', change)).toContain('guest 103 is not among 100-102,150-151');
    await refused('proxmox-configure-vm', { ...change, dry_run: true });
    await refused('proxmox-clone-vm', { source_vmid: 100, new_vmid: 160 });
    await refused('proxmox-clone-vm', { source_vmid: 103, new_vmid: 150 });
    await refused('proxmox-delete-vm', { vmid: 103 });
    expect(world.writes()).toBe(1);
  });

  it('lets nothing be changed that is not about a guest', async () => {
    const said = await refused('proxmox-delete-storage-definition', { storage: 'nfs-shared', confirm: true });
    expect(said).toContain('only guests 100-102,150-151 may be changed');
    await refused('proxmox-reboot-node', { node: 'pve1', with_guests: true, confirm: true });
    await refused('proxmox-create-pool', { poolid: 'new' });
    await refused('proxmox-stop-all-guests', { node: 'pve1', confirm: true });
    expect(world.writes()).toBe(0);
  });

  it('keeps the details of other guests, and shows lists', async () => {
    await refused('proxmox-vm-info', { vmid: 103 });
    await refused('proxmox-vm-metrics', { vmid: 103 });
    await refused('proxmox-guest-file-read', { vmid: 103, file: '/etc/hostname' });
    await refused('proxmox-list-backups', { vmid: 103 });
    await refused('proxmox-prune-preview', { storage: 'nfs-shared', vmid: 103, keep: 'last=1' });
    const { items } = (await world.call('proxmox-list-vms', { cluster })).data;
    expect(items.map(({ vmid }: Record<string, any>) => vmid)).toContain(103);
  });

  it('names the request by its path, with the name of what is not known of it', async () => {
    const args = { vmid: 103, cluster, snapname: 'before', confirm: true };
    for (const more of [{}, { dry_run: true }]) {
      const { request } = await world.error('proxmox-rollback-snapshot', { ...args, ...more });
      expect(request).toBe('POST /nodes/pve1/qemu/103/snapshot/{snapname}/rollback');
    }
    expect(world.writes()).toBe(0);
  });

  it('says that a guest may not be put into a pool before it asks for what would have it moved', async () => {
    const { pools } = world.simulator.cluster(cluster).state;
    expect(pools.find(({ poolid }) => poolid === 'data')?.vmids).toContain(103);
    for (const more of [{}, { dry_run: true }, { allow_move: true }])
      for (const named of [{ vmid: 103 }, { name: 'prod-db-1' }])
        expect(await refused('proxmox-pool-add', { poolid: 'web', ...named, ...more })).toContain(
          'guest 103 is not among',
        );
    expect(world.writes()).toBe(0);
  });

  it('takes a new VMID out of the range', async () => {
    const [write] = await world.plan('proxmox-clone-vm', { source_vmid: 100, name: 'copy', cluster, dry_run: true });
    expect(write?.parameters.newid).toBe(150);
  });

  it('refuses a bulk write as a whole where one of its guests is not among them', async () => {
    const args = { action: 'reboot', pool: 'web', status: 'running', confirm: true };
    await refused('proxmox-bulk-power', args);
    expect(world.writes()).toBe(0);
  });
});

describe('ALLOW_POOLS', () => {
  const variable = 'PROXMOX_CLUSTER_production_ALLOW_POOLS';
  const world = useWorld({ [variable]: 'web' });
  const refused = refusedBy(world, variable);
  const move = (vmid: number, poolid: string) => {
    const { pools } = world.simulator.cluster(cluster).state;
    for (const pool of pools) pool.vmids = pool.vmids.filter((one) => one !== vmid);
    if (!pools.some((pool) => pool.poolid === poolid)) pools.push({ poolid, comment: '', vmids: [], storages: [] });
    pools.find((pool) => pool.poolid === poolid)?.vmids.push(vmid);
  };

  it('lets the guests of the pool be changed, as they are now, and no other', async () => {
    await world.result('proxmox-create-snapshot', { vmid: 102, snapname: 'one', cluster });
    expect(await refused('proxmox-create-snapshot', { vmid: 103, snapname: 'one' })).toContain('none of the pools web');
    expect(world.writes()).toBe(1);
    move(102, 'web/front');
    await world.result('proxmox-create-snapshot', { vmid: 102, snapname: 'two', cluster });
    move(102, 'website');
    await refused('proxmox-create-snapshot', { vmid: 102, snapname: 'three' });
    expect(world.writes()).toBe(2);
  });

  it('lets guests be made in the pool only', async () => {
    const make = { name: 'new', cores: 1, memory_mb: 512, disk_gb: 1, vmid: 170 };
    expect(await refused('proxmox-create-vm', make)).toContain("a new guest needs 'pool'");
    expect(await refused('proxmox-create-vm', { ...make, pool: 'data' })).toContain('the pool is none of web');
    expect(world.writes()).toBe(0);
    await world.result('proxmox-create-vm', { ...make, pool: 'web', cluster });
    expect(world.writes()).toBeGreaterThan(0);
  });

  it('lets no other guest come into it', async () => {
    await refused('proxmox-pool-add', { poolid: 'web', vmid: 103, allow_move: true });
    await refused('proxmox-pool-add', { poolid: 'data', vmid: 101, allow_move: true });
    expect(world.writes()).toBe(0);
  });
});

describe('PROTECT_TAGS', () => {
  const variable = 'PROXMOX_CLUSTER_production_PROTECT_TAGS';
  const world = useWorld({ [variable]: 'DB' });
  const refused = refusedBy(world, variable);

  it('keeps such a guest as it is, the tag included', async () => {
    expect(await refused('proxmox-stop-vm', { vmid: 103, confirm: true })).toContain("guest 103 has the tag 'db'");
    await refused('proxmox-configure-vm', { vmid: 103, params: { tags: 'prod' } });
    await refused('proxmox-configure-vm', { vmid: 103, params: { cores: 1 }, dry_run: true });
    await refused('proxmox-delete-vm', { vmid: 103, confirm: true });
    await refused('proxmox-delete-vm', { vmid: 103 });
    expect(world.writes()).toBe(0);
  });

  it('keeps a node with such a guest from being stopped, and its guests as a whole', async () => {
    const node = world.simulator.cluster(cluster).state.guests.find(({ vmid }) => vmid === 103)?.node;
    await refused('proxmox-reboot-node', { node, with_guests: true, confirm: true });
    await refused('proxmox-stop-all-guests', { node, confirm: true });
    expect(world.writes()).toBe(0);
  });

  it('lets a snapshot and a backup be made, and every other guest be changed', async () => {
    await world.result('proxmox-create-snapshot', { vmid: 103, snapname: 'kept', cluster });
    await world.result('proxmox-backup-vm', { vmid: 103, storage: 'local', cluster });
    await world.result('proxmox-start-vm', { vmid: 102, cluster });
    await refused('proxmox-rollback-snapshot', { vmid: 103, snapname: 'kept', confirm: true });
    expect(world.writes()).toBe(3);
  });

  it('lets a new guest be made', async () => {
    await world.result('proxmox-create-vm', { name: 'fresh', cores: 1, memory_mb: 512, disk_gb: 1, cluster });
    expect(world.writes()).toBeGreaterThan(0);
  });
});
