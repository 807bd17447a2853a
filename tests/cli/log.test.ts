import { openSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { RawServer } from '../support/raw-server.js';
import { startCommand } from './run-command.js';

// A device that takes nothing, as a full disk.
const full = '/dev/full';

let simulator: Simulator;
let server: RawServer | undefined;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
afterEach(() => void server?.child.kill('SIGKILL'));

const start = (env: Record<string, string>) => {
  server = new RawServer({ ...simulator.env(), ...env });
  return server;
};

it.runIf(process.platform === 'linux')(
  'gives way to stderr when its file takes no more, and the server lives on',
  async () => {
    const running = start({ PROXMOX_LOG_FILE: full });
    await running.initialize();
    await running.until(() => (running.stderr.includes('"ready"') ? true : undefined));
    running.callTool(1, 'proxmox-list-nodes', { cluster: 'staging' });
    expect((await running.answer(1)).result.isError).toBeUndefined();
    running.child.stdin.end();
    expect(await running.exit).toBe(0);
    expect(running.stderr.split('the log file cannot be written')).toHaveLength(2);
    expect(running.stderr).toContain('ENOSPC');
    expect(running.stderr).toContain('"msg":"stopping"');
    expect(running.noise).toEqual([]);
  },
);

it.runIf(process.platform === 'linux')('gives way to stderr when its folder cannot be made', async () => {
  const running = start({ PROXMOX_LOG_FILE: '/proc/x/y/log' });
  await running.initialize();
  running.callTool(1, 'proxmox-list-nodes', { cluster: 'staging' });
  expect((await running.answer(1)).result.isError).toBeUndefined();
  running.child.stdin.end();
  expect(await running.exit).toBe(0);
  expect(running.stderr).toContain('the log file cannot be written');
  expect(running.stderr).toContain('ENOENT');
});

it.runIf(process.platform === 'linux')('ends no command when stderr itself takes no more', async () => {
  const env = { ...simulator.env(), PROXMOX_LOG_LEVEL: 'debug' };
  const child = startCommand(['call', 'proxmox-list-nodes', '{"cluster":"staging"}'], env, openSync(full, 'w'));
  let stdout = '';
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  expect(JSON.parse(stdout).cluster).toBe('staging');
});
