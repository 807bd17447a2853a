import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

const cluster = 'production';
const confirm = true;
let simulator: Simulator;
let session: Session;
let before = 0;

beforeAll(async () => {
  simulator = await startSimulator({});
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const writes = () => simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));
const storage = (name: string) => simulator.cluster(cluster).state.storages.find((one) => one.storage === name);

beforeEach(() => {
  before = writes().length;
});

describe('definitions', () => {
  it('are listed with their options, and never with a secret', async () => {
    const nfs = storage('nfs-shared');
    if (nfs === undefined) throw new Error('no nfs-shared');
    nfs.options.password = 'S3cret!';
    const { data, text } = await session.call('proxmox-list-storage-definitions', { cluster });
    delete nfs.options.password;
    expect(data.items.map(({ storage }: { storage: string }) => storage)).toEqual([
      'local',
      'local-lvm',
      'nfs-shared',
      'pbs-backup',
      'pbs-offsite',
      'transfer',
    ]);
    expect(data.items[1]).toEqual({
      storage: 'local-lvm',
      type: 'lvmthin',
      content: ['images', 'rootdir'],
      enabled: true,
      options: { thinpool: 'data', vgname: 'pve' },
    });
    expect(text).not.toContain('S3cret!');
    const some = await session.call('proxmox-list-storage-definitions', { cluster, type: 'pbs' });
    expect(some.data.items).toHaveLength(2);
  });

  it('are made, changed and taken away', async () => {
    const args = {
      cluster,
      storage: 'backup2',
      type: 'pbs',
      content: 'backup',
      nodes: 'pve1,pve2',
      password: 'S3cret!',
      options: { server: '10.0.0.6', datastore: 'main', username: 'pve@pbs' },
    };
    const plan = await session.call('proxmox-create-storage', { ...args, dry_run: true });
    expect(plan.data.plan.writes).toMatchObject([
      { method: 'POST', path: '/storage', parameters: { storage: 'backup2', type: 'pbs', password: '[not shown]' } },
    ]);
    expect(plan.text).not.toContain('S3cret!');
    expect(writes()).toHaveLength(before);
    const made = await session.call('proxmox-create-storage', args);
    expect(made.data.result).toEqual({ storage: 'backup2', type: 'pbs' });
    expect(made.text).not.toContain('S3cret!');
    expect(storage('backup2')).toMatchObject({ type: 'pbs', nodes: ['pve1', 'pve2'], enabled: true });

    const change = { cluster, storage: 'backup2', enabled: false, unset: 'nodes', options: { namespace: 'prod' } };
    const changing = await session.call('proxmox-update-storage', change);
    expect(changing.data.plan.writes[0]).toMatchObject({
      method: 'PUT',
      parameters: { disable: true, delete: 'nodes', namespace: 'prod', digest: expect.any(String) },
    });
    expect(storage('backup2')?.enabled).toBe(true);
    const changed = await session.call('proxmox-update-storage', { ...change, confirm });
    expect(changed.data.result).toEqual({
      storage: 'backup2',
      type: 'pbs',
      changed: ['namespace', 'disable', 'nodes'],
    });
    expect(storage('backup2')).toMatchObject({ enabled: false, nodes: undefined, options: { namespace: 'prod' } });

    const gone = { cluster, storage: 'backup2' };
    const asked = await session.call('proxmox-delete-storage-definition', gone);
    expect(asked.data.plan).toMatchObject({
      writes: [{ method: 'DELETE', path: '/storage/backup2' }],
      notes: [expect.stringContaining('data on it stays')],
    });
    expect(storage('backup2')).toBeDefined();
    await session.call('proxmox-delete-storage-definition', { ...gone, confirm });
    expect(storage('backup2')).toBeUndefined();
  });

  it('tell who loses disks before they are taken away', async () => {
    const { data } = await session.call('proxmox-delete-storage-definition', { cluster, storage: 'local-lvm' });
    expect(data.plan.notes[0]).toMatch(/^Guests have volumes on it, and cannot start without: 100 \(scsi0\)/);
    expect(writes()).toHaveLength(before);
  });

  it.each([{ enabled: false }, { nodes: 'pve1' }, { content: 'iso' }, { unset: 'nodes' }])(
    'tell who may lose disks before %j, which is not done unconfirmed',
    async (change) => {
      const { data } = await session.call('proxmox-update-storage', { cluster, storage: 'local-lvm', ...change });
      expect(data.plan.notes[0]).toMatch(/^Guests have volumes on it: 100 \(scsi0\)/);
      expect(storage('local-lvm')).toMatchObject({ enabled: true, content: ['images', 'rootdir'] });
      expect(writes()).toHaveLength(before);
    },
  );

  it('can be switched off while a node does not answer, and say whose disks are not known of', async () => {
    simulator
      .cluster(cluster)
      .setFault({ kind: 'status', status: 595, reason: 'No route' }, { path: /qemu\/101\/config$/ });
    const args = { cluster, storage: 'local-lvm', enabled: false };
    const { data } = await session.call('proxmox-update-storage', args);
    simulator.cluster(cluster).setFault(undefined);
    expect(data.plan.notes[1]).toBe('Whether more have is not known, of guests 101.');
  });

  it('keep their keys', async () => {
    const { options } = storage('pbs-backup') ?? {};
    for (const unset of ['encryption-key', 'prune-backups,master-pubkey']) {
      const { data } = await session.call('proxmox-update-storage', { cluster, storage: 'pbs-backup', unset, confirm });
      expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('encrypted backups') });
    }
    expect(storage('pbs-backup')?.options).toEqual(options);
    const fresh = { cluster, storage: 'pbs-backup', options: { 'encryption-key': 'autogen' } };
    const { data } = await session.call('proxmox-update-storage', fresh);
    expect(data.plan.notes).toContainEqual(expect.stringContaining('/etc/pve/priv/storage/pbs-backup.enc'));
    expect(writes()).toHaveLength(before);
  });

  it.each([
    [{ storage: 'pbs-backup', unset: 'server' }, 'server is not an option of type pbs that can be taken away'],
    [{ storage: 'local', unset: 'prune-backup' }, 'prune-backup is not an option'],
    [{ storage: 'local', unset: 'mkdir', options: { mkdir: '1' } }, 'mkdir is changed by the same call'],
    [{ storage: 'local', unset: 'disable', enabled: true }, 'disable is changed by the same call'],
  ])('%j takes nothing away', async (args, message) => {
    const { data } = await session.call('proxmox-update-storage', { cluster, ...args, confirm });
    expect(data.error).toMatchObject({
      code: 'INVALID_ARGUMENTS',
      arguments: [{ argument: 'unset', message: expect.stringContaining(message) }],
    });
    expect(writes()).toHaveLength(before);
  });

  it.each([
    [{ storage: 'x1', type: 'nfs', options: { server: '10.0.0.1' } }, 'options', 'needs export'],
    [{ storage: 'x1', type: 'dir', options: { path: '/a', pth: '/b' } }, 'options', 'pth is not an option'],
    [{ storage: 'x1', type: 'dir', options: { path: '/a', password: 'x' } }, 'options', "argument 'password'"],
    [{ storage: 'x1', type: 'dir', options: { path: '/a' }, password: 'x' }, 'password', 'takes none'],
    [{ storage: 'x1', type: 'dir', options: { path: '/a' }, nodes: 'pve9' }, 'nodes', 'no pve9'],
    [{ storage: 'x1', type: 'dir', options: { path: '/a' }, content: 'isos' }, 'content', 'a list of'],
    [{ storage: '1x', type: 'dir', options: { path: '/a' } }, 'storage', 'a letter'],
  ])('%j is not sent', async (args, argument, message) => {
    const { data } = await session.call('proxmox-create-storage', { cluster, ...args });
    expect(data.error).toMatchObject({
      code: 'INVALID_ARGUMENTS',
      arguments: [{ argument, message: expect.stringContaining(message) }],
    });
    expect(writes()).toHaveLength(before);
  });

  it('cannot be made twice, nor changed where Proxmox keeps them', async () => {
    const twice = await session.call('proxmox-create-storage', {
      cluster,
      storage: 'local',
      type: 'dir',
      options: { path: '/a' },
    });
    expect(twice.data.error).toMatchObject({
      code: 'REFUSED',
      next: expect.stringContaining('proxmox-update-storage'),
    });
    const args = { cluster, storage: 'local', options: { path: '/b' } };
    const fixed = await session.call('proxmox-update-storage', args);
    expect(fixed.data.error.arguments[0].message).toContain('that can be changed');
    const nothing = await session.call('proxmox-update-storage', { cluster, storage: 'local' });
    expect(nothing.data.error.arguments[0].message).toContain('something to change');
    const none = await session.call('proxmox-delete-storage-definition', { cluster, storage: 'none', confirm });
    expect(none.data.error.arguments[0].message).toContain('nfs-shared');
    expect(writes()).toHaveLength(before);
  });

  it('are an error where Proxmox refuses, with its reason', async () => {
    const { data, isError } = await session.call('proxmox-create-storage', {
      cluster,
      storage: 'far',
      type: 'nfs',
      options: { server: 'far.invalid', export: '/x' },
    });
    expect(isError).toBe(true);
    expect(data.error.proxmox_says).toContain('not online');
  });

  it('say where the key of encrypted backups is kept', async () => {
    const { data } = await session.call('proxmox-create-storage', {
      cluster,
      storage: 'sealed',
      type: 'pbs',
      options: { server: '10.0.0.6', datastore: 'main', 'encryption-key': 'autogen' },
      dry_run: true,
    });
    expect(data.plan.writes[0].parameters['encryption-key']).toBe('[not shown]');
    expect(data.plan.notes[0]).toContain('/etc/pve/priv/storage/sealed.enc');
  });

  it('need a privilege, and name it', async () => {
    const secret = simulator.cluster(cluster).addToken('eyes@pve!def', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!def',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const args = { cluster, storage: 'local', confirm };
    const { data } = await limited.call('proxmox-delete-storage-definition', args);
    await limited.close();
    expect(data.error).toMatchObject({
      code: 'PRIVILEGE_MISSING',
      message: expect.stringContaining('Datastore.Allocate'),
    });
  });
});
