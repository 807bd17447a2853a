import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { linesIn, newAuditFile } from '../support/audit-file.js';
import { startSession } from '../support/session.js';
import { runCommand } from './run-command.js';

const file = newAuditFile();
let simulator: Simulator;
/** When the calls on the second cluster began. */
let middle = '';

beforeAll(async () => {
  simulator = await startSimulator();
  const env = { ...simulator.env(), PROXMOX_AUDIT_FILE: file, PROXMOX_AUDIT_READS: 'true' };
  const { call, close } = await startSession(env);
  const cluster = 'production';
  const confirm = true;
  await call('proxmox-create-user', { cluster, userid: 'ann@pve' });
  await call('proxmox-create-token', { cluster, tokenid: 'ann@pve!ci' });
  await call('proxmox-create-pool', { cluster, poolid: 'team' });
  await call('proxmox-create-pool', { cluster, poolid: 'team/web', dry_run: true });
  await call('proxmox-delete-pool', { cluster, poolid: 'no-such-pool', confirm });
  await call('proxmox-create-backup-job', {
    cluster,
    id: 'weekly',
    schedule: 'sun 01:00',
    guests: '100',
    storage: 'pbs-backup',
  });
  await call('proxmox-run-backup-job', { cluster, id: 'no-such-job' });
  await call('proxmox-create-storage', { cluster, storage: 'more', type: 'dir', options: { path: '/mnt/more' } });
  await call('proxmox-assign-permission', { cluster, path: '/vms/100', roles: 'PVEAuditor', users: 'ann@pve' });
  await call('proxmox-create-snapshot', { cluster, vmid: 102, snapname: 'before' });
  await call('proxmox-bulk-snapshot', { cluster, pattern: 'k8s-*', snapname: 'wave' });
  await call('proxmox-delete-user', { cluster, userid: 'ann@pve', confirm: 'yes' });
  middle = new Date().toISOString();
  await call('proxmox-start-vm', { cluster: 'staging', vmid: 9998 });
  await call('proxmox-stop-vm', { cluster: 'staging', vmid: 200 });
  await call('proxmox-list-vms', { cluster: 'staging' });
  await close();
});
afterAll(() => simulator.close());

const show = (...args: string[]) => runCommand(['audit', 'show', file, ...args]);
/** The rows of the table, and what stands below it. */
async function rows(...args: string[]) {
  const { code, stdout, stderr } = await show(...args);
  expect([code, stderr]).toEqual([0, '']);
  const [table = '', ...below] = stdout.split('\n\n');
  const cells = table
    .split('\n')
    .slice(2)
    .map((row) => row.split(/ {2,}/));
  return { cells, below: below.join(), tools: cells.map(([, , tool]) => tool) };
}
const fault = async (...args: string[]) => {
  const { code, stdout, stderr } = await show(...args);
  expect([code, stdout]).toEqual([2, '']);
  return stderr;
};

describe('the target of a call', () => {
  it.each([
    ['create-user', 'user ann@pve'],
    ['create-token', 'user ann@pve token ci'],
    ['create-pool', 'pool team'],
    ['create-pool', 'pool team/web'],
    ['delete-pool', 'pool no-such-pool'],
    ['create-backup-job', 'backup weekly'],
    ['run-backup-job', 'backup no-such-job'],
    ['create-storage', 'storage more'],
    ['assign-permission', 'acl /vms/100'],
    ['create-snapshot', /^102 prod-web-3 pve3 snapshot before$/],
    ['bulk-snapshot', /^112 snapshot wave, \d+ snapshot wave, \d+ snapshot wave, and \d+ more$/],
    ['delete-user', 'user ann@pve'],
    ['start-vm', '9998'],
    ['stop-vm', /^200 \S+ pve-stg\d$/],
  ])('%s: %s', async (tool, target) => {
    const { cells } = await rows('--tool', tool);
    const found = cells.map((cell) => cell[4] ?? '').filter((text) => text.match(target) !== null);
    expect(found, JSON.stringify(cells)).toHaveLength(tool === 'create-pool' && target === 'pool team' ? 2 : 1);
  });
});

