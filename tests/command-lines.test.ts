import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const scripts = resolve(import.meta.dirname, '../scripts');
const run = (script: string, ...args: string[]) =>
  spawnSync(process.execPath, [resolve(scripts, `${script}.mjs`), ...args], { encoding: 'utf8' });

describe.each([
  ['fuzz-arguments', 'fuzz'],
  ['planted-secrets', 'secrets'],
  ['hostile-guests', 'hostile-guests'],
  ['faults', 'faults'],
  ['endurance', 'endurance'],
  ['in-flight', 'in-flight'],
  ['flood', 'flood'],
  ['reliability', 'reliability'],
])('scripts/%s.mjs', (script, command) => {
  const usage = expect.stringMatching(new RegExp(`^usage: npm run ${command} -- .*\n$`));

  it('tells how it is called', () => {
    expect(run(script, '--help')).toMatchObject({ status: 0, stdout: usage, stderr: '' });
  });

  it('does nothing with a flag that it does not know, and tells how it is called', () => {
    expect(run(script, '--no-such-flag', '1')).toMatchObject({ status: 2, stdout: '', stderr: usage });
  });
});

it.each([
  ['fuzz-arguments', ['many']],
  ['flood', ['1', '2']],
  ['faults', ['access.ts']],
  ['hostile-guests', ['no-such-area.ts']],
  ['reliability', ['no-such-source']],
])('scripts/%s.mjs does nothing with %j, and tells what it takes', (script, args) => {
  const { status, stdout, stderr } = run(script, ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^(?:usage: npm run|no such source: .*; there are)/);
  expect(stderr).not.toContain('    at ');
});
