import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let limited: Session;

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
  const env = { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' };
  session = await startSession(env);
  const secret = simulator.cluster('production').addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
  limited = await startSession({
    ...env,
    PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
});
afterAll(async () => {
  await Promise.all([session.close(), limited.close()]);
  await simulator.close();
});

const cluster = 'production';
const state = () => simulator.cluster(cluster).state;
const user = (userid: string) => state().users.find((one) => one.userid === userid);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('a group', () => {
  it('is made, described, listed', async () => {
    await session.call('proxmox-create-group', { cluster, groupid: 'ops', comment: 'On call' });
    const plan = await session.call('proxmox-update-group', { cluster, groupid: 'ops', comment: '', dry_run: true });
    expect(plan.data.plan.writes).toEqual([{ method: 'PUT', path: '/access/groups/ops', parameters: { comment: '' } }]);
    await session.call('proxmox-update-group', { cluster, groupid: 'ops', comment: 'Operators' });
    const { data } = await session.call('proxmox-list-groups', { cluster });
    expect(data.items).toContainEqual({ groupid: 'ops', users: [], comment: 'Operators' });
  });

  it('is not made twice', async () => {
    const { isError, text } = await session.call('proxmox-create-group', { cluster, groupid: 'ops' });
    expect(isError).toBe(true);
    expect(text).toContain('already exists');
  });
});

describe('a user', () => {
  const userid = 'ann@pve';

  it('is made without a password, and that is said', async () => {
    const args = { cluster, userid, groups: 'ops', expire: '2030-01-01', comment: 'New', firstname: 'Ann' };
    const plan = await session.call('proxmox-create-user', { ...args, dry_run: true });
    expect(plan.data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/access/users',
        parameters: { userid, groups: 'ops', expire: 1893456000, comment: 'New', firstname: 'Ann' },
      },
    ]);
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-create-user', args);
    expect(data.notes.join()).toContain("pveum passwd 'ann@pve'");
    expect(user(userid)).toMatchObject({ enable: true, expire: 1893456000, firstname: 'Ann' });
    expect(state().groups.find(({ groupid }) => groupid === 'ops')?.users).toEqual([userid]);
  });

  it('takes no password', async () => {
    const { data } = await session.call('proxmox-create-user', { cluster, userid: 'bob@pve', password: 'hunter22' });
    expect(data.error.code).toBe('INVALID_ARGUMENTS');
    expect(writes()).toBe(before);
  });

  it('is changed; groups are replaced, or added to', async () => {
    await session.call('proxmox-create-group', { cluster, groupid: 'night' });
    const more = { cluster, userid, groups: 'night', append: true, email: 'a@example.com' };
    expect((await session.call('proxmox-update-user', more)).data.plan.notes).toBeUndefined();
    await session.call('proxmox-update-user', { ...more, confirm: true });
    const { data } = await session.call('proxmox-list-users', { cluster });
    const row = data.items.find((one: { userid: string }) => one.userid === userid);
    expect(row).toMatchObject({ groups: ['night', 'ops'], email: 'a@example.com' });
    const less = { cluster, userid, groups: '', enable: false, expire: 'never' };
    const plan = await session.call('proxmox-update-user', less);
    expect(plan.data.plan.notes).toEqual([
      'He leaves night, ops, and loses what is granted to these groups.',
      'He is shut out, and his API tokens with him.',
    ]);
    expect(user(userid)?.enable).toBe(true);
    await session.call('proxmox-update-user', { ...less, confirm: true });
    expect(user(userid)).toMatchObject({ enable: false, expire: 0 });
    expect(state().groups.filter(({ users }) => users.includes(userid))).toEqual([]);
  });

  it('is not changed to nothing, and time has a zone', async () => {
    const nothing = await session.call('proxmox-update-user', { cluster, userid });
    expect(nothing.data.error.code).toBe('REFUSED');
    const when = await session.call('proxmox-update-user', { cluster, userid, expire: 'tomorrow' });
    expect(when.data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'expire' }] });
    expect(writes()).toBe(before);
  });

  it('is not the one of this server', async () => {
    const own = simulator.env().PROXMOX_CLUSTER_production_TOKEN_ID?.replace(/!.*/, '');
    const gone = await session.call('proxmox-delete-user', { cluster, userid: own, confirm: true });
    const disabled = await session.call('proxmox-update-user', { cluster, userid: own, enable: false, confirm: true });
    state()
      .groups.find(({ groupid }) => groupid === 'night')
      ?.users.push(own ?? '');
    const out = await session.call('proxmox-update-user', { cluster, userid: own, groups: '', confirm: true });
    expect([gone, disabled, out].map(({ data }) => data.error.code)).toEqual(['REFUSED', 'REFUSED', 'REFUSED']);
    expect(writes()).toBe(before);
  });

  it('goes with tokens and permissions, which the plan counts', async () => {
    simulator.cluster(cluster).addToken(`${userid}!ci`, { '/vms': ['PVEVMUser'] });
    const plan = await session.call('proxmox-delete-user', { cluster, userid });
    expect(plan.data.plan.writes).toEqual([{ method: 'DELETE', path: '/access/users/ann%40pve' }]);
    expect(plan.data.plan.notes.join()).toContain('1 tokens (ci)');
    expect(user(userid)).toBeDefined();
    await session.call('proxmox-delete-user', { cluster, userid, confirm: true });
    expect(user(userid)).toBeUndefined();
  });

  it('needs a privilege', async () => {
    const { data } = await limited.call('proxmox-create-user', { cluster, userid: 'eve@pve' });
    expect(data.error.code).toBe('PRIVILEGE_MISSING');
  });

  it('leaves its group behind, which goes when confirmed', async () => {
    const plan = await session.call('proxmox-delete-group', { cluster, groupid: 'ops' });
    expect(plan.data.plan.writes).toHaveLength(1);
    expect(writes()).toBe(before);
    await session.call('proxmox-delete-group', { cluster, groupid: 'ops', confirm: true });
    expect(state().groups.some(({ groupid }) => groupid === 'ops')).toBe(false);
  });
});

