import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { beforeEach, describe, expect, it } from 'vitest';
import { decryptValue } from '../../src/config/encrypted-value.js';
import { keys, newFolder, put, runWithInput, underOld } from './secret-files.js';

const secrets = {
  a: '11111111-2222-3333-4444-555555555555',
  b: '22222222-2222-3333-4444-555555555555',
  c: 'plain-plain-plain',
};
let folder: string;
let oldKey: string;
let newKey: string;
let file: string;
let secretFile: string;

const settings = () => `# Comments stay, even with enc:v1:AAAA in them
PROXMOX_CLUSTERS=a,b,c   # three

export PROXMOX_CLUSTER_a_TOKEN_SECRET="${underOld(secrets.a)}" # why it is so
PROXMOX_CLUSTER_b_TOKEN_SECRET_FILE = '${secretFile}'
PROXMOX_CLUSTER_c_TOKEN_SECRET=${secrets.c}
OTHER='ä #1'
PROXMOX_SECRET_KEY_FILE=${oldKey} # the key
`;

beforeEach(() => {
  folder = newFolder();
  oldKey = put(folder, 'old.key', `${keys.old}\n`);
  newKey = put(folder, 'new.key', keys.new);
  secretFile = put(folder, 'b.secret', `${underOld(secrets.b)}\n`);
  file = put(folder, 'my.env', settings());
});

const read = (path = file) => readFileSync(path, 'utf8');
const rotate = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  runWithInput(['rotate-key', '--env-file', file, '--new-key-file', newKey, ...args], '', env);
const opens = (value: string | undefined, key: string) => decryptValue(value?.trim() ?? '', key);
const valueOfA = () => parse(read()).PROXMOX_CLUSTER_a_TOKEN_SECRET;

