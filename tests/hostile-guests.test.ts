import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { catalogue } from '../src/tools/catalogue.js';
import type { Tool } from '../src/tools/define.js';
import { areas, loadArea } from './support/examples.js';
import { tryHostileGuests } from './support/hostile-guests.js';

const tools: readonly Tool[] = catalogue;

it('shows what guests and clusters write as data alone, whichever tool it goes through', async () => {
  const only = process.env.HOSTILE_AREAS?.split(',') ?? areas;
  const loaded = await Promise.all(only.map(async (area) => [area, await loadArea(area)] as const));
  const secretDir = mkdtempSync(join(tmpdir(), 'proxmox-mcp-guests-'));
  const plan = { areas: Object.fromEntries(loaded), secretDir };
  const figures = await tryHostileGuests(plan).finally(() => rmSync(secretDir, { recursive: true, force: true }));
  expect(Object.fromEntries(figures.faults)).toEqual({});
  expect(figures.tools.size).toBe(tools.filter((tool) => !tool.changesServer).length);
  expect(figures.questions).toBeGreaterThan(200);
  expect(figures.planted).toBeGreaterThan(10_000);
}, 600_000);
