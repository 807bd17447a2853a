import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MigrationStage } from '../../src/simulator/listen.js';
import { from, startTwo, type TwoClusters, to } from './two-clusters.js';

let two: TwoClusters;
beforeEach(async () => {
  two = await startTwo();
});
afterEach(() => two.close());

const disksOf = (cluster: 'source' | 'target', vmid: number) =>
  two[cluster].state.storages.flatMap(({ volumes }) =>
    volumes.filter((one) => one.vmid === vmid && one.content !== 'backup').map(({ volid }) => volid),
  );
const moveTokens = () =>
  two.target.state.users
    .flatMap(({ tokens }) => tokens.map(({ tokenid }) => tokenid))
    .filter((id) => /^move-/.test(id));

interface Expected {
  readonly outcome: string;
  readonly exit: string;
  readonly says: RegExp;
  readonly todo: readonly RegExp[];
  /** Whether it runs, or is there at all, afterwards. */
  readonly here?: { readonly status?: string; readonly lock?: string };
  readonly there?: { readonly status: string; readonly lock?: string };
}

type Case = readonly [at: MigrationStage, vmid: number, expected: Expected];
const running = { status: 'running' };
const kept = { status: 'stopped', lock: 'migrate' };

const cases: readonly Case[] = [
  [
    'copy',
    102,
    {
      outcome: 'not_moved',
      exit: 'migration aborted',
      says: /as it was on 'production'/,
      todo: [],
      here: { status: 'stopped' },
    },
  ],
  [
    'config',
    101,
    { outcome: 'not_moved', exit: 'migration aborted', says: /as it was on 'production'/, todo: [], here: running },
  ],
  [
    'config',
    141,
    { outcome: 'not_moved', exit: 'migration aborted', says: /as it was on 'production'/, todo: [], here: running },
  ],
  [
    'connection',
    102,
    {
      outcome: 'not_moved',
      exit: 'migration aborted',
      says: /broke off; the source has all its disks, and what is on 'disaster-recovery' is not whole/,
      todo: [/Delete what is left on 'disaster-recovery': 'qm unlock 905' on node pve-dr2.*root@pam.*'qm destroy 905'/],
      here: { status: 'stopped' },
      there: { status: 'stopped', lock: 'create' },
    },
  ],
  [
    'memory',
    101,
    { outcome: 'not_moved', exit: 'migration problems', says: /as it was on 'production'/, todo: [], here: running },
  ],
  [
    'resume',
    101,
    {
      outcome: 'moved_with_problems',
      exit: 'migration problems',
      says: /is on node pve-dr2/,
      // The source is deleted all the same: the memory is on the other side.
      todo: [/It is inmigrate: .*proxmox-resume-vm/],
      there: running,
    },
  ],
  [
    'unlock',
    101,
    {
      outcome: 'moved_with_problems',
      exit: 'migration problems',
      says: /runs on 'disaster-recovery', but its lock was not taken off/,
      todo: [/'qm unlock 905' on node pve-dr2/, /MACs now exist twice/],
      here: kept,
      there: { status: 'running', lock: 'migrate' },
    },
  ],
  [
    'source',
    102,
    {
      outcome: 'not_moved',
      exit: 'unexpected status',
      says: /broke off/,
      todo: [/The source is locked: 'qm unlock 102' on node pve3/, /'qm destroy 905'/],
      here: kept,
      there: { status: 'stopped', lock: 'create' },
    },
  ],
  [
    'resume',
    141,
    {
      outcome: 'moved_with_problems',
      exit: 'migration problems',
      says: /is on node pve-dr2/,
      todo: [/start it with proxmox-start-lxc on 'disaster-recovery'/, /MACs now exist twice/],
      here: kept,
      there: { status: 'stopped' },
    },
  ],
];

