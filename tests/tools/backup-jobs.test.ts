import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const cluster = 'production';
const jobs = (name = cluster) => simulator.cluster(name).state.backupJobs;
const job = (id: string) => jobs().find((one) => one.id === id);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('backup jobs', () => {
  it('are listed with their next run and their guests', async () => {
    const { data } = await session.call('proxmox-list-backup-jobs', { cluster });
    expect(data.items).toMatchObject([
      { id: 'backup-db-hourly', guests: '103,104', keep: 'last=24' },
      {
        id: 'backup-nightly',
        enabled: true,
        schedule: '02:00',
        next_run: expect.stringMatching(/T02:00:00Z$/),
        guests: 'all',
        exclude: '145,146',
        storage: 'pbs-backup',
        keep: 'daily=7,weekly=4',
      },
    ]);
  });

  it('are made, changed and deleted', async () => {
    const args = {
      cluster,
      id: 'weekly',
      schedule: 'sun 03:00',
      guests: 'all',
      exclude: '145',
      storage: 'pbs-backup',
      keep: 'weekly=4',
    };
    const { data } = await session.call('proxmox-create-backup-job', { ...args, dry_run: true });
    expect(data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/cluster/backup',
        parameters: {
          id: 'weekly',
          schedule: 'sun 03:00',
          all: true,
          storage: 'pbs-backup',
          exclude: '145',
          'prune-backups': 'keep-weekly=4',
          mode: 'snapshot',
          'notes-template': '{{guestname}}',
          compress: 'zstd',
          enabled: true,
        },
      },
    ]);
    expect(writes()).toBe(before);
    expect((await session.call('proxmox-create-backup-job', args)).data.plan.next).toContain('confirm');
    expect(writes()).toBe(before);
    const made = await session.call('proxmox-create-backup-job', { ...args, confirm: true });
    expect(made.data.result.job).toMatchObject({ id: 'weekly', guests: 'all', keep: 'weekly=4', enabled: true });
    expect(job('weekly')).toMatchObject({ all: true, exclude: [145], prune: { 'keep-weekly': 4 } });

    const change = { cluster, id: 'weekly', guests: '100,101', exclude: '', comment: 'two', enabled: false };
    const planned = await session.call('proxmox-update-backup-job', { ...change, dry_run: true });
    expect(planned.data.plan.writes[0]).toMatchObject({
      method: 'PUT',
      path: '/cluster/backup/weekly',
      parameters: { vmid: '100,101', comment: 'two', enabled: false, delete: 'exclude' },
    });
    expect(planned.data.plan.notes).toContain('Until now: Job weekly backs up all at "sun 03:00" to pbs-backup.');
    const held = await session.call('proxmox-update-backup-job', change);
    expect(held.data.plan.next).toContain('confirm');
    expect(job('weekly')).toMatchObject({ all: true });
    const changed = await session.call('proxmox-update-backup-job', { ...change, confirm: true });
    expect(changed.data.result.job).toMatchObject({ guests: '100,101', comment: 'two', enabled: false });
    expect(job('weekly')).toMatchObject({ all: false, vmids: [100, 101], exclude: [], prune: { 'keep-weekly': 4 } });

    const plan = await session.call('proxmox-delete-backup-job', { cluster, id: 'weekly' });
    expect(plan.data.plan.notes).toEqual(['Job weekly backs up 100,101 at "sun 03:00" to pbs-backup.']);
    expect(job('weekly')).toBeDefined();
    await session.call('proxmox-delete-backup-job', { cluster, id: 'weekly', confirm: true });
    expect(job('weekly')).toBeUndefined();
  });

  it('get an id where none is given', async () => {
    const args = { cluster, schedule: '04:00', guests: 'pool:web', storage: 'pbs-backup' };
    const { data } = await session.call('proxmox-create-backup-job', args);
    expect(job(data.result.job.id)).toMatchObject({ pool: 'web' });
    await session.call('proxmox-delete-backup-job', { cluster, id: data.result.job.id, confirm: true });
  });

  it('are refused where they make no sense', async () => {
    const args = { cluster, schedule: '04:00', guests: '100', storage: 'pbs-backup' };
    const both = await session.call('proxmox-create-backup-job', { ...args, exclude: '101' });
    expect(both.data.error.code).toBe('REFUSED');
    const nowhere = await session.call('proxmox-create-backup-job', { ...args, storage: 'local-lvm' });
    expect(nowhere.data.error).toMatchObject({
      code: 'REFUSED',
      next: 'Name one of local, pbs-backup, pbs-offsite, transfer.',
    });
    const unknown = await session.call('proxmox-update-backup-job', { cluster, id: 'none', enabled: true });
    expect(unknown.data.error.next).toContain('backup-db-hourly, backup-nightly');
    const nothing = await session.call('proxmox-update-backup-job', { cluster, id: 'backup-nightly' });
    expect(nothing.data.error.code).toBe('INVALID_ARGUMENTS');
    const guests = await session.call('proxmox-create-backup-job', { ...args, guests: 'some' });
    expect(guests.data.error).toMatchObject({ arguments: [{ argument: 'guests' }] });
    expect(writes()).toBe(before);
  });

  it('need a privilege, which is named', async () => {
    const secret = simulator.cluster(cluster).addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const eyes = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await eyes.call('proxmox-delete-backup-job', { cluster, id: 'backup-nightly', confirm: true });
    await eyes.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('Sys.Modify') });
    expect(job('backup-nightly')).toBeDefined();
  });
});

