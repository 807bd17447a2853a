import { afterEach, describe, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld();
const production = () => world.simulator.cluster('production');
const sent = (method: string, path: RegExp) =>
  production().requests.filter((request) => request.method === method && path.test(request.path)).length;
const guest = (vmid: number) => production().state.guests.find((one) => one.vmid === vmid);

afterEach(() => production().setFault(undefined));

describe('a write whose reply is lost', () => {
  it('is found by its task, and told as if the reply had come, with a note', async () => {
    production().setFault({ kind: 'lost' }, { method: 'POST', times: 1 });
    const { data, isError } = await world.call('proxmox-start-vm', { vmid: 102 });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ upid: expect.stringMatching(/:qmstart:102:/), task: { state: 'ok' } });
    expect(data.notes).toContainEqual(expect.stringContaining('reply to this write was lost'));
    expect(sent('POST', /102\/status\/start$/)).toBe(1);
    expect(guest(102)?.status).toBe('running');
  });

  it('is found where half of the reply came, or the node said that it had timed out', async () => {
    production().setFault({ kind: 'reset' }, { method: 'POST', times: 1 });
    const stopped = await world.call('proxmox-stop-vm', { vmid: 102, confirm: true });
    expect(stopped.data.result).toMatchObject({ upid: expect.stringMatching(/:qmstop:102:/), task: { state: 'ok' } });
    production().setFault({ kind: 'hung' }, { node: 'pve3', path: /status\/start/, times: 1 });
    const started = await world.call('proxmox-start-vm', { vmid: 102 });
    expect(started.data.result).toMatchObject({ upid: expect.stringMatching(/:qmstart:102:/), task: { state: 'ok' } });
    expect(world.writes()).toBe(2);
  });

  it('is not certain where no task is found, and is not sent again', async () => {
    production().setFault({ kind: 'garbage' }, { method: 'POST', times: 1 });
    const before = sent('POST', /.*/);
    const error = await world.error('proxmox-reset-vm', { vmid: 102, confirm: true });
    expect(error).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringMatching(/not sent again.*no task of it/),
      cluster: 'production',
      request: 'POST /nodes/pve3/qemu/102/status/reset',
      next: expect.stringContaining('proxmox-list-tasks'),
    });
    expect(sent('POST', /.*/)).toBe(before + 1);
  });

  it('names what was asked for, and what was chosen for it, should it be there after all', async () => {
    production().setFault({ kind: 'garbage' }, { method: 'POST', times: 1 });
    const error = await world.error('proxmox-clone-vm', { source_vmid: 110, name: 'maybe' });
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', parameters: { newid: expect.any(Number), name: 'maybe' } });
    production().setFault({ kind: 'garbage' }, { method: 'POST', times: 1 });
    const secret = await world.error('proxmox-create-user', { cluster: 'production', userid: 'maybe@pve' });
    expect(secret.parameters).toEqual({ userid: 'maybe@pve' });
  });

  it('does not take the task of another for its own', async () => {
    production().setFault({ kind: 'garbage' }, { method: 'POST', times: 1 });
    const { node = '' } = guest(102) ?? {};
    const foreign = { node, id: '102', duration: 5, log: [], exitstatus: 'OK' };
    const pending = world.error('proxmox-reset-vm', { vmid: 102, confirm: true });
    await expect.poll(() => sent('POST', /reset$/)).toBeGreaterThan(1);
    production().startTask({ ...foreign, type: 'qmreset', user: 'root@pam' });
    production().startTask({ ...foreign, type: 'qmsnapshot', user: production().tokenId });
    expect(await pending).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  it('does not take one for its own that was started before the configuration was read again', async () => {
    await world.result('proxmox-reset-vm', { vmid: 100, wait: false, confirm: true });
    await world.result('proxmox-reload-configuration', {});
    production().setFault({ kind: 'garbage' }, { method: 'POST', times: 1 });
    const error = await world.error('proxmox-reset-vm', { vmid: 100, confirm: true });
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  it('is not told of two writes at once that only one of them was done by', async () => {
    production().setFault({ kind: 'lost' }, { method: 'POST', times: 1 });
    production().setFault({ kind: 'garbage' }, { method: 'POST', times: 1 });
    const reset = () => world.call('proxmox-reset-vm', { vmid: 112, confirm: true });
    const answers = await Promise.all([reset(), reset()]);
    for (const { data } of answers)
      expect(data.error).toMatchObject({ code: 'OUTCOME_UNKNOWN', tasks: [expect.stringContaining(':qmreset:112:')] });
    expect(world.writes()).toBe(2);
  });

  it('names the tasks where two fit', async () => {
    production().setFault({ kind: 'lost' }, { method: 'POST', times: 1 });
    const twin = { type: 'qmreset', user: production().tokenId, id: '102', duration: 5, log: [], exitstatus: 'OK' };
    production().startTask({ ...twin, node: guest(102)?.node ?? '' });
    const error = await world.error('proxmox-reset-vm', { vmid: 102, confirm: true });
    expect(error.code).toBe('OUTCOME_UNKNOWN');
    expect(error.tasks).toHaveLength(2);
  });
});

describe('a synchronous write whose reply is lost', () => {
  const notes = { vmid: 102, content: 'seen after all' };

  it('is read again, and told as done when it is', async () => {
    production().setFault({ kind: 'lost' }, { method: 'PUT', times: 1 });
    const { data, isError } = await world.call('proxmox-vm-notes-update', notes);
    expect(isError).toBe(false);
    expect(data.notes).toContainEqual(expect.stringContaining('read again and is so now'));
    expect(guest(102)?.config.description).toContain('seen after all');
    expect(world.writes()).toBe(1);
  });

  it('is told as not seen where it was not done', async () => {
    production().setFault({ kind: 'garbage' }, { method: 'PUT', times: 1 });
    const error = await world.error('proxmox-vm-notes-update', { vmid: 102, content: 'never there' });
    expect(error).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      not_as_asked: ['description'],
      message: expect.stringContaining('nothing of it was seen'),
    });
    expect(world.writes()).toBe(1);
  });

  it('is seen in the list for what was made, and by its absence for what was deleted', async () => {
    production().setFault({ kind: 'lost' }, { method: 'POST', times: 1 });
    const made = await world.call('proxmox-create-pool', { cluster: 'production', poolid: 'after-all' });
    expect(made.isError).toBe(false);
    expect(production().state.pools.map(({ poolid }) => poolid)).toContain('after-all');
    production().setFault({ kind: 'lost' }, { method: 'DELETE', times: 1 });
    const gone = await world.call('proxmox-delete-pool', { cluster: 'production', poolid: 'after-all', confirm: true });
    expect(gone.isError).toBe(false);
    expect(gone.data.notes).toContainEqual(expect.stringContaining('reply to this write was lost'));
    expect(production().state.pools.map(({ poolid }) => poolid)).not.toContain('after-all');
    expect(world.writes()).toBe(2);
  });

  it('is not done because what it was to change is there', async () => {
    const group = { cluster: 'production', group: 'commented' };
    await world.result('proxmox-firewall-set-group', { ...group, comment: 'before' });
    production().setFault({ kind: 'garbage' }, { method: 'POST', times: 1 });
    const error = await world.error('proxmox-firewall-set-group', { ...group, comment: 'after' });
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('it was not done') });
    production().setFault({ kind: 'lost' }, { method: 'POST', times: 1 });
    const seen = await world.call('proxmox-firewall-set-group', { ...group, comment: 'after' });
    expect(seen.data.notes).toContainEqual(expect.stringContaining('read again and is so now'));
  });

  it('of a token is not certain: its secret went with the reply', async () => {
    production().setFault({ kind: 'lost' }, { method: 'POST', times: 1 });
    const error = await world.error('proxmox-create-token', { cluster: 'production', tokenid: 'mcp@pve!unheard' });
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('is there now') });
    expect(world.writes()).toBe(1);
  });
});
