// Bundles the command, the library and the simulator, writes what tools/list answers, what all is made of, and the types.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleFlags } from './bundle-flags.mjs';
import { billOfMaterials } from './sbom.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const { version } = manifest;

/** Dynamic imports of these entries stay imports of the files beside the command. */
function loadLater(entries) {
  return {
    name: 'load-later',
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ kind, path }) => {
        const name = path.replace(/^.*\//, '').replace(/\.js$/, '');
        return kind === 'dynamic-import' && entries.includes(name)
          ? { path: `./${name}.mjs`, external: true }
          : undefined;
      });
    },
  };
}

/** The SDK loads ajv for elicitation alone, which this server does not use. */
const withoutAjv = {
  name: 'without-ajv',
  setup({ onLoad }) {
    onLoad({ filter: /validation[\\/]ajv-provider\.js$/ }, () => ({
      contents: 'export class AjvJsonSchemaValidator { getValidator() { throw new Error("no schema validator"); } }',
    }));
  },
};

const shared = {
  ...bundleFlags,
  metafile: true,
  define: { PROXMOX_MCP_VERSION: JSON.stringify(version) },
  // undici, pino and dotenv are CommonJS and require Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';const require=requireFrom(import.meta.url);",
  },
};

// Made beside and swapped in at the end: what runs from dist meanwhile stays whole.
const out = `dist.${process.pid}`;
// The server answers `initialize` from one small file; what it and the commands load later stands beside it.
const later = {
  runtime: 'src/server/runtime.ts',
  unconfigured: 'src/server/unconfigured.ts',
  'reload-answer': 'src/server/reload-answer.ts',
  flags: 'src/cli/flags.ts',
  demo: 'src/cli/demo.ts',
  doctor: 'src/cli/doctor.ts',
  call: 'src/cli/call.ts',
  tools: 'src/cli/tools.ts',
  encrypt: 'src/cli/encrypt.ts',
  'rotate-key': 'src/cli/rotate-key.ts',
  audit: 'src/cli/audit.ts',
  simulate: 'src/cli/simulate.ts',
  'say-error': 'src/cli/say-error.ts',
  listen: 'src/simulator/listen.ts',
  'open-log': 'src/cli/open-log.ts',
  'env-file-lines': 'src/cli/env-file-lines.ts',
};
const { metafile: besides } = await build({
  ...shared,
  // Loaded late, so its size costs no start; a stack trace out of it, or out of the library, can be read.
  minify: false,
  entryPoints: { ...later, index: 'src/index.ts' },
  splitting: true,
  outdir: out,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
});
const { metafile: main } = await build({
  ...shared,
  // Nothing in it is CommonJS.
  banner: {},
  entryPoints: { 'proxmox-mcp': 'src/cli/main.ts' },
  outdir: out,
  outExtension: { '.js': '.mjs' },
  plugins: [loadLater(Object.keys(later)), withoutAjv],
});

const command = `${out}/proxmox-mcp.mjs`;
writeFileSync(command, `#!/usr/bin/env node\n${readFileSync(command, 'utf8')}`);
chmodSync(command, 0o755);

await build({ ...shared, entryPoints: ['src/server/tool-list.ts'], outfile: `${out}/.build/tool-list.mjs` });
const { offerTools, publishTools } = await import(pathToFileURL(`${root}/${out}/.build/tool-list.mjs`).href);
for (const [mode, several] of [
  ['single', false],
  ['multi', true],
]) {
  // Each tool is found by its place, so that only those that are offered need be read.
  const tools = publishTools(several).map((tool) => Buffer.from(JSON.stringify(tool)));
  let from = 0;
  const placed = offerTools(several).map((offer, index) => {
    const place = { from, bytes: tools[index].length };
    from += place.bytes;
    return { ...offer, ...place };
  });
  writeFileSync(`${out}/offers.${mode}.json`, JSON.stringify(placed));
  writeFileSync(`${out}/tools.${mode}.json`, Buffer.concat(tools));
}
rmSync(`${out}/.build`, { recursive: true });

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const inputs = [besides, main].flatMap(({ outputs }) =>
  Object.values(outputs).flatMap((one) => Object.keys(one.inputs)),
);
writeFileSync(`${out}/sbom.cdx.json`, `${JSON.stringify(billOfMaterials(manifest, lock, inputs), null, 2)}\n`);

if (!process.argv.includes('--no-types')) {
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace('package.json', 'bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json', '--outDir', `${out}/types`], {
    stdio: 'inherit',
  });
}

rmSync('dist', { recursive: true, force: true });
renameSync(out, 'dist');
