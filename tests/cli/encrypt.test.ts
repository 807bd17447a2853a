import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { decryptValue } from '../../src/config/encrypted-value.js';
import { builtServer } from '../support/session.js';
import { keys, newFolder, put, runWithInput } from './secret-files.js';

const secret = '11111111-2222-3333-4444-555555555555';
const folder = newFolder();
const keyFile = put(folder, 'key', `${keys.old}\n`);
const settings = put(folder, '.env', `PROXMOX_SECRET_KEY_FILE=${keyFile}\n`);

describe('proxmox-mcp encrypt', () => {
  it.each<[string, string[], Record<string, string>]>([
    ['a file that is named', ['--key-file', keyFile], {}],
    ['the environment', [], { PROXMOX_SECRET_KEY: keys.old }],
    ['the file that the environment names', [], { PROXMOX_SECRET_KEY_FILE: keyFile }],
    ['the file of settings', [], { PROXMOX_ENV_FILE: settings }],
  ])('takes the key from %s and prints the value alone', async (_, args, env) => {
    const { code, stdout, stderr } = await runWithInput(['encrypt', ...args], `${secret}\n`, env);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^enc:v1:[\w-]+\n$/);
    expect(decryptValue(stdout.trim(), keys.old)).toEqual({ secret });
  });

  it.each<[string, string[], string, Record<string, string>, string]>([
    ['a secret on the command line', ['--key-file', keyFile, secret], '', {}, 'reads the secret from standard input'],
    ['no key', [], secret, {}, 'there is no key: set PROXMOX_SECRET_KEY_FILE or PROXMOX_SECRET_KEY'],
    [
      'a key that is not there',
      ['--key-file', '/nowhere/key'],
      secret,
      {},
      '--key-file names a file that is not there',
    ],
    ['a short key', [], secret, { PROXMOX_SECRET_KEY: 'short' }, 'fewer than 16 characters'],
    ['settings that are not there', [], secret, { PROXMOX_ENV_FILE: '/nowhere/.env' }, 'cannot be read (ENOENT)'],
    ['nothing', ['--key-file', keyFile], '\n', {}, 'there is no secret on standard input'],
    ['a value that is encrypted', ['--key-file', keyFile], 'enc:v1:AAAA', {}, 'encrypted already'],
    ['a whole token', ['--key-file', keyFile], `mcp@pve!x=${secret}`, {}, 'the secret holds a whole token'],
  ])('refuses %s, with exit code 2 and without the secret', async (_, args, input, env, reason) => {
    const { code, stdout, stderr } = await runWithInput(['encrypt', ...args], input, env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain(secret);
  });

  it.runIf(process.platform === 'linux')('warns of a key that others can read', async () => {
    const open = put(folder, 'open', keys.old, 0o644);
    const { code, stderr } = await runWithInput(['encrypt', '--key-file', open], secret);
    expect(code).toBe(0);
    expect(stderr).toBe('--key-file names a file that other users can read (mode 644): chmod 600 it\n');
  });

  it.runIf(process.platform === 'linux')('shows nothing of what is typed in a terminal', async () => {
    const line = `${process.execPath} ${builtServer} encrypt --key-file ${keyFile}`;
    const child = spawn('script', ['-qec', line, '/dev/null'], { env: { PATH: process.env.PATH }, cwd: '/' });
    let seen = '';
    child.stdout.on('data', (chunk) => {
      if (!seen.includes('shown)') && String(chunk).includes('shown)')) child.stdin.write(`${secret}x\u007f\r`);
      seen += String(chunk);
    });
    await new Promise((done) => child.once('close', done));
    expect(seen).not.toContain(secret.slice(0, 6));
    expect(decryptValue(/enc:v1:[\w-]+/.exec(seen)?.[0] ?? '', keys.old)).toEqual({ secret });
  });
});
