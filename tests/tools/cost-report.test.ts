import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

const gib = 1024 ** 3;

/** Of a month; PRICE_PER is left out. */
const monthly = {
  PROXMOX_CLUSTER_staging_PRICE_VCPU: '10',
  PROXMOX_CLUSTER_staging_PRICE_MEMORY_GIB: '5',
  PROXMOX_CLUSTER_staging_PRICE_DISK_GIB: 'local-lvm:0.1,nfs-shared:0.02',
  PROXMOX_CLUSTER_staging_CURRENCY: 'EUR',
};
const hourly = {
  PROXMOX_CLUSTER_disaster_recovery_PRICE_VCPU: '0.01',
  PROXMOX_CLUSTER_disaster_recovery_PRICE_MEMORY_GIB: '0.004',
  PROXMOX_CLUSTER_disaster_recovery_PRICE_DISK_GIB: '0.0001',
  PROXMOX_CLUSTER_disaster_recovery_PRICE_PER: 'hour',
  PROXMOX_CLUSTER_disaster_recovery_CURRENCY: 'USD',
};

let simulator: Simulator;
let session: Session;

const stateOf = (cluster: string) => simulator.cluster(cluster).state;

function guest(vmid: number) {
  const found = stateOf('staging').guests.find((one) => one.vmid === vmid);
  if (found === undefined) throw new Error(`no guest ${vmid}`);
  return found;
}

/** Leaves four guests of staging, and two of the other. */
function makeWorld() {
  for (const [cluster, kept] of [
    ['staging', [200, 203, 210, 213]],
    ['disaster-recovery', [900, 903]],
  ] as const) {
    const { guests } = stateOf(cluster);
    for (const one of guests.filter(({ vmid }) => !kept.some((left) => left === vmid)))
      guests.splice(guests.indexOf(one), 1);
  }
  Object.assign(guest(200).config, {
    sockets: 2,
    scsi1: 'nfs-shared:200/vm-200-disk-1.qcow2,size=100G',
    // Its line tells no size.
    unused0: 'local-lvm:vm-200-disk-7',
    scsi2: '/dev/disk/by-id/ata-1,size=500G',
  });
  const volumes = stateOf('staging').storages.find(({ storage }) => storage === 'local-lvm')?.volumes;
  const free = { content: 'images', format: 'raw', ctime: 0, vmid: 200, node: guest(200).node };
  volumes?.push({ ...free, volid: 'local-lvm:vm-200-disk-7', size: 10 * gib });
  Object.assign(guest(203).config, { cpulimit: 0.5, mp0: '/mnt/films,mp=/films,size=900G' });
}

beforeAll(async () => {
  simulator = await startSimulator({ clock: new ManualClock(), authDelayMs: 0 });
  makeWorld();
  session = await startSession({
    ...simulator.env(),
    ...monthly,
    ...hourly,
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_PRICE_VCPU: '1',
  });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});
afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

async function report(args: Record<string, unknown> = {}, cluster = 'staging') {
  const { data, text } = await session.call('proxmox-cost-report', { cluster, ...args });
  const [entry] = data.clusters;
  if (entry.error !== undefined) throw new Error(text);
  return { ...entry.result, notes: entry.notes.join('\n') };
}

const table = (rows: readonly Record<string, any>[]) =>
  rows.map((row) => [row.row, row.guests, row.vcpus, row.memory_gib, row.disk_gib, row.cost]);

const local = (size: number) => ({ 'local-lvm': size });

