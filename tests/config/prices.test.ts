import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configOf, type Env, multi, single, warningsOf } from './environments.js';

const prices = { PRICE_VCPU: '4.50', PRICE_MEMORY_GIB: '2', PRICE_DISK_GIB: '0.05', CURRENCY: 'EUR' };

const of = (prefix: string, settings: Record<string, string>): Env =>
  Object.fromEntries(Object.entries(settings).map(([suffix, value]) => [`${prefix}_${suffix}`, value]));

const pricesOf = (env: Env) => configOf(env).clusters[0]?.prices;

describe('the prices of a cluster', () => {
  it('are read in both forms, for a month unless an hour is said', () => {
    const expected = {
      per: 'month',
      vcpu: 4.5,
      memoryGib: 2,
      diskGib: new Map([['*', 0.05]]),
      currency: 'EUR',
    };
    expect(pricesOf(multi(['a', 'b'], of('PROXMOX_CLUSTER_a', prices)))).toEqual(expected);
    expect(pricesOf(single(of('PROXMOX', prices)))).toEqual(expected);
    expect(pricesOf(single(of('PROXMOX', { ...prices, PRICE_PER: 'Hour' })))).toEqual({ ...expected, per: 'hour' });
    expect(configOf(multi(['a', 'b'], of('PROXMOX_CLUSTER_a', prices))).clusters[1]).not.toHaveProperty('prices');
    expect(warningsOf(single(of('PROXMOX', prices)))).toEqual([]);
  });

  it('of a disk may differ by storage', () => {
    const disk = 'local-lvm:0.08, nfs : 0,*:0.05,constructor:1';
    expect(pricesOf(single(of('PROXMOX', { ...prices, PRICE_DISK_GIB: disk })))?.diskGib).toEqual(
      new Map([
        ['local-lvm', 0.08],
        ['nfs', 0],
        ['*', 0.05],
        ['constructor', 1],
      ]),
    );
  });

  it('may be nothing', () => {
    const free = { PRICE_VCPU: '0', PRICE_MEMORY_GIB: '0', PRICE_DISK_GIB: '0' };
    expect(pricesOf(single(of('PROXMOX', { ...prices, ...free })))).toMatchObject({ vcpu: 0, memoryGib: 0 });
  });

  it.each([
    ['PRICE_VCPU', '-1', "is '-1': write a number of at least 0, as 0.05"],
    ['PRICE_VCPU', '1e3', "is '1e3': write a number of at least 0, as 0.05"],
    ['PRICE_MEMORY_GIB', '2,20', "is '2,20': write a number of at least 0, as 0.05"],
    ['PRICE_MEMORY_GIB', '2.20 EUR', "is '2.20 EUR': write a number of at least 0, as 0.05"],
    ['PRICE_DISK_GIB', '0,05', "is '0,05': write a number of at least 0, as 0.05, or local-lvm:0.08,*:0.05"],
    ['PRICE_DISK_GIB', 'nfs:0.03,0.05', "has '0.05': write storage:price, as nfs:0.03 or *:0.05"],
    ['PRICE_DISK_GIB', 'nfs:0.03,', "has '': write storage:price, as nfs:0.03 or *:0.05"],
    ['PRICE_DISK_GIB', 'nfs:0.03,nfs:0.04', "has 'nfs' twice: keep one"],
    ['PRICE_DISK_GIB', 'nfs:-1', "has 'nfs:-1': write storage:price, as nfs:0.03 or *:0.05"],
    ['PRICE_PER', 'year', "is 'year': write hour or month"],
    ['CURRENCY', 'euro', "is 'euro': write the three capitals of ISO 4217, as EUR"],
  ])('are none with %s=%s, which is warned about and stops nothing', (suffix, value, problem) => {
    const env = single(of('PROXMOX', { ...prices, [suffix]: value }));
    expect(warningsOf(env)).toEqual([`PROXMOX_${suffix} ${problem}; until then this cluster has no prices`]);
    const per = 'month';
    expect(pricesOf(env)).toEqual({ per, wrong: [`PROXMOX_${suffix} ${problem}`] });
  });

  it('in part are warned about', () => {
    expect(warningsOf(multi(['a'], of('PROXMOX_CLUSTER_a', { PRICE_VCPU: '1', CURRENCY: 'EUR' })))).toEqual([
      'PROXMOX_CLUSTER_a_PRICE_VCPU is set, and PROXMOX_CLUSTER_a_PRICE_MEMORY_GIB, PROXMOX_CLUSTER_a_PRICE_DISK_GIB not: without all of them no cost is told',
    ]);
  });

  it('are what was written, whatever the storages are', () => {
    const storage = fc.oneof(fc.constant('*'), fc.stringMatching(/^[A-Za-z][\w.-]{0,20}$/));
    const price = fc.nat(1_000_000).map((cents) => cents / 100);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(storage, price), { minLength: 1, selector: ([one]) => one }), (written) => {
        const text = written.map(([one, cost]) => `${one}:${cost}`).join(',');
        expect(pricesOf(single(of('PROXMOX', { ...prices, PRICE_DISK_GIB: text })))?.diskGib).toEqual(new Map(written));
      }),
    );
  });
});
