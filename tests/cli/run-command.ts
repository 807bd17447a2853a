import { type ChildProcess, spawn } from 'node:child_process';
import { builtServer } from '../support/session.js';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command with this environment and no other; `/` has no `.env` file. */
export function startCommand(
  args: readonly string[],
  env: Record<string, string | undefined> = {},
  stderr: 'pipe' | number = 'pipe',
): ChildProcess {
  return spawn(process.execPath, [builtServer, ...args], {
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', stderr],
  });
}

export function runCommand(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Finished> {
  const child = startCommand(args, env);
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.on('data', (chunk) => {
      said[stream] += String(chunk);
    });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}
