// Measures the built server: one table of figures, budgets and verdicts. With --write it also goes to docs/benchmarks.md.
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { measureCommands } from './commands.mjs';
import { measureHungCluster, measureSlowFleet } from './fleet.mjs';
import { measureListVms } from './list-vms.mjs';
import { measureStart } from './start.mjs';
import { measureSurvival } from './survival.mjs';
import { toTable } from './table.mjs';
import { measureToolList } from './tool-list.mjs';
import { measureUpload } from './upload.mjs';

const server = fileURLToPath(new URL('../dist/proxmox-mcp.mjs', import.meta.url));
const document = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory, Node ${process.versions.node}`;

const lines = [];
for (const measure of [
  measureStart,
  measureListVms,
  measureSlowFleet,
  measureHungCluster,
  measureSurvival,
  measureToolList,
  measureUpload,
  measureCommands,
]) {
  process.stderr.write(`${measure.name} ...\n`);
  lines.push(...(await measure(server)));
}

const table = toTable(lines);
console.log(`${machine}\n\n${table}`);
if (process.argv.includes('--write')) writeFileSync(document, page(table));
if (lines.some(({ verdict }) => verdict === 'MISSED')) process.exitCode = 1;

function page(measured) {
  return `# Measurements

Written by \`npm run bench -- --write\`. All figures come from one run, on ${machine}. Medians; what is compared
is measured in turns with it. The clusters are simulated, over HTTPS, in a process of their own on the same machine.

${measured}
`;
}
