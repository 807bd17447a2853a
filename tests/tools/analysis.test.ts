import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, type PveVersion, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

describe.each<PveVersion>(['9.2', '8.4'])('what is concluded from measurements on %s', (version) => {
  let simulator: Simulator;
  let session: Session;
  let before = 0;

  beforeAll(async () => {
    simulator = await startSimulator({ version, clock: new ManualClock(), authDelayMs: 0 });
    session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  });
  afterAll(async () => {
    await session.close();
    await simulator.close();
  });

  const cluster = () => simulator.cluster('production');
  const writes = () => cluster().requests.filter(({ method }) => method !== 'GET').length;
  const guest = (vmid: number) => {
    const found = cluster().state.guests.find((one) => one.vmid === vmid);
    if (found === undefined) throw new Error(`no guest ${vmid}`);
    return found;
  };
  beforeEach(() => {
    before = writes();
  });

  const analyse = (args: Record<string, unknown>) => session.call('proxmox-performance-analysis', args);

  it('analyses a VM: percentiles in order, and the samples that they come from', async () => {
    guest(100).load.cpu = 0.95;
    const { data, isError } = await analyse({ vmid: 100, time_range: '7d' });
    expect(isError).toBe(false);
    const { result } = data;
    expect(result).toMatchObject({ kind: 'guest', vmid: 100, name: 'prod-web-1', node: 'pve1', time_range: '7d' });
    expect(result.moments + result.gaps).toBe(version === '9.2' ? 336 : 70);
    const cpu = result.series.find(({ series }: { series: string }) => series === 'cpu');
    expect(cpu).toMatchObject({ unit: 'share 0-1', samples: result.moments });
    expect(cpu.p50).toBeLessThanOrEqual(cpu.p95);
    expect(cpu.p95).toBeLessThanOrEqual(cpu.max);
    expect(cpu).toHaveProperty('trend_per_day');
    expect(result.findings).toContainEqual(expect.stringContaining('cpu is short'));
  });

  it('analyses a container by its name, a node and a storage, and only the series that are asked for', async () => {
    const lxc = await analyse({ name: 'prod-redis', cluster: 'production', metrics: ['cpu', 'mem'] });
    expect(lxc.data.result.series.map(({ series }: { series: string }) => series)).toEqual(['cpu', 'mem']);
    const node = await analyse({ node: 'pve1', cluster: 'production', time_range: '1h' });
    expect(node.data.result).toMatchObject({ kind: 'node', node: 'pve1' });
    const storage = await analyse({ storage: 'local', node: 'pve2', cluster: 'production' });
    expect(storage.data.result).toMatchObject({ kind: 'storage', storage: 'local', node: 'pve2' });
  });

  it('says that there are too few values instead of judging', async () => {
    guest(101).createdAt = Date.parse('2100-01-01');
    const { data } = await analyse({ vmid: 101 });
    guest(101).createdAt = undefined;
    expect(data.result).toMatchObject({ moments: 0, series: [], findings: [] });
    expect(data.notes[0]).toContain('Not enough data');
  });

  it('refuses what names nothing, or too much', async () => {
    for (const args of [{}, { vmid: 100, storage: 'local' }, { vmid: 100, metrics: ['shoes'] }, { time_range: '2d' }]) {
      const { data } = await analyse({ ...args, cluster: 'production' });
      expect(data.error.code).toBe('INVALID_ARGUMENTS');
    }
    for (const args of [{ vmid: 199 }, { node: 'nowhere' }, { storage: 'nowhere' }]) {
      const { data } = await analyse({ ...args, cluster: 'production' });
      expect(data.error.code).toBe('REFUSED');
    }
  });

  it('finds the last hour usual where it is', async () => {
    guest(103).load.cpu = 0.2;
    const { result } = (await session.call('proxmox-anomaly-detection', { vmid: 103 })).data;
    expect(result).toMatchObject({ kind: 'guest', verdict: 'usual', threshold: 3.5, anomalies: [] });
    expect(result.usual).toContain('cpu');
    const node = await session.call('proxmox-anomaly-detection', { node: 'pve1', sensitivity: 'low', cluster: 'core' });
    expect(node.data.clusters[0].result).toMatchObject({ kind: 'node', threshold: 6 });
  });

  it('never says usual where nothing was measured', async () => {
    const { data } = await session.call('proxmox-anomaly-detection', { vmid: 102 });
    expect(data.result.verdict).toBe('not enough data');
    expect(data.result.unjudged[0] ?? { reason: 'not enough data' }).toMatchObject({
      reason: expect.stringContaining('not enough data'),
    });
    expect(data.notes[0]).toContain('Nothing can be said');
  });

  it('recommends sizes with reasons, and what sets them', async () => {
    guest(100).load.cpu = 0.02;
    guest(100).load.memory = 8192 * 1024 ** 2 * 0.95;
    const { result, notes } = (await session.call('proxmox-right-sizing', { vmid: 100 })).data;
    expect(result).toMatchObject({
      time_range: '7d',
      cpu: { action: 'shrink', current: 4, recommended: 1, samples: expect.any(Number) },
      memory: { action: 'grow', current: 8192, recommended: 10_240 },
    });
    // A call without its cluster would change the guest of this VMID on another one.
    expect(result.change).toEqual({ tool: 'proxmox-configure-vm', params: { cores: 1, memory: 10_240 } });
    expect(notes).toContainEqual(expect.stringContaining('the cluster of this answer'));
    expect(result.cpu.reason).toContain('p95');
  });

  it('applies what it recommends, after a plan, and says what waits and how to go back', async () => {
    const plan = await session.call('proxmox-apply-right-sizing', { vmid: 100 });
    expect(plan.data.plan.writes).toEqual([
      {
        method: 'PUT',
        path: '/nodes/pve1/qemu/100/config',
        parameters: { cores: 1, memory: 10_240, digest: expect.any(String) },
      },
    ]);
    expect(writes()).toBe(before);
    const { data, isError } = await session.call('proxmox-apply-right-sizing', { vmid: 100, confirm: true });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({
      set: { cores: 1, memory: 10_240 },
      pending: ['cores', 'memory'],
    });
    expect(data.result.undo).toEqual({ tool: 'proxmox-configure-vm', params: { cores: 4, memory: 8192 } });
    expect(data.notes).toContainEqual(expect.stringContaining('the cluster of this answer'));
    expect(guest(100).pending).toMatchObject({ cores: 1 });
    expect(writes()).toBe(before + 1);
    const again = await session.call('proxmox-apply-right-sizing', { vmid: 100, confirm: true });
    expect(again.data.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('waits for a restart'),
    });
  });

  it('changes only what is asked for, and a container at once', async () => {
    const lxc = guest(105);
    lxc.load.cpu = 0.01;
    lxc.load.memory = 4096 * 1024 ** 2 * 0.1;
    const { data } = await session.call('proxmox-apply-right-sizing', {
      vmid: 105,
      only: 'memory',
      time_range: '24h',
      confirm: true,
    });
    expect(data.result).toMatchObject({ set: { memory: expect.any(Number) }, pending: [] });
    expect(data.result.set).not.toHaveProperty('cores');
    expect(Number(lxc.config.memory)).toBe(data.result.set.memory);
    lxc.load.memory = data.result.set.memory * 1024 ** 2 * 0.5;
    const fits = await session.call('proxmox-apply-right-sizing', {
      vmid: 105,
      only: 'memory',
      time_range: '24h',
      confirm: true,
    });
    expect(fits.data.result.unchanged).toBe('its sizes fit');
  });

  it('applies nothing to a guest that was not measured, has a change waiting, or is locked', async () => {
    const off = await session.call('proxmox-apply-right-sizing', { vmid: 102, confirm: true });
    expect(off.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('not enough data') });
    const told = await session.call('proxmox-right-sizing', { vmid: 102 });
    expect(told.data.result).toMatchObject({ cpu: { action: 'unknown' }, memory: { action: 'unknown' } });
    expect(told.data.result).not.toHaveProperty('change');
    const waiting = await session.call('proxmox-apply-right-sizing', { vmid: 103, confirm: true });
    expect(waiting.data.error.message).toContain('cores');
    expect(writes()).toBe(before);
    guest(104).load.cpu = 0.01;
    const locked = await session.call('proxmox-apply-right-sizing', { vmid: 104, only: 'cpu', confirm: true });
    expect(locked.data.error.proxmox_says).toContain('locked');
  });

  it('needs privileges to apply, and names them', async () => {
    const secret = cluster().addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    guest(101).load.cpu = 0.01;
    const { data } = await limited.call('proxmox-apply-right-sizing', { vmid: 101, only: 'cpu', confirm: true });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('VM.Config.CPU') });
  });
});
