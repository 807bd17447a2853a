import { expect, it } from 'vitest';
import { type AllLanes, lanesOf } from '../../src/pve/lanes.js';

it('are the same for all names of one cluster, in whatever order its addresses stand', () => {
  const all: AllLanes = new Map();
  const [one, two] = ['https://a.example:8006', 'https://b.example:8006'];
  expect(lanesOf([two, one], all)).toBe(lanesOf([one, two], all));
  expect(lanesOf([one], all)).not.toBe(lanesOf([one, two], all));
});
