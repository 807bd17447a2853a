import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { runCommand } from '../cli/run-command.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let folder: string;
beforeAll(async () => {
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-roles-'));
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

const namesIn = async ({ client }: Session) => (await client.listTools()).tools.map(({ name }) => name);

async function within<T>(milliseconds: number, look: () => T | undefined): Promise<T> {
  for (let waited = 0; waited < milliseconds; waited += 50) {
    const seen = look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come');
}

describe('roles', () => {
  it('decide what is listed and what is sent, and a reload takes a changed file', async () => {
    const file = join(folder, 'roles.json');
    const write = (access: string) =>
      writeFileSync(file, JSON.stringify({ everyone: { access, deny_tools: ['reset-vm'] } }), { mode: 0o600 });
    write('read');
    const roles = ['production', 'staging', 'disaster_recovery'].map((name) => [
      `PROXMOX_CLUSTER_${name}_ROLE`,
      'everyone',
    ]);
    const session = await startSession({
      ...simulator.env(),
      ...Object.fromEntries(roles),
      PROXMOX_ROLES_FILE: file,
    });
    expect(await namesIn(session)).not.toContain('proxmox-start-vm');
    await expect(session.call('proxmox-start-vm', { vmid: 102 })).rejects.toThrow(
      `no cluster allows it, by role 'everyone' in ${file}; only the user can change that`,
    );
    write('operate');
    const { data } = await session.call('proxmox-reload-configuration');
    expect(data.result.tools_changed).toBe(true);
    expect(data.result.changed).toContainEqual({ cluster: 'staging', variables: ['PROXMOX_CLUSTER_staging_ROLE'] });
    const names = await namesIn(session);
    expect(names).toContain('proxmox-start-vm');
    expect(names).not.toContain('proxmox-reset-vm');
    expect(names).not.toContain('proxmox-configure-vm');
    const { clusters } = (await session.call('proxmox-list-all-clusters')).data.result;
    expect(clusters[0]).toMatchObject({ access: 'operate', policy: ['DENY_TOOLS=reset-vm'] });
    await session.close();
  });

  it('have no tool that there is not', async () => {
    const env = { ...simulator.env(), PROXMOX_CLUSTER_staging_DENY_TOOLS: 'proxmox-stop-vmm' };
    const session = await startSession(env);
    const { isError, text } = await session.call('proxmox-list-nodes');
    expect(isError).toBe(true);
    expect(text).toContain("PROXMOX_CLUSTER_staging_DENY_TOOLS names 'proxmox-stop-vmm'");
    expect(text).toContain("did you mean 'proxmox-stop-vm'?");
    await session.close();
  });

  it('doctor says which rules hold', async () => {
    const env = { ...simulator.env(), PROXMOX_CLUSTER_production_ALLOW_VMIDS: '100-199' };
    const { stdout } = await runCommand(['doctor'], env);
    expect(stdout).toContain('production: rules hold for it: ACCESS=full, ALLOW_VMIDS=100-199');
    expect(stdout).toContain('PROXMOX_CLUSTER_production_ALLOW_VMIDS');
  });
});

describe('PROXMOX_MATCH_PRIVILEGES', () => {
  const eyesOnly = () => {
    const env: Record<string, string> = { ...simulator.env(), PROXMOX_MATCH_PRIVILEGES: 'true' };
    for (const cluster of simulator.clusters) {
      const name = cluster.name.replaceAll('-', '_');
      env[`PROXMOX_CLUSTER_${name}_TOKEN_ID`] = 'eyes@pve!only';
      env[`PROXMOX_CLUSTER_${name}_TOKEN_SECRET`] = cluster.addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    }
    return env;
  };

  it('leaves out what no token can use, and says why', async () => {
    const session = await startSession(eyesOnly());
    const names = await namesIn(session);
    expect(names).toContain('proxmox-list-vms');
    expect(names).toContain('proxmox-list-all-clusters');
    expect(names).not.toContain('proxmox-start-vm');
    expect(names).not.toContain('proxmox-delete-vm');
    await expect(session.call('proxmox-start-vm', { vmid: 102 })).rejects.toThrow(
      "no cluster's token can use it (PROXMOX_MATCH_PRIVILEGES); it needs VM.PowerMgmt on /vms",
    );
    await session.close();
  });

  it('lists what a token can use that has the rights somewhere', async () => {
    const env = eyesOnly();
    const staging = simulator.cluster('staging');
    env.PROXMOX_CLUSTER_staging_TOKEN_ID = 'power@pve!one';
    env.PROXMOX_CLUSTER_staging_TOKEN_SECRET = staging.addToken('power@pve!one', { '/vms/201': ['PVEVMUser'] });
    const session = await startSession(env);
    const names = await namesIn(session);
    expect(names).toContain('proxmox-start-vm');
    expect(names).not.toContain('proxmox-delete-vm');
    await session.close();
  });

  it('takes a cluster that does not answer for one that allows everything, and tells when it does', async () => {
    const staging = simulator.cluster('staging');
    staging.setFault({ kind: 'slow', ms: 8000 });
    const session = await startSession({ ...eyesOnly(), PROXMOX_CLUSTER_VALIDATION: 'false' });
    let told = 0;
    session.client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      told += 1;
    });
    expect(await namesIn(session)).toContain('proxmox-start-vm');
    await within(30_000, () => (told > 0 ? true : undefined));
    expect(await namesIn(session)).not.toContain('proxmox-start-vm');
    staging.setFault(undefined);
    await session.close();
  }, 60_000);
});
