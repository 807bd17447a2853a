// Every tool and command with secrets planted wherever they can stand, and all that leaves searched for them:
// `npm run secrets -- [obstacles] [seed]`. Figures as JSON.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleFlags } from './bundle-flags.mjs';

const [obstacles = 99, seed = 1] = process.argv.slice(2).map(Number);
if (!Number.isSafeInteger(obstacles) || obstacles < 1 || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run secrets -- [obstacles] [seed]');
  process.exit(2);
}

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const server = join(root, 'dist/proxmox-mcp.mjs');
const support = join(root, 'tests/support');
const names = readdirSync(join(root, 'tests/notary')).filter((file) => file !== 'example.ts');
const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-secrets-'));
const bundle = join(folder, 'secrets.mjs');
const imports = names.map((file, index) => `import * as area${index} from '../notary/${file}';`);
const named = names.map((file, index) => `${JSON.stringify(file)}: { ...area${index}, calls: area${index}.default }`);
await build({
  ...bundleFlags,
  minify: false,
  keepNames: true,
  stdin: {
    contents: `${imports.join('\n')}
export { tellArea } from './secrets/tell-area.js';
export { tellCommands } from './secrets/tell-commands.js';
export const areas = { ${named.join(', ')} };`,
    resolveDir: support,
    loader: 'ts',
  },
  define: { PROXMOX_MCP_VERSION: '"0"', 'import.meta.dirname': JSON.stringify(support) },
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module';const require=requireFrom(${JSON.stringify(pathToFileURL(join(root, 'package.json')).href)});`,
  },
  outfile: bundle,
});
const { areas, tellArea, tellCommands } = await import(pathToFileURL(bundle).href);
const began = performance.now();
const sums = {};
const leaks = [];
const add = (figures) => {
  for (const [name, value] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + value;
};
for (const [index, [name, area]] of Object.entries(areas).entries()) {
  const told = await tellArea({ server, name, area, seed: seed * 100 + index, obstacles });
  add(told.figures);
  leaks.push(...told.leaks);
  console.error(`${name}: ${told.leaks.length} leaks in ${told.figures.bytes} bytes`);
}
const told = await tellCommands(server, seed);
add(told.figures);
leaks.push(...told.leaks);
rmSync(folder, { recursive: true, force: true });
for (const leak of leaks.slice(0, 50)) console.error(leak);
const seconds = Math.round((performance.now() - began) / 1000);
console.log(
  JSON.stringify({ seed, areas: names.length, ...sums, leaks: leaks.length, seconds, cores: availableParallelism() }),
);
process.exit(leaks.length > 0 ? 1 : 0);
