import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { firstOf } from '../../src/pve/first-of.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

it('ends with its time limit, though nobody else holds that', async () => {
  const never = new AbortController();
  const over = new Promise<string>((resolve) => {
    const first = firstOf(never.signal, AbortSignal.timeout(300));
    first.addEventListener('abort', () => resolve(first.reason.name), { once: true });
  });
  await new Promise((next) => setTimeout(next, 50));
  collectGarbage();
  expect(await over).toBe('TimeoutError');
});

it('ends with whichever is first, or was before', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const first = firstOf(one.signal, other.signal);
  other.abort('other');
  one.abort('one');
  expect(first.reason).toBe('other');
  expect(firstOf(new AbortController().signal, one.signal).reason).toBe('one');
});
