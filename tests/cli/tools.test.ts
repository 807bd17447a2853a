import { expect, it } from 'vitest';
import { publishTools } from '../../src/server/tool-list.js';
import { runCommand } from './run-command.js';

it('lists every tool in a table', async () => {
  const { code, stdout } = await runCommand(['tools']);
  expect(code).toBe(0);
  for (const { name } of publishTools(true)) expect(stdout).toContain(` ${name} `);
  expect(stdout).toContain(`\n${publishTools(true).length} tools; `);
});

it('gives the list that clients get as JSON', async () => {
  const { code, stdout } = await runCommand(['tools', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(publishTools(true))));
});

it.each([
  [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
  [['--help'], 0, /^ {2}proxmox-mcp doctor/m],
])('%j prints and ends', async (args, expected, said) => {
  const { code, stdout } = await runCommand(args);
  expect(code).toBe(expected);
  expect(stdout).toMatch(said);
});

it.each([[['dcotor']], [['--jsno']]])('%j is exit code 2', async (args) => {
  const { code, stdout, stderr } = await runCommand(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^proxmox-mcp: /);
});
