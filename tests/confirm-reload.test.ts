import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/simulator/listen.js';
import { no, patience, yes } from './support/desk.js';
import { type Person, type Session, startSession } from './support/session.js';

const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-'));
const file = join(folder, '.env');
const roles = join(folder, 'roles.json');
const audit = join(folder, 'audit.jsonl');
let simulator: Simulator;
let session: Session;
let questions: string[] = [];
let person: Person = () => no;

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
});
afterEach(() => session.close());
afterAll(() => simulator.close());

type Settings = Record<string, string | undefined>;

const rules = {
  PROXMOX_CONFIRM: 'human',
  PROXMOX_ROLES_FILE: roles,
  PROXMOX_CLUSTER_production_ALLOW_VMIDS: '100-110',
  PROXMOX_CLUSTER_staging_ROLE: 'eyes',
  PROXMOX_AUDIT_FILE: audit,
};

function configure(more: Settings = {}, role: object = { access: 'read' }): void {
  const all: Settings = { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false', ...rules, ...more };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}='${value}'`]));
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(roles, JSON.stringify({ eyes: role }), { mode: 0o600 });
}

async function start(more: Settings = {}, canAsk = true): Promise<void> {
  questions = [];
  person = () => no;
  configure(more);
  const asked: Person = (question, signal) => {
    questions.push(question.message);
    return person(question, signal);
  };
  session = await startSession({}, ['--env-file', file], canAsk ? asked : undefined);
}

const reload = () => session.call('proxmox-reload-configuration');
const writes = () => simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));
const stop = (vmid: number, cluster = 'production') =>
  session.call('proxmox-stop-vm', { cluster, vmid, confirm: true });

/** Expects that what was configured at the start still holds. */
async function expectUnchanged() {
  const before = writes().length;
  const asked = questions.length;
  person = () => no;
  expect((await stop(101)).data.error.code).toBe('NOT_CONFIRMED');
  expect(questions).toHaveLength(asked + 1);
  expect((await stop(113)).data.error.code).toBe('POLICY');
  expect((await stop(211, 'staging')).data.error.code).toBe('POLICY');
  expect(writes()).toHaveLength(before);
}

