import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, type PveVersion, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { judge } from '../../src/tools/metrics/anomalies.js';
import { findingsOf } from '../../src/tools/metrics/findings.js';
import { adviseCores, adviseMemory } from '../../src/tools/metrics/sizing.js';
import {
  describe as describeValues,
  deviation,
  median,
  quantile,
  trend,
  usual,
} from '../../src/tools/metrics/statistics.js';
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

const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
const values = fc.array(value, { minLength: 1, maxLength: 100 });

describe('the statistics', () => {
  it('keep their order and stay among the values', () => {
    fc.assert(
      fc.property(values, (given) => {
        const told = describeValues(given);
        const [least, most] = [Math.min(...given), Math.max(...given)];
        expect(told?.samples).toBe(given.length);
        expect(told?.max).toBe(most);
        for (const one of [told?.mean, told?.p50, told?.p95]) {
          expect(one).toBeGreaterThanOrEqual(least);
          expect(one).toBeLessThanOrEqual(most);
        }
        expect(given).toContain(told?.p95);
        expect(quantile(given, 0.5)).toBeLessThanOrEqual(told?.p95 ?? -Infinity);
      }),
    );
  });

  it('have nothing to say of no values', () => {
    expect([describeValues([]), median([]), quantile([], 0.5), trend([]), usual([])]).toEqual(Array(5).fill(undefined));
    expect(trend([{ time: 5, value: 1 }])).toBeUndefined();
  });

  it('do not depend on the order of the values', () => {
    fc.assert(
      fc.property(values, (given) => {
        const turned = given.toReversed();
        expect(median(turned)).toBe(median(given));
        expect(usual(turned)?.median).toBe(usual(given)?.median);
        expect(quantile(turned, 0.95)).toBe(quantile(given, 0.95));
      }),
    );
  });

  it('find the slope of a line, through all gaps', () => {
    const slope = fc.integer({ min: -1000, max: 1000 });
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(slope, slope, days, (perDay, start, given) => {
        const line = trend(given.map((day) => ({ time: 1_700_000_000 + day * 86_400, value: start + perDay * day })));
        expect(line?.perDay).toBeCloseTo(perDay, 3);
        if (perDay !== 0) expect(line?.r2).toBeCloseTo(1, 6);
      }),
    );
  });

  it('are not moved by fewer than half of the values, however far they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), value, (count, far) => {
        const steady = Array.from({ length: 2 * count + 1 }, (_, at) => 10 + (at % 3));
        const told = usual([...steady, ...Array(Math.floor(count / 2)).fill(far)]);
        expect(told?.median).toBeGreaterThanOrEqual(10);
        expect(told?.median).toBeLessThanOrEqual(12);
      }),
    );
  });

  it('measure a deviation in spreads, and not at all where nothing varies', () => {
    expect(deviation(5, { samples: 9, median: 1, spread: 2 })).toBe(2);
    expect(usual([7, 7, 7])).toEqual({ samples: 3, median: 7, spread: 0 });
    expect(deviation(8, { samples: 3, median: 7, spread: 0 })).toBeUndefined();
    expect(usual([7, 7, 7, 9])?.spread).toBeGreaterThan(0);
  });
});

const samplesOf = (name: string, from: number, step: number, given: readonly number[]) =>
  given.map((one, at) => ({ time: from + at * step, values: new Map([[name, one]]) }));

