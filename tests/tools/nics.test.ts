import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
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

const config = (vmid: number) =>
  simulator.cluster('production').state.guests.find((one) => one.vmid === vmid)?.config ?? {};
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

const done = async (tool: string, args: Record<string, unknown>) => {
  const answer = await session.call(tool, args);
  expect(answer.isError, answer.text).toBe(false);
  return answer.data;
};
const refused = async (tool: string, args: Record<string, unknown>) => {
  const { data, isError } = await session.call(tool, args);
  expect(isError).toBe(true);
  expect(writes()).toBe(before);
  return data.error;
};

it('gives a VM a card that the firewall sees', async () => {
  const args = { vmid: 101, bridge: 'vmbr0', vlan: 30 };
  const preview = await session.call('proxmox-vm-nic-add', { ...args, dry_run: true });
  expect(preview.data.plan.writes).toEqual([
    {
      method: 'POST',
      path: '/nodes/pve2/qemu/101/config',
      parameters: { net1: 'model=virtio,bridge=vmbr0,tag=30,firewall=1', digest: expect.any(String) },
    },
  ]);
  expect(config(101).net1).toBeUndefined();
  const { result } = await done('proxmox-vm-nic-add', args);
  expect(result).toMatchObject({ nic: 'net1', mac: expect.stringMatching(/^BC:24:11/), task: { state: 'ok' } });
  expect(config(101).net1).toMatch(/^virtio=BC:24:11:.*,bridge=vmbr0,firewall=1,tag=30$/);
});

it('changes a card and keeps its MAC and the rest', async () => {
  const [, mac] = /^virtio=([^,]+)/.exec(String(config(101).net1)) ?? [];
  const args = { vmid: 101, slot: 1, vlan: 0, link_down: true, rate: 12.5, model: 'e1000' };
  const preview = await session.call('proxmox-nic-change', { ...args, dry_run: true });
  const value = `e1000=${mac},bridge=vmbr0,firewall=1,link_down=1,rate=12.5`;
  expect(preview.data.plan.writes).toMatchObject([{ parameters: { net1: value } }]);
  expect(writes()).toBe(before);
  const { result } = await done('proxmox-nic-change', args);
  expect(result).toMatchObject({ nic: 'net1', value, task: { state: 'ok' } });
  expect(config(101).net1).toBe(value);
  const again = await done('proxmox-nic-change', args);
  expect(again.result.unchanged).toBe('it is as asked');
});

it('removes the card that is named, when that is confirmed', async () => {
  const plan = await session.call('proxmox-vm-nic-remove', { vmid: 101, slot: 1 });
  expect(plan.data.plan).toMatchObject({
    writes: [{ parameters: { delete: 'net1', digest: expect.any(String) } }],
    notes: [expect.stringContaining('net1: e1000=')],
  });
  expect(writes()).toBe(before);
  const { result } = await done('proxmox-vm-nic-remove', { vmid: 101, slot: 1, confirm: true });
  expect(result).toMatchObject({ nic: 'net1', removed: expect.stringContaining('e1000='), task: { state: 'ok' } });
  expect(config(101).net1).toBeUndefined();
  expect(config(101).net0).toBeDefined();
});

it('removes none that is not there, and none that was not named', async () => {
  const missing = await refused('proxmox-vm-nic-remove', { vmid: 101, slot: 7, confirm: true });
  expect(missing.next).toContain('net0 (vmbr0');
  const unnamed = await refused('proxmox-vm-nic-remove', { vmid: 101, confirm: true });
  expect(unnamed.arguments).toMatchObject([{ argument: 'slot' }]);
});

it('says what waits for the next start', async () => {
  const guest = simulator.cluster('production').state.guests.find((one) => one.vmid === 100);
  if (guest !== undefined) guest.config.hotplug = 'disk';
  const { result, notes } = await done('proxmox-vm-nic-add', { vmid: 100, bridge: 'vmbr0', firewall: false });
  expect(result.pending).toEqual(['net1']);
  expect(notes.join()).toContain('shutdown and a start');
  // What is pending is not given away again.
  const next = await done('proxmox-vm-nic-add', { vmid: 100, bridge: 'vmbr0' });
  expect(next.result.nic).toBe('net2');
});

it('answers at once where it is not to wait, and tells no state that it did not see', async () => {
  const { result, notes } = await done('proxmox-vm-nic-add', { vmid: 103, bridge: 'vmbr0', wait: false });
  expect(result.mac).toBeUndefined();
  expect(notes).toContain('Asked: add net1: model=virtio,bridge=vmbr0,firewall=1.');
  expect(result).toMatchObject({ nic: 'net1', upid: expect.stringMatching(/^UPID:.*:qmconfig:/) });
  expect(result.task).toBeUndefined();
  expect(result.pending).toBeUndefined();
});