describe('proxmox-cost-report', () => {
  it('counts each guest as it is configured', async () => {
    const { total, rows, prices, off, complete, notes } = await report({ by: 'guest' });
    expect(table(rows)).toEqual([
      ['200 stg-web-1', 1, 4, 4, { 'local-lvm': 40, 'nfs-shared': 100 }, '66.00 EUR/month'],
      ['203 stg-redis', 1, 0.5, 1, local(8), '10.80 EUR/month'],
      ['213 k8s-stg-3', 1, 0, 0, local(60), '6.00 EUR/month'],
      ['210 debian-12-template', 1, 0, 0, local(8), '0.80 EUR/month'],
    ]);
    expect(rows[0]).toMatchObject({
      vcpu_cost: '40.00 EUR/month',
      memory_cost: '20.00 EUR/month',
      disk_cost: '6.00 EUR/month',
    });
    expect(rows[2]).toMatchObject({ off_cost: '6.00 EUR/month', disk_cost: '6.00 EUR/month' });
    expect(rows[0]).not.toHaveProperty('off_cost');
    expect(total).toEqual({
      row: 'total',
      guests: 4,
      vcpus: 4.5,
      memory_gib: 5,
      disk_gib: { 'local-lvm': 116, 'nfs-shared': 100 },
      cost: '83.60 EUR/month',
      vcpu_cost: '45.00 EUR/month',
      memory_cost: '25.00 EUR/month',
      disk_cost: '13.60 EUR/month',
      off_cost: '6.00 EUR/month',
    });
    expect(off).toEqual({ guests: 1, disk_cost: '6.00 EUR/month', when_on: '+80.00 EUR/month' });
    expect(prices).toEqual({
      vcpu: '10 EUR/month',
      memory_gib: '5 EUR/month',
      disk_gib: { 'local-lvm': '0.1 EUR/month', 'nfs-shared': '0.02 EUR/month' },
    });
    expect(complete).toBe(true);
    expect(notes).not.toContain('730');
    expect(notes).not.toContain('incomplete');
  });

  it.each([
    ['cluster', [['staging', 4, '83.60 EUR/month']]],
    [
      'pool',
      [
        ['web', 1, '66.00 EUR/month'],
        ['(none)', 3, '17.60 EUR/month'],
      ],
    ],
    [
      'tag',
      [
        ['stg', 3, '82.80 EUR/month'],
        ['web', 1, '66.00 EUR/month'],
        ['cache', 1, '10.80 EUR/month'],
        ['k8s', 1, '6.00 EUR/month'],
        ['template', 1, '0.80 EUR/month'],
      ],
    ],
  ])('sums them up by %s', async (by, expected) => {
    const { rows, total, notes } = await report({ by });
    expect(rows.map((row: Record<string, any>) => [row.row, row.guests, row.cost])).toEqual(expected);
    expect(total.cost).toBe('83.60 EUR/month');
    expect(notes.includes('counts in the row of each')).toBe(by === 'tag');
  });

  it('puts the rows that are too many into one', async () => {
    const { rows } = await report({ by: 'guest', top: 1 });
    expect(rows.map((row: Record<string, any>) => [row.row, row.cost])).toEqual([
      ['200 stg-web-1', '66.00 EUR/month'],
      ['(3 more)', '17.60 EUR/month'],
    ]);
  });

  it('turns prices of an hour into a month, in the currency of the cluster', async () => {
    const { total, prices, notes } = await report({}, 'disaster-recovery');
    // Of 900, which is off, 40 GiB; of 903 2 vCPUs, 4 GiB and 8 GiB: (0.02 + 0.016 + 48 x 0.0001) x 730.
    expect(total).toMatchObject({
      cost: '29.78 USD/month',
      vcpu_cost: '14.60 USD/month',
      memory_cost: '11.68 USD/month',
    });
    expect(total).toMatchObject({ disk_cost: '3.50 USD/month', off_cost: '2.92 USD/month' });
    expect(prices.vcpu).toBe('0.01 USD/hour');
    expect(notes).toContain('a month counts 730 hours');
  });

  it('has an entry a cluster, and names the variables where prices are missing', async () => {
    const { data, isError } = await session.call('proxmox-cost-report', {});
    expect(isError).toBe(false);
    const [production, staging, dr] = data.clusters;
    expect(production).not.toHaveProperty('result');
    expect(production.error.next).toBe(
      'Tell the user to set PROXMOX_CLUSTER_production_PRICE_MEMORY_GIB, PROXMOX_CLUSTER_production_PRICE_DISK_GIB, PROXMOX_CLUSTER_production_CURRENCY.',
    );
    expect([staging.result.total.cost, dr.result.total.cost]).toEqual(['83.60 EUR/month', '29.78 USD/month']);
    expect(data).not.toHaveProperty('total');
  });

  it('tells what was used beside what is configured', async () => {
    const { rows, total, notes, unmeasured } = await report({ by: 'guest', measured: true, timeframe: 'day' });
    const { summary } = (await session.call('proxmox-vm-metrics', { vmid: 200, timeframe: 'day' })).data.result;
    const [web, redis, off, template] = rows.map((row: Record<string, any>) => row.measured);
    expect(web.vcpus).toBeCloseTo(summary.cpu.avg * 4, 2);
    expect(web.memory_gib).toBeCloseTo(summary.mem.avg / gib, 3);
    expect(web).toMatchObject({ guests: 1, samples: summary.cpu.samples });
    expect(Number.parseFloat(web.cost)).toBeCloseTo(web.vcpus * 10 + web.memory_gib * 5 + 6, 2);
    expect(redis.samples).toBeGreaterThan(50);
    expect(off).toMatchObject({ vcpus: 0, memory_gib: 0, guests: 1, cost: '6.00 EUR/month' });
    expect(off.samples).toBeGreaterThan(50);
    expect(template).toMatchObject({ guests: 0, samples: 0, cost: '0.80 EUR/month' });
    expect(total.measured.guests).toBe(3);
    expect(total.measured.samples).toBe(Math.min(web.samples, redis.samples, off.samples));
    expect(total.cost).toBe('83.60 EUR/month');
    expect(notes).toContain('over the last day');
    expect(unmeasured).toBeUndefined();
  });

  it('names guests of which nothing was measured', async () => {
    simulator
      .cluster('staging')
      .setFault({ kind: 'status', status: 500, reason: 'rrd' }, { path: /lxc\/203\/rrddata/ });
    const { unmeasured, complete, total, notes } = await report({ measured: true });
    expect(unmeasured).toEqual([expect.stringMatching(/^203 'stg-redis': node \S+ gave an error$/)]);
    expect(complete).toBe(false);
    expect(total.cost).toBe('83.60 EUR/month');
    expect(notes).toContain('measured totals are incomplete');
  });

  it('names guests that could not be read, and calls the totals incomplete', async () => {
    simulator.cluster('staging').setFault({ kind: 'status', status: 500, reason: 'no' }, { path: /qemu\/200\/config/ });
    const { unread, complete, total, notes } = await report({ by: 'guest' });
    expect(unread).toEqual([expect.stringMatching(/^200 'stg-web-1': node \S+ gave an error$/)]);
    expect(complete).toBe(false);
    expect(total).toMatchObject({ guests: 3, cost: '17.60 EUR/month' });
    expect(notes).toContain('The totals are incomplete; not in them: guests that could not be read (unread).');
  });

  it('names disks whose size is not told, and does not take them for nothing', async () => {
    simulator
      .cluster('staging')
      .setFault({ kind: 'status', status: 500, reason: 'no' }, { path: /local-lvm\/content/ });
    const { unknown, complete, total } = await report({});
    expect(unknown).toEqual(["200 'stg-web-1': the size of unused0 (local-lvm:vm-200-disk-7)"]);
    expect(complete).toBe(false);
    expect(total.cost).toBe('82.60 EUR/month');
  });

  it('names prices that fit no storage, and says what is wrong with one', async () => {
    const odd = await startSession({
      ...simulator.env(),
      ...monthly,
      ...hourly,
      PROXMOX_CLUSTER_staging_PRICE_DISK_GIB: 'local-lvm:0.1,nfs:0.02,*:0.05',
      PROXMOX_CLUSTER_disaster_recovery_CURRENCY: 'usd',
    });
    const { data } = await odd.call('proxmox-cost-report', { cluster: 'staging,disaster-recovery' });
    await odd.close();
    expect(data.clusters[0].notes.join(' ')).toMatch(
      /fit no storage which the token sees: nfs; there are .*nfs-shared/,
    );
    expect(data.clusters[1].error).toMatchObject({
      code: 'REFUSED',
      next: expect.stringContaining("CURRENCY is 'usd'"),
    });
  });

  it('names storages without a price', async () => {
    const poorer = await startSession({
      ...simulator.env(),
      ...monthly,
      PROXMOX_CLUSTER_staging_PRICE_DISK_GIB: 'local-lvm:0.1',
      PROXMOX_CLUSTER_VALIDATION: 'false',
    });
    const { data } = await poorer.call('proxmox-cost-report', { cluster: 'staging' });
    await poorer.close();
    const { unpriced, complete, total } = data.clusters[0].result;
    expect([unpriced, complete, total.cost]).toEqual([['nfs-shared'], false, '81.60 EUR/month']);
  });

  it('names the guests of a node that is away without asking for them', async () => {
    const node = stateOf('staging').nodes.find((one) => one.node === guest(203).node);
    if (node === undefined) throw new Error('no node');
    node.online = false;
    const before = simulator.cluster('staging').requests.length;
    const { unread, complete } = await report({});
    const asked = simulator.cluster('staging').requests.slice(before);
    node.online = true;
    expect(unread).toEqual(
      expect.arrayContaining([expect.stringMatching(new RegExp(`^203 'stg-redis': its node ${node.node} is `))]),
    );
    expect(complete).toBe(false);
    expect(asked.filter(({ path }) => path.includes('/203/'))).toEqual([]);
  });

  it('sees no more than the token may', async () => {
    const secret = simulator.cluster('staging').addToken('few@pve!cost', { '/vms/203': ['VM.Audit'] });
    const other = await startSession({
      ...simulator.env(),
      ...monthly,
      PROXMOX_CLUSTER_staging_TOKEN_ID: 'few@pve!cost',
      PROXMOX_CLUSTER_staging_TOKEN_SECRET: secret,
      PROXMOX_CLUSTER_VALIDATION: 'false',
    });
    const { data } = await other.call('proxmox-cost-report', { cluster: 'staging', by: 'guest' });
    await other.close();
    const { total, rows } = data.clusters[0].result;
    expect([total.guests, rows.length, total.cost]).toEqual([1, 1, '10.80 EUR/month']);
  });

  it('refuses a grouping that it does not know', async () => {
    const { isError, data } = await session.call('proxmox-cost-report', { by: 'node' });
    expect([isError, data.error.code]).toEqual([true, 'INVALID_ARGUMENTS']);
  });
});

describe('with one cluster', () => {
  it('the prices are those without a cluster in their name', async () => {
    const home = await startSimulator({ world: 'single', clock: new ManualClock(), authDelayMs: 0 });
    const priced = { PROXMOX_PRICE_VCPU: '0', PROXMOX_PRICE_MEMORY_GIB: '0', PROXMOX_PRICE_DISK_GIB: '1' };
    const ask = async (env: Record<string, string>) => {
      const other = await startSession({ ...home.env(), ...env, PROXMOX_CLUSTER_VALIDATION: 'false' });
      const { data } = await other.call('proxmox-cost-report');
      await other.close();
      return data.clusters[0];
    };
    const lacking = await ask(priced);
    expect(lacking.error.next).toBe('Tell the user to set PROXMOX_CURRENCY.');
    const { result } = await ask({ ...priced, PROXMOX_CURRENCY: 'CHF' });
    await home.close();
    // 120 + 4 + 200 + 32 + 32 + 2 + 100 + 16 + 20 + 8 GiB, and the 4 MiB of a UEFI disk.
    expect(result.total).toMatchObject({ cost: '534.00 CHF/month', vcpu_cost: '0.00 CHF/month' });
    expect(result.complete).toBe(true);
  });
});
