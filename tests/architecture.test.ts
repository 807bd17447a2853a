import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../src');
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(src, join(entry.parentPath, entry.name)));

const text = (file: string) => readFileSync(join(src, file), 'utf8');
const floorOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : 'index');

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const statement = /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g;
  return [...text(file).matchAll(statement)].map(([, type, named, dynamic]) => ({
    from: file,
    to: named ?? dynamic ?? '',
    typeOnly: type !== undefined,
  }));
}

const imports = files.flatMap(importsOf);

/** What each floor may import of the others; an arrow only goes down. */
const allowed: Record<string, readonly string[]> = {
  config: [],
  pve: ['config'],
  clusters: ['pve', 'config'],
  tools: ['clusters', 'pve'],
  client: ['tools', 'clusters', 'pve', 'config'],
  server: ['client', 'tools', 'clusters', 'pve', 'config'],
  cli: ['server', 'client', 'tools', 'clusters', 'pve', 'config', 'simulator'],
  simulator: [],
  index: ['client', 'clusters', 'config', 'pve'],
};

const within = imports
  .filter(({ to }) => to.startsWith('.'))
  .map((one) => ({ ...one, target: relative(src, resolve(src, dirname(one.from), one.to)) }));

/** The one place of each package. */
const homes: Record<string, RegExp> = {
  undici: /^pve\/transport\.ts$/,
  pino: /^cli\/open-log\.ts$/,
  dotenv: /^cli\/env-file\.ts$/,
  selfsigned: /^simulator\//,
  '@modelcontextprotocol/sdk': /^(server\/mcp-server|cli\/demo[a-z-]*)\.ts$/,
  zod: /^(pve|tools|client|server)\//,
};

/** Pure text, of use on every floor. */
const forAll: readonly string[] = ['config/nearest.js', 'config/glob.js'];

describe('the floors of the house', () => {
  it('has rules for every folder', () => {
    expect(new Set(files.map(floorOf).filter((floor) => floor !== 'index'))).toEqual(
      new Set(Object.keys(allowed).filter((floor) => floor !== 'index')),
    );
  });

  it('imports only downwards', () => {
    const wrong = within.filter(({ from, target }) => {
      const floor = floorOf(from);
      const other = floorOf(target);
      return floor !== other && !allowed[floor]?.includes(other) && !forAll.includes(target);
    });
    expect(wrong).toEqual([]);
  });

  it('lets tools and pve see only types of the floors that they serve', () => {
    const wrong = within.filter(
      ({ from, target, typeOnly }) =>
        !typeOnly &&
        !forAll.includes(target) &&
        ((floorOf(from) === 'tools' && floorOf(target) === 'clusters') ||
          (floorOf(from) === 'pve' && floorOf(target) === 'config')),
    );
    expect(wrong).toEqual([]);
  });

  it('has no import cycles', () => {
    const next = new Map(files.map((file) => [file, [] as string[]]));
    for (const { from, target, typeOnly } of within)
      if (!typeOnly) next.get(from)?.push(target.replace(/\.js$/, '.ts'));
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return undefined;
      for (const target of next.get(file) ?? []) {
        const cycle = walk(target, [...path, file]);
        if (cycle) return cycle;
      }
      done.add(file);
      return undefined;
    };
    expect(files.map((file) => walk(file, [])).filter(Boolean)).toEqual([]);
  });

  it('imports each package in its one place', () => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      if (typeOnly || to.startsWith('.') || to.startsWith('node:')) return false;
      const home = Object.entries(homes).find(([name]) => to === name || to.startsWith(`${name}/`))?.[1];
      return home === undefined || !home.test(from);
    });
    expect(wrong).toEqual([]);
  });
});

describe('every file', () => {
  it('stays under 300 lines', () => {
    expect(files.filter((file) => text(file).split('\n').length > 300)).toEqual([]);
  });

  it('silences nothing', () => {
    const silenced =
      /:\s*any\b|(?<!in [A-Za-z]+ )\bas (?!const\b|in\b)[A-Za-z{[]|as unknown|@ts-(?:ignore|expect-error|nocheck)|\w!\.|\w!;/;
    const code = (file: string) =>
      text(file)
        .replace(/^\s*(?:import|export)\b[^;]*?from[^;]*;/gms, '')
        .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"/g, '');
    const wrong = files.flatMap((file) => {
      const line = code(file)
        .split('\n')
        .find((one) => silenced.test(one));
      return line === undefined ? [] : [`${file}: ${line.trim()}`];
    });
    expect(wrong).toEqual([]);
  });

  it('leaves the process, the clock and chance to the entry points', () => {
    const entries = /^(cli\/|index\.ts$|simulator\/|pve\/clock\.ts$)/;
    const globals = /\bprocess\.|\bDate\.now\(|\bMath\.random\(|(?<!\.)\bsetTimeout\(|\bconsole\./;
    const wrong = files.filter((file) => !entries.test(file) && globals.test(text(file)));
    expect(wrong).toEqual([]);
  });

  it('is named after its subject', () => {
    const names = files.map((file) => file.split('/').at(-1) ?? '');
    expect(names.filter((name) => /^(utils?|helpers?|misc|common|index)\.ts$/.test(name))).toEqual(['index.ts']);
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(name))).toEqual([]);
  });
});
