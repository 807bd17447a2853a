import { describe, expect, it } from 'vitest';
import { askPerson, longestWait } from '../../src/client/ask-person.js';
import { NotConfirmedError } from '../../src/client/not-confirmed.js';
import type { Ask, Reply } from '../../src/client/question.js';
import type { Clock } from '../../src/pve/clock.js';
import { rejection, rejectionOf } from '../pve/one-cluster.js';

/** A clock that stands still until it is moved. */
function standingClock() {
  let now = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  const clock: Clock = {
    now: () => now,
    timeout: () => new AbortController().signal,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { until: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
  };
  const advance = async (ms: number) => {
    now += ms;
    for (const sleeper of sleepers)
      if (sleeper.until <= now) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, advance, sleepers };
}

const question = { text: 'May it be done?', tick: 'Do it' };
const never: Ask = () => new Promise(() => {});
const answering =
  (reply: Reply): Ask =>
  async () =>
    reply;

function begin(ask: Ask, signal?: AbortSignal) {
  const time = standingClock();
  const told: string[] = [];
  const tell = async (_: number, __: number | undefined, message: string) => {
    told.push(message);
  };
  return { ...time, told, asked: askPerson(question, { ask, clock: time.clock, signal, tell }) };
}

describe('the wait for an answer', () => {
  it('is ten minutes, and then it is a no and the question is withdrawn', async () => {
    let withdrawn: unknown;
    const { advance, asked, sleepers } = begin((_, signal) => {
      signal.addEventListener('abort', () => {
        withdrawn = signal.reason;
      });
      return never(question, signal);
    });
    const late = rejectionOf(asked, NotConfirmedError);
    await advance(longestWait - 1);
    expect(withdrawn).toBeUndefined();
    await advance(1);
    expect((await late).why).toBe('no answer');
    expect(withdrawn).toMatchObject({ name: 'TimeoutError' });
    expect(longestWait).toBe(600_000);
    expect(sleepers.size).toBe(0);
  });

  it('does not depend on an asker that heeds its signal', async () => {
    const call = new AbortController();
    const { asked, sleepers } = begin(never, call.signal);
    const reason = new DOMException('the client went', 'AbortError');
    call.abort(reason);
    expect(await rejection(asked)).toBe(reason);
    expect(sleepers.size).toBe(0);
  });

  it('tells again and again that it goes on, so that a client does not cut the call', async () => {
    const { advance, asked, told } = begin(never);
    const late = rejection(asked);
    for (let step = 0; step < 30; step += 1) await advance(20_000);
    await late;
    expect(told.length).toBeGreaterThanOrEqual(29);
    const before = told.length;
    await advance(60_000);
    expect(told.length).toBe(before);
  });

  it('asks nobody for a call that is cancelled already', async () => {
    let count = 0;
    const { asked } = begin(async () => {
      count += 1;
      return { action: 'accept', ticked: true };
    }, AbortSignal.abort());
    expect(await rejection(asked)).toMatchObject({ name: 'AbortError' });
    expect(count).toBe(0);
  });

  it('withdraws nothing that was answered', async () => {
    const call = new AbortController();
    let given: AbortSignal | undefined;
    const { asked, sleepers } = begin(async (_, signal) => {
      given = signal;
      return { action: 'accept', ticked: true };
    }, call.signal);
    await asked;
    call.abort();
    expect(given?.aborted).toBe(false);
    expect(sleepers.size).toBe(0);
  });
});

describe('an answer', () => {
  it.each([
    [{ action: 'decline', ticked: true }, 'declined'],
    [{ action: 'cancel', ticked: true }, 'dismissed'],
    [{ action: 'accept', ticked: false }, 'not ticked'],
  ] as const)('%j is a no', async (reply, why) => {
    expect((await rejectionOf(begin(answering(reply)).asked, NotConfirmedError)).why).toBe(why);
  });

  it('is a yes when it is accepted with its tick', async () => {
    await expect(begin(answering({ action: 'accept', ticked: true })).asked).resolves.toBeUndefined();
  });

  it('that fails is a no', async () => {
    const { asked } = begin(async () => {
      throw new Error('-32601');
    });
    expect((await rejectionOf(asked, NotConfirmedError)).why).toBe('not asked');
  });
});
