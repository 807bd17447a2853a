import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const names = async (vmid: number) => {
  const { data } = await session.call('proxmox-list-snapshots', { vmid });
  return data.items.map(({ name }: { name: string }) => name);
};
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

it('makes a snapshot of a VM, with its memory', async () => {
  const args = { vmid: 101, snapname: 'before-upgrade', description: 'by a test', vmstate: true };
  const preview = await session.call('proxmox-create-snapshot', { ...args, dry_run: true });
  expect(preview.data.plan.writes).toEqual([
    {
      method: 'POST',
      path: '/nodes/pve2/qemu/101/snapshot',
      parameters: { snapname: 'before-upgrade', description: 'by a test', vmstate: true },
    },
  ]);
  expect(await names(101)).toEqual([]);
  const { data, isError } = await session.call('proxmox-create-snapshot', args);
  expect(isError).toBe(false);
  expect(data.result).toMatchObject({ vmid: 101, snapname: 'before-upgrade', task: { state: 'ok' } });
  expect(await names(101)).toEqual(['before-upgrade']);
});

it('rolls back and deletes only when that is confirmed', async () => {
  for (const tool of ['proxmox-rollback-snapshot', 'proxmox-delete-snapshot']) {
    const before = writes();
    const plan = await session.call(tool, { vmid: 101, snapname: 'before-upgrade' });
    expect(plan.data.plan.next).toContain("'confirm': true");
    expect(writes()).toBe(before);
    const done = await session.call(tool, { vmid: 101, snapname: 'before-upgrade', confirm: true });
    expect(done.isError, done.text).toBe(false);
    expect(done.data.result.task.state).toMatch(/ok|warnings/);
  }
  expect(await names(101)).toEqual([]);
});

it('refuses names that Proxmox does not take, and memory of a container', async () => {
  const before = writes();
  for (const snapname of ['1st', 'a', 'current', 'with space', 'x'.repeat(41)]) {
    const { data } = await session.call('proxmox-create-snapshot', { vmid: 101, snapname });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'snapname' }] });
  }
  const container = simulator.cluster('production').state.guests.find(({ type }) => type === 'lxc');
  const args = { vmid: container?.vmid, snapname: 'memory', vmstate: true };
  const { data } = await session.call('proxmox-create-snapshot', args);
  expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'vmstate' }] });
  expect(writes()).toBe(before);
});

it('says what Proxmox says of a snapshot that is not there', async () => {
  const args = { vmid: 101, snapname: 'never-made', confirm: true };
  const { isError, text } = await session.call('proxmox-delete-snapshot', args);
  expect(isError).toBe(true);
  expect(text).toContain('never-made');
});

it('is refused on a guest that a backup holds', async () => {
  const { isError, text } = await session.call('proxmox-create-snapshot', { vmid: 104, snapname: 'locked-out' });
  expect(isError).toBe(true);
  expect(text).toContain('locked');
});
