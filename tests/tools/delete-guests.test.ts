import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let env: Record<string, string>;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  env = { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' };
  session = await startSession(env);
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const production = () => simulator.cluster('production');
const there = (vmid: number) => production().state.guests.some((guest) => guest.vmid === vmid);
const deletes = () => production().requests.filter(({ method }) => method === 'DELETE');

it('deletes a stopped VM when that is confirmed, and shows before whom it would delete', async () => {
  const plan = await session.call('proxmox-delete-vm', { vmid: 102 });
  expect(plan.data.plan).toMatchObject({
    target: { vmid: 102, name: 'prod-web-3', node: 'pve3', status: 'stopped' },
    writes: [{ method: 'DELETE', path: '/nodes/pve3/qemu/102', parameters: { purge: true } }],
  });
  expect(deletes()).toEqual([]);
  const done = await session.call('proxmox-delete-vm', { vmid: 102, confirm: true });
  expect(done.data.result.task).toMatchObject({ state: 'ok' });
  expect(there(102)).toBe(false);
});

it('refuses a running VM before anything is sent, also in the preview', async () => {
  const before = deletes().length;
  for (const args of [{ confirm: true }, { dry_run: true }]) {
    const { data, isError } = await session.call('proxmox-delete-vm', { vmid: 101, ...args });
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining('proxmox-shutdown-vm') });
  }
  expect(deletes()).toHaveLength(before);
  expect(there(101)).toBe(true);
});

it('deletes a running container only by force', async () => {
  const container = production().state.guests.find(({ type, status }) => type === 'lxc' && status === 'running');
  const vmid = container?.vmid ?? 0;
  const refused = await session.call('proxmox-delete-lxc', { vmid, confirm: true });
  expect(refused.data.error.code).toBe('REFUSED');
  const done = await session.call('proxmox-delete-lxc', { vmid, confirm: true, force: true });
  expect(done.data.result.task).toMatchObject({ state: 'ok' });
  expect(there(vmid)).toBe(false);
});

it('is refused when the guest is protected, before a plan is shown or anything is sent', async () => {
  const [stopped] = production().state.guests.filter(
    ({ type, status, config }) => type === 'qemu' && status === 'stopped' && !config.template,
  );
  if (stopped === undefined) throw new Error('the world has no stopped VM left');
  stopped.config.protection = 1;
  const sent = () => production().requests.filter(({ method }) => method !== 'GET').length;
  const before = sent();
  for (const confirm of [undefined, true]) {
    const { data, isError } = await session.call('proxmox-delete-vm', { vmid: stopped.vmid, confirm });
    expect(isError).toBe(true);
    expect(data.error.message).toContain("has the flag 'protection'");
    expect(data.error.next).toContain('proxmox-set-protection');
  }
  expect(sent()).toBe(before);
  expect(there(stopped.vmid)).toBe(true);
});

it('that came to its cluster by default is refused while another cluster may be meant', async () => {
  const { PROXMOX_CLUSTER_PATTERNS: _, PROXMOX_CLUSTER_VMID_MAP: __, ...unrouted } = env;
  const unsure = await startSession(unrouted);
  simulator.cluster('staging').setFault({ kind: 'unreachable' });
  const [template] = production().state.guests.filter(({ config }) => config.template);
  const { data, isError } = await unsure.call('proxmox-delete-vm', { vmid: template?.vmid, confirm: true });
  simulator.cluster('staging').setFault(undefined);
  await unsure.close();
  expect(isError).toBe(true);
  expect(data.error).toMatchObject({ code: 'AMBIGUOUS_CLUSTER', not_asked: ['staging'] });
  expect(there(template?.vmid ?? 0)).toBe(true);
});
