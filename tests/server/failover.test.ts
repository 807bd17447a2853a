import { afterEach, describe, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld({}, { world: 'multi', clusters: 2, endpoints: 3 });
const production = () => world.simulator.cluster('production');
const staging = () => world.simulator.cluster('staging');
const nodes = (cluster = 'production') => world.call('proxmox-list-nodes', { cluster });
/** The addresses that were asked since. */
const since = (begin: number) => production().requests.slice(begin);
const endpoints = (begin: number) => [...new Set(since(begin).map(({ endpoint }) => endpoint))];
const guest = (vmid: number) => production().state.guests.find((one) => one.vmid === vmid);

afterEach(() => production().setFault(undefined));

describe('of three addresses of a cluster', () => {
  it('the next is asked when one dies, and stays in use when that one is back', async () => {
    await nodes();
    production().setFault({ kind: 'unreachable' }, { endpoint: 0 });
    let begin = production().requests.length;
    expect((await nodes()).data.total).toBe(3);
    expect((await nodes()).data.total).toBe(3);
    expect(endpoints(begin)).toEqual([1]);
    production().setFault(undefined, { endpoint: 0 });
    begin = production().requests.length;
    await expect
      .poll(async () => (await nodes()) && since(begin).some(({ endpoint }) => endpoint === 0), { timeout: 5000 })
      .toBe(true);
    const probes = since(begin).filter(({ endpoint }) => endpoint === 0);
    expect(probes.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /version']);
  });

  it('the next takes a write that could not be sent, once', async () => {
    production().setFault({ kind: 'unreachable' }, { endpoint: 0 });
    production().setFault({ kind: 'unreachable' }, { endpoint: 1 });
    const { data, isError } = await world.call('proxmox-start-vm', { vmid: 102 });
    expect(isError).toBe(false);
    expect(data.result.task).toMatchObject({ state: 'ok' });
    expect(world.writes()).toBe(1);
  });

  it.each(['html', 'truncated', 'foreign'] as const)(
    'the next answers a read where one gives rubbish: %s',
    async (form) => {
      const { length } = production().requests;
      for (const endpoint of [0, 1]) production().setFault({ kind: 'garbage', form }, { endpoint });
      expect((await nodes()).data.total).toBe(3);
      expect(endpoints(length)).toContain(2);
      production().setFault(undefined);
      production().setFault({ kind: 'garbage', form }, { endpoint: 2 });
      expect((await nodes()).data.total).toBe(3);
    },
  );

  it('the next answers a read whose reply broke off, and is where a lost write is looked for', async () => {
    production().setFault({ kind: 'reset' }, { times: 1 });
    expect((await nodes()).data.total).toBe(3);
    const dying = { method: 'POST', times: 1 };
    production().setFault({ kind: 'lost' }, dying);
    const pending = world.call('proxmox-stop-vm', { vmid: 102, confirm: true });
    await expect.poll(() => world.writes()).toBe(1);
    const asked = production().requests.findLast(({ method }) => method === 'POST')?.endpoint ?? 0;
    production().setFault({ kind: 'unreachable' }, { endpoint: asked });
    const { data } = await pending;
    expect(data.result).toMatchObject({ upid: expect.stringContaining(':qmstop:102:'), task: { state: 'ok' } });
    expect(data.notes).toContainEqual(expect.stringContaining('lost'));
    expect(world.writes()).toBe(1);
    expect(guest(102)?.status).toBe('stopped');
  });

  it('a write is sent again where the node behind one could not be reached from there, and nothing was run', async () => {
    production().setFault({ kind: 'status', status: 595, reason: 'No route to host' }, { method: 'POST', times: 1 });
    const { data } = await world.call('proxmox-start-vm', { vmid: 102 });
    expect(data.result.task).toMatchObject({ state: 'ok' });
    expect(production().state.tasks.filter(({ type }) => type === 'qmstart').length).toBeGreaterThan(0);
    expect(world.writes()).toBe(2);
  });
});

describe('a cluster that has failed again and again', () => {
  const down = async () => {
    const end = Date.now() + 10_000;
    while (Date.now() < end) {
      const { data } = await nodes('staging');
      if (data.error?.code === 'CLUSTER_DOWN') return data.error;
    }
    throw new Error('it was asked on and on');
  };

  afterEach(async () => {
    staging().setFault(undefined);
    await world.call('proxmox-cluster-health', { cluster: 'staging' });
  });

  it('is not asked after some seconds, and it is said why, since when and until when', async () => {
    await nodes('staging');
    staging().setFault({ kind: 'unreachable' });
    expect((await nodes('staging')).data.error.code).toBe('CLUSTER_UNREACHABLE');
    const error = await down();
    expect(error).toMatchObject({
      cluster: 'staging',
      address: expect.stringMatching(/^https:/),
      next: expect.stringContaining('Other clusters are not affected'),
    });
    for (const time of ['down_since', 'last_failure', 'next_probe']) expect(error[time]).toMatch(/^20\d\d-.*Z$/);
    const began = performance.now();
    expect((await nodes('staging')).data.error.code).toBe('CLUSTER_DOWN');
    expect(performance.now() - began).toBeLessThan(200);
    expect((await nodes('production')).data.total).toBe(3);
  });

  it('is tested by one probe at a time, and used again after the first answer', async () => {
    await nodes('staging');
    // Rubbish, so that what comes in can be counted.
    staging().setFault({ kind: 'garbage' });
    await down();
    const { length } = staging().requests;
    await expect
      .poll(() => nodes('staging').then(() => staging().requests.length), { timeout: 20_000 })
      .not.toBe(length);
    const many = await Promise.all(Array.from({ length: 10 }, () => nodes('staging')));
    for (const { data } of many) expect(data.error.code).toBe('CLUSTER_DOWN');
    const probes = staging().requests.slice(length);
    expect(new Set(probes.map(({ method, path }) => `${method} ${path}`))).toEqual(new Set(['GET /version']));
    expect(probes.length).toBeLessThanOrEqual(3);
    staging().setFault(undefined);
    await expect.poll(async () => (await nodes('staging')).isError, { timeout: 20_000, interval: 100 }).toBe(false);
  }, 60_000);

  it('is asked at once by a check of its health', async () => {
    await nodes('staging');
    staging().setFault({ kind: 'unreachable' });
    await down();
    staging().setFault(undefined);
    await expect
      .poll(() => world.call('proxmox-cluster-health', { cluster: 'staging' }))
      .toMatchObject({
        data: { clusters: [{ result: { reachable: true } }] },
      });
    expect((await nodes('staging')).isError).toBe(false);
  });

  it('is not one that answers with errors', async () => {
    staging().setFault({ kind: 'status', status: 500, reason: 'storage is offline' });
    for (let calls = 0; calls < 8; calls += 1) expect((await nodes('staging')).data.error.code).toBe('PROXMOX_ERROR');
  });
});
