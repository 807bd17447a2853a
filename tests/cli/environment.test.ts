import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../src/cli/env-file.js';
import { readLines } from '../../src/cli/env-file-lines.js';
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

describe('the lines of a file of settings', () => {
  const notesOf = async (lines: string) => {
    const named = file('my.env', `${settings('a.example.com')}\n${lines}`);
    const { parsed } = await read({}, named);
    const here = (notes: readonly { message: string }[]) => notes.map(({ message }) => message.replace(named, 'FILE'));
    return {
      faults: parsed.ok ? [] : here(parsed.faults),
      warnings: here(parsed.warnings).filter((one) => !one.includes('mode')),
    };
  };
  const faultOf = (name: string) => [`${name} is not set by line 4 of 'FILE': write ${name}=value`];

  it.each([
    'PROXMOX_READ_ONLY true',
    'PROXMOX_READ_ONLY',
    'PROXMOX_READ_ONLY:true',
    'PROXMOX_READ_ONLY\uff1dtrue',
    '  set PROXMOX_READ_ONLY=true',
    'setx PROXMOX_READ_ONLY true',
    'declare -x PROXMOX_READ_ONLY=true',
    'export PROXMOX_READ_ONLY',
    '$env:PROXMOX_READ_ONLY = "true"',
    '"PROXMOX_READ_ONLY"=true',
    '"PROXMOX_READ_ONLY": "true",',
    '\u201cPROXMOX_READ_ONLY\u201d=true',
    "'PROXMOX_READ_ONLY'='true'",
    '- PROXMOX_READ_ONLY=true',
    'PROXMOX_READ_ONLY true # for now\nPROXMOX_TIER=lab',
  ])('are a fault where they name a setting and set nothing: %j', async (line) => {
    expect((await notesOf(line)).faults).toEqual(faultOf('PROXMOX_READ_ONLY'));
  });

  it.each([
    'PROXMOX_READ_ONLY=true',
    'PROXMOX_READ_ONLY=',
    'PROXMOX_READ_ONLY= ',
    '  export PROXMOX_READ_ONLY = "true" # for now',
    'PROXMOX_READ_ONLY: true',
    'PROXMOX_READ_ONLY=true\r\nexport PROXMOX_READ_ONLY PROXMOX_API_URL',
    'PROXMOX_READ_ONLY=true\nPROXMOX_READ_ONLY="true"',
    'PROXMOX_READ_ONLY=\nPROXMOX_READ_ONLY=true',
    "PROXMOX_DENY_TOOLS='proxmox-delete-*,\n  proxmox-stop-*'",
    '# PROXMOX_READ_ONLY true',
    '; PROXMOX_READ_ONLY=true',
    'see PROXMOX_READ_ONLY',
    'OTHER_PROXMOX_READ_ONLY true',
    'PROXY_HOST a',
  ])('are none where they set something, or name no setting: %j', async (line) => {
    expect(await notesOf(line)).toEqual({ faults: [], warnings: [] });
  });

  it('are a fault where an open quote before them swallows them', async () => {
    const { faults } = await notesOf('PROXMOX_TIER="lab\nPROXMOX_READ_ONLY=true\nPROXMOX_REGION=eu"');
    expect(faults.slice(0, 2)).toEqual([
      "PROXMOX_READ_ONLY is not set by line 5 of 'FILE', which lies within the value of another: close its quotes",
      "PROXMOX_REGION is not set by line 6 of 'FILE', which lies within the value of another: close its quotes",
    ]);
  });

  it('are a fault where a rule has two values, and a warning where anything else has', async () => {
    const twice = (name: string, one: string, other: string) => notesOf(`${name}=${one}\n\n${name}=${other}`);
    const said = (name: string) => [`${name} is set by line 4 of 'FILE' and otherwise by line 6: keep one of the two`];
    expect(await twice('PROXMOX_READ_ONLY', 'true', 'false')).toEqual({
      faults: said('PROXMOX_READ_ONLY'),
      warnings: [],
    });
    expect(await twice('PROXMOX_ACCESS', 'read', '')).toEqual({ faults: said('PROXMOX_ACCESS'), warnings: [] });
    expect(await twice('PROXMOX_TIER', 'lab', 'test')).toEqual({ faults: [], warnings: said('PROXMOX_TIER') });
  });

  it('make a .env in the working directory one of ours', async () => {
    file('work/.env', 'set PROXMOX_READ_ONLY=true');
    const { parsed, file: found } = await read({ PROXMOX_API_URL: 'https://real.example.com' });
    expect(found).toBe(join(folder, 'work', '.env'));
    expect(parsed.ok ? [] : parsed.faults.map(({ variable }) => variable)).toContain('PROXMOX_READ_ONLY');
  });

  it('are a fault as a whole in UTF-16, in which PowerShell redirects', async () => {
    const wide = join(folder, 'wide.env');
    writeFileSync(wide, Buffer.from(`\ufeff${settings('a.example.com')}\nPROXMOX_READ_ONLY=true`, 'utf16le'));
    const { parsed } = await read({}, wide);
    expect(parsed.ok ? [] : parsed.faults.map(({ message }) => message)).toContain(
      `the file of settings '${wide}' is in UTF-16: save it as UTF-8`,
    );
  });

  it('tell of no value: a secret may stand in it', async () => {
    const said = JSON.stringify(
      await notesOf('PROXMOX_TOKEN_SECRET hunter2-hunter2\nPROXMOX_TIER=a\nPROXMOX_TIER=hunter2'),
    );
    expect(said).toContain('PROXMOX_TOKEN_SECRET is not set by line 4');
    expect(said).not.toContain('hunter2');
  });

  it('of the examples have nothing wrong', () => {
    for (const name of ['.env.example', '.env.example.multi']) {
      const text = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
      expect(readLines(name, text, () => true)).toMatchObject({ faults: [], warnings: [] });
    }
  });

  it('that are read never are a fault, whatever they hold', () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"a', "'", '`#', '\\"', ' # x', ''),
    );
    const name = fc.constantFrom('PROXMOX_READ_ONLY', 'PROXMOX_TIER', 'PROXMOX_ACCESS', 'OTHER', 'export PROXMOX_ROLE');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (pairs) => {
        const text = pairs.map(([key, one]) => `${key}=${one.replace(/[\r\n]/g, '')}`).join('\n');
        const set = parseEnvFile(text);
        const { faults } = readLines('f', text, () => true);
        const unset = pairs
          .map(([key]) => key.replace('export ', ''))
          .filter((key) => key !== 'OTHER' && !(key in set));
        const told = faults.filter(({ message }) => message.includes('is not set by')).map(({ variable }) => variable);
        expect(new Set(told)).toEqual(new Set(unset));
      }),
      { numRuns: 2000 },
    );
  });
});
