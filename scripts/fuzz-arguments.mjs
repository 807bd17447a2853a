// Every tool with hostile arguments, in process, against the simulator: `npm run fuzz -- [cases] [seed]`. Figures as JSON.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleFlags } from './bundle-flags.mjs';

const [cases = 100_000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run fuzz -- [cases] [seed]');
  process.exit(2);
}

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const support = join(root, 'tests/support');
const areas = readdirSync(join(root, 'tests/notary')).filter((file) => file !== 'example.ts');
const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-fuzz-'));
const bundle = join(folder, 'fuzz.mjs');
const imports = areas.map((file, index) => `import * as area${index} from '../notary/${file}';`);
const named = areas.map((file, index) => `${JSON.stringify(file)}: { ...area${index}, calls: area${index}.default }`);
await build({
  ...bundleFlags,
  minify: false,
  keepNames: true,
  stdin: {
    contents: `${imports.join('\n')}
export { tryHostileArguments } from './hostile-calls.js';
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
const { areas: loaded, tryHostileArguments } = await import(pathToFileURL(bundle).href);
const began = performance.now();
const onFault = (fault, example) => console.error(`${fault}\n    ${example}`);
const figures = await tryHostileArguments({ areas: loaded, cases, seed, secretDir: folder, onFault });
rmSync(folder, { recursive: true, force: true });
const { faults, ...counted } = figures;
console.log(
  JSON.stringify(
    {
      seed,
      ...counted,
      seconds: Math.round((performance.now() - began) / 1000),
      cores: availableParallelism(),
      faults: Object.fromEntries(faults),
    },
    null,
    2,
  ),
);
process.exit(faults.size > 0 ? 1 : 0);
