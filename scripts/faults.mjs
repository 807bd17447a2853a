// Every fault at every request of every tool of several steps: `npm run faults -- [--every N] [--only REGEXP] [--area FILE] [--tls]`.
// With --kill the built server is killed at every write instead, and asked afterwards what is left. Figures as JSON.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { bundleFlags } from './bundle-flags.mjs';

const { values } = parseArgs({
  options: {
    every: { type: 'string', default: '1' },
    only: { type: 'string' },
    area: { type: 'string' },
    tls: { type: 'boolean', default: false },
    kill: { type: 'boolean', default: false },
  },
});
const every = Number(values.every);
if (!Number.isSafeInteger(every) || every < 1) {
  console.error('usage: npm run faults -- [--every N] [--only REGEXP] [--area FILE] [--tls | --kill]');
  process.exit(2);
}

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const support = join(root, 'tests/support');
const areas = readdirSync(join(root, 'tests/notary')).filter((file) => file !== 'example.ts');
const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-faults-'));
const bundle = join(folder, 'faults.mjs');
const imports = areas.map((file, index) => `import * as area${index} from '../notary/${file}';`);
const named = areas.map((file, index) => `${JSON.stringify(file)}: { ...area${index}, calls: area${index}.default }`);
await build({
  ...bundleFlags,
  minify: false,
  keepNames: true,
  stdin: {
    contents: `${imports.join('\n')}
export { tryFaults } from './fault-matrix.js';
export { tryKills } from './kill-matrix.js';
export const areas = { ${named.join(', ')} };`,
    resolveDir: support,
    loader: 'ts',
  },
  define: {
    PROXMOX_MCP_VERSION: '"0"',
    'import.meta.dirname': JSON.stringify(support),
    'import.meta.url': JSON.stringify(pathToFileURL(join(support, 'session.ts')).href),
  },
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module';const require=requireFrom(${JSON.stringify(pathToFileURL(join(root, 'package.json')).href)});`,
  },
  outfile: bundle,
});
const { areas: loaded, tryFaults, tryKills } = await import(pathToFileURL(bundle).href);
const chosen = Object.fromEntries(
  Object.entries(loaded).filter(([file]) => values.area === undefined || file.startsWith(values.area)),
);
const began = performance.now();
const seconds = () => Math.round((performance.now() - began) / 1000);
const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
const plan = {
  areas: chosen,
  secretDir: folder,
  every,
  http: !values.tls,
  ...(values.only === undefined ? {} : { only: new RegExp(values.only) }),
  onFault: (fault, example) => console.error(`${fault}\n    ${example}`),
  onArea: (area, { cases, kills, faults }) =>
    console.error(`${area}: ${cases ?? kills} cases so far, ${faults.size} kinds of fault, ${seconds()} s`),
};
const figures = await (values.kill ? tryKills(plan) : tryFaults(plan));
rmSync(folder, { recursive: true, force: true });
for (const reason of unhandled) figures.faults.set(`unhandled: ${reason}`, { count: 1, example: '' });
const { tools, kinds, faults, ...counted } = figures;
console.log(
  JSON.stringify({
    matrix: values.kill ? 'kills' : values.tls ? 'faults over TLS' : 'faults',
    every,
    ...counted,
    tools: tools.size,
    ...(kinds === undefined ? {} : { kinds: Object.fromEntries([...kinds].sort()) }),
    wrong: faults.size,
    seconds: seconds(),
    cores: availableParallelism(),
    ...(faults.size > 0 ? { faults: Object.fromEntries(faults) } : {}),
  }),
);
process.exit(faults.size > 0 ? 1 : 0);
