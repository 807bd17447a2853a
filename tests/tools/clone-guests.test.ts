import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

const cluster = 'production';
const guest = (vmid: number) => simulator.cluster(cluster).state.guests.find((one) => one.vmid === vmid);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('a clone of a VM', () => {
  it('is a full one, on the storage of its source, under the next free VMID', async () => {
    const { data, isError } = await session.call('proxmox-clone-vm', { source_vmid: 110, name: 'prod-web-9' });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ name: 'prod-web-9', node: 'pve1', source_vmid: 110, task: { state: 'ok' } });
    expect(guest(data.result.vmid)?.config).toMatchObject({
      name: 'prod-web-9',
      scsi0: expect.stringMatching(/^nfs-shared:/),
    });
    expect(guest(data.result.vmid)?.config).not.toHaveProperty('template');
    expect(writes()).toBe(before + 1);
  });

  it('is linked where that is asked of a template, also with a default storage', async () => {
    const configured = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_DEFAULT_STORAGE: 'local-lvm',
    });
    const args = { source_name: 'debian-12-template', cluster, full: false, target_node: 'pve2', new_vmid: 950 };
    const { data: preview } = await configured.call('proxmox-clone-vm', { ...args, dry_run: true });
    expect(preview.plan).toMatchObject({
      target: { vmid: 110 },
      writes: [
        {
          method: 'POST',
          path: '/nodes/pve1/qemu/110/clone',
          parameters: { newid: 950, full: false, target: 'pve2' },
        },
      ],
    });
    expect(preview.plan.writes[0].parameters).not.toHaveProperty('storage');
    const { data } = await configured.call('proxmox-clone-vm', args);
    await configured.close();
    expect(data.result.task.state).toBe('ok');
    expect(guest(950)?.node).toBe('pve2');
    expect(writes()).toBe(before + 1);
  });

  it('waits for the one before of the same source, whose call did not wait', async () => {
    const log = () =>
      simulator
        .cluster(cluster)
        .requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/qemu/112/clone')).length;
    const first = await session.call('proxmox-clone-vm', { cluster, source_vmid: 112, new_vmid: 960, wait: false });
    expect(first.data.result).not.toHaveProperty('task');
    const early = await session.call('proxmox-clone-vm', { cluster, source_vmid: 112, new_vmid: 961, dry_run: true });
    expect(early.data.plan.writes).toHaveLength(1);
    const rest = await Promise.all(
      [961, 962].map((new_vmid) => session.call('proxmox-clone-vm', { cluster, source_vmid: 112, new_vmid })),
    );
    expect(rest.map(({ data }) => data.result?.task?.state)).toEqual(['ok', 'ok']);
    expect([960, 961, 962].map((vmid) => guest(vmid)?.config.lock)).toEqual([undefined, undefined, undefined]);
    expect(log()).toBe(3);
  });

  it('is refused where its turn does not come in time, and nothing is sent', async () => {
    // At its own pace: a clone takes six seconds.
    const slow = await startSimulator();
    const other = await startSession({ ...slow.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
    const args = { cluster, source_vmid: 113, timeout: 1 };
    const first = await other.call('proxmox-clone-vm', { ...args, new_vmid: 970 });
    expect(first.data.result.task.state).toBe('running');
    const { data, isError } = await other.call('proxmox-clone-vm', { ...args, new_vmid: 971 });
    const sent = slow.cluster(cluster).requests.filter(({ method }) => method === 'POST').length;
    await other.close();
    await slow.close();
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({
      message: expect.stringContaining(first.data.result.upid),
      next: expect.stringContaining('Call again'),
    });
    expect(sent).toBe(1);
  });

  it('does not wait for one that failed', async () => {
    const target = simulator.cluster(cluster);
    target.setFault({ kind: 'status', status: 500, reason: 'no quorum' }, { path: /\/clone$/, times: 1 });
    const args = { cluster, source_vmid: 114, new_vmid: 980 };
    const failed = await session.call('proxmox-clone-vm', args);
    target.setFault(undefined);
    expect(failed.isError).toBe(true);
    const { isError } = await session.call('proxmox-clone-vm', args);
    expect(isError).toBe(false);
  });

  it.each([
    [{ source_vmid: 110, new_vmid: 100 }, 'VMID 100 is taken'],
    [{ source_vmid: 102, full: false }, 'no template'],
    [{ source_vmid: 102, target_node: 'pve1' }, 'scsi0 (local-lvm:vm-102-disk-0)'],
    [{ source_vmid: 102, storage: 'local' }, 'no images'],
    [{ source_vmid: 110, target_node: 'pve2', storage: 'nowhere' }, "no storage 'nowhere'"],
  ])('%j is refused before anything is sent', async (args, why) => {
    const { data, isError } = await session.call('proxmox-clone-vm', { cluster, ...args });
    expect(isError).toBe(true);
    expect(data.error.message).toContain(why);
    expect(writes()).toBe(before);
  });

  it.each([{ storage: 'local-lvm' }, { format: 'raw' }])('%j does not go with a linked one', async (args) => {
    const { data } = await session.call('proxmox-clone-vm', { cluster, source_vmid: 110, full: false, ...args });
    expect(data.error.code).toBe('INVALID_ARGUMENTS');
    expect(writes()).toBe(before);
  });

  it('is not made of a source that is locked', async () => {
    const { data, isError } = await session.call('proxmox-clone-vm', { cluster, source_vmid: 104 });
    expect(isError).toBe(true);
    expect(JSON.stringify(data.error)).toContain('locked (backup)');
  });

  it('needs a privilege, and names it', async () => {
    const secret = simulator.cluster(cluster).addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-clone-vm', { source_vmid: 110, cluster });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('VM.Clone') });
  });
});

