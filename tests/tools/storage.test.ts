import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let auditor: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
  session = await startSession(simulator.env());
  // Sees storages and guests, and neither backups nor disks.
  const secret = simulator.cluster('staging').addToken('auditor@pve!mcp', { '/': ['PVEAuditor'] });
  const none = simulator.cluster('production').addToken('nobody@pve!mcp', {});
  auditor = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_staging_TOKEN_ID: 'auditor@pve!mcp',
    PROXMOX_CLUSTER_staging_TOKEN_SECRET: secret,
    PROXMOX_CLUSTER_production_TOKEN_ID: 'nobody@pve!mcp',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: none,
  });
});

afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

afterAll(async () => {
  await Promise.all([session?.close(), auditor?.close()]);
  await simulator?.close();
});

const stateOf = (cluster: string) => simulator.cluster(cluster).state;

const storageOf = (cluster: string, name: string) => {
  const found = stateOf(cluster).storages.find(({ storage }) => storage === name);
  if (found === undefined) throw new Error(`no storage ${name}`);
  return found;
};

const volumesOf = (cluster: string, content: string) =>
  stateOf(cluster).storages.flatMap(({ volumes }) => volumes.filter((volume) => volume.content === content));

const requests = (cluster: string, path: RegExp) =>
  simulator.cluster(cluster).requests.filter((request) => path.test(request.path));

describe('proxmox-list-storage', () => {
  it('gives a row for a shared storage and one a node for a local one', async () => {
    const { data } = await session.call('proxmox-list-storage', { cluster: 'production' });
    const { nodes, storages } = stateOf('production');
    const names = nodes.map(({ node }) => node);
    const expected = storages.flatMap(({ storage, shared }) =>
      shared ? [[storage, undefined, names]] : names.map((node) => [storage, node, undefined]),
    );
    const got = data.items.map((row: Record<string, unknown>) => [row.storage, row.node, row.nodes]);
    expect(got).toEqual(expected);
    expect(data).toMatchObject({ cluster: 'production', via: 'explicit', total: expected.length });
    expect(data.notes).toBeUndefined();
  });

  it('tells type, content, state and usage of a storage', async () => {
    const pbs = storageOf('production', 'pbs-backup');
    const { data } = await session.call('proxmox-list-storage', { cluster: 'production', content: 'backup' });
    const row = data.items.find(({ storage }: { storage: string }) => storage === 'pbs-backup');
    expect(row).toEqual({
      storage: 'pbs-backup',
      nodes: ['pve1', 'pve2', 'pve3'],
      type: 'pbs',
      content: ['backup'],
      shared: true,
      enabled: true,
      status: 'available',
      used: pbs.used,
      total: pbs.total,
      avail: pbs.total - pbs.used,
      used_share: Math.round((pbs.used / pbs.total) * 10_000) / 10_000,
    });
    expect(data.items.every(({ content }: { content: string[] }) => content.includes('backup'))).toBe(true);
  });

  it('keeps to one node, and says so when there is none of that name', async () => {
    const one = await session.call('proxmox-list-storage', { cluster: 'staging', node: 'pve-stg2', content: 'iso' });
    expect(one.data.items.map(({ storage, node }: Record<string, string>) => [storage, node])).toEqual([
      ['local', 'pve-stg2'],
      ['nfs-shared', undefined],
    ]);
    const other = await session.call('proxmox-list-storage', { cluster: 'staging', node: 'pve9' });
    expect(other.data.items).toEqual([]);
    expect(other.data.notes[0]).toContain('No storage is reported on that node');
  });

  it('shows what is switched off, and what a node cannot reach, without inventing usage', async () => {
    const off = storageOf('disaster-recovery', 'nfs-shared');
    const away = storageOf('disaster-recovery', 'pbs-backup');
    off.enabled = false;
    away.inactiveOn = ['pve-dr1'];
    const { data } = await session.call('proxmox-list-storage', { cluster: 'disaster-recovery' });
    const row = (name: string) => data.items.find(({ storage }: { storage: string }) => storage === name);
    expect(row('nfs-shared')).toMatchObject({ enabled: false, status: 'unknown', type: 'nfs' });
    expect(row('nfs-shared')).not.toHaveProperty('used');
    expect(row('pbs-backup')).toMatchObject({ status: 'available', unavailable_on: ['pve-dr1'], total: away.total });
    away.inactiveOn = ['pve-dr1', 'pve-dr2'];
    const dark = await session.call('proxmox-list-storage', { cluster: 'disaster-recovery', content: 'backup' });
    const pbs = dark.data.items.find(({ storage }: { storage: string }) => storage === 'pbs-backup');
    expect(pbs.status).toBe('unknown');
    expect(pbs).not.toHaveProperty('total');
    off.enabled = true;
    away.inactiveOn = [];
  });

  it('names the privilege that an empty list may be for want of', async () => {
    const { data } = await auditor.call('proxmox-list-storage', { cluster: 'production' });
    expect(data.items).toEqual([]);
    expect(data.notes.join(' ')).toContain('Datastore.Audit');
    expect(data.notes.join(' ')).toContain("pveum acl modify /storage --tokens 'nobody@pve!mcp'");
  });

  it('refuses a content that does not exist', async () => {
    const { data, isError } = await session.call('proxmox-list-storage', { content: 'music' });
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'content' }] });
  });
});

