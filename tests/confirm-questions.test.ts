import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallToolResultSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { no, openDesk, patience, yes } from './support/desk.js';

const sure = { cluster: 'production', confirm: true };
const audit = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-')), 'audit.jsonl');
const desk = await openDesk({ PROXMOX_AUDIT_FILE: audit });
const { simulator, session, sent } = desk;

beforeEach(desk.begin);
afterAll(desk.close);

describe('what a guest is given to run', () => {
  const exec = (args: Record<string, unknown>) => session.call('proxmox-guest-exec', { ...sure, vmid: 100, ...args });

  it('is shown line by line, with its standard input', async () => {
    await exec({ command: ['sh', '-c', 'echo a, b'], input: 'cd /\nrm -rf /\n' });
    const [message = ''] = desk.questions;
    expect(message).toContain('command=[sh, -c, "echo a, b"] input-data=(14 characters, SHA-256 560bfc27376c...)');
    expect(message).toContain('   input-data line 1: `cd /`\n   input-data line 2: `rm -rf /`');
  });

  it('keeps what may be a password', async () => {
    await exec({ command: ['passwd', '--stdin'], input: 'hunter2\n' });
    await exec({ command: ['chpasswd'], input: 'root:Tr0ub4dor\nops:c0rrect-horse\n' });
    expect(desk.questions).toHaveLength(2);
    expect(desk.questions.join()).not.toMatch(/hunter2|Tr0ub4dor|c0rrect/);
    expect(desk.questions[0]).toContain('input-data=(a word of 8 characters, not shown)');
  });

  it('is never cut without saying so: head, tail and length', async () => {
    await exec({ command: ['sh', '-c', `${'true; '.repeat(400)}rm -rf /`] });
    expect(desk.questions[0]).toMatch(/\.\.\.\(2410 characters\)\.\.\..*rm -rf \//);
    await exec({ command: ['sh'], input: `${'true it is\n'.repeat(100)}rm -rf /\n` });
    expect(desk.questions[1]).toContain('input-data lines 21 to 98 are not shown');
    expect(desk.questions[1]).toContain('line 101: `rm -rf /`');
  });

  it('is not asked about where it does not fit', async () => {
    const { data, isError } = await exec({ command: Array.from({ length: 60 }, () => 'x '.repeat(350)) });
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({ code: 'TOO_MUCH_TO_ASK', next: expect.stringContaining('in parts') });
    expect(desk.questions).toEqual([]);
  });

  it('is shown of a file, too', async () => {
    const file = { ...sure, vmid: 100, file: '/etc/cron.d/x', content: '* * * * * root reboot\n' };
    await session.call('proxmox-guest-file-write', file);
    expect(desk.questions[0]).toContain('content line 1: `* * * * * root reboot`');
    expect(sent()).toEqual([]);
  });
});

describe('a write that destroys by its arguments', () => {
  it.each<[string, Record<string, unknown>]>([
    ['proxmox-run-backup-job', { id: 'backup-db-hourly' }],
    ['proxmox-backup-vm', { vmid: 101, storage: 'local', mode: 'stop' }],
    ['proxmox-update-backup-job', { id: 'backup-db-hourly', keep: 'last=1' }],
    ['proxmox-update-backup-job', { id: 'backup-db-hourly', mode: 'stop' }],
    ['proxmox-update-backup-job', { id: 'backup-db-hourly', enabled: true }],
    ['proxmox-update-backup-job', { id: 'backup-db-hourly', enabled: false }],
    ['proxmox-update-backup-job', { id: 'backup-db-hourly', guests: 'all' }],
    ['proxmox-update-backup-job', { id: 'backup-db-hourly', schedule: '*:00' }],
    ['proxmox-update-backup-job', { id: 'backup-db-hourly', storage: 'local' }],
    ['proxmox-update-backup-job', { id: 'backup-nightly', exclude: '100', comment: 'The web' }],
    ['proxmox-create-backup-job', { schedule: '01:00', guests: '100', storage: 'local', keep: 'last=1' }],
    ['proxmox-snapshot-policy', { vmid: 100, policy: 'daily=1', storage: 'local' }],
  ])('is asked about: %s %j', async (tool, args) => {
    const plan = await session.call(tool, { cluster: 'production', ...args });
    expect(plan.data.plan.writes.length).toBeGreaterThan(0);
    const { data } = await session.call(tool, { ...sure, ...args });
    expect(data.error.code).toBe('NOT_CONFIRMED');
    expect(desk.questions).toHaveLength(1);
    expect(sent()).toEqual([]);
  });

  it('is not asked about where it changes but the words of a backup job', async () => {
    const words = { ...sure, id: 'backup-db-hourly', comment: 'The databases', notes: '{{guestname}} hourly' };
    const { isError, text } = await session.call('proxmox-update-backup-job', words);
    expect(isError, text).toBe(false);
    expect(desk.questions).toEqual([]);
    expect(sent()).toHaveLength(1);
  });

  it('is asked about where it lifts the protection of a guest, and not where it sets it', async () => {
    const protect = (on: boolean) => session.call('proxmox-set-protection', { ...sure, vmid: 102, on });
    expect((await protect(true)).isError).toBe(false);
    expect(desk.questions).toEqual([]);
    expect((await protect(false)).data.error.code).toBe('NOT_CONFIRMED');
    desk.person = () => yes;
    expect((await protect(false)).isError).toBe(false);
    expect(desk.questions).toHaveLength(2);
  });

  it('is asked about where it lifts the protection of a backup, and not where it sets it', async () => {
    const { data } = await session.call('proxmox-list-backups', { cluster: 'production', vmid: 101 });
    const args = { ...sure, volid: data.items[0].volid };
    expect((await session.call('proxmox-protect-backup', { ...args, protected: true })).isError).toBe(false);
    expect(desk.questions).toEqual([]);
    const lifted = await session.call('proxmox-protect-backup', { ...args, protected: false });
    expect(lifted.data.error.code).toBe('NOT_CONFIRMED');
    expect(desk.questions).toHaveLength(1);
  });
});

describe('several questions', () => {
  const call = (name: string, args: Record<string, unknown>, signal?: AbortSignal) =>
    session.client.request(
      { method: 'tools/call', params: { name, arguments: { ...sure, ...args } } },
      CallToolResultSchema,
      signal === undefined ? {} : { signal },
    );

  it('wait in line, eight at most; one that is cancelled is never put', async () => {
    let answer = (_: ElicitResult) => {};
    desk.person = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const first = call('proxmox-stop-vm', { vmid: 103 });
    await expect.poll(() => desk.questions.length, patience).toBe(1);
    const given = Array.from({ length: 9 }, () => new AbortController());
    const waiting = given.map(({ signal }) => call('proxmox-stop-vm', { vmid: 104 }, signal));
    const outcomes = Promise.allSettled(waiting);
    const { content } = await Promise.race(waiting);
    expect(content).toMatchObject([{ text: expect.stringContaining('BUSY') }]);
    for (const one of given) one.abort();
    desk.person = () => no;
    answer(no);
    await Promise.all([first, outcomes]);
    await call('proxmox-stop-vm', { vmid: 114 });
    expect(desk.questions.filter((text) => text.includes('VMID: `104`'))).toEqual([]);
    expect(sent()).toEqual([]);
  });

  it('are not held up by a cluster that is slow to plan', async () => {
    const slow = simulator.cluster('staging');
    slow.setFault({ kind: 'hung' }, { path: /\/qemu\/211\/snapshot/ });
    const controller = new AbortController();
    const held = { cluster: 'staging', vmid: 211, snapname: 'any' };
    const hanging = call('proxmox-delete-snapshot', held, controller.signal).catch(() => undefined);
    await expect.poll(() => slow.requests.some(({ path }) => path.endsWith('/211/snapshot')), patience).toBe(true);
    desk.person = () => yes;
    expect((await session.call('proxmox-stop-vm', { ...sure, vmid: 113 })).isError).toBe(false);
    controller.abort();
    await hanging;
    slow.setFault(undefined);
    expect(desk.questions).toHaveLength(1);
  });
});

it('is written down as confirmed by a person only where one was asked', async () => {
  const lines = () =>
    readFileSync(audit, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  await session.call('proxmox-expire-snapshots', sure);
  expect(desk.questions).toEqual([]);
  const last = () => lines().findLast(({ tool }) => tool === 'proxmox-expire-snapshots');
  await expect.poll(() => last()?.outcome, patience).toBe('ok');
  expect(last()).not.toHaveProperty('confirmed_by');
});
