import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MultiClusterProxmoxClient } from '../../src/client/multi-cluster-client.js';
import { ClusterRegistry } from '../../src/clusters/registry.js';
import { parseEnv, requireConfig } from '../../src/config/env.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  // Twenty times as fast: a shutdown takes 8 s.
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const guest = (vmid: number, cluster = 'production') =>
  simulator.cluster(cluster).state.guests.find((one) => one.vmid === vmid);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('power of a VM', () => {
  it("is switched on, and the outcome is the task's", async () => {
    const { data, isError } = await session.call('proxmox-start-vm', { vmid: 102 });
    expect(isError).toBe(false);
    expect(data).toMatchObject({
      cluster: 'production',
      via: 'vmid',
      result: { vmid: 102, name: 'prod-web-3', node: 'pve3', task: { state: 'ok', exitstatus: 'OK' } },
    });
    expect(writes()).toBe(before + 1);
  });

  it('is left alone where it is as asked', async () => {
    const { data } = await session.call('proxmox-start-vm', { name: 'prod-web-1' });
    expect(data.result).toMatchObject({ unchanged: 'it is running' });
    expect(writes()).toBe(before);
  });

  it('is cut only when that is confirmed; until then the plan shows what would be sent to whom', async () => {
    const { data, isError } = await session.call('proxmox-stop-vm', { vmid: 101, hard: true });
    expect(isError).toBe(false);
    expect(data.plan).toEqual({
      target: { vmid: 101, name: 'prod-web-2', type: 'qemu', node: 'pve2', status: 'running' },
      writes: [
        {
          method: 'POST',
          path: '/nodes/pve2/qemu/101/status/stop',
          parameters: { 'overrule-shutdown': true },
        },
      ],
      next: "Nothing was sent. Call again with 'confirm': true to do it.",
    });
    expect(writes()).toBe(before);
    const preview = await session.call('proxmox-stop-vm', { vmid: 101, dry_run: true, confirm: true });
    expect(preview.data.plan.writes).toHaveLength(1);
    expect(writes()).toBe(before);
    const done = await session.call('proxmox-stop-vm', { vmid: 101, confirm: true });
    expect(done.data.result.task).toMatchObject({ state: 'ok' });
    expect(writes()).toBe(before + 1);
  });

  it('says running with the UPID when the time is up, and that is no error', async () => {
    const args = { vmid: 132, confirm: true, timeout: 1, grace: 600 };
    const { data, isError } = await session.call('proxmox-shutdown-vm', args);
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ task: { state: 'running' } });
    expect(data.result.upid).toMatch(/^UPID:/);
  });

  it('is an error when the task fails, with the reason', async () => {
    const args = { cluster: 'staging', vmid: 231, confirm: true, grace: 1 };
    const { data, isError } = await session.call('proxmox-shutdown-vm', args);
    expect(isError).toBe(true);
    expect(data.result.task).toMatchObject({ state: 'failed', exitstatus: expect.stringContaining('timeout') });
  });

  it.each(['proxmox-reboot-vm', 'proxmox-reset-vm', 'proxmox-suspend-vm'])('%s is confirmed first', async (tool) => {
    const { data } = await session.call(tool, { vmid: 103 });
    expect(data.plan.target).toMatchObject({ vmid: 103, status: 'running' });
    expect(writes()).toBe(before);
  });

  it('comes back after a pause', async () => {
    const { data } = await session.call('proxmox-resume-vm', { vmid: 146 });
    expect(data.result.task).toMatchObject({ state: 'ok' });
  });

  it('is refused to a guest of another cluster by a misspelt cluster', async () => {
    const { data } = await session.call('proxmox-stop-vm', { vmid: 101, cluster: 'prod', confirm: true });
    expect(data.error.code).toBe('CLUSTER_NOT_FOUND');
    expect(writes()).toBe(before);
  });

  it('takes one cluster and not several', async () => {
    const { data } = await session.call('proxmox-start-vm', { vmid: 101, cluster: 'all' });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'cluster' }] });
    expect(writes()).toBe(before);
  });

  it('needs a privilege, and names it', async () => {
    const secret = simulator.cluster('production').addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-reset-vm', { vmid: 103, confirm: true });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('VM.PowerMgmt') });
  });
});

describe('a write whose task cannot be watched', () => {
  it('is told with its UPID, and not sent again', async () => {
    const cluster = simulator.cluster('disaster-recovery');
    const stopped = cluster.state.guests.find(({ type, status }) => type === 'qemu' && status === 'stopped');
    cluster.setFault({ kind: 'status', status: 403, reason: 'Permission check failed' }, { path: /\/tasks\// });
    const args = { cluster: 'disaster-recovery', vmid: stopped?.vmid };
    const { data, isError } = await session.call('proxmox-start-vm', args);
    cluster.setFault(undefined);
    expect(isError).toBe(true);
    expect(data.error.done).toMatchObject([{ method: 'POST', upid: expect.stringMatching(/^UPID:.*:qmstart:/) }]);
    expect(writes()).toBe(before + 1);
  });
});

describe('power of a container', () => {
  const vmid = () => simulator.cluster('production').state.guests.find((one) => one.type === 'lxc')?.vmid;

  it('goes down, up and round', async () => {
    const down = await session.call('proxmox-shutdown-lxc', { vmid: vmid(), confirm: true });
    expect(down.data.result.task).toMatchObject({ state: 'ok' });
    const again = await session.call('proxmox-stop-lxc', { vmid: vmid(), confirm: true });
    expect(again.data.result).toMatchObject({ unchanged: 'it is stopped' });
    const up = await session.call('proxmox-start-lxc', { vmid: vmid() });
    expect(up.data.result.task).toMatchObject({ state: 'ok' });
    const round = await session.call('proxmox-reboot-lxc', { vmid: vmid(), confirm: true });
    expect(round.data.result.task).toMatchObject({ state: 'ok' });
  });

  it('is not for a VM', async () => {
    const { data } = await session.call('proxmox-start-lxc', { vmid: 100 });
    expect(data.error).toMatchObject({ code: 'GUEST_NOT_FOUND', next: expect.stringContaining('It is a VM') });
    expect(guest(100)?.type).toBe('qemu');
  });
});

describe('with PROXMOX_READ_ONLY', () => {
  it('nothing that changes anything is listed, and none can be run', async () => {
    const readOnly = await startSession({
      ...simulator.env(),
      PROXMOX_READ_ONLY: 'true',
      PROXMOX_CLUSTER_VALIDATION: 'false',
    });
    const { tools } = await readOnly.client.listTools();
    expect(tools.map(({ name }) => name)).toContain('proxmox-list-vms');
    // It changes nothing on a cluster.
    const changing = tools.filter(({ annotations }) => !annotations?.readOnlyHint).map(({ name }) => name);
    expect(changing).toEqual(['proxmox-reload-configuration']);
    await expect(readOnly.call('proxmox-start-vm', { vmid: 102 })).rejects.toThrow(
      'proxmox-start-vm is off: PROXMOX_READ_ONLY allows no change',
    );
    await readOnly.close();
    expect(writes()).toBe(before);
  });

  it('the library runs none either', async () => {
    const config = requireConfig(parseEnv({ ...simulator.env(), PROXMOX_READ_ONLY: 'true' }));
    const client = new MultiClusterProxmoxClient(new ClusterRegistry(config));
    await expect(client.startVm({ vmid: 102 })).rejects.toThrow('PROXMOX_READ_ONLY');
    await client.close();
    expect(writes()).toBe(before);
  });
});
