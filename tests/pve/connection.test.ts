import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOff, retryPause } from '../../src/pve/back-off.js';
import { type Clock, systemClock } from '../../src/pve/clock.js';
import { Connection } from '../../src/pve/connection.js';

const urls = ['https://a:8006', 'https://b:8006', 'https://c:8006'];
const failure = { code: 'ECONNREFUSED', message: 'refused' };
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function watched(count: number, random = () => 0) {
  const time = { now: 1_700_000_000_000 };
  const clock: Clock = { ...systemClock, now: () => time.now };
  return { time, connection: new Connection(urls.slice(0, count), clock, random) };
}

describe('the back-off', () => {
  it('grows from a second to a minute, and chance only shortens it, by a quarter at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), chance, (failures, random) => {
        const whole = Math.min(60_000, 1000 * 2 ** (failures - 1));
        const ms = backOff(failures, () => random);
        expect(ms).toBeGreaterThanOrEqual(whole * 0.75 - 1);
        expect(ms).toBeLessThanOrEqual(whole);
      }),
    );
  });

  it('of a second try is a fraction of a second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 }), chance, (retry, random) => {
        expect(retryPause(retry, () => random)).toBeLessThanOrEqual(400);
        expect(retryPause(retry, () => random)).toBeGreaterThanOrEqual(100);
      }),
    );
  });
});

/** What may happen to a connection, with the time that passes before. */
const events = fc.array(
  fc.record({
    passes: fc.integer({ min: 0, max: 90_000 }),
    at: fc.nat(2),
    what: fc.constantFrom('answer', 'failure', 'failed probe', 'late failure'),
  }),
  { maxLength: 60 },
);

describe('whatever happens to a connection', () => {
  it('the breaker is open only when no address is good, and closes with the first answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), events, (count, happened) => {
        const { time, connection } = watched(count);
        let inARow = 0;
        for (const { passes, at, what } of happened) {
          time.now += passes;
          const url = urls[at % count] ?? '';
          const wasOpen = connection.isOpen;
          if (what === 'answer') connection.answered(url, 5);
          else
            connection.failed(
              url,
              time.now - (what === 'late failure' ? 100_000 : 0),
              failure,
              what === 'failed probe',
            );
          inARow = what === 'answer' ? 0 : inARow + 1;
          const { state, endpoints, nextProbe, lastError } = connection.state();
          const isOpen = state === 'open';
          if (what === 'answer') expect(isOpen).toBe(false);
          if (isOpen && !wasOpen) expect(inARow >= 5 || what === 'failed probe').toBe(true);
          expect(endpoints.map((one) => one.url)).toEqual(urls.slice(0, count));
          if (!isOpen) continue;
          expect(endpoints.every((one) => one.state === 'bad')).toBe(true);
          expect(nextProbe).toBe(Math.min(...endpoints.map((one) => one.nextProbe ?? Number.NaN)));
          expect(lastError).toMatchObject(failure);
        }
      }),
    );
  });

  it('a bad address is left alone for a minute at most, and a good one is chosen before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), events, chance, (count, happened, random) => {
        const { time, connection } = watched(count, () => random);
        for (const { passes, at, what } of happened) {
          time.now += passes;
          const url = urls[at % count] ?? '';
          if (what === 'answer') connection.answered(url, 5);
          else connection.failed(url, time.now, failure);
          const { endpoints } = connection.state();
          const chosen = endpoints.find((one) => one.url === connection.addresses.choose(new Set()));
          expect(chosen).toBeDefined();
          if (endpoints.some((one) => one.state !== 'bad')) expect(chosen?.state).not.toBe('bad');
          for (const one of endpoints) {
            expect(one.nextProbe !== undefined).toBe(one.state === 'bad');
            expect((one.nextProbe ?? 0) - time.now).toBeLessThanOrEqual(60_000);
          }
        }
      }),
    );
  });

  it('failures before the wait is over do not make it longer', () => {
    const { time, connection } = watched(1);
    connection.failed(urls[0] ?? '', time.now, failure);
    const { nextProbe } = connection.state().endpoints[0] ?? {};
    for (let ms = 0; ms < 990; ms += 10) {
      time.now += 10;
      connection.failed(urls[0] ?? '', time.now, failure);
    }
    expect(connection.state().endpoints[0]?.nextProbe).toBe(nextProbe);
    time.now += 10;
    connection.failed(urls[0] ?? '', time.now, failure);
    expect(connection.state().endpoints[0]?.nextProbe).toBe(time.now + 2000);
  });

  it('many failures at one time make the wait no longer than one does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), (failures) => {
        const { time, connection } = watched(1);
        const began = time.now;
        time.now += 10;
        for (let times = 0; times < failures; times += 1) connection.failed(urls[0] ?? '', began, failure);
        expect(connection.state().endpoints[0]?.nextProbe).toBe(time.now + 1000);
        expect(connection.isOpen).toBe(false);
      }),
    );
  });

  it('a failure that began before the last good answer counts for nothing', () => {
    const { time, connection } = watched(1);
    const began = time.now;
    time.now += 10;
    connection.answered(urls[0] ?? '', 5);
    time.now += 30_000;
    connection.failed(urls[0] ?? '', began, failure);
    expect(connection.state().endpoints[0]).toMatchObject({ state: 'up', latencyMs: 5 });
  });

  it('one probe is under way at most', async () => {
    const { connection } = watched(1);
    let begun = 0;
    let end = () => {};
    const run = () => {
      begun += 1;
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    };
    const probes = [connection.probe(run), connection.probe(run), connection.probe(run)];
    end();
    await Promise.all(probes);
    expect(begun).toBe(1);
    void connection.probe(run);
    expect(begun).toBe(2);
    end();
  });
});
