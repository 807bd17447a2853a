import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-package-'));
const consumer = join(folder, 'consumer');
const installed = join(consumer, 'node_modules/proxmox-mcp');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
let packed: string[] = [];

/** Standard output of a command that must succeed. */
async function run(command: string, args: string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd, shell: process.platform === 'win32' });
  return stdout;
}

const write = (file: string, text: string) => writeFileSync(join(consumer, file), text);

/** Every place that `exports` points to. */
function targets(exported: unknown): string[] {
  if (typeof exported === 'string') return [exported];
  return Object.values(exported as object).flatMap(targets);
}

beforeAll(async () => {
  // The scripts would build again, under the feet of the tests that run beside this one.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename, files }] = JSON.parse(await run('npm', args, root));
  packed = files.map(({ path }: { path: string }) => path);
  mkdirSync(consumer);
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...quiet, join(folder, filename)], consumer);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('holds what is documented and built, and nothing else', () => {
    expect(packed.filter((path) => !/^(dist|docs)\//.test(path)).sort()).toEqual([
      '.env.example',
      '.env.example.multi',
      'CHANGELOG.md',
      'LICENSE',
      'MULTI_CLUSTER_MIGRATION.md',
      'README.md',
      'SECURITY.md',
      'package.json',
    ]);
    expect(packed.filter((path) => path.startsWith('docs/') && !path.endsWith('.md'))).toEqual([]);
    const built =
      /^dist\/([a-z-]+\.mjs|chunks\/[\w-]+\.mjs|(offers|tools)\.(single|multi)\.json|sbom\.cdx\.json|types\/.+\.d\.ts)$/;
    expect(packed.filter((path) => path.startsWith('dist/') && !built.test(path))).toEqual([]);
    expect(packed).toContain('dist/proxmox-mcp.mjs');
  });

  it('brings zod along and no other package', () => {
    const packages = readdirSync(join(consumer, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(packages.sort()).toEqual(['proxmox-mcp', 'zod']);
  });

  it('exports files that are there', () => {
    const { exports, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const missing = [...targets(exports), ...targets(bin)].filter(
      (path) => !packed.includes(path.replace(/^\.\//, '')),
    );
    expect(missing).toEqual([]);
  });

  it('names no path of the machine that built it', () => {
    const machine = [root, homedir()].map((path) => path + sep);
    const naming = packed.filter((path) => {
      const text = readFileSync(join(installed, path), 'utf8');
      return machine.some((own) => text.includes(own));
    });
    expect(naming).toEqual([]);
  });
});

describe('its bill of materials', () => {
  const read = () => readFileSync(join(installed, 'dist/sbom.cdx.json'), 'utf8');

  it('names this version, and each package whose code is in it or comes with it, with its exact version and digest', () => {
    const bill = JSON.parse(read());
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 });
    expect(bill.metadata.component).toMatchObject({
      name: 'proxmox-mcp',
      version,
      purl: `pkg:npm/proxmox-mcp@${version}`,
    });
    const named = bill.components.map(({ name }: { name: string }) => name);
    expect(named).toEqual(expect.arrayContaining(['@modelcontextprotocol/sdk', 'dotenv', 'pino', 'undici', 'zod']));
    expect(named).not.toContain('vitest');
    for (const { name, version: exact, purl, hashes, licenses } of bill.components) {
      const [hash] = hashes;
      expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${exact}`);
      expect(hash).toMatchObject({ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) });
      expect(licenses, name).toHaveLength(1);
      const locked = Object.entries<{ version: string; integrity: string }>(lock.packages)
        .filter(([place, one]) => place.endsWith(`node_modules/${name}`) && one.version === exact)
        .map(([, { integrity }]) => Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex'));
      expect(locked, name).toContain(hash.content);
    }
    const refs = new Set(bill.dependencies.map(({ ref }: { ref: string }) => ref));
    expect(
      bill.dependencies.flatMap(({ dependsOn }: any) => dependsOn).filter((ref: string) => !refs.has(ref)),
    ).toEqual([]);
  });

  it('names no registry, and no place or time of the machine that made it', () => {
    expect(read()).not.toMatch(/https?:|registry|node_modules|timestamp/);
    expect(read()).not.toContain(root);
  });
});

describe('installed in an empty folder', () => {
  it('is a command', async () => {
    expect(await run('npx', ['proxmox-mcp', '--version'], consumer)).toBe(`${version}\n`);
  });

  it('speaks MCP', async () => {
    const command = join(consumer, 'node_modules/.bin/proxmox-mcp');
    const client = new Client({ name: 'tests', version: '0.0.0' });
    await client.connect(new StdioClientTransport({ command, args: ['--demo'], cwd: consumer, stderr: 'ignore' }));
    try {
      expect(client.getServerVersion()).toMatchObject({ name: 'proxmox-mcp', version });
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toContain('proxmox-list-nodes');
      // `callTool` holds the answer against the tool's output schema.
      const answer = await client.callTool({ name: 'proxmox-list-nodes', arguments: { cluster: 'production' } });
      expect(answer.structuredContent).toMatchObject({ cluster: 'production', via: 'explicit' });
    } finally {
      await client.close();
    }
  });

  it('is a library, and a simulator to test with', async () => {
    write(
      'library.mjs',
      `import { ClusterRegistry, MultiClusterProxmoxClient, parseEnv, requireConfig } from 'proxmox-mcp';
import { startSimulator } from 'proxmox-mcp/simulator';

const simulator = await startSimulator();
const client = new MultiClusterProxmoxClient(new ClusterRegistry(requireConfig(parseEnv(simulator.env()))));
const { cluster, items, total } = await client.listVms({ cluster: 'staging' });
console.log(JSON.stringify({ cluster, listed: items.length, total }));
await client.close();
await simulator.close();
`,
    );
    const answer = JSON.parse(await run(process.execPath, ['library.mjs'], consumer));
    expect(answer.cluster).toBe('staging');
    expect(answer.listed).toBe(answer.total);
    expect(answer.total).toBeGreaterThan(0);
  });

  it('has types under which the examples of the README hold', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
    expect(examples.length).toBeGreaterThan(0);
    const files = examples.map((code, index) => {
      const file = `example-${index}.ts`;
      // Makes a module of it, also where an example imports nothing.
      write(file, `${code}\nexport {};\n`);
      return file;
    });
    const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
    const language = ['--target', 'es2022', '--lib', 'es2024', '--module', 'nodenext'];
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '--noEmit', '--pretty', 'false', ...types, ...strict, ...language, ...files];
    const failed = ({ stdout, message }: { stdout: string; message: string }) => stdout || message;
    const faults = await run(process.execPath, args, consumer).catch(failed);
    expect(faults).toBe('');
  });
});
