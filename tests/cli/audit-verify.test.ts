import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { chainStart, sealLine } from '../../src/client/audit/audit-line.js';
import { linesIn, newAuditFile, writeChain } from '../support/audit-file.js';
import { runCommand } from './run-command.js';

const verify = (file: string, ...more: string[]) => runCommand(['audit', 'verify', file, ...more]);
let file = '';
let lines: string[] = [];
const write = (changed: readonly string[]) => writeFileSync(file, changed.join('\n'));

beforeEach(async () => {
  file = newAuditFile();
  await writeChain(file, ['one', 'two', 'three', 'four', 'five']);
  lines = readFileSync(file, 'utf8').split('\n');
});

describe('a line that is not as it was written', () => {
  const broken = async (line: number, differs: string, problem: string) => {
    const { code, stdout, stderr } = await verify(file);
    expect([code, stderr]).toEqual([1, '']);
    const [first, second] = stdout.split('\n');
    expect(first).toBe(`BROKEN at line ${line} of ${file} (${differs}): ${problem}.`);
    expect(second).toMatch(new RegExp(`^${line - 1} lines? before it (?:is|are) whole`));
    expect(JSON.parse((await verify(file, '--json')).stdout).broken).toEqual({ file, line, differs, problem });
  };

  it('has another hash than what it says', async () => {
    const { hash } = linesIn(file)[2] ?? {};
    const other = (lines[2] ?? '').replace('what was done: three', 'what was done: tree');
    write(lines.with(2, other));
    const is = /that of what it says is ([0-9a-f]{64})/.exec((await verify(file)).stdout)?.[1] ?? '';
    expect(is).not.toBe(hash);
    await broken(3, 'hash', `it was altered: its hash is ${hash}, and that of what it says is ${is}`);
    write(lines.with(2, (lines[2] ?? '').replace(/"hash":"./, '"hash":"')));
    await broken(3, 'hash', 'it was altered: its hash is none, or not at its end');
  });

  it('is no JSON, or none of an audit', async () => {
    write(lines.with(1, 'someone was here'));
    await broken(2, 'json', 'it is no JSON object, and was one when it was written');
    write(lines.with(1, '{"seq":2,"note":"someone was here"}'));
    await broken(2, 'json', 'it is no line of an audit: it has no prev, no hash');
  });

  it('is missing, doubled or of another chain', async () => {
    write(lines.toSpliced(1, 1));
    await broken(2, 'missing', 'it is line 3 of the chain where 2 belongs: line 2 is missing, or moved');
    write(lines.toSpliced(1, 2));
    await broken(2, 'missing', 'it is line 4 of the chain where 2 belongs: lines 2 to 3 are missing, or moved');
    write(lines.toSpliced(2, 0, lines[1] ?? ''));
    await broken(3, 'chain', 'it is line 2 of the chain where 3 belongs: it stands there again, or was moved');
    const own = file;
    file = newAuditFile();
    await writeChain(file, ['another', 'two', 'three']);
    const others = readFileSync(file, 'utf8').split('\n');
    const [, before] = linesIn(own);
    file = own;
    write(lines.with(2, others[2] ?? ''));
    const follows = JSON.parse(others[2] ?? '').prev;
    await broken(3, 'chain', `it follows a line with hash ${follows}, and the one before it has ${before?.hash}`);
  });

  it('is the first that is there, and should not be', async () => {
    write(lines.slice(2));
    const { prev } = JSON.parse(lines[2] ?? '');
    const words = `it is line 3 of the chain, and those before it are not here; they end with hash ${prev}, which --after takes if they are kept elsewhere`;
    const { code, stdout } = await verify(file);
    expect([code, stdout.split('\n')[0]]).toEqual([1, `BROKEN at line 1 of ${file} (missing): ${words}.`]);
    expect((await verify(file, '--after', prev)).code).toBe(0);
  });

  it('was cut off', async () => {
    write([...lines.slice(0, 4), (lines[4] ?? '').slice(0, 50)]);
    await broken(
      5,
      'end',
      'it has no end: it was cut off, as by a crash; the next start of a server says so in the line after it',
    );
  });

  it('makes it broken also where it is the first of all', async () => {
    write(lines.with(0, 'gone'));
    await broken(1, 'json', 'it is no JSON object, and was one when it was written');
  });
});

it('shows what somebody has forged without what steers a terminal or makes lines of its own', async () => {
  const tool = '\u001b[31mred\nBROKEN at line 1\u202e';
  const begin = { event: 'begin', call: 'c', time: '2026-11-21T12:00:00.000Z', tool, clusters: ['a\nb'] };
  const gap = { event: 'gap', lines: 1, since: '\u009b2J', until: 'then\nnow', reason: '\u001b]0;x\u0007' };
  const call = { ...begin, call: 'd', event: 'call', outcome: '\u001b[2J\nBROKEN', code: '\u202e', ms: '\u0007' };
  let end = { ...chainStart, text: '' };
  const texts = [begin, gap, call].map((fields) => {
    end = sealLine(JSON.stringify(fields), end);
    return `${end.text}\n`;
  });
  writeFileSync(file, texts.join(''));
  for (const command of ['verify', 'show']) {
    const { code, stdout } = await runCommand(['audit', command, file]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/^BROKEN/m);
    for (const unseen of ['\u001b', '\u009b', '\u202e', '\u0007']) expect(stdout).not.toContain(unseen);
    expect(stdout).toContain('red BROKEN at line 1');
  }
});

describe('what is no audit', () => {
  it.each(['verify', 'show'])('is said by %s, with exit code 2', async (command) => {
    const told = async (name: string) => {
      const { code, stdout, stderr } = await runCommand(['audit', command, name]);
      expect([code, stdout]).toEqual([2, '']);
      return stderr;
    };
    const folder = dirname(file);
    const other = (text: string) => {
      const path = join(folder, 'other');
      writeFileSync(path, text);
      return path;
    };
    const path = join(folder, 'other');
    expect(await told(path)).toBe(`proxmox-mcp: there is no file '${path}'\n`);
    expect(await told(join(path, 'below'))).toBe(`proxmox-mcp: there is no file '${path}/below'\n`);
    expect(await told(other(''))).toBe(`proxmox-mcp: '${path}' is empty: there is not one line\n`);
    for (const text of ['notes\nof someone\n', 'no end', '{"a":1}\n', '\u0000\u0001\n\n'])
      expect(await told(other(text))).toBe(`proxmox-mcp: '${path}' is no audit: not one line is of one\n`);
    const dir = join(folder, 'folder');
    mkdirSync(dir);
    expect(await told(dir)).toBe(`proxmox-mcp: '${dir}' is no file\n`);
  });

  it('is a file whose parts alone are left', async () => {
    await writeChain(file, ['six', 'seven'], 100);
    rmSync(file);
    const { code, stderr } = await verify(file);
    expect(code).toBe(2);
    expect(stderr).toContain(`there is no file '${file}', and 2 that were put aside: the end of the chain is missing`);
  });
});