describe('a role', () => {
  const roleid = 'Starter';
  const role = () => state().roles.find((one) => one.roleid === roleid);

  it('is made, widened, narrowed', async () => {
    await session.call('proxmox-create-role', { cluster, roleid, privs: 'VM.Audit,VM.PowerMgmt' });
    expect(role()?.privileges).toEqual(['VM.Audit', 'VM.PowerMgmt']);
    await session.call('proxmox-update-role', { cluster, roleid, privs: 'VM.Console', append: true, confirm: true });
    expect(role()?.privileges).toEqual(['VM.Audit', 'VM.Console', 'VM.PowerMgmt']);
    const plan = await session.call('proxmox-update-role', { cluster, roleid, privs: 'VM.Audit' });
    expect(plan.data.plan).toMatchObject({
      writes: [{ method: 'PUT', path: '/access/roles/Starter', parameters: { privs: 'VM.Audit' } }],
      notes: ['It loses VM.Console, VM.PowerMgmt.'],
    });
    expect(role()?.privileges).toHaveLength(3);
  });

  it('that is built in is left alone', async () => {
    const args = { cluster, roleid: 'PVEAdmin', privs: 'VM.Audit' };
    const changed = await session.call('proxmox-update-role', args);
    const made = await session.call('proxmox-create-role', { ...args, roleid: 'PVEMine' });
    const gone = await session.call('proxmox-delete-role', { cluster, roleid: 'PVEAdmin', confirm: true });
    for (const { data } of [changed, made, gone]) expect(data.error.code).toBe('REFUSED');
    expect(writes()).toBe(before);
  });

  it('of an unknown privilege is refused in the words of Proxmox', async () => {
    const { isError, text } = await session.call('proxmox-create-role', { cluster, roleid: 'Odd', privs: 'VM.Fly' });
    expect(isError).toBe(true);
    expect(text).toContain('VM.Fly');
  });

  it('is deleted when confirmed', async () => {
    const plan = await session.call('proxmox-delete-role', { cluster, roleid });
    expect(plan.data.plan.writes).toHaveLength(1);
    expect(writes()).toBe(before);
    await session.call('proxmox-delete-role', { cluster, roleid, confirm: true });
    expect(role()).toBeUndefined();
  });
});

describe('realms', () => {
  it('are listed', async () => {
    const { data } = await session.call('proxmox-list-realms', { cluster });
    expect(data.items.map(({ realm }: { realm: string }) => realm)).toEqual(
      state()
        .realms.map(({ realm }) => realm)
        .sort(),
    );
  });
});
