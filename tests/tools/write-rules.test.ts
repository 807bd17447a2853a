import { describe, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld();

describe('which cluster a name chooses', () => {
  it('is no matter of the name of what is no guest', async () => {
    const target = { name: 'stg-hook', type: 'webhook', url: 'https://hooks.example.com/a', dry_run: true };
    const { data } = await world.call('proxmox-set-notification-target', target);
    expect(data).toMatchObject({ cluster: 'production', via: 'default' });
    const guest = await world.call('proxmox-create-vm', { name: 'stg-web-9', dry_run: true });
    expect(guest.data).toMatchObject({ cluster: 'staging', via: 'pattern' });
  });

  it('must be given for what destroys and is about no guest', async () => {
    const error = await world.error('proxmox-delete-notification', { kind: 'target', name: 'x1', confirm: true });
    expect(error).toMatchObject({ code: 'AMBIGUOUS_CLUSTER', candidates: expect.arrayContaining(['staging']) });
    expect(world.writes()).toBe(0);
  });
});

describe('a VMID that was left out', () => {
  it('is one that the map gives to the cluster, so that later calls by it go there', async () => {
    const { data } = await world.call('proxmox-create-vm', { cluster: 'staging', name: 'scratch', disk_gb: 1 });
    expect(data.result.vmid).toBeGreaterThanOrEqual(200);
    expect(data.result.vmid).toBeLessThanOrEqual(299);
    const again = await world.call('proxmox-vm-info', { vmid: data.result.vmid });
    expect(again.data).toMatchObject({ cluster: 'staging', via: 'vmid', result: { name: 'scratch' } });
  });

  it('is told of where it is given and means another cluster', async () => {
    const { data } = await world.call('proxmox-create-vm', { name: 'prod-new', vmid: 251, disk_gb: 1, dry_run: true });
    expect(data.cluster).toBe('production');
    expect(data.plan.notes).toContain(
      "VMID 251 is mapped to cluster staging: name 'production' in every call about it.",
    );
  });
});

describe('arguments that are wrong', () => {
  it.each([
    ['proxmox-delete-vm', { name: 'prod-web-1', cluster: 'all', confirm: true }, 'cluster', 'takes one cluster'],
    ['proxmox-start-vm', { vmid: 102, cluster: 'staging,production' }, 'cluster', 'takes one cluster'],
    ['proxmox-start-vm', { vmid: 102, cluster: 'core' }, 'cluster', 'takes one cluster'],
    ['proxmox-wait-task', {}, 'upid', 'is needed (upid: UPID)'],
    ['proxmox-create-vm', { cores: 'two' }, 'cores', '(cores: '],
  ])('%s %j names %s and what would be right', async (tool, args, argument, message) => {
    const error = await world.error(tool, args);
    expect(error.code).toBe('INVALID_ARGUMENTS');
    expect(error.arguments[0]).toMatchObject({ argument, message: expect.stringContaining(message) });
    expect(world.writes()).toBe(0);
  });
});

/** Lets a task of a type take so many seconds of the simulator's clock, as soon as it runs. */
async function slowDown(type: string, seconds: number): Promise<void> {
  const { state } = world.simulator.cluster('production');
  const running = () => state.tasks.find((task) => task.type === type && task.endtime === undefined);
  for (let looks = 0; looks < 2000 && running() === undefined; looks += 1)
    await new Promise((resolve) => setTimeout(resolve, 2));
  const task = running();
  if (task !== undefined) task.duration = seconds;
}

describe('a task that goes on', () => {
  it('is waited for as long as is left of the call, after the tasks of its steps', async () => {
    // What is imported grows after it was made, and is started then.
    const image = { import_from: 'local-lvm:vm-102-disk-0', disk_gb: 50, storage: 'local-lvm', node: 'pve3' };
    const args = { cluster: 'production', name: 'late', ...image, start: true, timeout: 4 };
    const pending = world.call('proxmox-create-vm', args);
    await slowDown('qmcreate', 45);
    await slowDown('qmstart', 10_000);
    const { data, isError } = await pending;
    expect(isError).toBe(false);
    expect(data.result.task.state).toBe('running');
    expect(data.result.task.waited).toBeLessThan(2.5);
  });

  it('is told with the way to its end', async () => {
    const { data } = await world.call('proxmox-start-vm', { vmid: 102, wait: false });
    expect(data.notes).toEqual([expect.stringContaining('proxmox-wait-task')]);
    await world.call('proxmox-wait-task', { upid: data.result.upid });
  });
});

describe('a plan', () => {
  it('shows no secret, wherever it stands', async () => {
    const [write] = await world.plan('proxmox-set-notification-target', {
      name: 'hook',
      type: 'webhook',
      url: 'https://me:hunter22@hooks.example.com/a?token=hunter22&x=hunter22',
      headers: { 'X-Api-Thing': 'hunter22' },
      dry_run: true,
    });
    const text = JSON.stringify(write);
    expect(text).not.toContain('hunter22');
    expect(text).not.toContain(Buffer.from('hunter22').toString('base64'));
    expect(write?.parameters.url).toBe('https://[not shown]@hooks.example.com/a?token=[not shown]&x=[not shown]');
  });

  it('shows none of a long value either', async () => {
    const long = `https://me:hunter22@hooks.example.com/a?token=hunter22${'&pad=x'.repeat(160)}`;
    const hook = {
      name: 'hook',
      type: 'webhook',
      url: long,
      headers: { 'X-Api-Thing': `hunter22${'x'.repeat(2000)}` },
    };
    const [write] = await world.plan('proxmox-set-notification-target', { ...hook, dry_run: true });
    const text = JSON.stringify(write);
    expect(text).not.toContain('hunter22');
    expect(text).not.toContain(Buffer.from('hunter22').toString('base64').slice(0, 8));
  });

  it('takes what is only named in `more` there and beside it', async () => {
    const beside = await world.plan('proxmox-start-vm', { vmid: 102, dry_run: true });
    expect(await world.plan('proxmox-start-vm', { vmid: 102, more: { dry_run: true } })).toEqual(beside);
  });
});

describe('a guest as it is now', () => {
  it('is told where the list of resources is still behind', async () => {
    const down = await world.result('proxmox-stop-vm', { vmid: 101, confirm: true });
    expect(down.task.state).toBe('ok');
    const { data } = await world.call('proxmox-delete-vm', { vmid: 101 });
    expect(data.plan.target).toMatchObject({ vmid: 101, status: 'stopped' });
  });

  it('is not started where it is only paused', async () => {
    await world.result('proxmox-suspend-vm', { vmid: 100, confirm: true });
    expect((await world.error('proxmox-start-vm', { vmid: 100 })).next).toContain('proxmox-resume-vm');
    expect((await world.result('proxmox-resume-vm', { vmid: 100 })).task.state).toBe('ok');
  });
});

describe('a snapshot', () => {
  it('that is not there is refused with those that are', async () => {
    await world.result('proxmox-shutdown-vm', { vmid: 102, confirm: true });
    await world.result('proxmox-create-snapshot', { vmid: 102, snapname: 'before' });
    const error = await world.error('proxmox-rollback-snapshot', { vmid: 102, snapname: 'befor', confirm: true });
    expect(error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining('before') });
    const { data } = await world.call('proxmox-rollback-snapshot', { vmid: 102, snapname: 'before' });
    expect(data.plan.notes).toEqual([expect.stringMatching(/^Snapshot before of 20.*without memory.* is lost\.$/)]);
  });
});
