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

const configuration = () => simulator.cluster('production').state.configuration;
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  configuration().firewall = {};
  configuration().securityGroups = [];
  before = writes();
});

const levels = [{ level: 'cluster' }, { level: 'guest', vmid: 101 }];
const list = async (what: string, place: Record<string, unknown> = {}) => {
  const { data } = await session.call('proxmox-firewall-list', { what, cluster: 'production', ...place });
  return data.items;
};

describe.each(levels)('of %j', (level) => {
  const place = { ...level, cluster: 'production' };

  it('an entry of an IP set becomes an exception, and the way back is told where that stops half way', async () => {
    const set = { ...place, ipset: 'Known' };
    const made = await session.call('proxmox-firewall-set-ipset', { ...set, add: ['192.0.2.7', '192.0.2.8'] });
    expect(made.data.result).toMatchObject({ name: 'known', created: true });
    const args = { ...set, add: ['!192.0.2.7'] };
    const plan = await session.call('proxmox-firewall-set-ipset', { ...args, dry_run: true });
    expect(plan.data.plan.writes).toEqual([
      { method: 'DELETE', path: expect.stringMatching(/ipset\/known\/192\.0\.2\.7$/) },
      {
        method: 'POST',
        path: expect.stringMatching(/ipset\/known$/),
        parameters: { cidr: '192.0.2.7', nomatch: true },
      },
    ]);
    const done = await session.call('proxmox-firewall-set-ipset', args);
    expect(done.data.result).toMatchObject({ created: false, added: ['192.0.2.7'], removed: [] });
    expect((await list('ipsets', level))[0].entries.toSorted()).toEqual(['!192.0.2.7', '192.0.2.8']);

    const whole = { ...set, add: ['192.0.2.7', '0.0.0.0/0'] };
    const { data, isError } = await session.call('proxmox-firewall-set-ipset', whole);
    expect(isError).toBe(true);
    const at = level.vmid === undefined ? 'level cluster' : 'level guest, vmid 101';
    expect(data.error.undo).toEqual([`proxmox-firewall-set-ipset with ${at}, ipset known and add: ["!192.0.2.7"]`]);
    const back = await session.call('proxmox-firewall-set-ipset', { ...set, add: ['!192.0.2.7'] });
    expect(back.isError).toBe(false);
    expect((await list('ipsets', level))[0].entries.toSorted()).toEqual(['!192.0.2.7', '192.0.2.8']);
  });

  it('a new IP set that stops half way is told how to be deleted', async () => {
    const args = { ...place, ipset: 'New', add: ['192.0.2.7', '0.0.0.0/0'] };
    const { data } = await session.call('proxmox-firewall-set-ipset', args);
    const at = level.vmid === undefined ? 'level cluster' : 'level guest, vmid 101';
    expect(data.error.undo).toEqual([`proxmox-firewall-delete with ${at}, kind ipset, object new and force true`]);
    const gone = { ...place, kind: 'ipset', object: 'NEW', force: true, confirm: true };
    expect((await session.call('proxmox-firewall-delete', gone)).isError).toBe(false);
  });

  it('an alias is one in any case', async () => {
    await session.call('proxmox-firewall-set-alias', { ...place, alias: 'Office', cidr: '192.0.2.0/24' });
    const changed = await session.call('proxmox-firewall-set-alias', { ...place, alias: 'OFFICE', cidr: '192.0.2.1' });
    expect(changed.data.result).toMatchObject({ name: 'Office', created: false });
    const gone = { ...place, kind: 'alias', object: 'office', confirm: true };
    expect((await session.call('proxmox-firewall-delete', gone)).isError).toBe(false);
    expect(await list('aliases', level)).toEqual([]);
  });

  it('nothing to change is refused', async () => {
    const alias = { ...place, alias: 'office', cidr: '192.0.2.0/24', comment: 'the office' };
    const set = { ...place, ipset: 'known', comment: 'k', add: ['192.0.2.7'] };
    await session.call('proxmox-firewall-set-alias', alias);
    await session.call('proxmox-firewall-set-ipset', set);
    const sent = writes();
    for (const args of [alias, { ...alias, comment: undefined }]) {
      const { data } = await session.call('proxmox-firewall-set-alias', args);
      expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('nothing to change') });
    }
    for (const args of [set, { ...place, ipset: 'known' }]) {
      const { data } = await session.call('proxmox-firewall-set-ipset', args);
      expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('nothing to change') });
    }
    expect(writes()).toBe(sent);
  });

  it('an alias is made, changed without losing its comment, and deleted', async () => {
    const args = { ...place, alias: 'office', cidr: '192.0.2.0/24', comment: 'the office' };
    const preview = await session.call('proxmox-firewall-set-alias', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toMatchObject([{ method: 'POST', parameters: { name: 'office' } }]);
    expect(writes()).toBe(before);
    expect((await session.call('proxmox-firewall-set-alias', args)).data.result).toMatchObject({ created: true });
    const changed = { ...place, alias: 'office', cidr: '198.51.100.0/24' };
    expect((await session.call('proxmox-firewall-set-alias', changed)).data.result).toMatchObject({ created: false });
    expect(await list('aliases', level)).toEqual([{ name: 'office', cidr: '198.51.100.0/24', comment: 'the office' }]);
    expect(await list('refs', level)).toMatchObject([{ type: 'alias', name: 'office' }]);

    const gone = { ...place, kind: 'alias', object: 'office' };
    const plan = await session.call('proxmox-firewall-delete', gone);
    expect(plan.data.plan.writes).toMatchObject([
      { method: 'DELETE', path: expect.stringMatching(/aliases\/office$/) },
    ]);
    expect(await list('aliases', level)).toHaveLength(1);
    await session.call('proxmox-firewall-delete', { ...gone, confirm: true });
    expect(await list('aliases', level)).toEqual([]);
  });

  it('an IP set is made, filled, thinned out and deleted', async () => {
    const args = { ...place, ipset: 'blocked', comment: 'no', add: ['192.0.2.0/24', '!192.0.2.7', '2001:db8::/32'] };
    const preview = await session.call('proxmox-firewall-set-ipset', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toHaveLength(4);
    expect(writes()).toBe(before);
    const made = await session.call('proxmox-firewall-set-ipset', args);
    expect(made.data.result).toMatchObject({ created: true, added: ['192.0.2.0/24', '192.0.2.7', '2001:db8::/32'] });
    const change = {
      ...place,
      ipset: 'blocked',
      comment: 'yes',
      add: ['!192.0.2.7', '203.0.113.9'],
      remove: ['192.0.2.0/24'],
    };
    const changed = await session.call('proxmox-firewall-set-ipset', change);
    expect(changed.data.result).toMatchObject({ created: false, added: ['203.0.113.9'], removed: ['192.0.2.0/24'] });
    const [set] = await list('ipsets', level);
    expect(set).toMatchObject({ name: 'blocked', comment: 'yes' });
    expect(set.entries.toSorted()).toEqual(['!192.0.2.7', '2001:db8::/32', '203.0.113.9']);

    const missing = { ...place, ipset: 'blocked', remove: ['10.9.9.9'] };
    expect((await session.call('proxmox-firewall-set-ipset', missing)).data.error.message).toContain('10.9.9.9');
    const gone = { ...place, kind: 'ipset', object: 'blocked', confirm: true };
    expect((await session.call('proxmox-firewall-delete', gone)).isError).toBe(true);
    expect((await session.call('proxmox-firewall-delete', { ...gone, force: true })).isError).toBe(false);
    expect(await list('ipsets', level)).toEqual([]);
  });

  it('options are set by name, and put back to their default', async () => {
    const options = level.level === 'cluster' ? { ebtables: false } : { macfilter: false };
    const [key = ''] = Object.keys(options);
    const args = { ...place, enable: true, policy_out: 'REJECT', options };
    const plan = await session.call('proxmox-firewall-set-options', args);
    expect(plan.data.plan.writes).toMatchObject([{ method: 'PUT', parameters: { enable: true, [key]: false } }]);
    expect(plan.data.plan.notes.join()).toContain(
      level.level === 'cluster' ? 'takes in only what rules allow' : 'The datacenter firewall is off',
    );
    expect(writes()).toBe(before);
    const done = await session.call('proxmox-firewall-set-options', { ...args, confirm: true });
    expect(done.data.result.changed.toSorted()).toEqual(['enable', key, 'policy_out'].toSorted());
    const got = await session.call('proxmox-firewall-get', place);
    expect(got.data.result).toMatchObject({
      enable: true,
      policy_in: 'DROP',
      policy_out: 'REJECT',
      options: { [key]: 0 },
    });
    const back = { ...place, options: { [key]: null }, confirm: true };
    await session.call('proxmox-firewall-set-options', back);
    expect((await session.call('proxmox-firewall-get', place)).data.result.options).toEqual({});
  });
});

