import { describe, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld(
  { PROXMOX_CLUSTER_PATTERNS: '', PROXMOX_CLUSTER_VMID_MAP: '' },
  { world: 'twins', authDelayMs: 0 },
);

describe('a change that names no cluster, where two could be meant', () => {
  it.each([
    ['proxmox-assign-permission', { path: '/', roles: 'Administrator', users: 'root@pam' }],
    ['proxmox-create-pool', { poolid: 'web' }],
    ['proxmox-create-user', { userid: 'ann@pve' }],
    ['proxmox-create-token', { tokenid: 'root@pam!two' }],
    ['proxmox-resize-vm-disk', { vmid: 100, grow_gb: 1 }],
  ])('is refused for %s', async (tool, args) => {
    const error = await world.error(tool, args);
    expect(error).toMatchObject({ code: 'AMBIGUOUS_CLUSTER', candidates: ['east', 'west'] });
    expect(world.writes()).toBe(0);
    expect(await world.error(tool, { ...args, dry_run: true })).toMatchObject({ code: 'AMBIGUOUS_CLUSTER' });
  });

  it('is done where it can be taken back, and both the plan and the result say that another was possible', async () => {
    const args = { vmid: 100, snapname: 'before' };
    const remark = expect.stringMatching(/this is about east; guest 100 or its name is also on west/);
    const plan = await world.call('proxmox-create-snapshot', { ...args, dry_run: true });
    expect(plan.data.plan.notes).toContainEqual(remark);
    expect(world.writes()).toBe(0);
    const { data } = await world.call('proxmox-create-snapshot', args);
    expect(data).toMatchObject({ cluster: 'east', via: 'default', notes: expect.arrayContaining([remark]) });
  });

  it('is done without a remark where the cluster is named', async () => {
    const { data } = await world.call('proxmox-create-snapshot', { cluster: 'west', vmid: 100, snapname: 'named' });
    expect(JSON.stringify(data)).not.toContain('is also on');
    const made = await world.call('proxmox-create-pool', { cluster: 'west', poolid: 'fresh' });
    expect(made.isError).toBe(false);
  });
});

describe('a guest that the named cluster does not have', () => {
  it('is told where it is', async () => {
    const { guests } = world.simulator.cluster('west').state;
    const web = guests.find(({ vmid }) => vmid === 100);
    if (web === undefined) throw new Error('no guest 100');
    web.vmid = 777;
    const error = await world.error('proxmox-vm-info', { vmid: 777, cluster: 'east' });
    web.vmid = 100;
    expect(error).toMatchObject({
      code: 'GUEST_NOT_FOUND',
      found: [{ cluster: 'west', vmid: 777 }],
      next: expect.stringContaining("with cluster 'west'"),
    });
  });

  it('may be a mixture of two of its own', async () => {
    const [first, second] = world.simulator.cluster('east').state.guests.filter(({ type }) => type === 'qemu');
    const name = second?.config.name;
    const error = await world.error('proxmox-vm-info', { vmid: first?.vmid, name, cluster: 'east' });
    expect(error).toMatchObject({
      code: 'GUEST_NOT_FOUND',
      next: expect.stringContaining('those of different guests'),
    });
    expect(error.found.filter(({ cluster }: { cluster: string }) => cluster === 'east')).toHaveLength(2);
  });
});

it('names the other cluster in the head of an answer about two', async () => {
  const { data } = await world.call('proxmox-compare-clusters', { cluster: 'east', target_cluster: 'west' });
  expect(Object.entries(data).slice(0, 2)).toEqual([
    ['cluster', 'east'],
    ['target_cluster', 'west'],
  ]);
  const copy = { cluster: 'east', target_cluster: 'west', kind: 'pool', name: 'none' };
  expect((await world.call('proxmox-copy-definition', { ...copy, dry_run: true })).text).toContain('west');
});

it('says that a guest of that name is there already', async () => {
  const args = { cluster: 'east', name: 'web', dry_run: true };
  const { data } = await world.call('proxmox-create-vm', args);
  expect(data.plan.notes).toContainEqual('A guest of that name was on east already: 100.');
  const other = await world.call('proxmox-create-vm', { ...args, name: 'nobody-yet' });
  expect(JSON.stringify(other.data)).not.toContain('already');
});

it('speaks of arguments in words for people', async () => {
  const empty = await world.error('proxmox-vm-info', { name: '', cluster: 'east' });
  expect(empty.arguments).toEqual([{ argument: 'name', message: expect.stringMatching(/^must not be empty/) }]);
  const wrong = await world.error('proxmox-vm-info', { vmid: 7, cluster: 5 });
  expect(wrong.arguments.map(({ message }: { message: string }) => message)).toEqual([
    expect.stringMatching(/^must be at least 100/),
    expect.stringMatching(/^must be text/),
  ]);
  const token = await world.error('proxmox-create-token', { tokenid: 'small@pve!t', cluster: 'east' });
  expect(token.arguments[0].message).toContain('at least two characters');
});
