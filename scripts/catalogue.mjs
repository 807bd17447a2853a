// Writes src/tools/catalogue.ts: the files below src/tools that hold tools, in order; with --check it only says whether it is behind.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../src/tools/', import.meta.url));
const camelCase = (file) =>
  file
    .replace(/^.*\//, '')
    .replace(/\.ts$/, '')
    .replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\/.+\.ts$/.test(file) && /^export default \[/m.test(readFileSync(folder + file, 'utf8')))
  .sort();

const wanted = `${files.map((file) => `import ${camelCase(file)} from './${file.replace(/\.ts$/, '.js')}';`).join('\n')}

/** Every tool there is; the one list, written by scripts/catalogue.mjs. */
export const catalogue = [
${files.map((file) => `  ...${camelCase(file)},`).join('\n')}
];
`;

const target = `${folder}catalogue.ts`;
if (readFileSync(target, 'utf8') !== wanted) {
  if (process.argv.includes('--check')) {
    console.error('src/tools/catalogue.ts is behind; `npm run catalogue` writes it');
    process.exitCode = 1;
  } else writeFileSync(target, wanted);
}
