import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { runCommand } from '../cli/run-command.js';
import { startSession } from '../support/session.js';

let simulator: Simulator;
const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-ignored-'));
beforeAll(async () => {
  simulator = await startSimulator({ world: 'single' });
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function answerUnder(env: Record<string, string>) {
  const session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false', ...env });
  const requests = () => simulator.clusters.reduce((sum, one) => sum + one.requests.length, 0);
  const before = requests();
  const answer = await session.call('proxmox-list-nodes');
  await session.close();
  return { ...answer, sent: requests() - before };
}

const inFile = (line: string) => {
  const path = join(folder, 'my.env');
  writeFileSync(path, `${line}\n`, { mode: 0o600 });
  return { PROXMOX_ENV_FILE: path };
};

it.each([
  ['PROXMOX_CLUSTER_default_ACCESS', 'read', 'set PROXMOX_ACCESS'],
  ['PROXMOX_CLUSTER_default_PROTECT_TAGS', 'keep', 'set PROXMOX_PROTECT_TAGS'],
  ['PROXMOX_AUDIT_PATH', '/tmp/audit', 'did you mean PROXMOX_AUDIT_FILE?'],
  ['PROXMOX_RO', '1', 'did you mean PROXMOX_READ_ONLY?'],
  ['proxmox_confirm', 'human', 'did you mean PROXMOX_CONFIRM?'],
])('sends nothing while %s would be ignored', async (name, value, advice) => {
  const { isError, text, sent } = await answerUnder({ [name]: value });
  expect(isError).toBe(true);
  expect(text).toContain(name);
  expect(text).toContain(advice);
  expect(sent).toBe(0);
});

it('sends nothing while a line of the file of settings would be ignored', async () => {
  const { isError, text, sent } = await answerUnder(inFile('PROXMOX_READ_ONLY true'));
  expect(isError).toBe(true);
  expect(text).toContain("PROXMOX_READ_ONLY is not set by line 1 of '");
  expect(text).toContain('write PROXMOX_READ_ONLY=value');
  expect(sent).toBe(0);
});

it('works beside what other programs set, and warns of what nobody reads', async () => {
  const others = { PROXMOX_VE_ENDPOINT: 'https://a.example.com', PROXMOX_HOST: 'a', PROXMOX_USER: 'root@pam' };
  const env = { ...others, PROXMOX_POOL: 'web', PROXMOX_COLOUR: 'blue' };
  expect((await answerUnder(env)).isError).toBe(false);
  const { stdout } = await runCommand(['doctor', '--json'], { ...simulator.env(), ...env });
  expect(stdout).toContain('PROXMOX_POOL is not known: did you mean PROXMOX_ALLOW_POOLS?');
  expect(stdout).toContain('PROXMOX_COLOUR is not known, and nothing reads it');
  for (const name of Object.keys(others)) expect(stdout).not.toContain(`${name} is not known`);
});
