import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/simulator/listen.js';
import { linesIn, newAuditFile } from './support/audit-file.js';
import { startSession } from './support/session.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
});
afterAll(() => simulator.close());

const cluster = 'production';

/** The line of one call that sends nothing. */
async function lineOf(env: Record<string, string>, tool: string, args: Record<string, unknown>) {
  const file = newAuditFile();
  const decline = () => ({ action: 'decline' as const });
  const session = await startSession({ ...simulator.env(), ...env, PROXMOX_AUDIT_FILE: file }, [], decline);
  await session.call(tool, { cluster, ...args });
  await session.close();
  const lines = linesIn(file);
  expect(lines).toHaveLength(1);
  return lines[0];
}

describe('what was refused is written down', () => {
  it('with its cluster, why that one, and the variable of the rule', async () => {
    const variable = `PROXMOX_CLUSTER_${cluster}_ACCESS`;
    const line = await lineOf({ [variable]: 'read' }, 'proxmox-stop-vm', { vmid: 100, confirm: true });
    const told = { event: 'call', outcome: 'refused', code: 'POLICY', set_by: variable };
    expect(line).toMatchObject({ ...told, clusters: [cluster], via: 'explicit', requests: [] });
  });

  it('as confirmed by nobody where a person said no, also of what destroys by its arguments alone', async () => {
    const args = { vmid: 100, storage: 'local', mode: 'stop', confirm: true };
    const line = await lineOf({ PROXMOX_CONFIRM: 'human' }, 'proxmox-backup-vm', args);
    expect(line).toMatchObject({ event: 'call', outcome: 'refused', code: 'NOT_CONFIRMED', effect: 'destroy' });
    expect(line).not.toHaveProperty('confirmed_by');
  });
});
