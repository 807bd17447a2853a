import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/listen.js';
import { builtServer } from '../support/session.js';
import { startCommand } from './run-command.js';

/** What a command prints into a pipe of the shell, which holds 64 KiB, and whose reader comes late. */
function readLate(args: string, env: Record<string, string>): Promise<string> {
  const child = spawn('sh', ['-c', `"${process.execPath}" "${builtServer}" ${args} | (sleep 4; cat)`], {
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  return new Promise((resolve) => child.once('close', () => resolve(stdout)));
}

it.skipIf(process.platform === 'win32')(
  'gets every byte of a long report',
  async () => {
    const simulator = await startSimulator({ clusters: 60, authDelayMs: 10 });
    const report = await readLate('doctor --json', simulator.env());
    await simulator.close();
    expect(report.length).toBeGreaterThan(70_000);
    expect(JSON.parse(report).clusters).toHaveLength(60);
  },
  20_000,
);

it('that goes early is no fault', async () => {
  const child = startCommand(['tools', '--json']);
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  child.stdout?.destroy();
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  expect(stderr).toBe('');
});
