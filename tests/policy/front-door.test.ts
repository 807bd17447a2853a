import { describe, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const named = (variable: string) => `Tell the user; only he can change ${variable}.`;

describe('ACCESS', () => {
  const world = useWorld({
    PROXMOX_CLUSTER_production_ACCESS: 'read',
    PROXMOX_CLUSTER_staging_ACCESS: 'operate',
  });
  const cluster = 'production';

  it('read: refuses each write, with and without a plan, and names the rule', async () => {
    const error = await world.error('proxmox-start-vm', { vmid: 102, cluster });
    expect(error).toMatchObject({
      code: 'POLICY',
      cluster,
      rule: 'access',
      set_by: 'PROXMOX_CLUSTER_production_ACCESS',
      next: named('PROXMOX_CLUSTER_production_ACCESS'),
    });
    expect(error.message).toContain('nothing was sent');
    for (const more of [{ dry_run: true }, { confirm: true }, {}])
      expect((await world.error('proxmox-delete-vm', { vmid: 102, cluster, ...more })).code).toBe('POLICY');
    expect(world.writes()).toBe(0);
    expect((await world.call('proxmox-list-vms', { cluster })).isError).toBe(false);
  });

  it('tells where the call was to go, and why there, as every answer does', async () => {
    const { data } = await world.call('proxmox-start-vm', { vmid: 102 });
    expect(data).toMatchObject({ cluster, via: 'vmid', by: expect.any(String), error: { code: 'POLICY', cluster } });
    const named = await world.call('proxmox-start-vm', { vmid: 102, cluster });
    expect(named.data).toMatchObject({ cluster, via: 'explicit', error: { code: 'POLICY' } });
    const several = await world.call('proxmox-fleet-action', {
      cluster: 'production,staging',
      action: 'start',
      tag: 'a',
    });
    expect(several.data).toMatchObject({ cluster: 'production,staging', via: 'list', error: { cluster } });
  });

  it('operate: does power, snapshots and backups, and nothing else', async () => {
    const vm = { vmid: 202, cluster: 'staging' };
    await world.result('proxmox-create-snapshot', { ...vm, snapname: 'before' });
    expect(world.writes()).toBe(1);
    const error = await world.error('proxmox-configure-vm', { ...vm, params: { cores: 2 } });
    expect(error).toMatchObject({ code: 'POLICY', tool: 'proxmox-configure-vm' });
    expect(error.set_by).toBe('PROXMOX_CLUSTER_staging_ACCESS');
    // The tool may delete backups; a disk it may not.
    const [iso] = world.simulator
      .cluster('staging')
      .state.storages.flatMap(({ volumes }) => volumes.filter(({ content }) => content === 'iso'));
    const args = { volid: iso?.volid, cluster: 'staging', confirm: true };
    expect(await world.error('proxmox-delete-volume', args)).toMatchObject({ code: 'POLICY', rule: 'access' });
    expect(world.writes()).toBe(1);
  });

  it('a write over several clusters is refused as a whole, where one of them does not allow it', async () => {
    const args = { cluster: 'production,staging', action: 'start', tag: 'k8s', confirm: true };
    const { isError, text } = await world.call('proxmox-fleet-action', args);
    expect(isError).toBe(true);
    expect(text).toContain('PROXMOX_CLUSTER_');
    expect(world.writes()).toBe(0);
  });

  it("'auto' places nothing on a cluster whose rules do not allow it", async () => {
    const { data, text } = await world.call('proxmox-create-vm', {
      cluster: 'auto',
      name: 'new',
      cores: 1,
      memory_mb: 512,
      disk_gb: 1,
      dry_run: true,
    });
    expect(data.cluster, text).toBe('disaster-recovery');
  });

  it('what a cluster allows stands in the list of clusters', async () => {
    const { clusters } = await world.result('proxmox-list-all-clusters');
    expect(clusters.map(({ name, access }: Record<string, any>) => [name, access])).toEqual([
      ['production', 'read'],
      ['staging', 'operate'],
      ['disaster-recovery', 'full'],
    ]);
  });
});

describe('ALLOW_TOOLS and DENY_TOOLS', () => {
  const world = useWorld({
    PROXMOX_CLUSTER_production_ALLOW_TOOLS: 'proxmox-list-*,proxmox-vm-info',
    PROXMOX_CLUSTER_staging_DENY_TOOLS: 'list-vms,federated-view',
  });

  it('hold on each cluster by itself', async () => {
    const error = await world.error('proxmox-start-vm', { vmid: 102, cluster: 'production' });
    expect(error).toMatchObject({ code: 'POLICY', rule: 'allow_tools' });
    expect(error.set_by).toBe('PROXMOX_CLUSTER_production_ALLOW_TOOLS');
    expect((await world.error('proxmox-list-vms', { cluster: 'staging' })).set_by).toBe(
      'PROXMOX_CLUSTER_staging_DENY_TOOLS',
    );
    expect((await world.call('proxmox-vm-info', { vmid: 100, cluster: 'production' })).isError).toBe(false);
    expect(world.writes()).toBe(0);
  });

  it('cost a read over several clusters the entry of that cluster alone', async () => {
    const { data } = await world.call('proxmox-list-vms', { cluster: 'all' });
    const entries = Object.fromEntries(data.clusters.map((entry: Record<string, any>) => [entry.cluster, entry]));
    expect(entries.staging.error.code).toBe('POLICY');
    expect(entries.staging.items).toBeUndefined();
    expect(entries.production.items.length).toBeGreaterThan(0);
  });

  it('keep a tool that works over all clusters from asking such a one', async () => {
    const staging = world.simulator.cluster('staging');
    const before = staging.requests.length;
    const { data, isError, text } = await world.call('proxmox-federated-view', { kind: 'pools' });
    expect(isError, text).toBe(false);
    expect(staging.requests.slice(before)).toEqual([]);
    expect(JSON.stringify(data)).toContain('PROXMOX_CLUSTER_staging_DENY_TOOLS');
  });
});

describe('a tool that no cluster allows', () => {
  const world = useWorld({
    PROXMOX_CLUSTER_production_ACCESS: 'read',
    PROXMOX_CLUSTER_staging_DENY_TOOLS: 'start-vm,migrate-vm-between-clusters',
    PROXMOX_CLUSTER_disaster_recovery_ACCESS: 'read',
  });

  it('cannot be called, and the answer names the rules', async () => {
    await expect(world.call('proxmox-start-vm', { vmid: 102 })).rejects.toThrow(
      'proxmox-start-vm is off: no cluster allows it, by PROXMOX_CLUSTER_production_ACCESS, PROXMOX_CLUSTER_staging_DENY_TOOLS, PROXMOX_CLUSTER_disaster_recovery_ACCESS',
    );
    await expect(world.call('proxmox-copy-template', {})).rejects.toThrow('fewer than two clusters allow it');
    expect((await world.call('proxmox-stop-vm', { vmid: 202, cluster: 'staging', dry_run: true })).isError).toBe(false);
  });
});

describe('a call that works on two clusters', () => {
  const variable = 'PROXMOX_CLUSTER_disaster_recovery_ALLOW_VMIDS';
  const world = useWorld({
    [variable]: '5000-5999',
    PROXMOX_CLUSTER_staging_DENY_TOOLS: 'migrate-vm-between-clusters',
  });
  const move = { vmid: 102, cluster: 'production', confirm: true };

  it('is held against the rules of both', async () => {
    const denied = await world.error('proxmox-migrate-vm-between-clusters', { ...move, target_cluster: 'staging' });
    expect(denied).toMatchObject({ code: 'POLICY', cluster: 'staging' });
    const { data } = await world.call('proxmox-migrate-vm-between-clusters', { ...move, target_cluster: 'staging' });
    expect(data).toMatchObject({ target_cluster: 'staging', via: expect.any(String) });
    const args = { ...move, target_cluster: 'disaster-recovery', target_node: 'pve-dr1', target_vmid: 4102 };
    const refused = await world.error('proxmox-migrate-vm-between-clusters', {
      ...args,
      storage_map: 'local-lvm:local-lvm',
      bridge_map: 'vmbr0:vmbr1',
    });
    expect(refused).toMatchObject({ code: 'POLICY', set_by: variable });
    expect(world.writes()).toBe(0);
  });
});