describe('which calls are shown', () => {
  it('is all without an option', async () => {
    const { cells, below } = await rows();
    expect(cells).toHaveLength(15);
    expect(below).toMatch(/^15 calls; 'proxmox-mcp audit verify' says/);
  });

  it('is chosen by cluster, tool, time and outcome, and by all of them', async () => {
    expect((await rows('--cluster', 'staging')).tools).toEqual(['start-vm', 'stop-vm', 'list-vms']);
    expect((await rows('--since', middle)).tools).toEqual(['start-vm', 'stop-vm', 'list-vms']);
    expect((await rows('--outcome', 'planned')).tools).toEqual(['create-pool', 'stop-vm']);
    expect((await rows('--tool', 'proxmox-create-pool')).tools).toEqual(['create-pool', 'create-pool']);
    const { cells, below } = await rows(
      '--tool',
      'create-*',
      '--outcome',
      'planned',
      '--since',
      '2h',
      '--cluster',
      'production',
    );
    expect(cells.map((cell) => cell.slice(2, 6))).toEqual([['create-pool', 'production', 'pool team/web', 'planned']]);
    expect(below).toMatch(/^1 call of 15 that are there;/);
    const day = new Date().toISOString().slice(0, 10);
    expect((await rows('--since', day, '--outcome', 'refused')).tools).toContain('start-vm');
    expect((await show('--since', '2999-01-01T00:00')).stdout).toContain('0 calls of 15');
  });

  it('is none where nothing fits, and says which clusters there are', async () => {
    const { stdout, code } = await show('--cluster', 'no-such');
    expect([code, stdout]).toEqual([
      0,
      "0 calls of 15 that are there; clusters in it: production, staging; 'proxmox-mcp audit verify' says whether all is as it was written\n",
    ]);
  });

  it('is a fault where it is none', async () => {
    expect(await fault('--outcome', 'fine')).toBe(
      "proxmox-mcp: --outcome is 'fine': write one of ok, warnings, running, planned, failed, refused, cancelled, unended\n",
    );
    for (const since of ['yesterday', '2026-02-31', '2026-13-01', '12', '2026-11-21T25:00'])
      expect(await fault('--since', since)).toContain(`--since is '${since}': write 30m, 12h, 7d, 2026-11-21 or`);
    const known = 'It takes --cluster, --tool, --since, --outcome, --json, --env-file, --help, --version.';
    expect(await fault('--clustre', 'x')).toBe(
      `proxmox-mcp: 'audit show' has no option --clustre. Did you mean --cluster? ${known}\n`,
    );
    expect(await fault('--port', '1')).toBe(`proxmox-mcp: 'audit show' has no option --port. ${known}\n`);
    const { code, stderr } = await runCommand(['doctor', '--cluster', 'staging']);
    expect([code, stderr]).toEqual([
      2,
      "proxmox-mcp: 'doctor' has no option --cluster. It takes --json, --env-file, --help, --version.\n",
    ]);
  });
});

describe('as JSON', () => {
  it('is the lines as they stand, one for each call', async () => {
    const { stdout } = await show('--json', '--cluster', 'staging');
    const lines = readFileSync(file, 'utf8').split('\n');
    const given = stdout.trimEnd().split('\n');
    expect(given).toHaveLength(3);
    for (const line of given) expect(lines).toContain(line);
    expect(given.map((line) => JSON.parse(line).tool)).toEqual([
      'proxmox-start-vm',
      'proxmox-stop-vm',
      'proxmox-list-vms',
    ]);
    const all = (await show('--json')).stdout.trimEnd().split('\n');
    const ended = linesIn(file).filter(({ event }) => event === 'end' || event === 'call');
    expect(all.map((line) => JSON.parse(line))).toEqual(ended);
    expect((await show('--json', '--cluster', 'no-such')).stdout).toBe('');
  });
});
