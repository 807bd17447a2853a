import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const cluster = () => simulator.cluster('production');
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  cluster().state.configuration.firewall = {};
  cluster().state.configuration.securityGroups = [{ group: 'web', rules: [] }];
  before = writes();
});

const rule = (comment: string) => ({ type: 'in', action: 'ACCEPT', proto: 'tcp', dport: '443', comment });
const comments = async (place: Record<string, unknown>) => {
  const { data } = await session.call('proxmox-firewall-get', { cluster: 'production', ...place });
  return data.result.rules.map(({ comment }: { comment: string }) => comment);
};

describe.each([
  [{ level: 'cluster' }, '/cluster/firewall/rules'],
  [{ level: 'node', node: 'pve2' }, '/nodes/pve2/firewall/rules'],
  [{ level: 'guest', vmid: 101 }, '/nodes/pve2/qemu/101/firewall/rules'],
  [{ level: 'group', group: 'web' }, '/cluster/firewall/groups/web'],
])('rules of %j', (level, path) => {
  const place = { ...level, cluster: 'production' };

  it('are added on top or at a position, switched on', async () => {
    const args = { ...place, rule: rule('a') };
    const preview = await session.call('proxmox-firewall-add-rule', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toEqual([{ method: 'POST', path, parameters: { ...rule('a'), enable: true } }]);
    expect(writes()).toBe(before);
    await session.call('proxmox-firewall-add-rule', args);
    await session.call('proxmox-firewall-add-rule', { ...place, rule: rule('b') });
    const last = await session.call('proxmox-firewall-add-rule', { ...place, rule: rule('c'), position: 2 });
    expect(last.data.result).toMatchObject({ ...level, pos: 2 });
    await session.call('proxmox-firewall-add-rule', { ...place, rule: rule('d'), position: 1 });
    expect(await comments(level)).toEqual(['b', 'd', 'a', 'c']);
  });

  it('are changed, moved and deleted', async () => {
    for (const comment of ['c', 'b', 'a'])
      await session.call('proxmox-firewall-add-rule', { ...place, rule: rule(comment) });
    const change = { ...place, pos: 0, rule: { enable: false, dport: null, proto: 'udp' }, move_to: 2 };
    const preview = await session.call('proxmox-firewall-update-rule', { ...change, dry_run: true });
    expect(preview.data.plan.writes).toMatchObject([
      { method: 'PUT', path: `${path}/0`, parameters: { enable: false, delete: 'dport', proto: 'udp' } },
      { method: 'PUT', path: `${path}/0`, parameters: { moveto: 3 } },
    ]);
    expect((await session.call('proxmox-firewall-update-rule', change)).isError).toBe(false);
    const { data } = await session.call('proxmox-firewall-get', place);
    expect(data.result.rules[2]).toEqual({
      pos: 2,
      type: 'in',
      action: 'ACCEPT',
      proto: 'udp',
      comment: 'a',
      enable: false,
    });
    await session.call('proxmox-firewall-update-rule', { ...place, pos: 2, move_to: 1 });
    expect(await comments(level)).toEqual(['b', 'a', 'c']);

    const sent = writes();
    const plan = await session.call('proxmox-firewall-delete-rule', { ...place, pos: 1 });
    expect(plan.data.plan.writes).toMatchObject([{ method: 'DELETE', path: `${path}/1` }]);
    expect(plan.data.plan.notes.join()).toContain('comment=a');
    expect(writes()).toBe(sent);
    const done = await session.call('proxmox-firewall-delete-rule', { ...place, pos: 1, confirm: true });
    expect(done.data.result.deleted).toMatchObject({ pos: 1, comment: 'a' });
    expect(await comments(level)).toEqual(['b', 'c']);
  });

  it('are replaced as a whole, new ones first', async () => {
    for (const comment of ['b', 'a'])
      await session.call('proxmox-firewall-add-rule', { ...place, rule: rule(comment) });
    const args = { ...place, rules: [rule('x'), rule('y'), rule('z')] };
    const sent = writes();
    const plan = await session.call('proxmox-firewall-replace-rules', args);
    expect(
      plan.data.plan.writes.map(({ method, path: to }: { method: string; path: string }) => `${method} ${to}`),
    ).toEqual([...[`POST ${path}`, `POST ${path}`, `POST ${path}`], ...[`DELETE ${path}/4`, `DELETE ${path}/3`]]);
    expect(writes()).toBe(sent);
    const { data, isError } = await session.call('proxmox-firewall-replace-rules', { ...args, confirm: true });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ added: 3, deleted: 2 });
    expect(await comments(level)).toEqual(['x', 'y', 'z']);
    await session.call('proxmox-firewall-replace-rules', { ...place, rules: [], confirm: true });
    expect(await comments(level)).toEqual([]);
  });
});