describe('other rules, where a person confirms', () => {
  it('are shown to him, old and new, and hold once he says yes', async () => {
    await start();
    configure({ PROXMOX_CONFIRM: undefined, PROXMOX_CLUSTER_production_ALLOW_VMIDS: '100-200' });
    person = () => yes;
    const { data, isError } = await reload();
    expect(isError).toBe(false);
    expect(data.result.changed_for_all).toEqual(['PROXMOX_CONFIRM']);
    expect(questions.map((text) => text.split('\n'))).toEqual([
      [
        expect.stringContaining('Nothing changes without your yes.'),
        '',
        'Reload configuration (proxmox-reload-configuration)',
        '`PROXMOX_CONFIRM`: `human` -> `argument`',
        '`cluster production, PROXMOX_CLUSTER_production_ALLOW_VMIDS`: `allow_vmids=100-110` -> `allow_vmids=100-200`',
      ],
    ]);
    expect((await stop(113)).isError).toBe(false);
    expect(questions).toHaveLength(1);
  });

  it('are not taken where he says no', async () => {
    await start();
    configure({ PROXMOX_CONFIRM: 'argument', PROXMOX_CLUSTER_production_ALLOW_VMIDS: undefined }, { access: 'full' });
    const { data, isError } = await reload();
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({
      code: 'NOT_CONFIRMED',
      message: 'The person was asked and said no; nothing was changed.',
    });
    await expectUnchanged();
  });

  it.each<[string, Settings, object?]>([
    ['PROXMOX_CONFIRM', { PROXMOX_CONFIRM: 'human-all' }],
    ['PROXMOX_READ_ONLY', { PROXMOX_READ_ONLY: 'true' }],
    ['PROXMOX_EXCLUDE_TOOLS', { PROXMOX_EXCLUDE_TOOLS: 'stop-vm' }],
    ['PROXMOX_AUDIT_FILE', { PROXMOX_AUDIT_FILE: undefined }],
    ['PROXMOX_AUDIT_REQUIRED', { PROXMOX_AUDIT_REQUIRED: 'false' }],
    ['PROXMOX_CLUSTER_production_DENY_TOOLS', { PROXMOX_CLUSTER_production_DENY_TOOLS: 'stop-vm' }],
    ['PROXMOX_CLUSTER_production_PROTECT_TAGS', { PROXMOX_CLUSTER_production_PROTECT_TAGS: 'db' }],
    ['PROXMOX_CLUSTER_staging_ACCESS', { PROXMOX_CLUSTER_staging_ACCESS: 'operate' }],
    ['eyes', {}, { access: 'operate' }],
    ['cluster staging', { PROXMOX_CLUSTER_staging_API_URL: 'https://127.0.0.1:1' }],
  ])('are asked about: %s', async (name, settings, role) => {
    await start();
    configure(settings, role);
    expect((await reload()).data.error.code).toBe('NOT_CONFIRMED');
    expect(questions).toHaveLength(1);
    expect(questions[0]).toContain(name);
    await expectUnchanged();
  });

  it('are asked about where a cluster leaves with its rules, and where it would come back without', async () => {
    const away = {
      PROXMOX_CLUSTERS: 'staging,disaster-recovery',
      PROXMOX_DEFAULT_CLUSTER: 'staging',
      PROXMOX_CLUSTER_PATTERNS: undefined,
      PROXMOX_CLUSTER_VMID_MAP: undefined,
    };
    await start();
    configure(away);
    expect((await reload()).data.error.code).toBe('NOT_CONFIRMED');
    await expectUnchanged();
    const other = Object.entries(simulator.env())
      .filter(([name]) => name.startsWith('PROXMOX_CLUSTER_production_'))
      .map(([name, value]) => [name.replace('production', 'again'), value]);
    const clusters = { PROXMOX_CLUSTERS: 'production,staging,disaster-recovery,again' };
    configure({ ...Object.fromEntries(other), ...clusters });
    expect((await reload()).data.error.code).toBe('NOT_CONFIRMED');
    expect(questions.at(-1)).toMatch(/`cluster again`: not set -> `https:/);
  });

  it('are shown in full, or not asked about', async () => {
    const all = Array.from({ length: 300 }, (_, index) => String(1000 + index * 2));
    const variable = 'PROXMOX_CLUSTER_production_ALLOW_VMIDS';
    await start({ [variable]: all.join(',') });
    configure({ [variable]: all.with(150, '4711').join(',') });
    expect((await reload()).data.error.code).toBe('NOT_CONFIRMED');
    expect(questions.at(-1)).toContain('4711');
    configure({ [variable]: Array.from({ length: 3000 }, (_, index) => 1000 + index * 2).join(',') });
    expect((await reload()).data.error).toMatchObject({
      code: 'TOO_MUCH_TO_ASK',
      next: expect.stringContaining('SIGHUP'),
    });
    expect(questions).toHaveLength(1);
  });

  it('are refused where nobody can be asked, and the server has to be started again', async () => {
    await start({}, false);
    configure({ PROXMOX_CONFIRM: 'argument' });
    const { data } = await reload();
    expect(data.error).toMatchObject({
      code: 'CANNOT_ASK',
      message: expect.stringContaining('nothing was changed'),
      next: expect.stringContaining('start this server again'),
      changed: ['PROXMOX_CONFIRM'],
    });
    expect((await stop(101)).data.error.code).toBe('CANNOT_ASK');
  });

  it('are those that he was shown, whatever is written meanwhile', async () => {
    await start();
    configure({ PROXMOX_CLUSTER_production_ALLOW_VMIDS: '100-111' });
    person = () => {
      configure({ PROXMOX_CONFIRM: 'argument', PROXMOX_CLUSTER_production_ALLOW_VMIDS: undefined });
      return yes;
    };
    const { data } = await reload();
    expect(data.error).toMatchObject({ code: 'PLAN_CHANGED', changed: expect.arrayContaining(['PROXMOX_CONFIRM']) });
    await expectUnchanged();
  });

  it.skipIf(process.platform === 'win32')('come with SIGHUP, which is his, also while he is asked', async () => {
    await start();
    configure({ PROXMOX_CONFIRM: 'argument' });
    let answer = () => {};
    person = () =>
      new Promise((resolve) => {
        answer = () => resolve(no);
      });
    const asking = reload();
    await expect.poll(() => questions.length, patience).toBe(1);
    const { pid } = session;
    if (pid === null) throw new Error('no process');
    process.kill(pid, 'SIGHUP');
    await expect.poll(async () => (await stop(102)).isError, patience).toBe(false);
    answer();
    expect((await asking).data.error.code).toBe('NOT_CONFIRMED');
    expect(questions).toHaveLength(1);
  });
});

describe('a reload that nobody is asked about', () => {
  it('changes no rule', async () => {
    await start();
    configure({ PROXMOX_CLUSTER_production_REGION: 'elsewhere', PROXMOX_CLUSTER_staging_TIER: 'test' });
    const { data, isError } = await reload();
    expect(isError).toBe(false);
    expect(data.result.changed).toHaveLength(2);
    expect(questions).toEqual([]);
    await expectUnchanged();
  });

  it('is one of a configuration that is not right', async () => {
    await start();
    configure({ PROXMOX_CONFIRM: 'nobody' });
    expect((await reload()).data.error.code).toBe('CONFIGURATION_REFUSED');
    expect(questions).toEqual([]);
    await expectUnchanged();
  });

  it('is one where the argument is enough', async () => {
    await start({ PROXMOX_CONFIRM: 'argument' });
    configure({ PROXMOX_CONFIRM: 'argument', PROXMOX_CLUSTER_production_ALLOW_VMIDS: undefined });
    expect((await reload()).isError).toBe(false);
    expect(questions).toEqual([]);
  });
});