describe('a move that fails on its way', () => {
  it.each(cases)('at %s of %i tells how both sides are, and loses nothing', async (at, vmid, expected) => {
    const before = disksOf('source', vmid);
    expect(before.length).toBeGreaterThan(0);
    two.fault('source', { kind: 'migration', at });
    const { data, isError, text } = await two.moved({ vmid, delete_source: true });
    expect(isError, text).toBe(true);
    const { result } = data;
    expect(result.task.exitstatus, text).toBe(expected.exit);
    expect(result.outcome, text).toBe(expected.outcome);
    expect(result.summary).toMatch(expected.says);
    for (const [index, todo] of expected.todo.entries()) expect(result.todo?.[index], text).toMatch(todo);
    expect(result.todo ?? []).toHaveLength(expected.todo.length);
    // What the answer says is so.
    const here = two.guest(vmid);
    if (expected.here === undefined) expect(here).toBeUndefined();
    else {
      expect({ status: here.status, lock: here.config.lock }).toEqual({ lock: undefined, ...expected.here });
      expect(disksOf('source', vmid)).toEqual(before);
    }
    const there = two.guest(905, to);
    if (expected.there === undefined) expect(there).toBeUndefined();
    else
      expect({ status: there.status, lock: there.config.lock }).toMatchObject({ lock: undefined, ...expected.there });
    if (expected.there === undefined) expect(disksOf('target', 905)).toEqual([]);
    expect(result.summary).toContain(`At '${from}' guest ${vmid} is ${here?.status ?? 'not there'}`);
    // Nothing opens a connection any more.
    expect(moveTokens()).toEqual([]);
    expect(result.token).toContain('deleted again');
  });

  it('names the volumes that the log names', async () => {
    two.fault('source', { kind: 'migration', at: 'config' });
    const { data } = await two.moved({ vmid: 102 });
    expect(data.result.named_volumes).toEqual([expect.stringMatching(/^local-lvm:vm-905-disk-\d$/)]);
    expect(data.result.leftover_volumes).toBeUndefined();
  });

  it('names volumes that are left under its VMID where the guest itself is not', async () => {
    const thin = two.target.state.storages.find(({ storage }) => storage === 'local-lvm');
    const left = { volid: 'local-lvm:vm-905-disk-7', content: 'images', format: 'raw', size: 1, ctime: 1, vmid: 905 };
    thin?.volumes.push({ ...left, node: 'pve-dr2' });
    two.fault('source', { kind: 'migration', at: 'config' });
    const { data } = await two.moved({ vmid: 102 });
    expect(data.result).toMatchObject({
      outcome: 'not_moved',
      leftover_volumes: ['local-lvm:vm-905-disk-7'],
      todo: [expect.stringContaining('proxmox-delete-volume')],
    });
  });

  it('does not say that it moved where the target cannot be read any more', async () => {
    two.fault('target', { kind: 'status', status: 500, reason: 'out of memory' }, /\/qemu\/905\/status\/current$/);
    const { data, isError } = await two.moved({ vmid: 102 });
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({
      outcome: 'unclear',
      summary: expect.stringContaining("'disaster-recovery' gave an error"),
      todo: [expect.stringContaining('before anything is started, deleted or moved')],
    });
  });

  it('says where its token is left that could not be deleted', async () => {
    const pending = two.moved({ vmid: 101 });
    while (!two.writes().some((one) => one.includes('remote_migrate')))
      await new Promise((done) => setTimeout(done, 20));
    two.fault('target', { kind: 'status', status: 500, reason: 'no' }, /\/token\/move-905$/);
    const { data } = await pending;
    expect(data.result).toMatchObject({
      outcome: 'moved',
      token: expect.stringMatching(/could NOT be deleted.*expires 20.*proxmox-delete-token/),
    });
    expect(moveTokens()).toEqual(['move-905']);
  });

  it('does not begin without its token', async () => {
    two.fault('target', { kind: 'status', status: 500, reason: 'no' }, /\/token\/move-905$/);
    const { data } = await two.moved({ vmid: 102 });
    expect(data.error).toMatchObject({ code: 'PROXMOX_ERROR', cluster: to });
    expect(two.writes().some((one) => one.includes('remote_migrate'))).toBe(false);
  });

  it('deletes a token that it could give no rights', async () => {
    two.fault('target', { kind: 'status', status: 500, reason: 'no' }, /^\/access\/acl$/);
    const { data } = await two.moved({ vmid: 102 });
    // The list of permissions is met by it as well: then the own token does.
    expect(data.result ?? data.error).toBeDefined();
    expect(moveTokens()).toEqual([]);
  });
});

describe('a move that does not begin', () => {
  const refused = async (args: Record<string, unknown> = {}) => {
    const { data, isError, text } = await two.moved({ vmid: 102, ...args });
    expect(isError, text).toBe(true);
    expect(data.result, text).toMatchObject({ outcome: 'not_begun', token: expect.stringContaining('deleted again') });
    expect(two.guest(102).config.lock).toBeUndefined();
    expect(moveTokens()).toEqual([]);
    return data.result;
  };

  it('as what answers there is another host', async () => {
    await two.close();
    two = await startTwo({ PROXMOX_CLUSTER_disaster_recovery_REMOTE_HOST: '10.30.0.11' });
    expect(await refused()).toMatchObject({
      summary: expect.stringContaining("'production' reached 'disaster-recovery', which refused the token"),
      todo: [expect.stringContaining('that 10.30.0.11:8006 is a node of that cluster: see PROXMOX_CLUSTER_')],
    });
  });

  it('as the source says no', async () => {
    two.fault('source', { kind: 'status', status: 500, reason: 'got lock timeout' }, /remote_migrate$/);
    const result = await refused();
    expect(result).toMatchObject({
      summary: "The move did not begin: 'production' refused it. The guest is untouched.",
      proxmox_says: 'got lock timeout',
    });
  });

  it('finds the task again whose answer was lost, and asks no second time', async () => {
    two.fault('source', { kind: 'reset' }, /remote_migrate$/);
    const { data, isError, text } = await two.moved({ vmid: 102 });
    expect(isError, text).toBe(false);
    expect(data.result).toMatchObject({ outcome: 'moved', upid: expect.stringContaining('qmigrate') });
    expect(two.writes().filter((one) => one.includes('remote_migrate'))).toHaveLength(1);
  });

  it('does not know whether it began where the answer cannot be read and no task is seen', async () => {
    two.fault('source', { kind: 'garbage' }, /remote_migrate$/);
    const { data, isError, text } = await two.moved({ vmid: 102 });
    expect(isError, text).toBe(true);
    expect(data.result).toMatchObject({
      outcome: 'unclear',
      summary: expect.stringContaining('whether it began is not known'),
      token: expect.stringContaining('once the move is over, delete it'),
    });
    expect(moveTokens()).toEqual(['move-905']);
  });
});
