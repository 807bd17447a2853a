import { beforeEach, describe, expect, it } from 'vitest';
import { startSession } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const both = { cluster: 'production', target_cluster: 'staging' };
const tool = 'proxmox-copy-definition';
const sure = { ...both, confirm: true };

const cluster = (name: string) => world.simulator.cluster(name);
const state = (name: string) => cluster(name).state;
const firewall = (name: string) => {
  const { configuration } = state(name);
  configuration.firewall.cluster ??= { rules: [], options: {}, aliases: [], ipsets: [] };
  return configuration.firewall.cluster;
};
const groupOf = (name: string, group = 'web') =>
  state(name).configuration.securityGroups.find((one) => one.group === group);
const sent = (name: string) =>
  cluster(name)
    .requests.filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path.replace('/api2/json', '')}`);

const rules = [
  { type: 'in', action: 'ACCEPT', macro: 'SSH', source: '+dc/admins', enable: 1, comment: 'first' },
  { type: 'in', action: 'ACCEPT', proto: 'tcp', dport: '80,443', enable: 1 },
  { type: 'in', action: 'DROP', source: 'office', log: 'info', enable: 0 },
];

/** A group that names an IP set, which names an alias, and an alias. */
beforeEach(() => {
  for (const { name } of world.simulator.clusters) {
    state(name).configuration.securityGroups = [];
    Object.assign(firewall(name), { rules: [], aliases: [], ipsets: [] });
  }
  firewall('production').aliases = [
    { name: 'office', cidr: '192.0.2.0/24', comment: 'o' },
    { name: 'Home', cidr: '198.51.100.7' },
    { name: 'unused', cidr: '198.51.100.8' },
  ];
  firewall('production').ipsets = [
    {
      name: 'admins',
      comment: 'a',
      entries: [
        { cidr: 'home', nomatch: false },
        { cidr: '10.0.0.0/8', nomatch: false, comment: 'n' },
        { cidr: '10.1.0.0/16', nomatch: true },
      ],
    },
    { name: 'unused', entries: [] },
  ];
  state('production').configuration.securityGroups = [
    { group: 'web', comment: 'web servers', rules: structuredClone(rules) },
  ];
});

describe('a security group', () => {
  const args = { kind: 'firewall-group', name: 'Web' };

  it('is planned first: what it names, itself, and its rules from the last', async () => {
    const writes = await world.plan(tool, { ...both, ...args });
    expect(writes.map(({ cluster: where, method, path }) => `${where} ${method} ${path}`)).toEqual([
      'staging POST /cluster/firewall/aliases',
      'staging POST /cluster/firewall/aliases',
      'staging POST /cluster/firewall/ipset',
      'staging POST /cluster/firewall/ipset/admins',
      'staging POST /cluster/firewall/ipset/admins',
      'staging POST /cluster/firewall/ipset/admins',
      'staging POST /cluster/firewall/groups',
      'staging POST /cluster/firewall/groups/web',
      'staging POST /cluster/firewall/groups/web',
      'staging POST /cluster/firewall/groups/web',
    ]);
    expect(writes[7]?.parameters).toEqual({ type: 'in', action: 'DROP', source: 'office', log: 'info', enable: false });
  });

  it('is there afterwards as it was, with what it names and nothing else', async () => {
    const result = await world.result(tool, { ...sure, ...args });
    expect(result).toMatchObject({
      created: true,
      checked: true,
      target_cluster: 'staging',
      also: ['alias Home', 'alias office', 'IP set admins of 3 entries'],
    });
    expect(result).not.toHaveProperty('differs');
    expect(groupOf('staging')?.rules).toEqual(rules);
    expect(groupOf('staging')?.comment).toBe('web servers');
    expect(firewall('staging').ipsets).toEqual(
      [firewall('production').ipsets[0]].map((set) =>
        expect.objectContaining({ name: set?.name, entries: set?.entries }),
      ),
    );
    expect(firewall('staging').aliases.map(({ name }) => name)).toEqual(['Home', 'office']);
    const again = await world.result(tool, { ...sure, ...args });
    expect(again).toMatchObject({ created: false, unchanged: 'it is there, and like this' });
    expect(world.writes()).toBe(10);
  });

  it('takes the place of another only when that is said, new rules before the old ones go', async () => {
    const old = { type: 'in', action: 'ACCEPT', proto: 'tcp', dport: '8080', enable: 1 };
    state('staging').configuration.securityGroups = [{ group: 'web', comment: 'old', rules: [old, old] }];
    const error = await world.error(tool, { ...sure, ...args });
    expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('differs in comment, rules') });
    expect(world.writes()).toBe(0);
    const { data } = await world.call(tool, { ...both, ...args, overwrite: true });
    expect(data.plan.notes.join()).toContain('IN ACCEPT -p tcp -dport 8080');
    const result = await world.result(tool, { ...sure, ...args, overwrite: true });
    expect(result).toMatchObject({ created: false, checked: true });
    expect(result).not.toHaveProperty('differs');
    expect(groupOf('staging')).toMatchObject({ comment: 'web servers', rules });
    const order = sent('staging').slice(-6);
    expect(order.slice(-2)).toEqual(Array(2).fill(expect.stringMatching(/^DELETE .*\/web\/[34]\b/)));
  });

  it('is refused where a name means something else there, or nothing here', async () => {
    firewall('staging').aliases = [{ name: 'OFFICE', cidr: '203.0.113.0/24' }];
    const other = await world.error(tool, { ...sure, ...args });
    expect(other).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('the rules name office') });
    firewall('staging').aliases = [{ name: 'OFFICE', cidr: '192.0.2.0/24' }];
    firewall('staging').ipsets = [{ name: 'admins', entries: [{ cidr: '10.0.0.0/8', nomatch: false }] }];
    const set = await world.error(tool, { ...sure, ...args });
    expect(set.message).toContain('the rules name admins');
    firewall('production').aliases = [];
    const missing = await world.error(tool, { ...sure, ...args });
    expect(missing.message).toContain('alias home, alias office');
    expect(world.writes()).toBe(0);
  });

  it('uses what is there already, in whatever case it is written', async () => {
    firewall('staging').aliases = [{ name: 'OFFICE', cidr: '192.0.2.0/24' }];
    const result = await world.result(tool, { ...sure, ...args });
    expect(result.also).toEqual(['alias Home', 'IP set admins of 3 entries']);
  });

  it('says what was done when a step fails, and how to take it back', async () => {
    cluster('staging').setFault(
      { kind: 'status', status: 500, reason: 'no space left' },
      { path: /\/firewall\/groups\/web/ },
    );
    const error = await world.error(tool, { ...sure, ...args });
    cluster('staging').setFault(undefined);
    expect(error.message).toContain('This stopped half way');
    expect(error.done.map(({ path }: { path: string }) => path).at(-1)).toBe('/cluster/firewall/groups');
    expect(error.done.every((one: { cluster: string }) => one.cluster === 'staging')).toBe(true);
    expect(error.undo).toHaveLength(4);
    expect(error.undo.at(-1)).toContain('cluster staging, level group, group web and rules []');
    expect(error.undo[0]).toContain('kind alias, object Home');
  });

  it('does not take a rule for added that no answer told of', async () => {
    cluster('staging').setFault({ kind: 'garbage' }, { path: /\/firewall\/groups\/web/, method: 'POST', times: 1 });
    const error = await world.error(tool, { ...sure, ...args });
    cluster('staging').setFault(undefined);
    expect(error.code).not.toBe('REFUSED');
    expect(error.done.at(-1)).toMatchObject({ path: '/cluster/firewall/groups' });
    expect(groupOf('staging')?.rules).toEqual([]);
  });

  it('is not there as here while what it names is not', async () => {
    state('staging').configuration.securityGroups = structuredClone(state('production').configuration.securityGroups);
    const error = await world.error(tool, { ...sure, ...args });
    expect(error.message).toContain('differs in what it names');
    const result = await world.result(tool, { ...sure, ...args, overwrite: true });
    expect(result.also).toHaveLength(3);
    expect(world.writes()).toBe(6);
  });

  it('is refused for a macro that the other version does not have', async () => {
    groupOf('production')?.rules.push({ type: 'in', action: 'ACCEPT', macro: 'Invented', enable: 1 });
    const error = await world.error(tool, { ...sure, ...args });
    expect(error.message).toContain('no macro Invented');
  });

  it('is refused where there is none of that name', async () => {
    const error = await world.error(tool, { ...sure, ...args, name: 'nothing' });
    expect(error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining("production has no security group 'nothing'"),
    });
  });
});

describe('a role', () => {
  it('comes with the privileges that the other version knows; the others are said', async () => {
    state('production').roles.push({ roleid: 'Agent', privileges: ['VM.Audit', 'VM.GuestAgent.Audit'] });
    const args = { kind: 'role', name: 'Agent' };
    expect(await world.plan(tool, { ...both, ...args })).toMatchObject([
      { method: 'POST', path: '/access/roles', parameters: { roleid: 'Agent', privs: 'VM.Audit' } },
    ]);
    const result = await world.result(tool, { ...sure, ...args });
    expect(result).toMatchObject({
      created: true,
      left_out: ['privilege VM.GuestAgent.Audit: the version of staging has none such'],
      differs: [{ key: 'privileges', source: ['VM.GuestAgent.Audit'], target: [] }],
    });
    expect(state('staging').roles.at(-1)).toEqual({ roleid: 'Agent', privileges: ['VM.Audit'] });
    const again = await world.result(tool, { ...sure, ...args });
    expect(again.unchanged).toBeDefined();
    state('staging').roles.at(-1)?.privileges.push('VM.Console');
    expect(await world.error(tool, { ...sure, ...args })).toMatchObject({ code: 'REFUSED' });
    await world.result(tool, { ...sure, ...args, overwrite: true });
    expect(state('staging').roles.at(-1)?.privileges).toEqual(['VM.Audit']);
  });

  it('is not a built-in one, and not one of which nothing is known there', async () => {
    expect(await world.error(tool, { ...sure, kind: 'role', name: 'PVEAdmin' })).toMatchObject({ code: 'REFUSED' });
    state('production').roles.push({ roleid: 'Newer', privileges: ['VM.Replicate'] });
    const error = await world.error(tool, { ...sure, kind: 'role', name: 'Newer' });
    expect(error.message).toContain('knows none of the privileges');
    expect(world.writes()).toBe(0);
  });
});

describe('a pool', () => {
  it('comes with its comment, and without its guests', async () => {
    const result = await world.result(tool, { ...sure, kind: 'pool', name: 'data' });
    expect(result).toMatchObject({ created: true, checked: true });
    expect(result.left_out[0]).toMatch(/^its \d+ guests and 0 storages/);
    expect(state('staging').pools.at(-1)).toEqual({
      poolid: 'data',
      comment: 'Databases and queues',
      vmids: [],
      storages: [],
    });
  });

  it('changes the comment of one that is there, when that is said', async () => {
    const pool = state('staging').pools.find(({ poolid }) => poolid === 'web');
    if (pool === undefined) throw new Error('no pool');
    expect(await world.result(tool, { ...sure, kind: 'pool', name: 'web' })).toMatchObject({ created: false });
    pool.comment = 'other';
    expect(await world.error(tool, { ...sure, kind: 'pool', name: 'web' })).toMatchObject({ code: 'REFUSED' });
    await world.result(tool, { ...sure, kind: 'pool', name: 'web', overwrite: true });
    expect(pool).toMatchObject({ comment: 'Web servers' });
    expect(pool.vmids.length).toBeGreaterThan(0);
  });

  it('needs the one that it is in', async () => {
    state('production').pools.push({ poolid: 'ci/big', comment: '', vmids: [], storages: [] });
    const error = await world.error(tool, { ...sure, kind: 'pool', name: 'ci/big' });
    expect(error.message).toContain("staging has no pool 'ci' to put it in");
  });
});

describe('a backup job', () => {
  const args = { kind: 'backup-job', name: 'backup-nightly' };

  it('of all guests is copied without what it excludes; the storage of that name is another', async () => {
    const { data } = await world.call(tool, { ...both, ...args });
    expect(data.plan.writes).toMatchObject([
      { cluster: 'staging', method: 'POST', path: '/cluster/backup', parameters: { id: 'backup-nightly', all: '1' } },
    ]);
    expect(data.plan.notes.join('\n')).toContain(
      'Storage pbs-backup of staging is not that of production: server differ',
    );
    const result = await world.result(tool, { ...sure, ...args });
    expect(result).toMatchObject({
      created: true,
      left_out: ['exclude 145,146: these VMIDs mean guests of production'],
      differs: [{ key: 'exclude', source: '145,146' }],
    });
    const job = state('staging').backupJobs.find(({ id }) => id === 'backup-nightly');
    expect(job).toMatchObject({
      all: true,
      schedule: '02:00',
      storage: 'pbs-backup',
      exclude: [],
      prune: { 'keep-daily': 7 },
    });
    expect((await world.result(tool, { ...sure, ...args })).unchanged).toBeDefined();
  });

  it('takes the place of another when that is said, and keeps what that one excludes', async () => {
    const job = state('staging').backupJobs.find(({ id }) => id === 'backup-nightly');
    if (job === undefined) throw new Error('no job');
    Object.assign(job, {
      schedule: '05:00',
      exclude: [220],
      enabled: false,
      options: { lockwait: 60, compress: 'zstd' },
    });
    expect((await world.error(tool, { ...sure, ...args })).message).toContain('schedule');
    await world.result(tool, { ...sure, ...args, overwrite: true, target_storage: 'local' });
    const now = state('staging').backupJobs.find(({ id }) => id === 'backup-nightly');
    expect(now).toMatchObject({ schedule: '02:00', exclude: [220], enabled: true, storage: 'local' });
    expect(now?.options).not.toHaveProperty('lockwait');
  });

  it('of VMIDs is refused, as these are other guests there', async () => {
    const error = await world.error(tool, { ...sure, kind: 'backup-job', name: 'backup-db-hourly' });
    expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('103,104') });
  });

  it('needs its pool, and a storage that holds backups', async () => {
    state('production').backupJobs.push({
      ...{ id: 'backup-ci', schedule: 'daily', storage: 'pbs-backup', enabled: true, mode: 'snapshot', all: false },
      ...{
        vmids: [],
        exclude: [],
        prune: {},
        pool: 'ci',
        options: {
          node: 'pve1',
          fleecing: 'enabled=1,storage=fast',
          'exclude-path': ['/tmp/?*', '/var/a,b'],
          script: '/x',
        },
      },
    });
    const ci = { ...sure, kind: 'backup-job', name: 'backup-ci' };
    expect((await world.error(tool, ci)).message).toContain("pool 'ci'");
    const { error } = (await world.call(tool, { ...ci, kind: 'pool', name: 'ci' })).data;
    expect(error).toBeUndefined();
    const storage = await world.error(tool, { ...ci, target_storage: 'local-lvm' });
    expect(storage.message).toContain("storage 'local-lvm' holds no 'backup' on staging");
    const result = await world.result(tool, ci);
    expect(result.left_out).toEqual([
      'script: not for a token to set, or not of this version',
      'node pve1: staging has no such node, so the job is for all of its nodes',
      'fleecing: staging has no storage fast for it',
    ]);
    expect(state('staging').backupJobs.at(-1)).toMatchObject({
      pool: 'ci',
      id: 'backup-ci',
      options: { 'exclude-path': ['/tmp/?*', '/var/a,b'] },
    });
  });
});

describe('a storage', () => {
  const add = (storage: string, type: string, options: Record<string, string | number>, more = {}) =>
    state('production').storages.push({
      ...{ storage, type, content: ['images'], shared: false, enabled: true, options, total: 1, used: 0 },
      ...{ inactiveOn: [], volumes: [], ...more },
    });

  it('is defined there as here', async () => {
    add(
      'share',
      'nfs',
      { server: '10.0.0.5', export: '/x', path: '/mnt/pve/share', 'prune-backups': 'keep-last=3' },
      { shared: true },
    );
    const args = { kind: 'storage', name: 'share' };
    const { data } = await world.call(tool, { ...both, ...args });
    expect(data.plan.notes.join()).toContain('Both clusters then write images');
    const result = await world.result(tool, { ...sure, ...args });
    expect(result).toMatchObject({ created: true, checked: true });
    expect(result).not.toHaveProperty('differs');
    expect(state('staging').storages.at(-1)).toMatchObject({
      storage: 'share',
      options: { server: '10.0.0.5', export: '/x' },
    });
  });

  it('is never changed', async () => {
    const error = await world.error(tool, { ...sure, kind: 'storage', name: 'nfs-shared', overwrite: true });
    expect(error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining('proxmox-update-storage') });
    expect(await world.result(tool, { ...sure, kind: 'storage', name: 'local' })).toMatchObject({ created: false });
  });

  it('needs nodes of the other cluster where it is only on some', async () => {
    add('tank', 'zfspool', { pool: 'tank' }, { nodes: ['pve1'] });
    const args = { ...sure, kind: 'storage', name: 'tank' };
    expect(await world.error(tool, args)).toMatchObject({
      arguments: [{ argument: 'nodes', message: expect.stringContaining('pve-stg1') }],
    });
    expect(await world.error(tool, { ...args, nodes: 'pve9' })).toMatchObject({ code: 'INVALID_ARGUMENTS' });
    await world.result(tool, { ...args, nodes: 'pve-stg2' });
    expect(state('staging').storages.at(-1)).toMatchObject({ storage: 'tank', nodes: ['pve-stg2'] });
  });

  it('needs the password that Proxmox does not read out, and shows it nowhere', async () => {
    add(
      'vault',
      'pbs',
      { server: '10.0.0.6', datastore: 'x', username: 'pve@pbs' },
      { content: ['backup'], shared: true },
    );
    const args = { ...both, kind: 'storage', name: 'vault' };
    expect(await world.error(tool, args)).toMatchObject({ arguments: [{ argument: 'password' }] });
    const plan = await world.call(tool, { ...args, password: 'hush-hush' });
    expect(plan.text).not.toContain('hush-hush');
    const done = await world.call(tool, { ...args, confirm: true, password: 'hush-hush' });
    expect(done.isError).toBe(false);
    expect(done.text).not.toContain('hush-hush');
  });

  it('is refused where a key or a type cannot be copied', async () => {
    add('sealed', 'pbs', { server: '10.0.0.6', datastore: 'x', 'encryption-key': 'ab:cd' }, { content: ['backup'] });
    add('outer', 'rbd', { pool: 'rbd', monhost: '10.0.0.9' });
    add('odd', 'zfs', { pool: 'p', portal: '1', target: 't', iscsiprovider: 'comstar' });
    for (const name of ['sealed', 'outer', 'odd'])
      expect(await world.error(tool, { ...sure, kind: 'storage', name, password: 'x' }), name).toMatchObject({
        code: 'REFUSED',
      });
    expect(world.writes()).toBe(0);
  });
});

describe('a copy', () => {
  it.each([
    [{ ...sure, kind: 'role', name: 'Operator', nodes: 'pve1', password: 'x' }, ['nodes', 'password']],
    [{ ...sure, kind: 'pool', name: 'web', target_storage: 'local' }, ['target_storage']],
    [{ cluster: 'production', kind: 'pool', name: 'web' }, ['target_cluster']],
    [{ target_cluster: 'staging', kind: 'pool', name: 'web' }, ['cluster']],
    [{ ...both, target_cluster: 'production', kind: 'pool', name: 'web' }, ['target_cluster']],
  ])('%j: the arguments do not fit', async (args, faults) => {
    const error = await world.error(tool, args);
    expect(error.code).toBe('INVALID_ARGUMENTS');
    expect(error.arguments.map(({ argument }: { argument: string }) => argument)).toEqual(faults);
    expect(world.writes()).toBe(0);
  });

  it.each(['production', 'staging'])('sends nothing where %s is gone', async (gone) => {
    cluster(gone).setFault({ kind: 'unreachable' });
    const error = await world.error(tool, { ...sure, kind: 'pool', name: 'ci' });
    cluster(gone).setFault(undefined);
    expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE', cluster: gone });
    expect(world.writes()).toBe(0);
  });

  it.each([
    ['staging', { '/': ['PVEAuditor'] }, 'Sys.Modify'],
    ['production', { '/vms': ['PVEAuditor'] }, 'Sys.Audit'],
  ])('needs privileges on %s too, and names what is missing', async (where, grants, missing) => {
    const secret = cluster(where).addToken('eyes@pve!half', grants);
    const session = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      [`PROXMOX_CLUSTER_${where}_TOKEN_ID`]: 'eyes@pve!half',
      [`PROXMOX_CLUSTER_${where}_TOKEN_SECRET`]: secret,
    });
    const { data } = await session.call(tool, { ...sure, kind: 'firewall-group', name: 'web' });
    await session.close();
    expect(data.error).toMatchObject({
      code: 'PRIVILEGE_MISSING',
      cluster: where,
      message: expect.stringContaining(missing),
    });
    expect(groupOf('staging')).toBeUndefined();
  });
});
