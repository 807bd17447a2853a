import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { catalogue } from '../src/tools/catalogue.js';
import type { Tool } from '../src/tools/define.js';
import { areas, loadArea } from './support/examples.js';
import { tryHostileArguments } from './support/hostile-calls.js';

const tools: readonly Tool[] = catalogue;

it('sends nothing but what a tool is for, whatever its arguments are', async () => {
  const loaded = await Promise.all(areas.map(async (area) => [area, await loadArea(area)] as const));
  const secretDir = mkdtempSync(join(tmpdir(), 'proxmox-mcp-hostile-'));
  const plan = { areas: Object.fromEntries(loaded), cases: 5000, seed: 5, secretDir };
  const figures = await tryHostileArguments(plan).finally(() => rmSync(secretDir, { recursive: true, force: true }));
  expect(Object.fromEntries(figures.faults)).toEqual({});
  expect(figures.refusedByServer).toBe(0);
  expect(figures.cases).toBeGreaterThanOrEqual(5000);
  expect(figures.tools).toBe(tools.filter((tool) => !tool.changesServer).length);
  // Else hardly anything was tried: most cases end before a request.
  expect(figures.writes).toBeGreaterThan(300);
}, 300_000);
