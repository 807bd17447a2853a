// Rewrites what is generated in the documents; with --check it only says which of them are behind.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { reliabilityFaults, reliabilityPage } from './reliability-page.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const sources = `
  export { catalogue } from './src/tools/catalogue.ts';
  export { toolsets } from './src/tools/toolsets.ts';
  export { acceptedInput } from './src/client/input.ts';
  export { methodName } from './src/client/operations.ts';
  export { variableTable } from './src/config/variable-table.ts';
  export { clientSnippets } from './src/cli/client-snippets.ts';
  export { z } from 'zod';
`;

async function load() {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-docs-'));
  const outfile = join(folder, 'sources.mjs');
  const stdin = { contents: sources, resolveDir: process.cwd(), loader: 'ts' };
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'warning' });
  const loaded = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return loaded;
}

const { catalogue, toolsets, acceptedInput, methodName, variableTable, clientSnippets, z } = await load();

const row = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const markdownTable = (header, rows) => [row(header), row(header.map(() => '---')), ...rows.map(row)].join('\n');
const code = (text) => `\`${text}\``;
const alphabetical = (one, other) => (one < other ? -1 : 1);

const sets = Object.entries(toolsets);
const toolsOf = (toolset) =>
  catalogue.filter((tool) => tool.toolset === toolset).sort((one, other) => alphabetical(one.name, other.name));

const routesOf = ({ calls }) => [...new Set(Object.values(calls).map(({ route }) => route))].sort(alphabetical);

/** Arguments with their schema, as a server of several clusters lists them. */
function argumentsOf(tool) {
  const { properties = {}, required = [] } = z.toJSONSchema(acceptedInput(tool, true), { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({ name, schema, required: required.includes(name) }));
}

const link = ({ name, daily }) => `[${name.replace('proxmox-', '')}](docs/tools.md#${name})${daily ? '\\*' : ''}`;

function toolTable() {
  const rows = sets.map(([toolset, meaning]) => {
    const tools = toolsOf(toolset);
    const of = (isRead) =>
      tools
        .filter(({ effect }) => (effect === 'read') === isRead)
        .map(link)
        .join(', ') || '-';
    return [code(toolset), meaning, String(tools.length), of(true), of(false)];
  });
  const daily = catalogue.filter(({ daily }) => daily).length;
  return `${catalogue.length} tools, ${daily} of them in \`default\`. Their names begin with \`proxmox-\`.\n\n${markdownTable(
    ['Toolset', 'What for', 'Tools', 'Reads', 'Changes'],
    rows,
  )}`;
}

function typeOf(schema) {
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.type === 'array') return `list of ${schema.items.enum ? typeOf(schema.items) : schema.items.type}`;
  const { minimum, maximum } = schema;
  return minimum === undefined || maximum === undefined ? schema.type : `${schema.type}, ${minimum} to ${maximum}`;
}

function toolSection(tool) {
  const rows = argumentsOf(tool).map(({ name, schema, required }) => [
    code(name),
    typeOf(schema),
    required ? 'yes' : '',
    schema.description ?? '',
  ]);
  const routes = routesOf(tool).map(code);
  return [
    `### ${tool.name}`,
    `**${tool.title}**, effect \`${tool.effect}\`${tool.destroysIf ? ', `destroy` by its arguments' : ''}${tool.daily ? ', in the set `default`' : ''}, library method \`${methodName(tool.name)}\``,
    tool.description,
    rows.length === 0 ? 'No arguments.' : markdownTable(['Argument', 'Type', 'Required', 'Meaning'], rows),
    `Proxmox routes: ${routes.length === 0 ? 'none of its own' : routes.join(', ')}`,
    `Privileges: ${tool.privileges.length === 0 ? 'none' : tool.privileges.map(needWords).join('; ')}`,
  ].join('\n\n');
}

const needWords = (need) => {
  const [privileges, path] = need.split(' on ');
  return `${privileges.split('|').map(code).join(' or ')} on ${code(path)}`;
};

function toolsDocument() {
  const sections = sets.map(([toolset, meaning]) =>
    [`## ${toolset}`, `${meaning}.`, ...toolsOf(toolset).map(toolSection)].join('\n\n'),
  );
  return `${['# Tools', toolsIntroduction, ...sections].join('\n\n')}\n`;
}

const toolsIntroduction = `<!-- Written by scripts/docs.mjs from the catalogue in src/tools; not to be edited. -->

${catalogue.length} tools, as a server of several clusters lists them; with one cluster there is no \`cluster\` argument.
An argument that a tool does not have is refused, and \`null\` counts as absent.
A privilege stands with the path that it is needed on; where the token holds it on a part of that path only, the tool shows that part.`;

function snippets() {
  return clientSnippets
    .map(({ client, place, language, text }) => `**${client}**: ${place}\n\n\`\`\`${language}\n${text}\n\`\`\``)
    .join('\n\n');
}

/** The text with what stands between two markers replaced. */
function between(text, name, content) {
  const [open, close] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`];
  const start = text.indexOf(open);
  const end = text.indexOf(close);
  if (start < 0 || end < start) throw new Error(`the markers of '${name}' are missing`);
  return `${text.slice(0, start)}${open}\n\n${content}\n\n${text.slice(end)}`;
}

const figures = JSON.parse(readFileSync('docs/reliability.json', 'utf8'));

const documents = {
  'README.md': (text) => between(between(text, 'tools', toolTable()), 'snippets', snippets()),
  'docs/configuration.md': (text) => between(text, 'variables', variableTable()),
  'docs/tools.md': toolsDocument,
  'docs/reliability.md': () => reliabilityPage(figures),
};

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const behind = Object.entries(documents).filter(([file, write]) => write(read(file)) !== read(file));
for (const [file, write] of behind) {
  if (process.argv.includes('--check')) console.error(`${file} is behind; \`npm run docs\` writes it`);
  else {
    writeFileSync(file, write(read(file)));
    console.log(`${file} was written`);
  }
}
const faults = reliabilityFaults(figures);
for (const fault of faults)
  console.error(`docs/reliability.json: ${fault}; \`npm run reliability -- --write\` tries it again`);
if (process.argv.includes('--check') && behind.length + faults.length > 0) process.exitCode = 1;