describe('a clone of a container', () => {
  it('is made of a snapshot while it runs', async () => {
    const running = await session.call('proxmox-clone-lxc', { cluster, source_vmid: 144 });
    expect(running.data.error.message).toContain('of a snapshot only');
    expect(writes()).toBe(before);
    const args = { cluster, source_vmid: 144, snapname: 'before-nc31', hostname: 'nc-copy', new_vmid: 990 };
    const { data } = await session.call('proxmox-clone-lxc', args);
    expect(data.result).toMatchObject({ vmid: 990, hostname: 'nc-copy', task: { state: 'ok' } });
    expect(guest(990)?.config.hostname).toBe('nc-copy');
  });

  it('waits for the one before', async () => {
    const args = { cluster, source_vmid: 144, snapname: 'before-nc31' };
    const made = await Promise.all([1, 2].map(() => session.call('proxmox-clone-lxc', args)));
    expect(made.map(({ data }) => data.result?.task?.state)).toEqual(['ok', 'ok']);
    expect(new Set(made.map(({ data }) => data.result.vmid)).size).toBe(2);
  });
});

describe('a template', () => {
  it('is made of a stopped VM, once that is confirmed', async () => {
    const { data: plan } = await session.call('proxmox-template-vm', { cluster, vmid: 145 });
    expect(plan.plan.writes).toEqual([{ method: 'POST', path: '/nodes/pve3/qemu/145/template' }]);
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-template-vm', { cluster, vmid: 145, confirm: true });
    expect(data.result.task.state).toBe('ok');
    expect(guest(145)?.config.template).toBe(1);
    const again = await session.call('proxmox-template-vm', { cluster, vmid: 145, confirm: true });
    expect(again.data.result.unchanged).toBe('it is a template');
    expect(writes()).toBe(before + 1);
  });

  it('is made of a clone that is seconds old, and cloned itself', async () => {
    const args = { cluster, source_vmid: 110, new_vmid: 955 };
    await session.call('proxmox-clone-vm', args);
    const made = await session.call('proxmox-template-vm', { cluster, vmid: 955, confirm: true });
    expect(made.data.result.task.state).toBe('ok');
    const linked = await session.call('proxmox-clone-vm', { cluster, source_vmid: 955, full: false });
    expect(linked.data.result.task.state).toBe('ok');
  });

  it('is not made of what runs or has snapshots', async () => {
    const running = await session.call('proxmox-template-vm', { cluster, vmid: 101, confirm: true });
    expect(running.data.error.message).toContain('is running');
    await session.call('proxmox-shutdown-lxc', { cluster, vmid: 144, confirm: true });
    before = writes();
    const snapshots = await session.call('proxmox-template-lxc', { cluster, vmid: 144, confirm: true });
    expect(snapshots.data.error.message).toContain('before-nc31');
    expect(writes()).toBe(before);
  });

  it('of a container has its task found, which the answer does not name', async () => {
    await session.call('proxmox-shutdown-lxc', { cluster, vmid: 141, confirm: true });
    before = writes();
    const { data: plan } = await session.call('proxmox-template-lxc', { cluster, vmid: 141 });
    expect(plan.plan.writes).toEqual([{ method: 'POST', path: '/nodes/pve3/lxc/141/template' }]);
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-template-lxc', { cluster, vmid: 141, confirm: true });
    expect(data.result.upid).toContain(':vztemplate:141:');
    expect(data.result.task.state).toBe('ok');
    expect(guest(141)?.config.template).toBe(1);
  });
});
