import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { acceptedInput } from '../src/client/input.js';
import { type Simulator, startSimulator } from '../src/simulator/listen.js';
import { catalogue } from '../src/tools/catalogue.js';
import { areas, loadArea } from './support/examples.js';
import { type Session, startSession } from './support/session.js';

let simulator: Simulator;
let session: Session;
const good = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  simulator = await startSimulator();
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  for (const area of areas)
    for (const [tool, args] of (await loadArea(area)).calls)
      if (typeof args !== 'function' && !good.has(tool)) good.set(tool, args);
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const sent = () => simulator.clusters.reduce((sum, { requests }) => sum + requests.length, 0);
const tools = catalogue.map((tool) => [tool.name, acceptedInput(tool, true).shape] as const);

/** What hardly any argument takes. */
const strange = [{}, [], [{}], -0.5, true, `${'x'.repeat(10_000)}\n`];

it.each(tools)('%s refuses what it does not know', async (tool) => {
  const { data, isError } = await session.call(tool, { ...good.get(tool), clutser: 'production' });
  expect(isError).toBe(true);
  expect(data.error.code).toBe('INVALID_ARGUMENTS');
  // Where an example is made from an answer, other arguments are missing too.
  expect(data.error.arguments).toContainEqual({ argument: 'clutser', message: expect.stringMatching(/^not an arg/) });
  expect(sent()).toBe(0);
});

it.each(tools)('%s refuses each argument of another type, and names it', async (tool, shape) => {
  for (const [argument, schema] of Object.entries(shape)) {
    const refused = strange.filter((value) => !z.safeParse(schema, value).success);
    expect(refused.length, `${argument} takes anything`).toBeGreaterThan(2);
    for (const value of refused) {
      const { data, isError } = await session.call(tool, { ...good.get(tool), [argument]: value });
      const shown = `${tool} ${argument} ${JSON.stringify(value).slice(0, 20)}`;
      expect(isError, shown).toBe(true);
      expect(data.error.code, shown).toBe('INVALID_ARGUMENTS');
      const named = data.error.arguments.map((one: { argument: string }) => one.argument.split('.')[0]);
      expect(named, shown).toContain(argument);
    }
  }
  expect(sent()).toBe(0);
});
