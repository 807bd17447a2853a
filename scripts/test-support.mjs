// What tests and commands share, of tests/support, as a module of plain JavaScript, with all areas of examples.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleFlags } from './bundle-flags.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The built server, as users start it. */
export const server = join(root, 'dist/proxmox-mcp.mjs');

/**
 * @param files of tests/support
 * @returns what they export, the areas by their names, and a folder that `done` removes
 */
export async function loadTestSupport(...files) {
  process.chdir(root);
  const support = join(root, 'tests/support');
  const areas = readdirSync(join(root, 'tests/notary')).filter((one) => one !== 'example.ts');
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-support-'));
  const bundle = join(folder, 'support.mjs');
  const imports = areas.map((area, index) => `import * as area${index} from '../notary/${area}';`);
  const exports = files.map((file) => `export * from './${file}.js';`);
  const named = areas.map((area, index) => `${JSON.stringify(area)}: { ...area${index}, calls: area${index}.default }`);
  const require = JSON.stringify(pathToFileURL(join(root, 'package.json')).href);
  await build({
    ...bundleFlags,
    minify: false,
    keepNames: true,
    stdin: {
      contents: [...imports, ...exports, `export const areas = { ${named.join(', ')} };`].join('\n'),
      resolveDir: support,
      loader: 'ts',
    },
    define: {
      PROXMOX_MCP_VERSION: '"0"',
      'import.meta.dirname': JSON.stringify(support),
      'import.meta.url': JSON.stringify(pathToFileURL(join(support, 'session.ts')).href),
    },
    banner: { js: `import { createRequire as requireFrom } from 'node:module';const require=requireFrom(${require});` },
    outfile: bundle,
  });
  const loaded = await import(pathToFileURL(bundle).href);
  return { ...loaded, folder, done: () => rmSync(folder, { recursive: true, force: true }) };
}
