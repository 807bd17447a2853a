// The official MCP conformance suite against the protocol code and the built server, and the Inspector's strict look at
// its tools. The suite needs Node 22: npm's `node` package brings one.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { startBridge } from '../tests/conformance/bridge.mjs';

const node22 = 'node@22.23.3';
const suite = '@modelcontextprotocol/conformance@0.2.0-alpha.12';
const inspector = '@modelcontextprotocol/inspector@2.12.0';
const revision = '2025-11-25';

const root = fileURLToPath(new URL('..', import.meta.url));
const builtServer = join(root, 'dist/proxmox-mcp.mjs');

const applies = { passes: true };
const ofTheBridge = { passes: true, because: 'asks about HTTP, which here is the bridge' };
const undeclared = (capability) => ({
  passes: false,
  because: `needs ${capability}, which the server does not declare`,
  answer: /Method not found/,
});
const unknownTool = (because) => ({ passes: false, because, answer: /Unknown tool/ });
const fixtureTool = unknownTool('calls a fixture tool, which the product does not ship');
const otherContent = unknownTool('our tools answer with text and structured content only');
const asksTheClient = (what) => unknownTool(`our tools never ask the client for ${what}`);

const everywhere = {
  'server-initialize': applies,
  ping: applies,
  'tools-list': applies,
  'tools-call-image': otherContent,
  'tools-call-audio': otherContent,
  'tools-call-embedded-resource': otherContent,
  'tools-call-mixed-content': otherContent,
  'tools-call-with-logging': undeclared('logging'),
  'tools-call-sampling': asksTheClient('a completion'),
  'tools-call-elicitation': asksTheClient('input'),
  'elicitation-sep1034-defaults': asksTheClient('input'),
  'elicitation-sep1330-enums': asksTheClient('input'),
  'logging-set-level': undeclared('logging'),
  'completion-complete': undeclared('completions'),
  'resources-list': undeclared('resources'),
  'resources-read-text': undeclared('resources'),
  'resources-read-binary': undeclared('resources'),
  'resources-templates-read': undeclared('resources'),
  'resources-subscribe': undeclared('resources'),
  'resources-unsubscribe': undeclared('resources'),
  'prompts-list': undeclared('prompts'),
  'prompts-get-simple': undeclared('prompts'),
  'prompts-get-with-args': undeclared('prompts'),
  'prompts-get-embedded-resource': undeclared('prompts'),
  'prompts-get-with-image': undeclared('prompts'),
  'server-sse-multiple-streams': ofTheBridge,
  'server-sse-polling': ofTheBridge,
  'server-session-lifecycle': ofTheBridge,
  'dns-rebinding-protection': ofTheBridge,
};

const ofFixtures = (expected) => ({
  'tools-call-simple-text': expected,
  'tools-call-error': expected,
  'tools-call-with-progress': expected,
});

const noFixtureInList = {
  passes: false,
  because: 'looks for a fixture tool, which the product does not ship',
  answer: /json_schema_2020_12_tool' not found/,
};

const targets = (folder) => [
  {
    name: 'the protocol code with the tools that the suite calls',
    args: [join(folder, 'fixture-server.mjs')],
    expected: { ...everywhere, ...ofFixtures(applies), 'json-schema-2020-12': applies },
  },
  {
    name: 'the built server, --demo',
    args: [builtServer, '--demo'],
    expected: { ...everywhere, ...ofFixtures(fixtureTool), 'json-schema-2020-12': noFixtureInList },
  },
];

/** Runs a command of a package from npm; the answer is its exit code and what it wrote. */
function npx(packages, command) {
  const args = ['--yes', ...packages.flatMap((name) => ['--package', name]), '--', ...command];
  return new Promise((resolve, reject) => {
    const child = spawn('npx', args, { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    const written = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) child[stream].on('data', (chunk) => (written[stream] += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...written }));
  });
}