it('a node has options of its own and no policies', async () => {
  const place = { level: 'node', node: 'pve1', cluster: 'production' };
  const wrong = await session.call('proxmox-firewall-set-options', { ...place, policy_in: 'DROP', confirm: true });
  expect(wrong.data.error.arguments).toMatchObject([{ argument: 'policy_in' }]);
  const unknown = await session.call('proxmox-firewall-set-options', { ...place, options: { dhcp: true } });
  expect(unknown.data.error.arguments).toMatchObject([{ argument: 'options.dhcp' }]);
  const nothing = await session.call('proxmox-firewall-set-options', place);
  expect(nothing.data.error.code).toBe('INVALID_ARGUMENTS');
  expect(writes()).toBe(before);
  await session.call('proxmox-firewall-set-options', {
    ...place,
    enable: false,
    options: { tcpflags: 1 },
    confirm: true,
  });
  const { data } = await session.call('proxmox-firewall-get', place);
  expect(data.result).toMatchObject({ level: 'node', node: 'pve1', enable: false, options: { tcpflags: 1 } });
});

it('a security group is made, described anew and, empty, deleted', async () => {
  const args = { cluster: 'production', group: 'web', comment: 'web servers' };
  const preview = await session.call('proxmox-firewall-set-group', { ...args, dry_run: true });
  expect(preview.data.plan.writes).toMatchObject([{ method: 'POST', path: '/cluster/firewall/groups' }]);
  expect(configuration().securityGroups).toEqual([]);
  expect((await session.call('proxmox-firewall-set-group', args)).data.result).toEqual({ group: 'web', created: true });
  const again = await session.call('proxmox-firewall-set-group', { ...args, comment: 'all of them' });
  expect(again.data.result.created).toBe(false);
  expect(await list('groups')).toEqual([{ name: 'web', comment: 'all of them' }]);
  const same = await session.call('proxmox-firewall-set-group', { ...args, group: 'WEB', comment: 'all of them' });
  const none = await session.call('proxmox-firewall-set-group', { cluster: 'production', group: 'web' });
  expect([same.data.error.code, none.data.error.code]).toEqual(['REFUSED', 'REFUSED']);
  const rule = { type: 'in', action: 'ACCEPT', macro: 'HTTPS' };
  await session.call('proxmox-firewall-add-rule', { level: 'group', group: 'Web', rule, cluster: 'production' });
  const used = { level: 'cluster', cluster: 'production', rule: { type: 'group', action: 'Web' } };
  expect((await session.call('proxmox-firewall-add-rule', used)).isError).toBe(false);
  expect(configuration().firewall.cluster?.rules).toMatchObject([{ type: 'group', action: 'web' }]);
  const gone = { level: 'cluster', kind: 'group', object: 'web', cluster: 'production', confirm: true };
  const full = await session.call('proxmox-firewall-delete', gone);
  expect(full.isError).toBe(true);
  const remove = { level: 'group', group: 'web', pos: 0, cluster: 'production', confirm: true };
  await session.call('proxmox-firewall-delete-rule', remove);
  expect((await session.call('proxmox-firewall-delete', gone)).isError).toBe(false);
  expect(configuration().securityGroups).toEqual([]);
});

it('macros and logs are read', async () => {
  expect(await list('macros', { limit: 2 })).toHaveLength(2);
  expect(await list('log', { level: 'node', node: 'pve1' })).toEqual([{ n: 1, line: 'no content' }]);
  expect(await list('log', { level: 'guest', vmid: 101 })).toHaveLength(1);
  const wrong = await session.call('proxmox-firewall-list', { what: 'log' });
  expect(wrong.data.error.arguments).toMatchObject([{ argument: 'level' }]);
  const none = await session.call('proxmox-firewall-list', { what: 'aliases', level: 'node', node: 'pve1' });
  expect(none.data.error.arguments).toMatchObject([{ argument: 'level' }]);
});
