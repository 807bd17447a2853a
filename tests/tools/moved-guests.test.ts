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
