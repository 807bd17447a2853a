import { beforeAll, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld();
const state = () => world.simulator.cluster('production').state;
const guest = (vmid: number) => {
  const found = state().guests.find((one) => one.vmid === vmid);
  if (found === undefined) throw new Error(`no guest ${vmid}`);
  return found;
};
const storage = (name: string) => {
  const found = state().storages.find((one) => one.storage === name);
  if (found === undefined) throw new Error(`no storage ${name}`);
  return found;
};
const now = () => Math.floor(Date.now() / 1000);

async function rows(args: Record<string, unknown> = {}): Promise<Record<string, any>[]> {
  const { data, isError, text } = await world.call('proxmox-list-leftovers', { cluster: 'production', ...args });
  if (isError) throw new Error(text);
  return data.clusters?.[0].items ?? data.items;
}

let before: readonly Record<string, any>[];
beforeAll(async () => {
  before = await rows();
});

/** What is listed now, and was not at the beginning. */
async function found(): Promise<Record<string, any>[]> {
  const known = new Set(before.map((row) => JSON.stringify(row)));
  return (await rows()).filter((row) => !known.has(JSON.stringify(row)));
}

/** Does what the row says, and looks whether it is gone. */
async function takeBack(row: Record<string, any>): Promise<void> {
  const { tool, arguments: args } = row.take_back;
  const confirm = tool === 'proxmox-wait-task' ? {} : { confirm: true };
  await world.result(tool, { ...args, cluster: 'production', ...confirm });
  const left = (await rows()).filter(({ kind, ...facts }) => kind === row.kind && facts.what === row.what);
  expect(
    left.filter(
      ({ volid, snapname, tokenid, id, disk }) =>
        JSON.stringify([volid, snapname, tokenid, id, disk]) ===
        JSON.stringify([row.volid, row.snapname, row.tokenid, row.id, row.disk]),
    ),
  ).toEqual([]);
}

it('lists nothing that is as it should be, and reads alone', async () => {
  expect(before.filter(({ kind }) => kind === 'locked_guest' || kind === 'half_snapshot')).toEqual([]);
  await rows();
  expect(world.writes()).toBe(0);
});

it('names a lock that no task holds, with its last task, and not one that a task holds', async () => {
  guest(102).config.lock = 'migrate';
  const [row] = await found();
  expect(row).toMatchObject({ kind: 'locked_guest', sure: 'certain', vmid: 102, lock: 'migrate' });
  expect(row?.take_back.by_hand).toContain('qm unlock 102');
  delete guest(102).config.lock;
  await world.call('proxmox-backup-vm', { cluster: 'production', vmid: 102, wait: false, storage: 'pbs-backup' });
  const [task, ...others] = await found();
  expect(task).toMatchObject({
    kind: 'running_task',
    sure: 'certain',
    type: 'vzdump',
    take_back: { tool: 'proxmox-wait-task' },
  });
  expect(others.filter(({ kind }) => kind === 'locked_guest')).toEqual([]);
  await takeBack(task ?? {});
});

it('finds snapshots that were not finished, or that a backup has left, and they can be deleted', async () => {
  const half = { description: '', snaptime: now(), vmstate: false, config: {} };
  guest(102).snapshots.push({ ...half, name: 'half', snapstate: 'delete' });
  guest(105).snapshots.push({ ...half, name: 'vzdump' });
  const listed = await found();
  expect(listed).toMatchObject([
    { kind: 'half_snapshot', vmid: 102, snapname: 'half', state: 'delete', sure: 'certain' },
    { kind: 'backup_snapshot', vmid: 105, snapname: 'vzdump', sure: 'certain' },
  ]);
  for (const row of listed) await takeBack(row);
  expect(guest(102).snapshots).toEqual([]);
});

it('finds disks that no guest has, names the doubt where others may share the storage, and they can be deleted', async () => {
  const facts = { content: 'images', format: 'raw', size: 1024 ** 3, ctime: now(), vmid: 987 };
  storage('local-lvm').volumes.push({ ...facts, volid: 'local-lvm:vm-987-disk-0', node: 'pve1' });
  storage('local-lvm').volumes.push({ ...facts, vmid: 102, volid: 'local-lvm:vm-102-disk-77', node: guest(102).node });
  const shared = state().storages.find((one) => one.shared && one.content.includes('images'));
  if (shared !== undefined) shared.volumes.push({ ...facts, volid: `${shared.storage}:vm-987-disk-1` });
  const listed = await found();
  const local = listed.find(({ volid }) => volid === 'local-lvm:vm-987-disk-0');
  expect(local).toMatchObject({ kind: 'orphan_volume', sure: 'certain', vmid: 987, node: 'pve1', size: 1024 ** 3 });
  expect(listed.find(({ volid }) => volid === 'local-lvm:vm-102-disk-77')).toMatchObject({
    kind: 'unnamed_volume',
    sure: 'possible',
  });
  expect(shared).toBeDefined();
  const far = listed.find(({ volid }) => volid === `${shared?.storage}:vm-987-disk-1`);
  expect(far).toMatchObject({ kind: 'orphan_volume', sure: 'possible' });
  expect(far?.what).toContain('Another cluster');
  for (const row of listed) await takeBack(row);
});

it('finds a disk that was detached', async () => {
  guest(102).config.unused0 = 'local-lvm:vm-102-disk-9';
  storage('local-lvm').volumes.push({
    ...{ volid: 'local-lvm:vm-102-disk-9', content: 'images', format: 'raw', size: 1024, ctime: now() },
    ...{ vmid: 102, node: guest(102).node },
  });
  const [row, ...others] = await found();
  expect(others).toEqual([]);
  expect(row).toMatchObject({ kind: 'unused_disk', vmid: 102, disk: 'unused0', volid: 'local-lvm:vm-102-disk-9' });
  await takeBack(row ?? {});
});

it('finds the copy of a disk on a node where its guest is not', async () => {
  const { node, config } = guest(102);
  const volid = /local-lvm:[^,]+/.exec(Object.values(config).join(' '))?.[0] ?? '';
  const other = state().nodes.find((one) => one.node !== node && one.online)?.node;
  storage('local-lvm').volumes.push({
    volid,
    content: 'images',
    format: 'raw',
    size: 1,
    ctime: now(),
    vmid: 102,
    node: other,
  });
  const [row] = await found();
  expect(row).toMatchObject({ kind: 'stray_copy', sure: 'possible', vmid: 102, node: other, volid });
  storage('local-lvm').volumes.pop();
});

it('finds tokens of moves, expired or not, and they can be deleted', async () => {
  const [userid = '', own = ''] = world.simulator.cluster('production').tokenId.split('!');
  const user = state().users.find((one) => one.userid === userid);
  const comment = 'made by proxmox-mcp to move a guest in';
  const facts = { secret: 'x', privsep: true, comment };
  user?.tokens.push(
    { ...facts, tokenid: 'move-102', expire: now() - 10 },
    { ...facts, tokenid: 'move-103', expire: now() + 90_000 },
  );
  user?.tokens.push({ ...facts, tokenid: 'move-104', comment: 'by hand', expire: 0 });
  const listed = await found();
  expect(listed).toMatchObject([
    { kind: 'move_token', tokenid: `${userid}!move-102`, sure: 'certain' },
    { kind: 'move_token', tokenid: `${userid}!move-103`, sure: 'possible' },
  ]);
  expect(JSON.stringify(listed)).not.toContain(`${userid}!${own}"`);
  for (const row of listed) await takeBack(row);
});

it('names the task that a token of a move is at work in', async () => {
  const cluster = world.simulator.cluster('production');
  const [userid = ''] = cluster.tokenId.split('!');
  const tokenid = `${userid}!move-105`;
  const user = state().users.find((one) => one.userid === userid);
  const comment = 'made by proxmox-mcp to move a guest in';
  user?.tokens.push({ secret: 'x', privsep: true, comment, tokenid: 'move-105', expire: now() + 90_000 });
  const task = { node: 'pve1', type: 'qmtunnel', id: '105', user: tokenid, duration: 30, log: [], exitstatus: 'OK' };
  const upid = cluster.startTask(task);
  const [row = {}] = await found();
  expect(row).toMatchObject({ kind: 'move_token', tokenid, type: 'qmtunnel', node: 'pve1', upid });
  expect(row.take_back).toEqual({ tool: 'proxmox-wait-task', arguments: { upid } });
  await takeBack(row);
  const [left = {}] = await found();
  expect(left.take_back).toEqual({ tool: 'proxmox-delete-token', arguments: { tokenid } });
  await takeBack(left);
});

it('finds what is staged on nodes and pending in SDN', async () => {
  await world.result('proxmox-create-vlan', { cluster: 'production', node: 'pve1', vlan_id: 77, bridge: 'vmbr0' });
  await world.result('proxmox-set-sdn', {
    cluster: 'production',
    kind: 'zone',
    id: 'leftzone',
    type: 'simple',
  });
  const listed = await found();
  expect(listed).toMatchObject([
    {
      kind: 'staged_network',
      node: 'pve1',
      take_back: { tool: 'proxmox-revert-network', arguments: { node: 'pve1' } },
    },
    { kind: 'pending_sdn', type: 'zone', id: 'leftzone', state: 'new' },
  ]);
  for (const row of listed) await takeBack(row);
});

it('says what could not be looked at', async () => {
  const production = world.simulator.cluster('production');
  production.setFault(
    { kind: 'status', status: 500, reason: 'got timeout' },
    { path: /\/storage\/local-lvm\/content$/ },
  );
  const { data } = await world.call('proxmox-list-leftovers', { cluster: 'production' });
  production.setFault(undefined);
  expect(JSON.stringify(data)).toContain('Storage local-lvm could not be read on pve1');
  const quick = await world.call('proxmox-list-leftovers', { quick: true });
  expect(quick.data.clusters).toHaveLength(world.simulator.clusters.length);
  expect(quick.text).toContain('Guests and storages were not looked into.');
});