describe('a rule', () => {
  it.each([
    [{ level: 'node', rule: rule('a') }, 'node'],
    [{ level: 'guest', rule: rule('a') }, 'vmid'],
    [{ level: 'cluster', vmid: 101, rule: rule('a') }, 'vmid'],
    [{ level: 'cluster', rule: { type: 'in', action: 'ACCEPT', dport: '22' } }, 'rule.proto'],
    [{ level: 'cluster', rule: { ...rule('a'), enable: 'perhaps' } }, 'rule.enable'],
  ])('of %j is refused before anything is sent', async (args, argument) => {
    const { data } = await session.call('proxmox-firewall-add-rule', args);
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
    expect(writes()).toBe(before);
  });

  it('is not added to a guest that is not there, nor changed where there is none', async () => {
    const added = await session.call('proxmox-firewall-add-rule', { level: 'guest', vmid: 199, rule: rule('a') });
    expect(added.data.error.message).toContain('no guest 199');
    const changed = await session.call('proxmox-firewall-update-rule', { level: 'cluster', pos: 3, move_to: 0 });
    expect(changed.data.error.message).toContain('there is no rule');
    const neither = await session.call('proxmox-firewall-update-rule', { level: 'cluster', pos: 3 });
    expect(neither.data.error.code).toBe('INVALID_ARGUMENTS');
    expect(writes()).toBe(before);
  });

  it('goes to the cluster of its guest by the VMID map', async () => {
    const { data } = await session.call('proxmox-firewall-add-rule', {
      level: 'guest',
      vmid: 231,
      rule: rule('a'),
      dry_run: true,
    });
    expect(data).toMatchObject({ cluster: 'staging', via: 'vmid' });
  });

  it('of a guest whose VMID another cluster has too is not deleted without naming the cluster', async () => {
    const twins = await startSimulator({ world: 'twins', authDelayMs: 0 });
    const other = await startSession({ ...twins.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
    const [first] = twins.clusters;
    const vmid = first?.state.guests[0]?.vmid;
    const { data } = await other.call('proxmox-firewall-replace-rules', {
      level: 'guest',
      vmid,
      rules: [],
      confirm: true,
    });
    await other.close();
    await twins.close();
    expect(data.error.code).toBe('AMBIGUOUS_CLUSTER');
  });

  it('needs a privilege, and names it', async () => {
    const secret = cluster().addToken('eyes@pve!rules', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!rules',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-firewall-add-rule', { level: 'cluster', rule: rule('a') });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('Sys.Modify') });
  });
});

describe('a guest', () => {
  const place = { level: 'guest', vmid: 101, cluster: 'production' };
  const named = "The guest: VM 101 ('prod-web-2') on pve2, running.";
  const calls: [string, Record<string, unknown>][] = [
    ['proxmox-firewall-add-rule', { rule: rule('new') }],
    ['proxmox-firewall-update-rule', { pos: 0, rule: { dport: '80' } }],
    ['proxmox-firewall-delete-rule', { pos: 0 }],
    ['proxmox-firewall-replace-rules', { rules: [] }],
    ['proxmox-firewall-set-options', { enable: true }],
    ['proxmox-firewall-set-alias', { alias: 'new', cidr: '192.0.2.1' }],
    ['proxmox-firewall-set-ipset', { ipset: 'new' }],
    ['proxmox-firewall-delete', { kind: 'alias', object: 'old' }],
  ];

  it.each(calls)('is named in the plan of %s', async (tool, args) => {
    await session.call('proxmox-firewall-add-rule', { ...place, rule: rule('old') });
    await session.call('proxmox-firewall-set-alias', { ...place, alias: 'old', cidr: '192.0.2.2' });
    const { data } = await session.call(tool, { ...place, ...args, dry_run: true });
    expect(data.plan.notes).toContain(named);
  });

  it.each(calls.filter(([tool]) => /delete|replace|options/.test(tool)))(
    'that becomes another meanwhile is left alone by %s',
    async (tool, args) => {
      await session.call('proxmox-firewall-add-rule', { ...place, rule: rule('old') });
      await session.call('proxmox-firewall-set-alias', { ...place, alias: 'old', cidr: '192.0.2.2' });
      const sent = writes();
      const seen = cluster().requests.length;
      const guest = cluster().state.guests.find(({ vmid }) => vmid === 101);
      cluster().setFault({ kind: 'slow', ms: 400 }, { path: /101\/firewall/ });
      const pending = session.call(tool, { ...place, ...args, confirm: true });
      await expect
        .poll(() =>
          cluster()
            .requests.slice(seen)
            .some(({ path }) => /101\/status/.test(path)),
        )
        .toBe(true);
      if (guest) guest.config.name = 'another';
      const { data } = await pending;
      cluster().setFault(undefined);
      if (guest) guest.config.name = 'prod-web-2';
      expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('is not what it was') });
      expect(writes()).toBe(sent);
    },
  );
});

