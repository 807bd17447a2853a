// What the tests are made of, for commands that do the same with larger figures.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleFlags } from './bundle-flags.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The built server, as users start it. */
export const server = join(root, 'dist/proxmox-mcp.mjs');

/** What a file of tests/support exports. */
export async function loadSupport(name) {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-support-'));
  const outfile = join(folder, `${name}.mjs`);
  const require = JSON.stringify(pathToFileURL(join(root, 'package.json')).href);
  await build({
    ...bundleFlags,
    minify: false,
    entryPoints: [join(root, 'tests/support', `${name}.ts`)],
    define: { PROXMOX_MCP_VERSION: '"0"' },
    banner: { js: `import { createRequire as requireFrom } from 'node:module';const require=requireFrom(${require});` },
    outfile,
  });
  const loaded = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return loaded;
}

/** The whole numbers of the command line; those that were not given are these. */
export function numbersGiven(usage, defaults) {
  const given = process.argv.slice(2).map(Number);
  if (given.length <= defaults.length && given.every((number) => Number.isSafeInteger(number) && number > 0))
    return defaults.map((number, at) => given[at] ?? number);
  console.error(`usage: ${usage}`);
  process.exit(2);
}
