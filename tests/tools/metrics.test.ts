import { request } from 'node:https';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { readSamples, summarise, thin } from '../../src/tools/metrics/series.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  // Stands still, so that the test and the server read the same points.
  simulator = await startSimulator({ world: 'multi', clock: new ManualClock(), authDelayMs: 0 });
  session = await startSession(simulator.env());
});

afterAll(async () => {
  await session?.close();
  await simulator?.close();
});

type Point = Record<string, number>;

/** What the simulator itself answers. */
async function raw(cluster: string, path: string): Promise<Point[]> {
  const { url, caPem, tokenId, tokenSecret } = simulator.cluster(cluster);
  const headers = { authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` };
  const body = await new Promise<string>((resolve, reject) => {
    const options = { headers, ca: caPem, checkServerIdentity: () => undefined };
    const sent = request(`${url}/api2/json${path}`, options, (reply) => {
      let text = '';
      reply.on('data', (chunk) => {
        text += chunk;
      });
      reply.on('end', () => resolve(text));
    });
    sent.on('error', reject).end();
  });
  return JSON.parse(body).data;
}

const valuesOf = (points: readonly Point[], key: string) =>
  points.flatMap((point) => (point[key] === undefined ? [] : [point[key]]));

const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

describe('the metrics tools', () => {
  it('give an hour of a VM, point by point, with a summary of each series', async () => {
    const points = await raw('production', '/nodes/pve1/qemu/100/rrddata?timeframe=hour&cf=AVERAGE');
    const { data } = await session.call('proxmox-vm-metrics', { vmid: 100 });
    const { result } = data;
    const measured = points.filter((point) => Object.keys(point).length > 1);
    expect(data).toMatchObject({ cluster: 'production', via: 'vmid', by: '100-199' });
    expect(result).toMatchObject({
      vmid: 100,
      name: 'prod-web-1',
      node: 'pve1',
      timeframe: 'hour',
      cf: 'AVERAGE',
      step: 60,
    });
    expect(result.from).toBe(iso(points[0]?.time ?? 0));
    expect(result.to).toBe(iso(points.at(-1)?.time ?? 0));
    expect(result.points.columns).toEqual([
      'time',
      ...Object.keys(measured[0] ?? {})
        .filter((key) => key !== 'time')
        .sort(),
    ]);
    expect(result.points.rows.map(([time]: number[]) => time)).toEqual(measured.map(({ time }) => time));
    const cpu = valuesOf(points, 'cpu');
    expect(result.summary.cpu).toMatchObject({ unit: 'share 0-1', samples: cpu.length });
    expect(result.summary.cpu.min).toBeCloseTo(Math.min(...cpu), 4);
    expect(result.summary.cpu.max).toBeCloseTo(Math.max(...cpu), 4);
    expect(result.summary.cpu.avg).toBeCloseTo(cpu.reduce((sum, one) => sum + one, 0) / cpu.length, 4);
    expect(result.summary.cpu.last).toBeCloseTo(cpu.at(-1) ?? 0, 4);
    const guest = simulator.cluster('production').state.guests.find(({ vmid }) => vmid === 100);
    expect(result.summary.maxmem.max).toBe(Number(guest?.config.memory) * 1024 ** 2);
    expect(result.summary.netin.unit).toBe('bytes/s');
  });

  it.each([
    ['AVERAGE', (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length],
    ['MAX', (values: number[]) => Math.max(...values)],
  ])('thin a year of a container by %s', async (cf, consolidate) => {
    const points = await raw('production', `/nodes/pve3/lxc/105/rrddata?timeframe=year&cf=${cf}`);
    const asked = { vmid: 105, timeframe: 'year', cf, points: 12 };
    const { result } = (await session.call('proxmox-lxc-metrics', asked)).data;
    expect(points).toHaveLength(1440);
    expect(result.step).toBe(21_600 * 120);
    expect(result.points.rows).toHaveLength(12);
    const column = result.points.columns.indexOf('netout');
    const expected = Array.from({ length: 12 }, (_, at) =>
      consolidate(valuesOf(points.slice(at * 120, at * 120 + 120), 'netout')),
    );
    result.points.rows.forEach((row: number[], at: number) => {
      expect(Math.abs((row[column] ?? 0) - (expected[at] ?? 0))).toBeLessThan(1);
    });
  });

  it('take the series that a version has', async () => {
    const [present, old] = await Promise.all([
      session.call('proxmox-node-metrics', { cluster: 'production', node: 'pve1', timeframe: 'day' }),
      session.call('proxmox-node-metrics', { cluster: 'staging', node: 'pve-stg1', timeframe: 'day' }),
    ]);
    expect(present.data.result.summary).toHaveProperty('pressureiosome');
    expect(present.data.result.summary.pressureiosome.unit).toBe('%');
    expect(old.data.result.summary).not.toHaveProperty('pressureiosome');
    expect(present.data.result.summary.cpu.samples).toBeGreaterThan(1000);
    expect(old.data.result.summary.cpu.samples).toBeLessThanOrEqual(70);
    expect(old.data.result.points.rows.length).toBeLessThanOrEqual(60);
  });

  it('stay within an answer, whatever is asked for', async () => {
    const asked = { cluster: 'production', node: 'pve1', timeframe: 'month', points: 200 };
    const { data, text } = await session.call('proxmox-node-metrics', asked);
    expect(text.length).toBeLessThan(25_000);
    expect(data).not.toHaveProperty('cut');
  });

  it('give the history of a storage', async () => {
    const { data } = await session.call('proxmox-storage-metrics', {
      cluster: 'staging',
      storage: 'pbs-backup',
      points: 5,
    });
    const pbs = simulator.cluster('staging').state.storages.find(({ storage }) => storage === 'pbs-backup');
    expect(data.result).toMatchObject({ storage: 'pbs-backup', node: 'pve-stg1', step: 720 });
    expect(data.result.points.columns).toEqual(['time', 'total', 'used']);
    expect(data.result.summary.total).toMatchObject({ unit: 'bytes', min: pbs?.total, max: pbs?.total });
  });

  it('say that a guest is of the other kind, or not there', async () => {
    const container = await session.call('proxmox-vm-metrics', { vmid: 105 });
    expect(container.data.error).toMatchObject({ code: 'GUEST_NOT_FOUND', found: [{ vmid: 105, type: 'lxc' }] });
    const machine = await session.call('proxmox-lxc-metrics', { vmid: 100 });
    expect(machine.data.error).toMatchObject({ code: 'GUEST_NOT_FOUND', found: [{ vmid: 100, type: 'qemu' }] });
  });

  it('refuse a timeframe and a number of points that do not exist', async () => {
    const { data, isError } = await session.call('proxmox-node-metrics', {
      node: 'pve1',
      timeframe: 'decade',
      points: 201,
    });
    expect(isError).toBe(true);
    expect(data.error.arguments.map(({ argument }: { argument: string }) => argument)).toEqual(['timeframe', 'points']);
  });

  it('say that nothing was recorded, and invent nothing', async () => {
    const guest = simulator.cluster('disaster-recovery').state.guests.find(({ vmid }) => vmid === 902);
    if (guest === undefined) throw new Error('no guest');
    guest.createdAt = Number.MAX_SAFE_INTEGER;
    const { result } = (await session.call('proxmox-vm-metrics', { cluster: 'disaster-recovery', vmid: 902 })).data;
    expect(result).toMatchObject({ summary: {}, points: { columns: ['time'], rows: [] } });
    expect(result.notes).toEqual(['Proxmox has recorded no values for this time.']);
    guest.createdAt = undefined;
  });
});

describe('thinning', () => {
  const value = fc.double({ min: -1e15, max: 1e15, noNaN: true });
  const measured = fc.record({ a: value, b: value }, { requiredKeys: [] });
  const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), measured), { maxLength: 300 }).map((steps) => {
    let time = 1_700_000_000;
    return steps.map(([gap, values]) => {
      time += gap * 60;
      return { time, ...values };
    });
  });
  const cf = fc.constantFrom('AVERAGE' as const, 'MAX' as const);
  const points = fc.integer({ min: 1, max: 200 });

  it('never gives more points than asked for, nor one at a time at which nothing was measured', () => {
    fc.assert(
      fc.property(rows, points, cf, (given, most, how) => {
        const thinned = thin(readSamples(given), most, how);
        const times = thinned.rows.map(([time]) => time);
        const known = given.filter((row) => Object.keys(row).length > 1).map(({ time }) => time);
        expect(thinned.rows.length).toBeLessThanOrEqual(most);
        expect(times.every((time) => time !== null && time !== undefined && known.includes(time))).toBe(true);
        expect(times).toEqual([...new Set(times)].sort((a, b) => Number(a) - Number(b)));
        expect(thinned.rows.every((row) => row.length === thinned.columns.length)).toBe(true);
        expect(thinned.rows.every((row) => row.slice(1).some((one) => one !== null))).toBe(true);
      }),
    );
  });

  it('keeps every point between minimum and maximum, and the summary in order', () => {
    fc.assert(
      fc.property(rows, points, cf, (given, most, how) => {
        const samples = readSamples(given);
        const { columns, rows: thinned } = thin(samples, most, how);
        const summary = summarise(samples);
        for (const [name, { min, avg, max, p95, last, samples: count }] of Object.entries(summary)) {
          const at = columns.indexOf(name);
          const values = thinned.flatMap((row) => row[at] ?? []);
          expect(min).toBeLessThanOrEqual(avg);
          expect(avg).toBeLessThanOrEqual(max);
          for (const one of [...values, p95, last]) {
            expect(one).toBeGreaterThanOrEqual(min);
            expect(one).toBeLessThanOrEqual(max);
          }
          expect(count).toBe(given.filter((row) => name in row).length);
          if (how === 'MAX') expect(Math.max(...values)).toBe(max);
        }
      }),
    );
  });

  it('changes nothing where there is room for every sample', () => {
    fc.assert(
      fc.property(rows, cf, (given, how) => {
        const evenly = given.map((row, at) => ({ ...row, time: 1_700_000_000 + at * 60 }));
        const kept = evenly.filter((row) => Object.keys(row).length > 1);
        const { rows: thinned } = thin(readSamples(evenly), 300, how);
        expect(thinned.map(([time]) => time)).toEqual(kept.map(({ time }) => time));
      }),
    );
  });

  it('reads numbers that come as strings, and takes what is none for a gap', () => {
    const samples = readSamples([
      { time: '120', cpu: null, mem: 'NaN' },
      { time: 60, cpu: '0.5', id: 'qemu/100' },
    ]);
    expect(thin(samples, 10, 'AVERAGE')).toEqual({ columns: ['time', 'cpu'], rows: [[60, 0.5]], step: 60 });
  });
});