it('a replacement that fails half way keeps the old rules below, and is finished by calling again', async () => {
  const place = { level: 'cluster', cluster: 'production' };
  await session.call('proxmox-firewall-add-rule', { ...place, rule: rule('old') });
  const rules = [{ type: 'group', action: 'nosuch' }, rule('new')];
  const { data, isError } = await session.call('proxmox-firewall-replace-rules', { ...place, rules, confirm: true });
  expect(isError).toBe(true);
  expect(data.error.done).toHaveLength(1);
  expect(data.error.undo.join()).toContain('Call again');
  expect(await comments({ level: 'cluster' })).toEqual(['new', 'old']);
  await session.call('proxmox-firewall-replace-rules', { ...place, rules: [rule('new')], confirm: true });
  expect(await comments({ level: 'cluster' })).toEqual(['new']);
});

it('a replacement stops when somebody else changes the list meanwhile', async () => {
  const place = { level: 'cluster', cluster: 'production' };
  await session.call('proxmox-firewall-add-rule', { ...place, rule: rule('old') });
  const sent = writes();
  cluster().setFault({ kind: 'slow', ms: 80 }, { path: /firewall\/rules/ });
  const rules = [rule('x'), rule('y'), rule('z')];
  const pending = session.call('proxmox-firewall-replace-rules', { ...place, rules, confirm: true });
  await expect.poll(writes).toBeGreaterThan(sent);
  cluster().state.configuration.firewall.cluster?.rules.push({ type: 'in', action: 'DROP', comment: 'theirs' });
  const { data, isError } = await pending;
  cluster().setFault(undefined);
  expect(isError).toBe(true);
  expect(JSON.stringify(data.error)).toMatch(/somebody else changed these rules|detected modified configuration/);
  expect(data.error.message).toContain('This stopped half way');
  expect(data.error.message).not.toContain('nothing was sent');
  expect(await comments({ level: 'cluster' })).toEqual(expect.arrayContaining(['old', 'theirs']));
});

it.each([
  ['proxmox-firewall-add-rule', { rule: rule('new'), position: 2 }],
  ['proxmox-firewall-update-rule', { pos: 0, rule: { dport: '80' }, move_to: 1 }],
])('%s does not move a rule of a list that changed meanwhile', async (tool, args) => {
  const place = { level: 'cluster', cluster: 'production' };
  for (const one of ['b', 'a']) await session.call('proxmox-firewall-add-rule', { ...place, rule: rule(one) });
  const sent = writes();
  cluster().setFault({ kind: 'slow', ms: 80 }, { path: /firewall\/rules/ });
  const pending = session.call(tool, { ...place, ...args });
  await expect.poll(writes).toBeGreaterThan(sent);
  cluster().state.configuration.firewall.cluster?.rules.unshift({ type: 'in', action: 'DROP', comment: 'theirs' });
  const { data, isError } = await pending;
  cluster().setFault(undefined);
  expect(isError).toBe(true);
  expect(JSON.stringify(data.error)).toMatch(/somebody else changed these rules|detected modified configuration/);
  expect((await comments({ level: 'cluster' })).at(-1)).toBe('b');
});
