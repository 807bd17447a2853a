import { expect, it } from 'vitest';
import { callManyAtOnce } from './support/in-flight.js';
import { builtServer } from './support/session.js';

it('answers 200 calls over 20 clusters at once, each with what it asked for', async () => {
  const figures = await callManyAtOnce({ server: builtServer, rounds: 4 });
  expect(figures).toMatchObject({ calls: 800, clusters: 20, atOnce: 200, lost: 0, mixed: [], wrongWrites: [] });
  expect(figures.writes).toBe(4 * 19 * 2);
  expect(figures.cancelled).toBe(4 * 9);
  expect(figures.toTheDead).toBe(4 * 10);
  expect(figures.mostRequests).toBeLessThanOrEqual(8);
}, 180_000);
