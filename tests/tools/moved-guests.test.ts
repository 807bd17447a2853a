import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { from, startTwo, type TwoClusters } from './two-clusters.js';

let two: TwoClusters;
beforeEach(async () => {
  two = await startTwo({}, 1);
});
afterEach(() => two.close());

describe('a guest that is being moved', () => {
  it('is not moved a second time, and no unlock is advised while its task runs', async () => {
    const first = await two.moved({ vmid: 102, wait: false });
    const { upid } = first.data.result;
    await expect.poll(() => two.guest(102).config.lock, { timeout: 5000 }).toBe('migrate');
    for (const via of ['remote', 'backup']) {
      const { data, isError, text } = await two.moved({ vmid: 102, via });
      expect(isError).toBe(true);
      expect(data.error.hard_stops).toMatchObject([{ code: 'task', message: expect.stringContaining(upid) }]);
      expect(text).toContain('proxmox-wait-task');
      expect(text).not.toContain('unlock');
      expect(data.error.by_backup).toBeUndefined();
    }
    const removed = await two.session.call('proxmox-delete-vm', { cluster: from, vmid: 102, confirm: true });
    expect(removed.data.error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining(upid) });
    expect(removed.text).not.toContain('unlock');
  });
});

describe('what a move has left, locked', () => {
  beforeEach(() => {
    two.guest(102).config.lock = 'migrate';
  });

  it('is told with who can unlock it where nothing works on it', async () => {
    const { data } = await two.move({ vmid: 102 });
    expect(data.plan.hard_stops).toMatchObject([
      { code: 'lock', fix: expect.stringMatching(/root@pam.*'qm unlock 102' on node pve3/) },
    ]);
  });

  it('is refused already in the plan of a deletion and by a start', async () => {
    for (const [name, args] of [
      ['proxmox-delete-vm', {}],
      ['proxmox-delete-vm', { confirm: true }],
      ['proxmox-start-vm', {}],
    ] as const) {
      const { data, isError } = await two.session.call(name, { cluster: from, vmid: 102, ...args });
      expect(isError).toBe(true);
      expect(data.error).toMatchObject({
        code: 'REFUSED',
        message: expect.stringContaining('locked (migrate)'),
        next: expect.stringContaining("'qm unlock 102'"),
      });
    }
    expect(two.writes()).toEqual([]);
  });

  it('is marked where guests are looked for, and where it is to be stopped', async () => {
    const found = await two.session.call('proxmox-find-guest', { vmid: 102 });
    const entry = found.data.clusters.find(({ cluster }: any) => cluster === from);
    expect(entry.items).toMatchObject([{ vmid: 102, lock: 'migrate' }]);
    expect(entry.notes).toContainEqual(expect.stringContaining('Locked by a move (migrate): 102.'));
    const stop = await two.session.call('proxmox-stop-vm', { cluster: from, vmid: 102, confirm: true });
    expect(stop.data.result.unchanged).toBe('it is stopped');
    expect(stop.data.notes).toContainEqual(expect.stringContaining('may run on another cluster'));
  });
});

describe('what a plan of a move tells beforehand', () => {
  it('where later calls by its name go: to the copy that is left', async () => {
    const { data } = await two.move({ vmid: 102 });
    expect(data.plan.notes).toContainEqual(
      expect.stringMatching(/by name 'prod-web-3' alone go to 'production' by .*: name 'disaster-recovery' in each/),
    );
    const done = await two.moved({ vmid: 102, wait: false });
    expect(done.data.notes).toContainEqual(expect.stringContaining("name 'disaster-recovery' in each"));
  });

  it('why it gets that VMID, and how what was left open is kept', async () => {
    const { data } = await two.move({ vmid: 102 });
    expect(data.plan.target_vmid_reason).toMatch(/^the next free one: 102 is among the VMIDs '.*' of 'production'$/);
    expect(data.plan.notes).toContainEqual(expect.stringContaining("target_vmid: 905, target_node: 'pve-dr2'"));
    const named = await two.move({ vmid: 102, target_vmid: 4102, target_node: 'pve-dr1' });
    expect(named.data.plan.target_vmid_reason).toBe('as asked');
    expect(named.data.plan.notes?.join() ?? '').not.toContain('left open');
  });

  it('what does not go along: its pool and its backup jobs', async () => {
    for (const via of ['remote', 'backup']) {
      const plan = await two.move({ vmid: 102, via });
      expect(plan.data.plan.warnings).toContainEqual(
        expect.objectContaining({
          code: 'pool',
          fix: expect.stringMatching(/^The target has a pool.*proxmox-pool-add/),
        }),
      );
      expect(plan.data.plan.warnings).toContainEqual(expect.objectContaining({ code: 'backup_jobs' }));
    }
  });

  it('by a backup, what becomes of the source and of its snapshots', async () => {
    const guest = two.guest(102);
    guest.config.onboot = 1;
    guest.snapshots.push({ name: 'before', description: '', snaptime: 1, config: { ...guest.config } });
    const kept = (await two.move({ vmid: 102, via: 'backup' })).data.plan;
    expect(kept.source_afterwards).toMatch(/^kept: stopped, but not locked.*MACs.*onboot=1.*proxmox-configure-vm/);
    expect(kept.bytes).toBeGreaterThan(0);
    expect(kept.warnings).toContainEqual(
      expect.objectContaining({ code: 'snapshots', message: expect.stringContaining('they stay with the source') }),
    );
    const gone = (await two.move({ vmid: 102, via: 'backup', delete_source: true })).data.plan;
    expect(gone.source_afterwards).toContain('deleted');
    expect(gone.warnings).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('they are destroyed with the source') }),
    );
  });
});

describe('an older target', () => {
  it.each([
    ['remote', /may say that its tunnel is too old/],
    ['backup', /not promised to restore/],
  ])('is warned of and not forbidden (%s)', async (via, said) => {
    Object.assign(two.target.state, { version: '8.4' });
    const { data } = await two.move({ vmid: 102, via });
    expect(data.plan.refused).toBeUndefined();
    expect(data.plan.warnings).toContainEqual(
      expect.objectContaining({ code: 'version', message: expect.stringMatching(said) }),
    );
  });
});

describe('a move by a backup that runs out of time', () => {
  it('says how long the call was, and what is left', async () => {
    const { data } = await two.moved({ vmid: 102, via: 'backup', timeout: 3 });
    expect(data.error).toMatchObject({
      code: 'STILL_RUNNING',
      message: expect.stringContaining('when the 3 s of this call were over'),
      left: expect.stringMatching(/^the backup to 'pbs-offsite', and its restore/),
    });
    expect(data.error.left).not.toContain('start');
  });
});

describe('a guest that is named as those of another cluster', () => {
  it.each([
    ['proxmox-create-vm', { cluster: from, name: 'stg-new' }],
    ['proxmox-clone-vm', { cluster: from, source_vmid: 102, name: 'stg-new' }],
    ['proxmox-clone-lxc', { cluster: from, source_vmid: 105, hostname: 'stg-new', snapname: 'before' }],
  ])('%s says where later calls go', async (name, args) => {
    const { data, text } = await two.session.call(name, { ...args, dry_run: true });
    expect(data.plan?.notes ?? data.error, text).toContainEqual(
      expect.stringMatching(/by name 'stg-new' alone go to 'staging' by the name rule '.*': name 'production' in each/),
    );
  });
});