describe('proxmox-mcp rotate-key', () => {
  it('puts every encrypted value under the new key, and leaves all else as it is', async () => {
    const before = read();
    chmodSync(file, 0o640);
    const { code, stdout } = await rotate();
    expect(code).toBe(0);
    expect(opens(valueOfA(), keys.new)).toEqual({ secret: secrets.a });
    expect(opens(read(secretFile), keys.new)).toEqual({ secret: secrets.b });
    const masked = (text: string) => text.replace(/(?<=")enc:v1:[\w-]+/, 'V').replace(/\S*(?:old|new)\.key/, 'K');
    expect(masked(read())).toBe(masked(before));
    expect(read(secretFile)).toMatch(/^enc:v1:[\w-]+\n$/);
    expect(parse(read()).PROXMOX_SECRET_KEY_FILE).toBe(newKey);
    expect([statSync(file).mode & 0o777, statSync(secretFile).mode & 0o777]).toEqual([0o640, 0o600]);
    expect(readdirSync(folder).sort()).toEqual(['b.secret', 'my.env', 'new.key', 'old.key']);
    expect(stdout.split('\n')).toEqual([
      'changed:',
      `  ${secretFile}: the secret of PROXMOX_CLUSTER_b_TOKEN_SECRET_FILE is under the new key`,
      `  ${file}: PROXMOX_CLUSTER_a_TOKEN_SECRET is under the new key`,
      `  ${file}: PROXMOX_SECRET_KEY_FILE names ${newKey}`,
      'left as it is: PROXMOX_CLUSTER_c_TOKEN_SECRET is not encrypted',
      '',
    ]);
    for (const secret of Object.values({ ...secrets, ...keys })) expect(stdout).not.toContain(secret);
  });

  it('writes nothing with --dry-run, and says the same', async () => {
    const before = [read(), read(secretFile)];
    const { code, stdout } = await rotate(['--dry-run']);
    expect([code, [read(), read(secretFile)]]).toEqual([0, before]);
    const { stdout: done } = await rotate();
    expect(stdout).toBe(done.replace('changed:', 'would be changed:'));
  });

  it('says what is left to do where the key is not in the file', async () => {
    file = put(folder, 'my.env', `PROXMOX_TOKEN_SECRET=${underOld(secrets.a)}\r\nX=1\r\n`);
    const { stdout } = await rotate([], { PROXMOX_SECRET_KEY: keys.old });
    expect(stdout).toContain(
      `to do: the environment sets PROXMOX_SECRET_KEY, which goes before the file: set PROXMOX_SECRET_KEY_FILE=${newKey} in its place`,
    );
    expect(opens(parse(read()).PROXMOX_TOKEN_SECRET, keys.new)).toEqual({ secret: secrets.a });
    expect(read()).toMatch(/^PROXMOX_TOKEN_SECRET=enc:v1:[\w-]+\r\nX=1\r\n$/);
    const again = await rotate(['--key-file', oldKey]);
    expect(again.stdout).toBe(
      `nothing to change\nleft as it is: PROXMOX_TOKEN_SECRET is under the new key already\nto do: set PROXMOX_SECRET_KEY_FILE=${newKey} where the server is started\n`,
    );
  });

  it('has a key that stands in the file itself replaced by the name of the new one', async () => {
    file = put(folder, 'my.env', `PROXMOX_SECRET_KEY='${keys.old}'\nPROXMOX_TOKEN_SECRET=${underOld(secrets.a)}\n`);
    expect((await rotate()).code).toBe(0);
    expect(read()).toContain(`PROXMOX_SECRET_KEY_FILE=${newKey}\nPROXMOX_TOKEN_SECRET=enc:v1:`);
    expect(read()).not.toContain(keys.old);
  });

  it('follows a link, and leaves it one', async () => {
    const real = file;
    file = join(folder, 'link.env');
    symlinkSync(real, file);
    expect((await rotate()).code).toBe(0);
    expect(readdirSync(folder, { withFileTypes: true }).filter((one) => one.isSymbolicLink())).toHaveLength(1);
    expect(opens(valueOfA(), keys.new)).toEqual({ secret: secrets.a });
  });
});

describe('a rotation that cannot be done changes nothing', () => {
  const damaged = () => underOld(secrets.a).replace(/.{4}$/, 'AAAA');
  it.each<[string, () => void, readonly string[], string]>([
    [
      'a value under another key',
      () => put(folder, 'old.key', 'another key that nobody guesses'),
      [],
      'neither with the old key nor with the new',
    ],
    ['a damaged value', () => put(folder, 'b.secret', damaged()), [], 'b.secret'],
    [
      'a value that was cut',
      () => put(folder, 'my.env', `${settings()}PROXMOX_TOKEN_SECRET=enc:v1:\n`),
      [],
      'no whole',
    ],
    ['the same key', () => put(folder, 'new.key', keys.old), [], 'the new key is the old one'],
    ['no new key', () => unlinkSync(newKey), [], '--new-key-file names a file that is not there'],
    ['a secret file that is not there', () => unlinkSync(secretFile), [], 'ENOENT'],
    ['another rotation under way', () => put(folder, '.my.env.rotate-key', ''), [], 'another rotate-key is at work'],
    [
      'a folder in the place of the copy',
      () => mkdirSync(join(folder, '.my.env.rotate-key')),
      [],
      'another rotate-key',
    ],
  ])('%s', async (_, prepare, args, reason) => {
    prepare();
    const held = () =>
      readdirSync(folder).map((name) => [name, statSync(join(folder, name)).isFile() && read(join(folder, name))]);
    const before = held();
    const { code, stdout, stderr } = await rotate(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(reason);
    expect(held()).toEqual(before);
  });
});

/** Loaded before the command: ends the process, or has a call fail, at the given one of its writing calls. */
const saboteur = (at: number, what: string) => `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
let calls = 0;
for (const name of ['openSync', 'fchmodSync', 'writeFileSync', 'fsyncSync', 'renameSync', 'rmSync']) {
  const real = fs[name];
  fs[name] = (...args) => {
    if (name === 'openSync' && !String(args[0]).includes('.rotate-key')) return real(...args);
    calls += 1;
    if (calls === ${at}) { ${what} }
    return real(...args);
  };
}
syncBuiltinESMExports();
process.on('exit', () => process.stderr.write('calls ' + calls));
`;

async function sabotaged(at: number, what: string) {
  const module = put(folder, 'saboteur.mjs', saboteur(at, what));
  const finished = await rotate([], { NODE_OPTIONS: `--import=${module}` });
  rmSync(module);
  return finished;
}

describe('a rotation that is interrupted', () => {
  it('by a kill at any of its steps leaves every file whole, and the next one ends it', async () => {
    const calls = Number(/calls (\d+)/.exec((await sabotaged(0, '')).stderr)?.[1]);
    expect(calls).toBeGreaterThan(8);
    for (let at = 1; at <= calls; at += 1) {
      put(folder, 'b.secret', `${underOld(secrets.b)}\n`);
      const before = settings();
      put(folder, 'my.env', before);
      const { signal } = await sabotaged(at, "process.kill(process.pid, 'SIGKILL'); for (;;);");
      expect(signal).toBe('SIGKILL');
      const now = read();
      if (now !== before) {
        expect(parse(now).PROXMOX_SECRET_KEY_FILE).toBe(newKey);
        expect(opens(valueOfA(), keys.new)).toEqual({ secret: secrets.a });
        expect(opens(read(secretFile), keys.new)).toEqual({ secret: secrets.b });
      }
      expect([keys.old, keys.new].map((key) => opens(read(secretFile), key))).toContainEqual({ secret: secrets.b });
      for (const left of ['.my.env.rotate-key', '.b.secret.rotate-key']) rmSync(join(folder, left), { force: true });
      if (now === before) expect((await rotate()).code).toBe(0);
      expect(opens(valueOfA(), keys.new)).toEqual({ secret: secrets.a });
      expect(opens(read(secretFile), keys.new)).toEqual({ secret: secrets.b });
    }
  }, 120_000);

  it('by an error at any of its steps leaves all as it was, and nothing beside it', async () => {
    const before = [read(), read(secretFile)];
    for (let at = 1; ; at += 1) {
      const { code, stderr } = await sabotaged(
        at,
        "throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });",
      );
      if (code === 0) break;
      expect(stderr).toContain('the disk is full');
      expect([read(), read(secretFile)], `step ${at}`).toEqual(before);
      expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
      expect(at).toBeLessThan(30);
    }
    expect(existsSync(file)).toBe(true);
  }, 120_000);
});
