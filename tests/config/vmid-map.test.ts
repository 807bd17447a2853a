import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVmidMap, parseVmidRange } from '../../src/config/vmid-map.js';
import { configOf, multi, withNotes } from './environments.js';

const names = ['production', 'staging', 'dr'];

function parse(text: string) {
  return withNotes((notes) => parseVmidMap(text, names, notes));
}

describe('parseVmidRange', () => {
  it.each([
    ['100', 100, 100],
    ['100-199', 100, 199],
    [' 100 - 199 ', 100, 199],
    ['999999999', 999_999_999, 999_999_999],
    ['0100', 100, 100],
  ])('%s', (text, from, to) => {
    expect(parseVmidRange(text)).toEqual({ ok: true, value: { from, to } });
  });

  it.each(['', '99', '50-200', '1000000000', '1e3', '100-', '-100', '100-200-300', 'all', '１００'])(
    'refuses %j',
    (text) => {
      const parsed = parseVmidRange(text);
      expect(parsed.ok ? '' : parsed.problem).toContain('write VMIDs from 100 to 999999999');
    },
  );

  it('says how a reversed range is right', () => {
    expect(parseVmidRange('199-100')).toEqual({
      ok: false,
      problem: "has the range '199-100', which ends before it starts: write 100-199",
    });
  });
});

describe('PROXMOX_CLUSTER_VMID_MAP', () => {
  it.each(['{"200-299":"staging","9000":"dr"}', '200-299:staging,9000:dr', ' 200 - 299 : staging , 9000 : dr '])(
    '%s',
    (text) => {
      expect(configOf(multi(names, { PROXMOX_CLUSTER_VMID_MAP: text })).vmidMap).toEqual([
        { from: 200, to: 299, cluster: 'staging' },
        { from: 9000, to: 9000, cluster: 'dr' },
      ]);
    },
  );

  it('refuses ranges and clusters that are none, each by itself', () => {
    expect(parse('5-6:staging,100:stging').faults).toEqual([
      "V has the range '5-6': write VMIDs from 100 to 999999999, such as 9000 or 100-199",
      "V for the VMIDs '100' names 'stging', which is no cluster (production, staging, dr); did you mean 'staging'?",
    ]);
  });

  it.each([
    ['100-199:production,150-250:staging', '100-199 (production) and 150-250 (staging)'],
    ['199:staging,100-199:production', '100-199 (production) and 199 (staging)'],
    ['{"100":"production","100":"dr"}', '100 (production) and 100 (dr)'],
    ['100-500:production,110-120:production,115-118:dr', '100-500 (production) and 115-118 (dr)'],
  ])('%s is refused', (text, both) => {
    expect(parse(text).faults).toEqual([`V has ${both}, which overlap: give each VMID to one cluster`]);
  });

  it('warns of an overlap in one cluster', () => {
    expect(parse('100-199:dr,150:dr')).toMatchObject({
      faults: [],
      warnings: ['V has 100-199 (dr) and 150 (dr), which overlap: one is enough'],
    });
    expect(parse('100-199:dr,200:dr').warnings).toEqual([]);
  });

  const range = fc.tuple(
    fc.integer({ min: 100, max: 140 }),
    fc.integer({ min: 0, max: 12 }),
    fc.constantFrom(...names),
  );

  it('has a fault exactly when some VMID is given to two clusters', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
        const owners = new Map<number, string>();
        let contrary = false;
        for (const [from, length, cluster] of ranges) {
          for (let vmid = from; vmid <= from + length; vmid += 1) {
            contrary ||= (owners.get(vmid) ?? cluster) !== cluster;
            owners.set(vmid, cluster);
          }
        }
        const text = ranges.map(([from, length, cluster]) => `${from}-${from + length}:${cluster}`).join(',');
        expect(parse(text).faults.length > 0).toBe(contrary);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads both forms of any ranges to the same', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), (ranges) => {
        const pairs = ranges.map(([from, length, cluster]) => [
          length === 0 ? `${from}` : `${from}-${from + length}`,
          cluster,
        ]);
        const json = `{${pairs.map(([key, cluster]) => `${JSON.stringify(key)}: ${JSON.stringify(cluster)}`).join(',')}}`;
        const short = parse(pairs.map((pair) => pair.join(':')).join(','));
        expect(parse(json)).toEqual(short);
        expect(short.value).toEqual(ranges.map(([from, length, cluster]) => ({ from, to: from + length, cluster })));
      }),
    );
  });

  it('answers any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => void parse(text)),
      { numRuns: 1000 },
    );
  });
});
