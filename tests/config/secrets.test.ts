import { describe, expect, it } from 'vitest';
import { encryptValue } from '../../src/config/encrypted-value.js';
import { parseEnv } from '../../src/config/env.js';
import type { SecretAccess, SecretFile } from '../../src/config/secret-access.js';
import { type Env, faultsOf, multi, secret, single, warningsOf } from './environments.js';

const key = 'a key that nobody can guess';
const encrypted = encryptValue(secret, key);
const exposed = { readable: true, writable: false, mode: '644' };

/** Files that are only thought of, and what was told of as secret. */
function files(held: Record<string, string | SecretFile>) {
  const told: string[] = [];
  const access: SecretAccess = {
    readFile: (path) => {
      const file = held[path] ?? { reason: 'ENOENT' };
      return typeof file === 'string' ? { text: file } : file;
    },
    onSecret: (one) => told.push(one),
  };
  return { access, told };
}
const inFile = (more: Env = {}) => single({ PROXMOX_TOKEN_SECRET: '', PROXMOX_TOKEN_SECRET_FILE: '/s', ...more });

function secretOf(env: Env, access?: SecretAccess): string | undefined {
  const parsed = parseEnv(env, access);
  expect(parsed.ok ? [] : parsed.faults).toEqual([]);
  return parsed.ok ? parsed.config.clusters[0]?.tokenSecret : undefined;
}

describe('a secret in a file', () => {
  it.each([secret, `${secret}\n`, `${secret}\r\n`, ` ${secret}\n\n`, `\uFEFF${secret}`])('is read from %j', (text) => {
    const { access, told } = files({ '/s': text });
    expect(secretOf(inFile(), access)).toBe(secret);
    expect(told).toEqual([secret]);
  });

  it('may stand in the home folder, and be that of one of many clusters', () => {
    const { access } = files({ '/home/me/s': secret });
    expect(secretOf(inFile({ PROXMOX_TOKEN_SECRET_FILE: '~/s', HOME: '/home/me' }), access)).toBe(secret);
    const many = multi(['my-dr'], {
      'PROXMOX_CLUSTER_my-dr_TOKEN_SECRET': '',
      PROXMOX_CLUSTER_MY_DR_TOKEN_SECRET_FILE: '/home/me/s',
    });
    expect(secretOf(many, access)).toBe(secret);
  });

  it.each<[string | SecretFile, string]>([
    [{ reason: 'ENOENT' }, 'names a file that is not there'],
    [{ reason: 'EACCES' }, 'names a file that this user may not read'],
    [{ reason: 'EISDIR' }, 'names a folder: write the path of a file'],
    [{ reason: 'EIO' }, 'names a file that cannot be read (EIO)'],
    ['\n', 'names a file that is empty'],
    ['two words', 'holds a space, a control character or one that is not ASCII: copy the secret again'],
  ])('that is %j is a fault', (held, problem) => {
    expect(faultsOf(inFile(), files({ '/s': held }).access)).toEqual([`PROXMOX_TOKEN_SECRET_FILE ${problem}`]);
  });

  it('is not looked for on a relative path, nor without a way to read it, nor beside another', () => {
    const { access } = files({ s: secret });
    expect(faultsOf(inFile({ PROXMOX_TOKEN_SECRET_FILE: 's' }), access)).toEqual([
      'PROXMOX_TOKEN_SECRET_FILE is no absolute path: write it as /path/to/file or ~/...',
    ]);
    expect(faultsOf(inFile())).toEqual([
      'PROXMOX_TOKEN_SECRET_FILE names a file, and no file can be read here: give parseEnv a way to read it',
    ]);
    expect(faultsOf(inFile({ PROXMOX_TOKEN_SECRET: secret }), access)).toEqual([
      'PROXMOX_TOKEN_SECRET and PROXMOX_TOKEN_SECRET_FILE are both set: choose one',
    ]);
  });

  it.each(['hunter2-hunter2', '/hunter2-hunter2', '~hunter2-hunter2'])(
    'pasted in place of the path, as %s, is not repeated',
    (text) => {
      expect(faultsOf(inFile({ PROXMOX_TOKEN_SECRET_FILE: text }), files({}).access).join()).not.toContain('hunter2');
    },
  );

  it('is not repeated where another variable holds it too', () => {
    const { access } = files({ '/s': 'hunter2-hunter2' });
    const env = inFile({ PROXMOX_VERIFY: 'hunter2-hunter2', PROXMOX_LOG_LEVEL: 'hunter2-hunter2' });
    expect(faultsOf(env, access)).toHaveLength(2);
    expect(faultsOf(env, access).join()).not.toContain('hunter2');
  });

  it('that others can read is warned about, unless it is encrypted; that they can change always', () => {
    const readable = files({ '/s': { text: secret, exposed } }).access;
    expect(warningsOf(inFile(), readable)).toEqual([
      'PROXMOX_TOKEN_SECRET_FILE names a file that other users can read (mode 644): chmod 600 it',
    ]);
    const unreadable = files({ '/s': { text: encrypted, exposed } }).access;
    expect(warningsOf(inFile({ PROXMOX_SECRET_KEY: key }), unreadable)).toEqual([]);
    const writable = { readable: true, writable: true, mode: '666' };
    const changeable = files({ '/s': { text: encrypted, exposed: writable } }).access;
    expect(warningsOf(inFile({ PROXMOX_SECRET_KEY: key }), changeable)).toEqual([
      'PROXMOX_TOKEN_SECRET_FILE names a file that other users can change (mode 666): chmod 600 it',
    ]);
  });
});

