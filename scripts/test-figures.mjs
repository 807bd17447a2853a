// Runs a file of tests and shows the sums of what it counted: `node scripts/test-figures.mjs tests/x.test.ts`. Figures as a line of JSON.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-figures-'));
const file = join(folder, 'figures');
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  env: { ...process.env, FIGURES_FILE: file },
  // Standard output is for the figures.
  stdio: ['ignore', 2, 2],
});
const sums = {};
for (const line of readFileSync(file, 'utf8').trimEnd().split('\n'))
  for (const [name, value] of Object.entries(JSON.parse(line))) sums[name] = (sums[name] ?? 0) + value;
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ ...sums, passed: status === 0 }));
process.exit(status ?? 1);