it('tells no card removed or changed that it did not see to be', async () => {
  await expect.poll(() => config(103).net1).toBeDefined();
  const changed = await done('proxmox-nic-change', { vmid: 103, slot: 1, link_down: true, wait: false });
  expect(changed.result.value).toBeUndefined();
  await expect.poll(() => config(103).net1).toContain('link_down=1');
  const gone = await done('proxmox-vm-nic-remove', { vmid: 103, slot: 1, confirm: true, wait: false });
  expect(gone.result).toMatchObject({ nic: 'net1', upid: expect.any(String) });
  expect(gone.result.removed).toBeUndefined();
  expect(gone.notes).toContainEqual(expect.stringMatching(/^Asked: remove net1: virtio=.*\.$/));
});

it('gives a container a card, changes it and takes it away', async () => {
  const args = { vmid: 106, bridge: 'vmbr0', vlan: 40, ip: '10.9.0.5/24', gw: '10.9.0.1' };
  const preview = await session.call('proxmox-lxc-nic-add', { ...args, dry_run: true });
  const line = 'name=eth1,bridge=vmbr0,tag=40,firewall=1,ip=10.9.0.5/24,gw=10.9.0.1';
  expect(preview.data.plan.writes).toMatchObject([{ method: 'PUT', parameters: { net1: line } }]);
  expect(writes()).toBe(before);
  const { result } = await done('proxmox-lxc-nic-add', args);
  expect(result).toMatchObject({ nic: 'net1', mac: expect.stringMatching(/^BC:24:11/) });
  const written = String(config(106).net1);
  expect(written).toContain('name=eth1');
  await done('proxmox-nic-change', { vmid: 106, slot: 1, link_down: true, vlan: 41 });
  const [, mac] = /hwaddr=([^,]+)/.exec(written) ?? [];
  expect(config(106).net1).toContain(`hwaddr=${mac}`);
  expect(config(106).net1).toContain('link_down=1');
  before = writes();
  const plan = await session.call('proxmox-lxc-nic-remove', { vmid: 106, slot: 1 });
  expect(plan.data.plan.writes).toHaveLength(1);
  expect(writes()).toBe(before);
  await done('proxmox-lxc-nic-remove', { vmid: 106, slot: 1, confirm: true });
  expect(config(106).net1).toBeUndefined();
});

it('takes the bridge that is there, and says which', async () => {
  const { error } = (await session.call('proxmox-vm-nic-add', { vmid: 101, bridge: 'vmbr77' })).data;
  expect(error.message).toContain('no bridge vmbr77');
  expect(writes()).toBe(before);
  const preset = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_DEFAULT_BRIDGE: 'vmbr0',
  });
  const { data } = await preset.call('proxmox-vm-nic-add', { vmid: 101, dry_run: true });
  await preset.close();
  expect(data.plan.notes).toEqual(['Bridge: vmbr0, the default.']);
});

it.each([
  ['proxmox-nic-change', { vmid: 101, slot: 0 }, 'bridge'],
  ['proxmox-nic-change', { vmid: 106, slot: 0, model: 'virtio' }, 'model'],
  ['proxmox-lxc-nic-add', { vmid: 106, bridge: 'vmbr0', gw: '10.0.0.1' }, 'gw'],
  ['proxmox-vm-nic-add', { vmid: 101, bridge: 'vmbr0', vlan: 5000 }, 'vlan'],
  ['proxmox-vm-nic-add', { vmid: 101, bridge: 'vmbr0,tag=9' }, 'bridge'],
])('%s is not sent with wrong arguments', async (tool, args, argument) => {
  const error = await refused(tool, args);
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
});

it('fails on a guest that a backup holds', async () => {
  const { isError, text } = await session.call('proxmox-vm-nic-add', { vmid: 104, bridge: 'vmbr0' });
  expect(isError).toBe(true);
  expect(text).toContain('locked');
});

it('names the privilege that is missing', async () => {
  const secret = simulator.cluster('production').addToken('eyes@pve!nics', { '/': ['PVEAuditor'] });
  const limited = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!nics',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
  const { data } = await limited.call('proxmox-vm-nic-remove', { vmid: 103, slot: 0, confirm: true });
  await limited.close();
  expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('VM.Config') });
});
