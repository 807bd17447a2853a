import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let limited: Session;
const cluster = 'production';
const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-secrets-'));
const secrets = join(folder, 'state', 'secrets');
const logFile = join(folder, 'log');

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
  const env = { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' };
  session = await startSession({
    ...env,
    PROXMOX_SECRET_DIR: secrets,
    PROXMOX_LOG_LEVEL: 'trace',
    PROXMOX_LOG_FILE: logFile,
  });
  const secret = simulator.cluster(cluster).addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
  writeFileSync(join(folder, 'file'), '');
  limited = await startSession({
    ...env,
    PROXMOX_SECRET_DIR: join(folder, 'file', 'secrets'),
    PROXMOX_CLUSTER_staging_TOKEN_ID: 'eyes@pve!only',
    PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
  await session.call('proxmox-create-user', { cluster, userid: 'svc@pve' });
});
afterAll(async () => {
  await Promise.all([session.close(), limited.close()]);
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const token = (name: string) =>
  simulator
    .cluster(cluster)
    .state.users.find(({ userid }) => userid === 'svc@pve')
    ?.tokens.find(({ tokenid }) => tokenid === name);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('a new token', () => {
  const args = { cluster, tokenid: 'svc@pve!ci', expire: '2030-01-01T00:00:00Z', comment: 'Builds' };

  it('is planned without a file', async () => {
    const { data } = await session.call('proxmox-create-token', { ...args, dry_run: true });
    expect(data.plan.writes).toEqual(
      [
        {
          method: 'POST',
          path: '/access/users/svc%40pve/token/ci',
          parameters: { expire: 1893456000, comment: 'Builds' },
        },
      ].map((write) => ({ ...write, parameters: { privsep: true, ...write.parameters } })),
    );
    expect(writes()).toBe(before);
    expect(() => readdirSync(secrets)).toThrow('ENOENT');
  });

  it('has its secret in a file that its owner alone may read, and nowhere else', async () => {
    const { data, text } = await session.call('proxmox-create-token', args);
    const { secret_file: file } = data.result;
    expect(file).toBe(join(secrets, 'production.svc@pve_ci'));
    const secret = token('ci')?.secret ?? '';
    expect(secret).toMatch(/^[0-9a-f-]{36}$/);
    expect(readFileSync(file, 'utf8')).toBe(`${secret}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    expect(text).not.toContain(secret);
    expect(JSON.stringify(data)).not.toContain(secret);
    expect(data.notes.join()).toContain('proxmox-assign-permission');
    await new Promise((done) => setTimeout(done, 2000));
    expect(readFileSync(logFile, 'utf8') + session.stderr()).not.toContain(secret);
  });

  it('writes over no file', async () => {
    await session.call('proxmox-delete-token', { cluster, tokenid: args.tokenid, confirm: true });
    const kept = readFileSync(join(secrets, 'production.svc@pve_ci'), 'utf8');
    const { data } = await session.call('proxmox-create-token', { ...args, privsep: false });
    expect(data.result).toMatchObject({ privsep: false, secret_file: join(secrets, 'production.svc@pve_ci.2') });
    expect(data.notes.join()).toContain('all that svc@pve may');
    expect(readFileSync(join(secrets, 'production.svc@pve_ci'), 'utf8')).toBe(kept);
  });

  it('leaves no file where Proxmox refuses', async () => {
    const held = readdirSync(secrets);
    const { isError, text } = await session.call('proxmox-create-token', args);
    expect(isError).toBe(true);
    expect(text).toContain('Token already exists');
    expect(readdirSync(secrets)).toEqual(held);
  });

  it('is not made where no file can be', async () => {
    const { data } = await limited.call('proxmox-create-token', { cluster, tokenid: 'svc@pve!no' });
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('ENOTDIR') });
    expect(writes()).toBe(before);
  });

  it.runIf(process.platform === 'linux')('is not made where the folder cannot be, and the server goes on', async () => {
    const nowhere = await startSession({ ...simulator.env(), PROXMOX_SECRET_DIR: '/proc/x/secrets' });
    const { data } = await nowhere.call('proxmox-create-token', { cluster, tokenid: 'svc@pve!no' });
    expect(data.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining("A secret cannot be kept in '/proc/x/secrets' (ENOENT)"),
    });
    expect((await nowhere.call('proxmox-list-nodes', { cluster })).isError).toBe(false);
    await nowhere.close();
    expect(writes()).toBe(before);
  });

  it('is not made where the disk is full, and no empty file stays', async () => {
    const held = readdirSync(secrets);
    const full = await startSession({ ...simulator.env(), PROXMOX_SECRET_DIR: secrets }, [], undefined, 0);
    const { data } = await full.call('proxmox-create-token', { cluster, tokenid: 'svc@pve!no' });
    await full.close();
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('EFBIG') });
    expect(readdirSync(secrets)).toEqual(held);
    expect(full.stderr()).not.toContain('DEP0137');
    expect(writes()).toBe(before);
  });

  it('is deleted again where its file went meanwhile', async () => {
    const target = simulator.cluster(cluster);
    target.setFault({ kind: 'slow', ms: 1000 }, { path: /\/token\/lost$/ });
    const pending = session.call('proxmox-create-token', { cluster, tokenid: 'svc@pve!lost' });
    await new Promise((done) => setTimeout(done, 500));
    rmSync(secrets, { recursive: true });
    const { data, isError } = await pending;
    target.setFault(undefined);
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({
      code: 'SECRET_NOT_KEPT',
      message: expect.stringContaining('ENOENT'),
      deleted_again: true,
      done: [{ method: 'POST' }, { method: 'DELETE' }],
    });
    expect(token('lost')).toBeUndefined();
  });

  it('is named where it could not be deleted again either', async () => {
    const target = simulator.cluster(cluster);
    target.setFault({ kind: 'slow', ms: 1000 }, { path: /\/token\/stuck$/, times: 1 });
    const pending = session.call('proxmox-create-token', { cluster, tokenid: 'svc@pve!stuck' });
    await new Promise((done) => setTimeout(done, 500));
    rmSync(secrets, { recursive: true });
    target.setFault({ kind: 'status', status: 500, reason: 'no quorum' }, { path: /\/token\/stuck$/ });
    const { data } = await pending;
    target.setFault(undefined);
    expect(data.error).toMatchObject({
      code: 'SECRET_NOT_KEPT',
      message: expect.stringContaining('could NOT be deleted again'),
      deleted_again: false,
      done: [{ method: 'POST', path: '/access/users/svc%40pve/token/stuck' }],
    });
    expect(token('stuck')).toBeDefined();
    await session.call('proxmox-delete-token', { cluster, tokenid: 'svc@pve!stuck', confirm: true });
  });

  it('reads user@realm!name', async () => {
    const { data } = await session.call('proxmox-create-token', { cluster, tokenid: 'ci' });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'tokenid' }] });
    expect(writes()).toBe(before);
  });

  it('needs a privilege', async () => {
    const open = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_SECRET_DIR: join(folder, 'other'),
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!two',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: simulator
        .cluster(cluster)
        .addToken('eyes@pve!two', { '/': ['PVEAuditor'] }),
    });
    const { data } = await open.call('proxmox-create-token', { cluster, tokenid: 'svc@pve!no' });
    await open.close();
    expect(data.error.code).toBe('PRIVILEGE_MISSING');
    expect(readdirSync(join(folder, 'other'))).toEqual([]);
  });

  it('is not kept where the folder may not be written', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    if (process.getuid?.() === 0) return;
    const session = await startSession({ ...simulator.env(), PROXMOX_SECRET_DIR: closed });
    const { data } = await session.call('proxmox-create-token', { cluster, tokenid: 'svc@pve!no' });
    await session.close();
    expect(data.error.message).toContain('EACCES');
  });
});

describe('a token', () => {
  const tokenid = 'svc@pve!ci';

  it('is listed, with those of all users or of one', async () => {
    const { data } = await session.call('proxmox-list-tokens', { cluster, userid: 'svc@pve' });
    expect(data.items).toEqual([
      { tokenid, privsep: false, expire: '2030-01-01T00:00:00Z', expired: false, comment: 'Builds' },
    ]);
    const all = await session.call('proxmox-list-tokens', { cluster });
    expect(all.data.items).toContainEqual(data.items[0]);
    expect(all.data.total).toBeGreaterThan(1);
  });

  it('is changed', async () => {
    const args = { cluster, tokenid, privsep: true, expire: 'never', comment: '' };
    const plan = await session.call('proxmox-update-token', { ...args, dry_run: true });
    expect(plan.data.plan.writes).toEqual([
      {
        method: 'PUT',
        path: '/access/users/svc%40pve/token/ci',
        parameters: { privsep: true, expire: 0, comment: '' },
      },
    ]);
    expect(token('ci')?.privsep).toBe(false);
    await session.call('proxmox-update-token', args);
    expect(token('ci')).toMatchObject({ privsep: true, expire: 0 });
  });

  it('is not the one of this server', async () => {
    const own = simulator.env().PROXMOX_CLUSTER_production_TOKEN_ID;
    const gone = await session.call('proxmox-delete-token', { cluster, tokenid: own, confirm: true });
    const ended = await session.call('proxmox-update-token', { cluster, tokenid: own, expire: '2020-01-01' });
    expect([gone.data.error.code, ended.data.error.code]).toEqual(['REFUSED', 'REFUSED']);
    expect(writes()).toBe(before);
  });

  it('is deleted when confirmed', async () => {
    const plan = await session.call('proxmox-delete-token', { cluster, tokenid });
    expect(plan.data.plan.writes).toEqual([{ method: 'DELETE', path: '/access/users/svc%40pve/token/ci' }]);
    expect(writes()).toBe(before);
    await session.call('proxmox-delete-token', { cluster, tokenid, confirm: true });
    expect(token('ci')).toBeUndefined();
  });
});
