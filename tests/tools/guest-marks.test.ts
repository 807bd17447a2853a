import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  simulator = await startSimulator();
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const config = (vmid: number) =>
  simulator.cluster('production').state.guests.find((one) => one.vmid === vmid)?.config ?? {};
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('tags', () => {
  it('are added and removed, and the rest stays', async () => {
    const args = { vmid: 105, add: ['Blue', 'cache'], remove: ['PROD'] };
    const { data } = await session.call('proxmox-set-tags', args);
    expect(data.result).toMatchObject({ before: ['cache', 'prod'], tags: ['blue', 'cache'] });
    expect(config(105).tags).toBe('blue;cache');
    expect(writes()).toBe(before + 1);
  });

  it('are replaced, and removed to the last', async () => {
    const replaced = await session.call('proxmox-set-tags', { vmid: 105, replace: ['cache', 'prod'] });
    expect(replaced.data.result.tags).toEqual(['cache', 'prod']);
    const none = await session.call('proxmox-set-tags', { vmid: 105, remove: ['cache', 'prod'] });
    expect(none.data.result.tags).toEqual([]);
    expect(config(105)).not.toHaveProperty('tags');
  });

  it('are left alone where they are as asked, and shown before', async () => {
    const same = await session.call('proxmox-set-tags', { vmid: 100, add: ['web'] });
    expect(same.data.result).toMatchObject({ unchanged: 'it has these tags', tags: ['prod', 'web'] });
    const { data } = await session.call('proxmox-set-tags', { vmid: 100, add: ['x'], dry_run: true });
    expect(data.plan.writes).toMatchObject([{ method: 'PUT', parameters: { tags: 'prod;web;x' } }]);
    expect(writes()).toBe(before);
  });

  it.each([
    [{ add: ['a b'] }, 'a tag has letters'],
    [{}, "name tags in 'add', 'remove' or 'replace'"],
    [{ add: ['a'], replace: ['b'] }, 'is the whole list'],
    [{ add: ['a'], remove: ['A'] }, "also in 'add'"],
  ])('of %j are refused', async (args, fault) => {
    const { text } = await session.call('proxmox-set-tags', { vmid: 100, ...args });
    expect(text).toContain(fault);
    expect(writes()).toBe(before);
  });
});

describe('protection', () => {
  it('keeps a guest from being deleted, until it is taken off', async () => {
    const preview = await session.call('proxmox-set-protection', { vmid: 102, on: true, dry_run: true });
    expect(preview.data.plan.writes).toMatchObject([{ method: 'PUT', parameters: { protection: true } }]);
    expect(config(102)).not.toHaveProperty('protection');
    const on = await session.call('proxmox-set-protection', { vmid: 102, on: true });
    expect(on.data.result).toMatchObject({ protection: true });
    const refused = await session.call('proxmox-delete-vm', { vmid: 102, confirm: true });
    expect(refused.isError).toBe(true);
    const again = await session.call('proxmox-set-protection', { vmid: 102, on: true });
    expect(again.data.result.unchanged).toBe('it is protected');
    const off = { vmid: 102, on: false };
    const plan = await session.call('proxmox-set-protection', off);
    expect(plan.data.plan.writes).toMatchObject([{ method: 'PUT', parameters: { protection: false } }]);
    expect(config(102).protection).toBe(1);
    await session.call('proxmox-set-protection', { ...off, confirm: true });
    expect(config(102).protection).toBe(0);
  });

  it('that cannot be read keeps its guest from being set back', async () => {
    const cluster = simulator.cluster('production');
    await session.call('proxmox-create-snapshot', { vmid: 102, snapname: 'before' });
    const rollback = { vmid: 102, snapname: 'before', confirm: true };
    const own = { path: /\/qemu\/102\/config$/, method: 'GET' };
    cluster.setFault({ kind: 'status', status: 403, reason: 'Permission check failed (/vms/102, VM.Audit)' }, own);
    const wrote = writes();
    const refused = await session.call('proxmox-rollback-snapshot', rollback);
    expect(refused.isError, refused.text).toBe(true);
    expect(writes()).toBe(wrote);
    cluster.setFault(undefined);
    const done = await session.call('proxmox-rollback-snapshot', rollback);
    expect(done.isError, done.text).toBe(false);
    expect(writes()).toBe(wrote + 1);
  });
});

