import { createInterface } from 'node:readline';
import { parse } from 'dotenv';
import { expect, it } from 'vitest';
import { ClusterRegistry } from '../../src/clusters/registry.js';
import { parseEnv, requireConfig } from '../../src/config/env.js';
import { runCommand, startCommand } from './run-command.js';

/** Reads the printed environment, uses it, and stops the simulator. */
async function simulate<T>(args: readonly string[], use: (env: Record<string, string>) => Promise<T>): Promise<T> {
  const child = startCommand(['simulate', ...args]);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines: string[] = [];
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  try {
    await new Promise<void>((resolve) => child.stderr?.once('data', () => resolve()));
    // Said after the lines, through another pipe.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lines.filter((line) => !/^PROXMOX_\w+=\S/.test(line))).toEqual([]);
    return await use(parse(lines.join('\n')));
  } finally {
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
}

async function health(env: Record<string, string>) {
  const registry = new ClusterRegistry(requireConfig(parseEnv(env)));
  const all = await registry.validateAllClusters();
  await registry.close();
  return all.map(({ cluster, version, tokenAccepted }) => [cluster, version, tokenAccepted]);
}

it('prints an environment with which its clusters can be reached', async () => {
  expect(await simulate([], health)).toEqual([
    ['production', '9.2.3', true],
    ['staging', '8.4.5', true],
    ['disaster-recovery', '9.2.3', true],
  ]);
});

it('serves the world, the version and the scheme that are asked for', async () => {
  const found = await simulate(['--world', 'twins', '--version', '8.4', '--http'], async (env) => {
    expect(env.PROXMOX_CLUSTER_east_API_URL).toMatch(/^http:/);
    return health(env);
  });
  expect(found).toEqual([
    ['east', '8.4.5', true],
    ['west', '8.4.5', true],
  ]);
});

it('gives as many clusters as are asked for', async () => {
  expect(await simulate(['--clusters', '5'], health)).toHaveLength(5);
});

it.each([
  [['--world', 'flat'], '--world takes single, multi, twins, large'],
  [['--version', '7.0'], '--version takes 8.4, 9.2'],
  [['--port', '0'], '--port takes a whole number'],
  [['--clusters', 'many'], '--clusters takes a whole number'],
])('%j is exit code 2', async (args, said) => {
  const { code, stdout, stderr } = await runCommand(['simulate', ...args]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
});