describe('an encrypted secret', () => {
  const env = (more: Env) => single({ PROXMOX_TOKEN_SECRET: encrypted, ...more });

  it('is decrypted with the key, in the environment or in a file, and so is one in a file', () => {
    const { access, told } = files({ '/k': `${key}\n`, '/s': `${encrypted}\n` });
    expect(secretOf(env({ PROXMOX_SECRET_KEY: key }))).toBe(secret);
    expect(secretOf(env({ PROXMOX_SECRET_KEY_FILE: '/k' }), access)).toBe(secret);
    expect(secretOf(inFile({ PROXMOX_SECRET_KEY_FILE: '/k' }), access)).toBe(secret);
    expect(new Set(told)).toEqual(new Set([key, secret]));
  });

  it('needs a key', () => {
    expect(faultsOf(env({}))).toEqual([
      'PROXMOX_TOKEN_SECRET is encrypted: set PROXMOX_SECRET_KEY_FILE or PROXMOX_SECRET_KEY',
    ]);
    expect(faultsOf(env({ PROXMOX_SECRET_KEY_FILE: '/k' }), files({}).access)).toEqual([
      'PROXMOX_SECRET_KEY_FILE names a file that is not there',
    ]);
    expect(faultsOf(env({ PROXMOX_SECRET_KEY: key, PROXMOX_SECRET_KEY_FILE: '/k' }))).toEqual([
      'PROXMOX_SECRET_KEY and PROXMOX_SECRET_KEY_FILE are both set: choose one',
    ]);
    expect(faultsOf(env({ PROXMOX_SECRET_KEY: 'too short' }))).toEqual([
      'PROXMOX_SECRET_KEY holds a key of fewer than 16 characters: make one with openssl rand -base64 32',
    ]);
  });

  it('under another key says so, and shows neither key', () => {
    const other = 'another key that nobody can guess';
    const said = faultsOf(env({ PROXMOX_SECRET_KEY_FILE: '/k' }), files({ '/k': other }).access);
    expect(said).toEqual([
      'PROXMOX_TOKEN_SECRET cannot be decrypted: the key in PROXMOX_SECRET_KEY_FILE is not the one that it was encrypted with, or the value was changed; which of the two cannot be told',
    ]);
  });

  it.each([encrypted.slice(0, 40), encrypted.replace('v1', 'v2'), `${encrypted}=`, 'ENC:V1:AAAA', 'enc:v1:'])(
    'that is %s is no whole value, and is never taken for a secret',
    (value) => {
      const said = faultsOf(single({ PROXMOX_TOKEN_SECRET: value, PROXMOX_SECRET_KEY: key }));
      expect(said).toHaveLength(1);
      expect(said[0]).toContain("PROXMOX_TOKEN_SECRET is no whole 'enc:v1:' value");
    },
  );

  it('is held to the rules of a secret', () => {
    const value = encryptValue('mcp@pve!x=hunter2-hunter2', key);
    const said = faultsOf(single({ PROXMOX_TOKEN_SECRET: value, PROXMOX_SECRET_KEY: key }));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('holds a whole token');
    expect(said[0]).not.toContain('hunter2');
  });
});
