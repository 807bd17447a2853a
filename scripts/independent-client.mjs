// Lets proxmoxer, a Python client that nobody here wrote, drive the simulator: what it does not understand, a real server would not say.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = ['proxmoxer==2.2.0', 'requests==2.34.2'];
const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-independent-'));
const python = join(folder, 'bin', 'python');

function run(command, args, env = process.env) {
  return new Promise((resolve) => {
    spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'] }).once('close', resolve);
  });
}

async function drive(version) {
  const { startSimulator } = await import(join(root, 'dist/listen.mjs'));
  const began = Date.now();
  const clock = { now: () => began + (Date.now() - began) * 20 };
  const simulator = await startSimulator({ version, clock });
  const env = simulator.env();
  const named = (suffix) => env[Object.keys(env).find((name) => name.endsWith(`_${suffix}`))];
  process.stdout.write(`\nproxmoxer against Proxmox VE ${version}\n`);
  const code = await run(python, [join(root, 'tests/independent/drive.py')], {
    PATH: process.env.PATH,
    ADDRESS: new URL(named('API_URL')).host,
    TOKEN_ID: named('TOKEN_ID'),
    TOKEN_SECRET: named('TOKEN_SECRET'),
  });
  await simulator.close();
  return code;
}

try {
  const made =
    spawnSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' }).status === 0 &&
    spawnSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
      stdio: 'inherit',
    }).status === 0;
  if (!made) throw new Error('python3 with venv and pip is needed, and a package index that has proxmoxer');
  const codes = [await drive('9.2'), await drive('8.4')];
  process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
