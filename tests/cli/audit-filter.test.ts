import fc from 'fast-check';
import { expect, it } from 'vitest';
import { filterOf } from '../../src/cli/audit-filter.js';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const shows = (since: string, time: string) => filterOf({ since }, now)({ event: 'call', time });
const day = 86_400_000;

it('reads --since as the time that it names, whatever its zone', () => {
  const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  const zone = fc.constantFrom(['Z', 0], ['', 0], ['+02:00', 2], ['-05:30', -5.5] as const);
  fc.assert(
    fc.property(moment, zone, (at, [written, hours]) => {
      const local = new Date(at.getTime() + Number(hours) * 3_600_000).toISOString().slice(0, -1);
      const since = `${local}${written}`;
      expect(shows(since, at.toISOString())).toBe(true);
      expect(shows(since, new Date(at.getTime() - 1).toISOString())).toBe(false);
    }),
  );
});

it('reads a length of time, and a day', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9999 }), fc.constantFrom('m', 'h', 'd'), (count, unit) => {
      const at = now - count * ({ m: 60_000, h: 3_600_000, d: day }[unit] ?? 0);
      expect(shows(`${count}${unit}`, new Date(at).toISOString())).toBe(true);
      expect(shows(`${count}${unit}`, new Date(at - 1).toISOString())).toBe(false);
    }),
  );
  expect(shows('2026-11-20', '2026-11-20T00:00:00.000Z')).toBe(true);
  expect(shows('2026-11-20', '2026-11-19T23:59:59.999Z')).toBe(false);
  expect(shows('2028-02-29', '2028-02-29T00:00:00.000Z')).toBe(true);
});

it('refuses anything else in one way', () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[0-9TZ:.+mhd-]{0,30}$/),
    fc
      .tuple(fc.nat(9999), fc.nat(20), fc.nat(40))
      .map((parts) => parts.map((one) => String(one).padStart(2, '0')).join('-')),
  );
  fc.assert(
    fc.property(text, (since) => {
      try {
        expect(shows(since, '9999-12-31T00:00:00.000Z')).toBe(true);
      } catch (error) {
        expect(String(error)).toContain(`--since is '${since}': write 30m, 12h, 7d, `);
      }
    }),
    { numRuns: 2000 },
  );
  for (const since of ['2026-02-29', '2026-04-31', '2026-00-10', '0026', '1w', '-1d', '1.5h', ' 1d'])
    expect(() => shows(since, ''), since).toThrow('--since is');
});