describe('a backup job that is run now', () => {
  it('is one task on each node that has guests of it', async () => {
    const { data } = await session.call('proxmox-run-backup-job', { cluster, id: 'backup-db-hourly', dry_run: true });
    expect(data.plan.writes.map(({ path }: { path: string }) => path)).toEqual([
      '/nodes/pve1/vzdump',
      '/nodes/pve2/vzdump',
    ]);
    expect(data.plan.writes[0].parameters).toMatchObject({ vmid: '103,104', 'prune-backups': 'keep-last=24' });
    expect(data.plan.writes[0].parameters).not.toHaveProperty('schedule');
    expect(data.plan.notes).toContain(
      'After each backup the job deletes older ones of the guest, by its rule last=24.',
    );
    expect(writes()).toBe(before);
    const held = await session.call('proxmox-run-backup-job', { cluster, id: 'backup-db-hourly', timeout: 3 });
    expect(held.data.plan.writes).toHaveLength(2);
    expect(writes()).toBe(before);
    const run = { cluster, id: 'backup-db-hourly', timeout: 3, confirm: true };
    const done = await session.call('proxmox-run-backup-job', run);
    expect(done.isError).toBe(false);
    expect(done.data.result).toMatchObject({
      failed: 0,
      nodes: [
        { node: 'pve1', guests: [103], upid: expect.stringMatching(/^UPID:pve1:.*:vzdump:/), state: 'ok' },
        { node: 'pve2', guests: [104], upid: expect.stringMatching(/^UPID:pve2:/), state: 'running' },
      ],
    });
    expect(done.data.notes).toContainEqual(expect.stringContaining('proxmox-wait-task'));
  });

  it('says that its mode halts guests', async () => {
    const job = simulator.cluster(cluster).state.backupJobs.find(({ id }) => id === 'backup-db-hourly');
    if (job === undefined) throw new Error('no job');
    const { mode } = job;
    job.mode = 'stop';
    const { data } = await session.call('proxmox-run-backup-job', { cluster, id: 'backup-db-hourly', dry_run: true });
    job.mode = mode;
    expect(data.plan.notes).toContain('Its mode is stop: a running guest is halted for its backup.');
  });

  it('says which node did not take it, and leaves the rest running', async () => {
    const there = simulator.cluster(cluster);
    there.setFault({ kind: 'status', status: 500, reason: 'no disk left' }, { path: /\/nodes\/pve2\/vzdump/ });
    const { data, isError } = await session.call('proxmox-run-backup-job', {
      cluster,
      id: 'backup-db-hourly',
      confirm: true,
    });
    there.setFault(undefined);
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({
      failed: 1,
      nodes: [
        { node: 'pve1', upid: expect.any(String) },
        { node: 'pve2', reason: expect.stringContaining('no disk') },
      ],
    });
  });
});

describe('guests without backup', () => {
  it('are those that no enabled job covers, with the age of what there is', async () => {
    const { data } = await session.call('proxmox-list-unprotected-guests', { cluster });
    expect(data.items.map(({ vmid }: { vmid: number }) => vmid)).toEqual([145, 146]);
    const aged = data.items.filter((row: object) => 'age_hours' in row);
    for (const row of aged) expect(row).toMatchObject({ newest_backup: expect.stringMatching(/Z$/) });
    const staging = await session.call('proxmox-list-unprotected-guests', { cluster: 'staging' });
    const covered = [200, 202, 220];
    const expected = simulator
      .cluster('staging')
      .state.guests.map(({ vmid }) => vmid)
      .filter((vmid) => !covered.includes(vmid))
      .sort((a, b) => a - b);
    expect(staging.data.items.map(({ vmid }: { vmid: number }) => vmid)).toEqual(expected);
    expect(staging.data.items[0]).toMatchObject({ disabled_jobs: ['backup-old'] });
  });
});

describe('the policy of a guest', () => {
  it('is a backup job of its own, made once and then changed', async () => {
    const args = { name: 'legacy-erp', cluster, policy: 'hourly=24,daily=7', storage: 'pbs-backup', confirm: true };
    const { data } = await session.call('proxmox-snapshot-policy', { ...args, dry_run: true });
    expect(data.plan.writes).toMatchObject([
      {
        method: 'POST',
        parameters: { id: 'policy-145', vmid: 145, schedule: '*:00', 'prune-backups': 'keep-hourly=24,keep-daily=7' },
      },
    ]);
    expect(writes()).toBe(before);
    await session.call('proxmox-snapshot-policy', args);
    expect(job('policy-145')).toMatchObject({
      vmids: [145],
      schedule: '*:00',
      prune: { 'keep-hourly': 24, 'keep-daily': 7 },
    });
    const changed = await session.call('proxmox-snapshot-policy', { ...args, policy: 'weekly=4', storage: undefined });
    expect(changed.data.result.job).toMatchObject({ id: 'policy-145', schedule: 'sun 02:00', keep: 'weekly=4' });
    expect(jobs().filter(({ id }) => id === 'policy-145')).toHaveLength(1);
    const all = await session.call('proxmox-snapshot-policy', { ...args, policy: 'all' });
    expect(all.data.error.code).toBe('INVALID_ARGUMENTS');
  });
});