describe('proxmox-storage-content', () => {
  it('lists the volumes of a node, by volid', async () => {
    const { data } = await session.call('proxmox-storage-content', {
      cluster: 'production',
      storage: 'local',
      node: 'pve2',
    });
    const expected = storageOf('production', 'local').volumes.filter(({ node }) => node === 'pve2');
    expect(data.items).toEqual(
      expected
        .map(({ volid, content, format, size, ctime }) => ({ volid, content, format, size, ctime: iso(ctime) }))
        .sort((a, b) => (a.volid < b.volid ? -1 : 1)),
    );
    expect(requests('production', /^\/nodes\/pve2\/storage\/local\/content$/)).not.toEqual([]);
  });

  it('filters by content and guest, and routes by the VMID', async () => {
    const { data } = await session.call('proxmox-storage-content', {
      storage: 'pbs-backup',
      content: 'backup',
      vmid: 202,
    });
    const expected = storageOf('staging', 'pbs-backup').volumes.filter(({ vmid }) => vmid === 202);
    expect(data).toMatchObject({ cluster: 'staging', via: 'vmid', total: expected.length });
    expect(data.items.map(({ volid }: { volid: string }) => volid).sort()).toEqual(
      expected.map(({ volid }) => volid).sort(),
    );
    expect(data.items[0]).toMatchObject({ vmid: 202, verification: 'ok', notes: 'stg-db-1' });
  });

  it('caps long notes', async () => {
    const [volume] = storageOf('production', 'pbs-backup').volumes;
    if (volume === undefined) throw new Error('no backup');
    const before = volume.notes ?? '';
    volume.notes = 'x'.repeat(5000);
    const { data } = await session.call('proxmox-storage-content', {
      cluster: 'production',
      storage: 'pbs-backup',
      vmid: volume.vmid,
    });
    const row = data.items.find(({ volid }: { volid: string }) => volid === volume.volid);
    expect(row.notes).toHaveLength(200);
    volume.notes = before;
  });

  it('says that volumes may be hidden from the token, and which privileges that takes', async () => {
    const { data } = await auditor.call('proxmox-storage-content', { cluster: 'staging', storage: 'pbs-backup' });
    expect(data.items).toEqual([]);
    expect(data.notes).toContain(
      'Backups may be hidden: the token lacks Datastore.AllocateSpace on /storage/pbs-backup and VM.Backup on /vms.',
    );
    const images = await auditor.call('proxmox-storage-content', {
      cluster: 'staging',
      storage: 'local',
      content: 'iso',
    });
    expect(images.data.notes).toBeUndefined();
    expect(images.data.total).toBe(1);
  });

  it('names the storages there are for one that is not there', async () => {
    const { data, isError } = await session.call('proxmox-storage-content', {
      cluster: 'production',
      storage: 'attic',
    });
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({ code: 'STORAGE_NOT_FOUND', asked: 'attic' });
    expect(data.error.known).toEqual(
      stateOf('production')
        .storages.map(({ storage }) => storage)
        .sort(),
    );
  });
});

