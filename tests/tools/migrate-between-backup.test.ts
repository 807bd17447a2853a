import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { from, startTwo, type TwoClusters, to } from './two-clusters.js';

let two: TwoClusters;
beforeEach(async () => {
  two = await startTwo({}, 300);
});
afterEach(() => two.close());

const via = 'backup';

describe('a move by a backup on a storage that both mount', () => {
  it('is offered where the direct way is refused', async () => {
    const guest = two.guest(102);
    guest.snapshots.push({ name: 'before', description: '', snaptime: 1, config: { ...guest.config } });
    const { data } = await two.move({ vmid: 102 });
    expect(data.plan.hard_stops).toMatchObject([{ code: 'snapshots' }]);
    expect(data.plan.by_backup).toMatchObject({
      call: "via: 'backup'",
      shared_storages: [
        { source: 'pbs-offsite', target: 'pbs-offsite', type: 'pbs', where: '10.10.0.6:offsite/exchange' },
        { source: 'transfer', type: 'nfs', where: '10.10.0.5:/export/exchange' },
      ],
    });
    const way = await two.move({ vmid: 102, via });
    expect(way.data.plan.refused).toBeUndefined();
    expect(way.data.plan.warnings).toContainEqual(
      expect.objectContaining({ code: 'snapshots', message: expect.stringContaining('they stay with the source') }),
    );
  });

  it('shows every step before any is done', async () => {
    const { data, isError } = await two.move({ vmid: 101, via, delete_source: true, bridge_map: 'vmbr1' });
    expect(isError).toBe(false);
    expect(data.plan.writes.map(({ cluster, method, path }: any) => `${cluster} ${method} ${path}`)).toEqual([
      `${from} POST /nodes/pve2/qemu/101/status/shutdown`,
      `${from} POST /nodes/pve2/vzdump`,
      `${to} POST /nodes/pve-dr2/qemu`,
      `${to} PUT /nodes/pve-dr2/qemu/905/config`,
      `${to} POST /nodes/pve-dr2/qemu/905/status/start`,
      `${from} DELETE /nodes/pve2/qemu/101`,
    ]);
    expect(data.plan.notes).toContainEqual(expect.stringContaining('down until the last step'));
    expect(two.writes()).toEqual([]);
  });

  it('takes a running VM over, to another bridge, and keeps its MAC', async () => {
    const mac = /[0-9A-F:]{17}/.exec(String(two.guest(101).config.net0))?.[0];
    const { data, isError, text } = await two.moved({ vmid: 101, via, bridge_map: 'vmbr1', timeout: 600 });
    expect(isError, text).toBe(false);
    expect(data.result).toMatchObject({
      outcome: 'moved',
      target_vmid: 905,
      todo: [/kept: stopped, but not locked.*onboot=1/, /is kept/].map((one) => expect.stringMatching(one)),
    });
    const there = two.guest(905, to);
    expect(there).toMatchObject({ status: 'running', config: { name: 'prod-web-2' } });
    expect(there.config.net0).toContain(mac);
    expect(there.config.net0).toContain('bridge=vmbr1');
    expect(two.guest(101)).toMatchObject({ status: 'stopped' });
    expect(two.guest(101).config.lock).toBeUndefined();
  });

  it('takes a container over, and deletes the source once it runs there', async () => {
    const { data, isError, text } = await two.moved({ vmid: 141, via, delete_source: true, timeout: 600 });
    expect(isError, text).toBe(false);
    expect(data.result).toMatchObject({ outcome: 'moved', todo: ['The source is deleted.', expect.anything()] });
    expect(two.guest(905, to)).toMatchObject({ type: 'lxc', status: 'running' });
    expect(two.guest(141)).toBeUndefined();
  });

  it.each([
    ['the backup', 'source', /vzdump$/, 'stopped'],
    ['the restore', 'target', /^\/nodes\/pve-dr2\/qemu$/, 'stopped'],
    ['the start there', 'target', /905\/status\/start$/, 'stopped'],
  ] as const)('says how to take it back where %s fails, and deletes nothing', async (_, at, path, status) => {
    two.fault(at, { kind: 'status', status: 500, reason: 'disk full' }, path);
    const { data, isError } = await two.moved({ vmid: 101, via, delete_source: true, timeout: 600 });
    expect(isError).toBe(true);
    expect(data.error.undo[0]).toBe("Start guest 101 on 'production' again: proxmox-start-vm.");
    expect(data.error.left).toBeDefined();
    expect(two.guest(101)).toMatchObject({ status });
    expect(two.writes().some((one) => one.includes('DELETE'))).toBe(false);
  });

  it('is refused where no storage is common, or a token may not read a foreign backup', async () => {
    two.target.state.storages = two.target.state.storages.filter(({ storage }) => !/transfer|offsite/.test(storage));
    const { data } = await two.moved({ vmid: 102, via });
    expect(data.error.hard_stops).toMatchObject([{ code: 'shared_storage' }]);
    const other = await startTwo();
    other.target.state.roles.push({ roleid: 'Less', privileges: ['Datastore.AllocateSpace', 'Datastore.Audit'] });
    const secret = other.target.addToken('less@pve!one', {
      '/': ['PVEVMAdmin', 'PVESDNUser', 'PVEAuditor', 'Less'],
      '/vms/102': ['PVEAuditor'],
    });
    await other.session.close();
    const less = await startTwo({
      PROXMOX_CLUSTER_production_API_URL: other.source.url,
      PROXMOX_CLUSTER_production_TOKEN_SECRET: other.source.tokenSecret,
      PROXMOX_CLUSTER_production_FINGERPRINT: other.source.fingerprint ?? '',
      PROXMOX_CLUSTER_disaster_recovery_API_URL: other.target.url,
      PROXMOX_CLUSTER_disaster_recovery_FINGERPRINT: other.target.fingerprint ?? '',
      PROXMOX_CLUSTER_disaster_recovery_TOKEN_ID: 'less@pve!one',
      PROXMOX_CLUSTER_disaster_recovery_TOKEN_SECRET: secret,
    });
    const narrow = await less.move({ vmid: 102, via });
    await less.close();
    await other.simulator.close();
    expect(narrow.data.plan.hard_stops).toEqual([
      expect.objectContaining({ message: expect.stringContaining('Datastore.Allocate on /storage/pbs-offsite') }),
    ]);
  });
});
