import { expect, it } from 'vitest';
import { endure, isFlat } from './support/endurance.js';
import { builtServer } from './support/session.js';

it('holds nothing of calls that are over', async () => {
  const figures = await endure({ server: builtServer, calls: 1200, seed: 7, clusters: 4 });
  expect(figures.wrong).toEqual([]);
  expect(figures).toMatchObject({ calls: 1200, strays: 0, pending: 0 });
  expect(Math.min(...Object.values(figures.ended))).toBeGreaterThan(20);
  expect(figures.progress).toBeGreaterThan(0);
  // A server grows until it has seen every kind of call: `npm run endurance` judges that over many more.
  const { descriptors } = figures;
  if (descriptors !== undefined) expect(descriptors.after).toBeLessThanOrEqual(descriptors.before);
}, 240_000);

it('judges memory and descriptors by what they were before', () => {
  const even = {
    calls: 1,
    seconds: 1,
    ended: { answered: 1, error: 0, refused: 0, cancelled: 0 },
    progress: 0,
    wrong: [],
    strays: 0,
    pending: 0,
    memory: { early: 100, late: 121, peak: 140 },
    descriptors: { before: 20, early: 60, late: 70, after: 20 },
    heldAtTheEnd: 240,
  };
  expect(isFlat(even)).toBe(true);
  expect(isFlat({ ...even, memory: { ...even.memory, late: 121.1 } })).toBe(false);
  expect(isFlat({ ...even, descriptors: { ...even.descriptors, after: 21 } })).toBe(false);
});
