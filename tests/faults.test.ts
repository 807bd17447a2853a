import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadArea } from './support/examples.js';
import { tryFaults } from './support/fault-matrix.js';
import { tryKills } from './support/kill-matrix.js';

const withFolder = async <T>(run: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-faults-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const loaded = async (names: readonly string[]) =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await loadArea(name)] as const)));

it('loses, doubles and hides nothing, whatever a request meets', async () => {
  const areas = await loaded(['create.ts', 'lifecycle.ts', 'migration-between.ts']);
  const figures = await withFolder((secretDir) => tryFaults({ areas, secretDir, every: 101 }));
  expect(Object.fromEntries(figures.faults)).toEqual({});
  expect(figures.met).toBeGreaterThan(80);
  expect(figures.kinds.size).toBeGreaterThan(20);
  expect(figures.tools.size).toBeGreaterThan(10);
}, 300_000);

it('does the same where a cluster shows another certificate', async () => {
  const areas = await loaded(['create.ts']);
  const figures = await withFolder((secretDir) => tryFaults({ areas, secretDir, every: 23, http: false }));
  expect(Object.fromEntries(figures.faults)).toEqual({});
  expect(figures.kinds.get('other certificate')).toBeGreaterThan(2);
}, 300_000);

it('lists what is left when the server is killed at a write', async () => {
  const areas = await loaded(['migration-between.ts']);
  const figures = await withFolder((secretDir) => tryKills({ areas, secretDir, every: 13 }));
  expect(Object.fromEntries(figures.faults)).toEqual({});
  expect(figures.kills).toBeGreaterThan(2);
  expect(figures.listed).toBeGreaterThan(0);
}, 300_000);
