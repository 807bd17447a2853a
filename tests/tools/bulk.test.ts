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

const production = () => simulator.cluster('production');
const guest = (vmid: number) => production().state.guests.find((one) => one.vmid === vmid);
const names = (vmid: number) => guest(vmid)?.snapshots.map(({ name }) => name) ?? [];
const sent = () => simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));
const writes = () => sent().length;

let before = 0;
beforeEach(() => {
  before = writes();
});

const call = (tool: string, args: Record<string, unknown>) => session.call(tool, { cluster: 'production', ...args });
const outcomes = (rows: readonly { vmid: number; outcome: string }[]) =>
  Object.fromEntries(rows.map(({ vmid, outcome }) => [vmid, outcome]));

describe('power of many guests', () => {
  it('shows each guest and each request, and sends nothing until that is confirmed', async () => {
    const { data } = await call('proxmox-bulk-power', { action: 'shutdown', tag: 'haproxy', force: true });
    expect(data.plan.writes).toEqual([
      { method: 'POST', path: '/nodes/pve1/lxc/107/status/shutdown', parameters: { forceStop: true } },
      { method: 'POST', path: '/nodes/pve2/lxc/108/status/shutdown', parameters: { forceStop: true } },
    ]);
    expect(data.plan.notes).toEqual(["shutdown for 107 'prod-lb-1' (running), 108 'prod-lb-2' (running)."]);
    expect(data.plan.next).toContain("'confirm': true");
    expect(writes()).toBe(before);
  });

  it('waits for each, and says of each how it went', async () => {
    const args = { action: 'shutdown', tag: 'haproxy', force: true, confirm: true };
    const { data, isError, text } = await call('proxmox-bulk-power', args);
    expect(isError, text).toBe(false);
    expect(data.result).toEqual({
      action: 'shutdown',
      ok: 2,
      failed: 0,
      rows: [
        // It is under HA.
        {
          vmid: 107,
          name: 'prod-lb-1',
          node: 'pve1',
          type: 'lxc',
          outcome: 'ok',
          why: 'the HA manager was told, and acts on it',
        },
        { vmid: 108, name: 'prod-lb-2', node: 'pve2', type: 'lxc', outcome: 'ok' },
      ],
    });
    expect(guest(108)?.status).toBe('stopped');
    // The outline is the plan's.
    expect(data.notes).toBeUndefined();
  });

  it('leaves alone what is as asked, and templates', async () => {
    const args = { action: 'start', pool: 'web', confirm: true };
    const { data } = await call('proxmox-bulk-power', args);
    expect(outcomes(data.result.rows)).toMatchObject({ 100: 'skipped', 102: 'ok', 107: 'ok', 108: 'ok' });
    expect(data.result.rows[0].why).toBe('it is running');
    expect(data.result.skipped).toBe(2);
    const { data: none } = await call('proxmox-bulk-power', { action: 'start', tag: 'template', confirm: true });
    expect(none.error.message).toContain('no guest matches');
  });

  it('refuses more guests than it was told, and a call without a filter', async () => {
    const { data } = await call('proxmox-bulk-power', { action: 'stop', tag: 'prod', most: 5, confirm: true });
    expect(data.error).toMatchObject({
      message: expect.stringContaining("'most' is 5"),
      next: expect.stringContaining("100 'prod-web-1'"),
    });
    const usual = await call('proxmox-bulk-power', { action: 'stop', status: 'running', confirm: true });
    expect(usual.data.error.message).toContain("'most' is 20");
    const bare = await call('proxmox-bulk-power', { action: 'stop', confirm: true });
    expect(bare.data.error.arguments).toMatchObject([{ argument: 'tag' }]);
    const forced = await call('proxmox-bulk-power', { action: 'stop', force: true, tag: 'k8s', confirm: true });
    expect(forced.data.error.arguments).toMatchObject([{ argument: 'force' }]);
    expect(writes()).toBe(before);
  });

  it('works on no more at once than that', async () => {
    const args = { action: 'reboot', tag: 'k8s', type: 'vm', node: 'pve1', at_once: 1, confirm: true };
    const { data, isError } = await call('proxmox-bulk-power', args);
    expect(isError).toBe(false);
    expect(data.result.ok).toBe(2);
    const tasks = production()
      .state.tasks.filter(({ type }) => type === 'qmreboot')
      .sort((a, b) => a.starttime - b.starttime);
    expect(tasks).toHaveLength(2);
    expect(tasks[1]?.starttime).toBeGreaterThanOrEqual(tasks[0]?.endtime ?? Number.POSITIVE_INFINITY);
  });

  it('says what goes on and what was not begun when the time is up', async () => {
    const slow = guest(121);
    if (slow !== undefined) slow.ignoresShutdown = true;
    const args = { action: 'shutdown', pattern: 'runner-*', at_once: 1, timeout: 1, confirm: true };
    const { data, isError } = await call('proxmox-bulk-power', args);
    expect(isError).toBe(false);
    const [first, ...others] = data.result.rows;
    expect(first).toMatchObject({ outcome: 'running', upid: expect.stringMatching(/^UPID:/) });
    expect(others.map(({ outcome }: { outcome: string }) => outcome)).toEqual(others.map(() => 'left'));
    expect(data.result.left).toBe(others.length);
    expect(writes()).toBe(before + 1);
  });

  it('says of a guest under HA that its manager was told, which is not yet done', async () => {
    const { data } = await call('proxmox-bulk-power', { action: 'shutdown', pattern: 'dc0*', confirm: true });
    const managed = data.result.rows.find(({ vmid }: { vmid: number }) => vmid === 130);
    expect(managed).toMatchObject({ outcome: 'ok', why: expect.stringContaining('HA manager') });
  });

  it('leaves alone the guests of a node that is away', async () => {
    production().setFault({ kind: 'unreachable' }, { node: 'pve3' });
    const { data } = await call('proxmox-bulk-power', { action: 'stop', pool: 'data', type: 'lxc', confirm: true });
    production().setFault(undefined);
    expect(data.result.rows[0]).toMatchObject({ outcome: 'skipped', why: expect.stringContaining('pve3 is offline') });
    expect(writes()).toBe(before);
  });

  it('says of a task that cannot be watched that its outcome is not known', async () => {
    production().setFault({ kind: 'status', status: 403, reason: 'Permission check failed' }, { path: /\/tasks\// });
    const { data, isError } = await call('proxmox-bulk-power', { action: 'stop', pattern: 'PROD-LB-*', confirm: true });
    production().setFault(undefined);
    expect(isError).toBe(true);
    expect(outcomes(data.result.rows)).toEqual({ 107: 'unknown', 108: 'unknown' });
    expect(data.result.failed).toBe(2);
  });

  it('gives each the reason where a privilege is missing', async () => {
    const secret = production().addToken('eyes@pve!bulk', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!bulk',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const args = { cluster: 'production', action: 'reboot', tag: 'web', status: 'running', confirm: true };
    const { data, isError } = await limited.call('proxmox-bulk-power', args);
    await limited.close();
    expect(isError).toBe(true);
    expect(data.result.rows[0]).toMatchObject({ outcome: 'failed', why: expect.stringContaining('VM.PowerMgmt') });
  });
});

describe('snapshots of many guests', () => {
  it('are shown before', async () => {
    const args = { pool: 'data', snapname: 'patch', dry_run: true };
    const { data } = await call('proxmox-bulk-snapshot', args);
    expect(data.plan.writes).toHaveLength(4);
    expect(data.plan.writes[2]).toEqual({
      method: 'POST',
      path: '/nodes/pve3/lxc/105/snapshot',
      parameters: { snapname: 'patch' },
    });
    expect(writes()).toBe(before);
  });

  it('are taken of the others where one fails', async () => {
    const { data, isError } = await call('proxmox-bulk-snapshot', { pool: 'data', snapname: 'patch', at_once: 1 });
    expect(isError).toBe(true);
    expect(outcomes(data.result.rows)).toEqual({ 103: 'ok', 104: 'failed', 105: 'ok', 106: 'ok' });
    expect(data.result.rows[1].why).toContain('locked');
    expect(data.result).toMatchObject({ ok: 3, failed: 1 });
    expect(names(106)).toContain('patch');
  });

  it('stop at the first failure where that is asked', async () => {
    const args = { pool: 'data', snapname: 'second', at_once: 1, stop_at_failure: true };
    const { data } = await call('proxmox-bulk-snapshot', args);
    expect(outcomes(data.result.rows)).toEqual({ 103: 'ok', 104: 'failed', 105: 'left', 106: 'left' });
    expect(data.result.rows[2].why).toContain("failure of 104 'prod-db-2'");
  });

  it('carry their expiry in the name', async () => {
    const args = { pattern: 'prod-redis', snapname: 'short', expires_days: 2 };
    const { data } = await call('proxmox-bulk-snapshot', args);
    expect(data.result.snapname).toMatch(/^short-exp\d{8}$/);
    expect(names(105)).toContain(data.result.snapname);
  });

  it('are deleted of those that have them, when that is confirmed', async () => {
    const args = { tag: 'prod', type: 'lxc', snapname: 'patch' };
    const plan = await call('proxmox-bulk-delete-snapshot', args);
    expect(plan.data.plan.writes.map(({ path }: { path: string }) => path)).toEqual([
      '/nodes/pve3/lxc/105/snapshot/patch',
      '/nodes/pve3/lxc/106/snapshot/patch',
    ]);
    expect(plan.data.plan.notes.join()).toMatch(/\d guests that match have no snapshot patch/);
    expect(writes()).toBe(before);
    const { data, isError } = await call('proxmox-bulk-delete-snapshot', { ...args, confirm: true });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ ok: 2, failed: 0 });
    expect(names(105)).not.toContain('patch');
    expect(names(103)).toContain('patch');
    const again = await call('proxmox-bulk-delete-snapshot', { ...args, confirm: true });
    expect(again.data.error.message).toContain('has a snapshot patch');
  });
});
