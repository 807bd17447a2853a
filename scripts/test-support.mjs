// What tests and commands share, of tests/support, as a module of plain JavaScript, with all areas of examples.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleFlags } from './bundle-flags.mjs';

/**
 * @param file of tests/support
 * @returns its exports, the areas by their names, and a folder that `done` removes
 */
export async function loadTestSupport(file) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  process.chdir(root);
  const support = join(root, 'tests/support');
  const areas = readdirSync(join(root, 'tests/notary')).filter((one) => one !== 'example.ts');
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-support-'));
  const bundle = join(folder, 'support.mjs');
  const imports = areas.map((area, index) => `import * as area${index} from '../notary/${area}';`);
  const named = areas.map((area, index) => `${JSON.stringify(area)}: { ...area${index}, calls: area${index}.default }`);
  await build({
    ...bundleFlags,
    minify: false,
    keepNames: true,
    stdin: {
      contents: `${imports.join('\n')}
export * from './${file}.js';
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
  const loaded = await import(pathToFileURL(bundle).href);
  return { ...loaded, folder, done: () => rmSync(folder, { recursive: true, force: true }) };
}