describe('notes', () => {
  it.each([
    ['vm', 100],
    ['lxc', 106],
  ])('of a %s are written, read, appended to and removed', async (kind, vmid) => {
    const call = (what: string, args = {}) => session.call(`proxmox-${kind}-notes-${what}`, { vmid, ...args });
    const first = await call('read');
    const content = '# Redis\n\nÄ 50 % + "quotes" & <b>more</b>';
    const preview = await call('update', { content, dry_run: true });
    expect(preview.data.plan.writes).toMatchObject([{ method: 'PUT', parameters: { description: content } }]);
    expect(writes()).toBe(before);
    const updated = await call('update', { content });
    expect(updated.data.result).toMatchObject({ previous: first.data.result.notes, characters: content.length });
    expect(config(vmid).description).toBe(`${content}\n`);
    const same = await call('update', { content });
    expect(same.data.result.unchanged).toBe('the notes say this');
    await call('update', { content: 'last line', append: true });
    const read = await call('read');
    expect(read.data.result).toMatchObject({ notes: `${content}\n\nlast line`, lines: 5 });
    const removed = await call('remove');
    expect(removed.data.result.previous).toBe(`${content}\n\nlast line`);
    expect(config(vmid)).not.toHaveProperty('description');
    expect((await call('remove')).data.result.unchanged).toBe('it has no notes');
    expect((await call('read')).data.result).toMatchObject({ notes: '', lines: 0 });
  });

  it('are not cut: what is too long is refused', async () => {
    const { text } = await session.call('proxmox-vm-notes-update', { vmid: 101, content: 'x'.repeat(8193) });
    expect(text).toContain('8192');
    await session.call('proxmox-vm-notes-update', { vmid: 101, content: 'x'.repeat(8000) });
    const more = await session.call('proxmox-vm-notes-update', { vmid: 101, content: 'x'.repeat(200), append: true });
    expect(more.text).toContain('8202 characters');
  });

  it('of a locked guest stay', async () => {
    const { text, isError } = await session.call('proxmox-vm-notes-remove', { vmid: 104 });
    expect(isError).toBe(true);
    expect(text).toContain('locked');
  });

  it('have all their tools', async () => {
    const { tools } = await session.client.listTools();
    const names = ['proxmox-vm-notes-read', 'proxmox-lxc-notes-read', 'proxmox-lxc-notes-update'];
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining([...names, 'proxmox-lxc-notes-remove']));
  });
});

describe('a template for notes', () => {
  it('says what it filled and what is open, and asks no cluster', async () => {
    const asked = simulator.clusters.flatMap(({ requests }) => requests).length;
    const variables = { title: 'Shop', owner: 'web team', ports: '80|443', sla: 'gold' };
    const { data } = await session.call('proxmox-notes-template', { template_type: 'service', variables });
    expect(data.result).toMatchObject({
      format: 'markdown',
      filled: ['title', 'owner', 'ports', 'sla'],
      open: ['service', 'contact', 'depends_on', 'start', 'monitoring', 'documentation'],
    });
    expect(data.result.content).toContain('# Shop\n');
    expect(data.result.content).toContain('| Ports | 80\\|443 |');
    expect(data.result.content).toContain('| Depends on | {{depends_on}} |');
    expect(data.result.content).toContain('| Sla | gold |');
    expect(simulator.clusters.flatMap(({ requests }) => requests)).toHaveLength(asked);
  });

  it('is HTML on demand, with what must be escaped', async () => {
    const args = { template_type: 'overview', format: 'html', variables: { title: 'a < b', purpose: 'x\ny' } };
    const { data } = await session.call('proxmox-notes-template', args);
    expect(data.result.content).toContain('<h1>a &lt; b</h1>');
    expect(data.result.content).toContain('<td>x<br>y</td>');
  });

  it('has three kinds and no other', async () => {
    const { text } = await session.call('proxmox-notes-template', { template_type: 'windows' });
    expect(text).toContain('template_type');
    const bad = await session.call('proxmox-notes-template', { template_type: 'overview', variables: { 'a b': 'x' } });
    expect(bad.text).toContain('names are letters');
  });
});
