// Runs what docs/reliability.md tells of and shows the figures: `npm run reliability -- [--write] [name ...]`. With
// --write the figures go to docs/reliability.json, and from there to docs/reliability.md; of sources that are not named,
// those of before stay.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { argumentsGiven } from './command-line.mjs';
import { reliabilityFaults, reliabilityPage } from './reliability-page.mjs';
import { sources } from './reliability-sources.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const data = 'docs/reliability.json';
const page = 'docs/reliability.md';

const usage = 'npm run reliability -- [--write] [name ...]';
const { values, words: names } = argumentsGiven(usage, { write: { type: 'boolean', default: false } });
const isWritten = values.write;
const unknown = names.filter((name) => !sources.some((source) => source.name === name));
if (unknown.length > 0) {
  console.error(`no such source: ${unknown.join(', ')}; there are ${sources.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

function keptBefore() {
  try {
    return JSON.parse(readFileSync(data, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/** The last line that is an object; else all of the output from its first brace on. */
function figuresIn(output) {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const text = last.startsWith('{') ? last : output.slice(output.indexOf('{'));
  return JSON.parse(text);
}

function run({ name, command }) {
  process.stderr.write(`${command} ...\n`);
  const began = performance.now();
  const { stdout, status, error } = spawnSync(command, {
    shell: true,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw error;
  try {
    const seconds = Math.round((performance.now() - began) / 1000);
    const date = new Date().toISOString().slice(0, 10);
    return { date, node: process.versions.node, seconds, figures: figuresIn(stdout) };
  } catch {
    throw new Error(`${name}: no figures came, and the exit code was ${status}`);
  }
}

const kept = keptBefore();
for (const source of sources.filter(({ name }) => names.length === 0 || names.includes(name))) {
  kept[source.name] = run(source);
  const { tried, seen, wrong } = source.read(kept[source.name].figures);
  console.log(`${source.title}: ${tried}; ${seen}. Went wrong: ${wrong}`);
}
// In the order of the list, so that what changes is figures.
const ordered = Object.fromEntries(sources.flatMap(({ name }) => (name in kept ? [[name, kept[name]]] : [])));
if (isWritten) {
  writeFileSync(data, `${JSON.stringify(ordered, null, 2)}\n`);
  writeFileSync(page, reliabilityPage(ordered));
}
const faults = reliabilityFaults(ordered);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
