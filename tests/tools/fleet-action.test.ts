import { describe, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld();
const tool = 'proxmox-fleet-action';
const stateOf = (cluster: string, vmid: number) =>
  world.simulator.cluster(cluster).state.guests.find((guest) => guest.vmid === vmid);
const row = (rows: readonly Record<string, any>[], cluster: string, vmid: number) =>
  rows.find((one) => one.cluster === cluster && one.vmid === vmid);

describe('an action on the guests of many clusters', () => {
  it('is shown as a table and as requests that name their cluster, and sent only when confirmed', async () => {
    const args = { cluster: 'production,staging', action: 'snapshot', snapname: 'before', tag: 'k8s' };
    const { data } = await world.call(tool, args);
    expect(data.cluster).toBe('production,staging');
    expect(data.plan.target).toEqual({ clusters: ['production', 'staging'] });
    const { table } = data.plan;
    expect(table).toContain('| cluster | VMID | name | node | status | to be done |\n|---|');
    expect(table).toMatch(/\| staging \| 211 \| k8s-stg-1 \| pve-stg1 \| running \| yes \|/);
    const clusters = new Set(data.plan.writes.map(({ cluster }: { cluster: string }) => cluster));
    expect(clusters).toEqual(new Set(['production', 'staging']));
    expect(data.plan.writes[0]).toMatchObject({ method: 'POST', parameters: { snapname: 'before' } });
    expect(world.writes()).toBe(0);
  });

  it('snapshots, tells a row for each, and does nothing twice', async () => {
    const args = { cluster: 'all', action: 'snapshot', snapname: 'once', tag: 'k8s', confirm: true };
    const first = await world.result(tool, args);
    expect(first).toMatchObject({ failed: 0 });
    for (const { cluster, vmid, outcome } of first.rows) {
      expect(outcome).toBe('ok');
      expect(stateOf(cluster, vmid)?.snapshots.map(({ name }) => name)).toContain('once');
    }
    const sent = world.writes();
    expect(sent).toBe(first.rows.length);
    const again = await world.result(tool, args);
    expect(again.rows.every((one: Record<string, unknown>) => one.why === 'it has a snapshot once')).toBe(true);
    expect(world.writes()).toBe(sent);
  });

  it('works on so many at a time on one storage', async () => {
    const args = {
      cluster: 'production',
      action: 'snapshot',
      snapname: 'paced',
      tag: 'k8s',
      at_once: 1,
      confirm: true,
    };
    const { rows } = await world.result(tool, args);
    const { tasks } = world.simulator.cluster('production').state;
    const spans = rows.map(({ vmid }: { vmid: number }) => {
      const task = tasks.findLast(({ type, id }) => type === 'qmsnapshot' && id === String(vmid));
      return { from: task?.starttime ?? 0, to: task?.endtime ?? Number.POSITIVE_INFINITY };
    });
    spans.sort((a: { from: number }, b: { from: number }) => a.from - b.from);
    for (const [at, span] of spans.entries()) if (at > 0) expect(span.from).toBeGreaterThanOrEqual(spans[at - 1].to);
  });

  it('starts, shuts down, tags and untags; what is as asked is left alone', async () => {
    const where = { cluster: 'production,disaster-recovery', pattern: '*redis*', confirm: true };
    await world.result(tool, { ...where, action: 'tag', set_tag: 'wave1' });
    const tagged = await world.result(tool, { ...where, tag: 'wave1', action: 'shutdown' });
    expect(tagged.rows.length).toBeGreaterThan(0);
    for (const { cluster, vmid } of tagged.rows) expect(stateOf(cluster, vmid)?.status).toBe('stopped');
    const twice = await world.result(tool, { ...where, action: 'shutdown' });
    expect(twice.skipped).toBe(twice.rows.length);
    await world.result(tool, { ...where, tag: 'wave1', action: 'start' });
    const bare = await world.result(tool, { ...where, action: 'untag', set_tag: 'wave1' });
    expect(bare).toMatchObject({ failed: 0 });
    for (const { cluster, vmid } of bare.rows) {
      expect(stateOf(cluster, vmid)?.status).toBe('running');
      expect(String(stateOf(cluster, vmid)?.config.tags)).not.toContain('wave1');
    }
  });

  it('backs up to the storage that is named, and migrates within each cluster', async () => {
    const backup = {
      cluster: 'production',
      action: 'backup',
      storage: 'pbs-backup',
      pattern: 'prod-redis*',
      confirm: true,
    };
    const done = await world.result(tool, backup);
    expect(done).toMatchObject({ ok: done.rows.length, failed: 0 });
    const stopped = { cluster: 'production', pattern: 'prod-web-3', confirm: true };
    const target_node = stateOf('production', 102)?.node === 'pve1' ? 'pve2' : 'pve1';
    const { rows } = await world.result(tool, { ...stopped, action: 'migrate', target_node, timeout: 600 });
    expect(rows).toMatchObject([{ vmid: 102, outcome: 'ok' }]);
    expect(stateOf('production', 102)?.node).toBe(target_node);
    const there = await world.result(tool, { ...stopped, action: 'migrate', target_node });
    expect(there.rows).toMatchObject([{ outcome: 'skipped', why: 'it is on that node' }]);
  });
});

const given = { cluster: 'staging', vmid: 211, name: 'k8s-stg-1', action: 'start', outcome: 'ok' };
const snapshotted = { ...given, action: 'snapshot a' };

describe('what goes wrong', () => {
  it('costs a cluster that cannot be reached one line, and the others nothing', async () => {
    world.simulator.cluster('staging').setFault({ kind: 'unreachable' });
    const args = { cluster: 'all', action: 'snapshot', snapname: 'partly', tag: 'k8s', confirm: true };
    const { data, isError } = await world.call(tool, args);
    world.simulator.cluster('staging').setFault(undefined);
    expect(isError).toBe(false);
    expect(data.result.unreachable).toMatchObject([{ cluster: 'staging' }]);
    expect(data.notes.join()).toContain('staging is left out');
    expect(data.result.rows.every(({ cluster }: { cluster: string }) => cluster === 'production')).toBe(true);
  });

  it('stops at the first failure where that is asked, and goes on from the rows that it gave', async () => {
    const locked = stateOf('staging', 211);
    if (locked !== undefined) locked.config.lock = 'backup';
    const args = { cluster: 'staging', action: 'snapshot', snapname: 'resumed', tag: 'k8s', at_once: 1 };
    const first = await world.call(tool, { ...args, stop_at_failure: true, confirm: true });
    expect(first.isError).toBe(true);
    const { rows } = first.data.result;
    expect(row(rows, 'staging', 211)).toMatchObject({ outcome: 'failed', why: expect.stringContaining('lock') });
    expect(rows.filter(({ outcome }: { outcome: string }) => outcome === 'left').length).toBeGreaterThan(0);
    if (locked !== undefined) delete locked.config.lock;
    const sentBefore = world.writes();
    const second = await world.result(tool, { ...args, resume: rows, confirm: true });
    expect(second.failed).toBe(0);
    const fresh = second.rows.filter(({ outcome }: { outcome: string }) => outcome === 'ok').length;
    expect(world.writes() - sentBefore).toBe(fresh);
    for (const { vmid } of second.rows)
      expect(stateOf('staging', vmid)?.snapshots.map(({ name }) => name)).toContain('resumed');
  });

  it('follows a task that was still running to its end, and does not begin it again', async () => {
    const slow = stateOf('production', 121);
    if (slow !== undefined) slow.ignoresShutdown = true;
    const args = { cluster: 'production', action: 'shutdown', pattern: 'runner-1', confirm: true };
    const { result: first, notes } = (await world.call(tool, { ...args, timeout: 1 })).data;
    expect(notes.join()).toContain("'resume'");
    expect(first.rows).toMatchObject([{ vmid: 121, outcome: 'running', upid: expect.stringMatching(/^UPID:/) }]);
    const { data, isError } = await world.call(tool, { ...args, resume: first.rows, timeout: 60 });
    expect(isError).toBe(true);
    expect(data.result.rows).toMatchObject([{ vmid: 121, outcome: 'failed', why: expect.stringContaining('timeout') }]);
    expect(world.writes()).toBe(1);
  });

  it('leaves a guest alone that has another name than in the rows that were given', async () => {
    const resume = [{ cluster: 'production', vmid: 100, name: 'prod-old-1', action: 'start', outcome: 'ok' }];
    const args = { cluster: 'production', action: 'start', pattern: 'prod-web-1', confirm: true, resume };
    const { rows } = await world.result(tool, args);
    expect(rows).toMatchObject([{ vmid: 100, outcome: 'skipped', why: expect.stringContaining('prod-old-1') }]);
  });

  it('does not call unknown what it could not even read', async () => {
    const production = world.simulator.cluster('production');
    production.setFault({ kind: 'status', status: 596, reason: 'Connection timed out' }, { path: /100\/config$/ });
    const args = { cluster: 'production', action: 'tag', set_tag: 'seen', pattern: 'prod-web-1', confirm: true };
    const { data } = await world.call(tool, args);
    production.setFault(undefined);
    expect(data.result.rows).toMatchObject([{ vmid: 100, outcome: 'failed', why: '"Connection timed out"' }]);
    expect(world.writes()).toBe(0);
  });

  it('says in the row what hinders a guest', async () => {
    const { data, isError } = await world.call(tool, {
      cluster: 'production',
      action: 'migrate',
      target_node: 'nowhere',
      pattern: 'prod-web-1',
      confirm: true,
    });
    expect(isError).toBe(true);
    expect(data.result.rows[0]).toMatchObject({
      outcome: 'failed',
      why: expect.stringContaining("no node 'nowhere'"),
    });
  });

  it.each([
    [{ action: 'start', tag: 'k8s', confirm: true }, 'cluster'],
    [{ cluster: 'all', action: 'start', confirm: true }, 'tag'],
    [{ cluster: 'all', action: 'snapshot', tag: 'k8s' }, 'snapname'],
    [{ cluster: 'all', action: 'start', tag: 'k8s', snapname: 'idle' }, 'snapname'],
    [{ cluster: 'all', action: 'tag', tag: 'k8s', set_tag: 'a,b' }, 'set_tag'],
    [{ cluster: 'all', action: 'start', tag: 'k8s', resume: [{ ...given, outcome: undefined }] }, 'resume.0.outcome'],
    [{ cluster: 'all', action: 'start', tag: 'k8s', resume: [{ ...given, action: undefined }] }, 'resume.0.action'],
    [{ cluster: 'all', action: 'stop', tag: 'k8s', confirm: true, resume: [given] }, 'resume'],
    [{ cluster: 'all', action: 'snapshot', snapname: 'after', tag: 'k8s', resume: [snapshotted] }, 'resume'],
    [{ cluster: 'production', action: 'start', tag: 'k8s', confirm: true, resume: [given] }, 'resume'],
    [{ cluster: 'all', action: 'start', tag: 'k8s', resume: [{ ...given, upid: 'of another' }] }, 'resume'],
  ])('refuses %j before anything is sent', async (args, argument) => {
    const error = await world.error(tool, args);
    expect(error.arguments).toMatchObject([{ argument }]);
    expect(world.writes()).toBe(0);
  });

  it('refuses more guests than it was told, a cluster that is not there, and no guest at all', async () => {
    const args = { cluster: 'all', action: 'start' };
    expect((await world.error(tool, { ...args, tag: 'k8s', most: 2 })).message).toContain("'most' is 2");
    expect((await world.error(tool, { ...args, cluster: 'stagign', tag: 'k8s' })).next).toContain('staging');
    expect((await world.error(tool, { ...args, tag: 'nothing-has-it' })).message).toContain('no guest matches');
  });
});