describe('proxmox-list-backups', () => {
  it('lists the backups of all storages, newest first, and asks a shared storage once', async () => {
    const before = requests('production', /pbs-backup\/content$/).length;
    const { data } = await session.call('proxmox-list-backups', { cluster: 'production', limit: 200 });
    const expected = volumesOf('production', 'backup').sort((a, b) => b.ctime - a.ctime);
    expect(data.items.map(({ volid }: { volid: string }) => volid)).toEqual(expected.map(({ volid }) => volid));
    expect(requests('production', /pbs-backup\/content$/)).toHaveLength(before + 1);
    expect(data.notes).toBeUndefined();
    const [newest] = expected;
    if (newest === undefined) throw new Error('no backup');
    const [row] = data.items;
    expect(row).toMatchObject({
      volid: newest.volid,
      storage: 'pbs-backup',
      vmid: newest.vmid,
      type: newest.subtype,
      size: newest.size,
      ctime: iso(newest.ctime),
      protected: false,
      verification: 'ok',
    });
    expect(Math.abs(row.age_hours - (Date.now() / 1000 - newest.ctime) / 3600)).toBeLessThan(0.1);
  });

  it('keeps to a guest, a storage, a node', async () => {
    const guest = await session.call('proxmox-list-backups', { vmid: 103 });
    expect(guest.data).toMatchObject({ cluster: 'production', via: 'vmid', by: '100-199' });
    expect(guest.data.total).toBe(volumesOf('production', 'backup').filter(({ vmid }) => vmid === 103).length);
    const before = requests('production', /storage\/local\/content$/).length;
    const local = await session.call('proxmox-list-backups', { cluster: 'production', storage: 'local', node: 'pve2' });
    expect(local.data).toMatchObject({ items: [], total: 0 });
    expect(
      requests('production', /storage\/local\/content$/)
        .slice(before)
        .map(({ path }) => path),
    ).toEqual(['/nodes/pve2/storage/local/content']);
  });

  it('names what it could not read, and still lists the rest', async () => {
    simulator
      .cluster('production')
      .setFault({ kind: 'status', status: 500, reason: 'mount error' }, { path: /pve3\/storage\/local\/content/ });
    const { data, isError } = await session.call('proxmox-list-backups', { cluster: 'production', limit: 1 });
    expect(isError).toBe(false);
    expect(data.total).toBe(volumesOf('production', 'backup').length);
    expect(data.notes).toEqual(['Not in this list: storage local on node pve3 could not be read (gave an error).']);
  });

  it('asks another node for a shared storage, and does not ask one that is not available', async () => {
    const pbs = storageOf('production', 'pbs-backup');
    pbs.inactiveOn = ['pve1'];
    const { data } = await session.call('proxmox-list-backups', {
      cluster: 'production',
      storage: 'pbs-backup',
      limit: 1,
    });
    expect(data.items[0].node).toBe('pve2');
    expect(data.notes).toBeUndefined();
    pbs.inactiveOn = ['pve1', 'pve2', 'pve3'];
    const dark = await session.call('proxmox-list-backups', { cluster: 'production', storage: 'pbs-backup' });
    expect(dark.data.items).toEqual([]);
    expect(dark.data.notes[0]).toContain('storage pbs-backup on node pve1 is not available');
    pbs.inactiveOn = [];
  });

  it('fails when nothing could be read', async () => {
    simulator.cluster('production').setFault({ kind: 'status', status: 500, reason: 'no' }, { path: /\/content/ });
    const { data, isError } = await session.call('proxmox-list-backups', { cluster: 'production' });
    expect(isError).toBe(true);
    expect(data.error.code).toBe('PROXMOX_ERROR');
  });

  it('says that backups may be hidden from the token', async () => {
    const { data } = await auditor.call('proxmox-list-backups', { cluster: 'staging' });
    expect(volumesOf('staging', 'backup').length).toBeGreaterThan(0);
    expect(data.items).toEqual([]);
    expect(data.notes.join(' ')).toContain('VM.Backup');
    expect(data.notes.join(' ')).toContain('Datastore.AllocateSpace');
  });

  it('says that no storage of that name holds backups', async () => {
    const { data } = await session.call('proxmox-list-backups', { cluster: 'production', storage: 'local-lvm' });
    expect(data.items).toEqual([]);
    expect(data.notes[0]).toContain('No storage that was asked for holds backups');
  });
});

const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
