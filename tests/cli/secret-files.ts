import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptValue } from '../../src/config/encrypted-value.js';
import { builtServer } from '../support/session.js';
import type { Finished } from './run-command.js';

export const newFolder = () => mkdtempSync(join(tmpdir(), 'proxmox-mcp-secrets-'));

/** A file that its owner alone can read, unless another mode is given; its path. */
export function put(folder: string, name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}

export const keys = { old: 'the old key that nobody guesses', new: 'the new key that nobody guesses' };
export const underOld = (secret: string) => encryptValue(secret, keys.old);

/** The built command with this on its standard input. */
export function runWithInput(
  args: readonly string[],
  input: string,
  env: Record<string, string | undefined> = {},
): Promise<Finished & { readonly signal: NodeJS.Signals | null }> {
  const child = spawn(process.execPath, [builtServer, ...args], {
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk) => {
      said[stream] += String(chunk);
    });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, ...said })));
}
