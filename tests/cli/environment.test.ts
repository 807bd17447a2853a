import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/cli/environment.js';

const settings = (host: string) =>
  [
    `PROXMOX_API_URL=https://${host}:8006`,
    'PROXMOX_TOKEN_ID=mcp@pve!reader',
    'PROXMOX_TOKEN_SECRET=00000000-0000-0000-0000-000000000000',
  ].join('\n');

let folder: string;
const file = (path: string, content: string) => {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, content);
  return full;
};
const read = (env: Record<string, string>, envFile?: string, platform: NodeJS.Platform = 'linux') =>
  readEnvironment({ env, cwd: join(folder, 'work'), platform }, envFile);
const urlOf = async (...args: Parameters<typeof read>) => {
  const { parsed } = await read(...args);
  return parsed.ok ? parsed.config.clusters[0]?.apiUrls[0] : parsed.faults;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-env-'));
});

describe('where settings come from', () => {
  it('is the file that is named, and no other', async () => {
    file('work/.env', settings('cwd.example.com'));
    const named = file('elsewhere/my.env', settings('named.example.com'));
    expect(await urlOf({}, named)).toBe('https://named.example.com:8006');
    expect(await urlOf({ PROXMOX_ENV_FILE: named })).toBe('https://named.example.com:8006');
    expect(await urlOf({ PROXMOX_ENV_FILE: '/nowhere/.env' }, named)).toBe('https://named.example.com:8006');
  });

  it('is a fault when the named file is not there, whatever else is set', async () => {
    const { parsed } = await read({ PROXMOX_API_URL: 'https://a.example.com' }, join(folder, 'missing.env'));
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? [] : parsed.faults.map(({ variable }) => variable)).toContain('PROXMOX_ENV_FILE');
  });

  it("is .env in the working directory, then the user's configuration folder", async () => {
    file('home/.config/proxmox-mcp/.env', settings('home.example.com'));
    expect(await urlOf({ HOME: join(folder, 'home') })).toBe('https://home.example.com:8006');
    file('work/.env', settings('cwd.example.com'));
    expect(await urlOf({ HOME: join(folder, 'home') })).toBe('https://cwd.example.com:8006');
  });

  it("is the user's file where the .env in the working directory is another program's", async () => {
    file('home/.config/proxmox-mcp/.env', settings('home.example.com'));
    const other = file('work/.env', 'DATABASE_URL=postgres://localhost/app');
    expect(await urlOf({ HOME: join(folder, 'home') })).toBe('https://home.example.com:8006');
    expect((await read({}, other)).file).toBe(other);
    expect((await read({ PROXMOX_ENV_FILE: other })).file).toBe(other);
  });

  it('is not a folder of that name', async () => {
    file('work/.env/bin/python', '');
    file('home/.config/proxmox-mcp/.env', settings('home.example.com'));
    expect(await urlOf({ HOME: join(folder, 'home') })).toBe('https://home.example.com:8006');
  });

  it.runIf(process.platform === 'linux')('is a fault where a file is there and cannot be read', async () => {
    file('home/.config/proxmox-mcp/.env', settings('home.example.com'));
    mkdirSync(join(folder, 'work'));
    const unreadable = join(folder, 'work', '.env');
    // Nobody, not even root, reads what stands at the beginning of it.
    symlinkSync('/proc/self/mem', unreadable);
    expect(await urlOf({ HOME: join(folder, 'home') })).toEqual([
      {
        variable: 'PROXMOX_ENV_FILE',
        message: `the file of settings '${unreadable}' cannot be read (EIO)`,
      },
      expect.objectContaining({ variable: 'PROXMOX_CLUSTERS' }),
    ]);
  });

  it.each([
    ['linux', { XDG_CONFIG_HOME: '/x' }, '/x/proxmox-mcp/.env'],
    ['linux', { HOME: '/h' }, '/h/.config/proxmox-mcp/.env'],
    ['darwin', { HOME: '/h' }, '/h/Library/Application Support/proxmox-mcp/.env'],
    ['win32', { APPDATA: '/a' }, '/a/proxmox-mcp/.env'],
  ] as const)('looks on %s with %o in %s', async (platform, env, expected) => {
    expect((await read(env, undefined, platform)).searched.at(-1)).toBe(expected);
  });

  it('is a real variable before the file, unless it is empty or an unfilled option', async () => {
    file('work/.env', settings('file.example.com'));
    expect(await urlOf({ PROXMOX_API_URL: 'https://real.example.com' })).toBe('https://real.example.com:8006');
    expect(await urlOf({ PROXMOX_API_URL: '' })).toBe('https://file.example.com:8006');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what a client leaves of an option without a value
    expect(await urlOf({ PROXMOX_API_URL: '${user_config.api_url}' })).toBe('https://file.example.com:8006');
  });
});