describe('anomalies', () => {
  const week = samplesOf(
    'cpu',
    0,
    1800,
    Array.from({ length: 300 }, (_, at) => 0.1 + (at % 7) / 100),
  );

  it('are what is far from the week, in either direction', () => {
    const { judged } = judge(samplesOf('cpu', 600_000, 60, Array(60).fill(0.9)), week, 3.5);
    expect(judged).toMatchObject([{ series: 'cpu', now: 0.9, anomaly: true, now_samples: 60, usual_samples: 300 }]);
    expect(judged[0]?.score).toBeGreaterThan(3.5);
    const same = judge(samplesOf('cpu', 600_000, 60, Array(60).fill(0.13)), week, 3.5);
    expect(same.judged).toMatchObject([{ anomaly: false }]);
  });

  it('are none where the difference is too small to matter, and one where a constant changes', () => {
    const flat = (level: number) => samplesOf('netin', 0, 1800, Array(100).fill(level));
    const hour = (level: number) => samplesOf('netin', 600_000, 60, Array(60).fill(level));
    expect(judge(hour(1010), flat(1000), 3.5).judged).toMatchObject([{ anomaly: false }]);
    expect(judge(hour(2000), flat(1000), 3.5).judged).toMatchObject([{ anomaly: true }]);
  });

  it('are not looked for with too few values', () => {
    expect(judge([], week, 3.5)).toMatchObject({ judged: [], unjudged: [{ series: 'cpu' }] });
    const short = judge(samplesOf('cpu', 600_000, 60, Array(60).fill(0.9)), week.slice(0, 10), 3.5);
    expect(short).toMatchObject({ judged: [], unjudged: [{ reason: 'not enough data: 60 values now, 10 before' }] });
  });

  it('do not compare the last hour with itself', () => {
    const hour = samplesOf('cpu', 300 * 1800 - 3600, 60, Array(60).fill(0.9));
    expect(judge(hour, week, 3.5).judged[0]?.usual_samples).toBe(298);
  });
});

describe('sizes', () => {
  const share = fc.double({ noNaN: true, min: 0, max: 1 });
  const measured = (size: number, shares: readonly number[]) => {
    const used = shares.map((one) => one * size);
    return { averages: used, peaks: used, moments: used.length, size };
  };
  const shares = fc.array(share, { minLength: 24, maxLength: 200 });

  it('never fall below what was used, and stay where nothing is to be won', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), shares, (cores, given) => {
        const advice = adviseCores(measured(cores, given));
        expect(advice.recommended).toBeGreaterThanOrEqual(1);
        expect(advice.recommended).toBeGreaterThanOrEqual((quantile(given, 0.95) ?? 0) * cores * 0.99);
        if (advice.action === 'shrink') expect(advice.recommended).toBeLessThanOrEqual(cores / 2);
        if (advice.action === 'keep') expect(advice.recommended).toBe(cores);
        if (advice.action === 'grow') expect(advice.recommended).toBeGreaterThan(cores);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 1_000_000 }), shares, (mib, given) => {
        const advice = adviseMemory(measured(mib, given), 128);
        expect(advice.recommended).toBeGreaterThanOrEqual(Math.max(...given) * mib);
        if (advice.action === 'shrink') expect(advice.recommended).toBeLessThan(mib);
        if (advice.action === 'grow') expect(advice.recommended).toBeGreaterThan(mib);
      }),
    );
  });

  it('are not advised from too few values, or for half of the time', () => {
    expect(adviseCores(measured(4, Array(23).fill(0.01)))).toMatchObject({ action: 'unknown', recommended: 4 });
    const half = { ...measured(4, Array(30).fill(0.01)), moments: 100 };
    expect(adviseCores(half)).toMatchObject({ action: 'unknown', reason: expect.stringContaining('30 of 100') });
  });
});

describe('findings', () => {
  const one = (name: string, level: number, more = {}) => ({
    name,
    samples: 50,
    mean: level,
    p50: level,
    p95: level,
    max: level,
    last: level,
    ...more,
  });

  it('name what is full, what fills up and what idles', () => {
    const growing = one('used', 80, { trend: { perDay: 2, r2: 0.9 } });
    expect(findingsOf([growing, one('total', 100)])).toEqual([
      'the storage grows: at this trend it is full in 10 days',
    ]);
    expect(findingsOf([one('mem', 95), one('maxmem', 100)])).toEqual(['memory is short: p95 is 95 % of its size']);
    expect(findingsOf([one('cpu', 0.01)])).toEqual([expect.stringContaining('cpu idles')]);
    expect(findingsOf([one('cpu', 0.01, { samples: 5 })])).toEqual([]);
  });
});