async function bundleFixtures(folder) {
  await build({
    entryPoints: [join(root, 'tests/conformance/fixture-server.ts')],
    outfile: join(folder, 'fixture-server.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
}

async function runSuite(target, results) {
  const bridge = await startBridge({ command: process.execPath, args: target.args, env: process.env });
  try {
    const options = ['--url', bridge.url, '--requirements', revision, '--output-dir', results];
    const { stdout, stderr } = await npx([node22, suite], ['conformance', 'server', ...options]);
    if (!stdout.includes('=== SUMMARY ===')) throw new Error(`the suite did not run:\n${stdout}${stderr}`);
  } finally {
    await bridge.close();
  }
}

/** What the suite wrote, by scenario: a folder for each, named with the time at its end. */
function readResults(folder) {
  const scenarios = new Map();
  for (const entry of readdirSync(folder)) {
    const name = entry.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
    scenarios.set(name, JSON.parse(readFileSync(join(folder, entry, 'checks.json'), 'utf8')));
  }
  return scenarios;
}

/** What is not as it should be in a scenario; undefined when all is. */
function deviation(expected, checks) {
  if (expected === undefined) return 'is new: say whether it applies';
  if (checks === undefined) return 'was not run';
  const failed = checks.filter(({ status }) => status === 'FAILURE');
  const wire = failed.find(({ id }) => id.startsWith('wire-schema'));
  if (wire !== undefined) return `sent what the protocol's schema does not allow: ${JSON.stringify(wire.details)}`;
  if (expected.passes) return failed.length === 0 ? undefined : `fails: ${failed[0].errorMessage}`;
  if (failed.length === 0) return 'passes now, though it was not to apply';
  const other = failed.find(({ errorMessage }) => !expected.answer.test(errorMessage));
  return other === undefined ? undefined : `is refused otherwise than expected: ${other.errorMessage}`;
}

function report(target, scenarios) {
  const names = [...new Set([...Object.keys(target.expected), ...scenarios.keys()])];
  const rows = names.map((name) => ({
    name,
    expected: target.expected[name],
    fault: deviation(target.expected[name], scenarios.get(name)),
  }));
  const faults = rows.filter(({ fault }) => fault !== undefined);
  const passed = rows.filter(({ expected, fault }) => expected?.passes && fault === undefined);
  const ours = passed.filter(({ expected }) => expected === applies);
  console.log(`\n${target.name}: ${ours.length} scenarios apply and pass, ${faults.length} deviate`);
  for (const { name } of ours) console.log(`  pass  ${name}`);
  for (const { name, expected } of rows.filter((row) => row.fault === undefined && row.expected !== applies))
    console.log(`  ${expected.passes ? 'pass' : 'n/a '}  ${name} (${expected.because})`);
  for (const { name, fault } of faults) console.log(`  FAIL  ${name} ${fault}`);
  return faults.length;
}

const oneCluster = [
  ['PROXMOX_API_URL', 'https://127.0.0.1:1'],
  ['PROXMOX_TOKEN_ID', 'root@pam!inspector'],
  ['PROXMOX_TOKEN_SECRET', '00000000-0000-0000-0000-000000000000'],
];

/** The Inspector's report on how well clients can read the schemas of our tools; the answer is the number of faults. */
async function inspect(mode, options, serverArgs) {
  const server = [...options, process.execPath, builtServer, ...serverArgs];
  const wanted = ['--method', 'tools/list', '--strict', '--format', 'json'];
  const { code, stdout, stderr } = await npx([inspector], ['mcp-inspector', '--cli', ...server, ...wanted]);
  if (!stdout.startsWith('{')) throw new Error(`the Inspector did not run:\n${stdout}${stderr}`);
  const { result, schemaFindings = [] } = JSON.parse(stdout);
  console.log(
    `Inspector, tools/list --strict, ${mode}: ${result.tools.length} tools, ${schemaFindings.length} findings`,
  );
  for (const finding of schemaFindings) console.log(`  ${JSON.stringify(finding)}`);
  return code === 0 && schemaFindings.length === 0 && result.tools.length > 0 ? 0 : 1;
}

const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-conformance-'));
let faults = 0;
try {
  await bundleFixtures(folder);
  console.log(`MCP conformance suite ${suite.split('@').at(-1)}, protocol ${revision}`);
  for (const [at, target] of targets(folder).entries()) {
    const results = join(folder, `results-${at}`);
    await runSuite(target, results);
    faults += report(target, readResults(results));
  }
  console.log();
  faults += await inspect('many clusters', [], ['--demo']);
  const environment = oneCluster.flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  faults += await inspect('one cluster', environment, []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(faults === 0 ? 0 : 1);
