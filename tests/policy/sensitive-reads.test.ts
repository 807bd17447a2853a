import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { linesIn, newAuditFile } from '../support/audit-file.js';
import { withServer } from '../support/session.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const cluster = 'production';
const own = 'PROXMOX_CLUSTER_production_';
const guest = { cluster, vmid: 100 };
/** What docs/policy.md names as reads of what stands inside guests and logs. */
const reads: readonly (readonly [string, Record<string, unknown>])[] = [
  ['proxmox-guest-file-read', { ...guest, file: '/etc/hostname' }],
  ['proxmox-guest-agent-info', { ...guest, what: 'users' }],
  ['proxmox-cloudinit-get', guest],
  ['proxmox-vm-notes-read', guest],
  ['proxmox-node-log', { cluster, node: 'pve1' }],
];

describe('what reads inside guests and logs', () => {
  it('is allowed by ACCESS=read, and is not in the audit', async () => {
    const file = newAuditFile();
    await withServer(simulator, { [`${own}ACCESS`]: 'read', PROXMOX_AUDIT_FILE: file }, async ({ call }) => {
      for (const [tool, args] of reads) expect((await call(tool, args)).isError, tool).toBe(false);
      expect((await call('proxmox-guest-exec', { ...guest, command: ['id'], confirm: true })).data.error).toMatchObject(
        {
          code: 'POLICY',
        },
      );
    });
    expect(linesIn(file).map(({ tool }) => tool)).toEqual(['proxmox-guest-exec']);
    const none = newAuditFile();
    await withServer(simulator, { PROXMOX_READ_ONLY: 'true', PROXMOX_AUDIT_FILE: none }, async ({ call }) => {
      const { data, isError } = await call(...(reads[0] ?? ['', {}]));
      expect([isError, data.result.content]).toEqual([false, expect.stringContaining('prod-web-1')]);
    });
    expect(existsSync(none)).toBe(false);
  });

  it('is in the audit with PROXMOX_AUDIT_READS, with what was read, and without its content', async () => {
    const file = newAuditFile();
    const env = { [`${own}ACCESS`]: 'read', PROXMOX_AUDIT_FILE: file, PROXMOX_AUDIT_READS: 'true' };
    await withServer(simulator, env, async ({ call }) => {
      for (const [tool, args] of reads) await call(tool, args);
    });
    const lines = linesIn(file);
    expect(lines.map(({ tool, outcome }) => [tool, outcome])).toEqual(reads.map(([tool]) => [tool, 'ok']));
    expect(lines[0]).toMatchObject({ target: { vmid: 100 }, arguments: { file: '/etc/hostname' }, effect: 'read' });
    expect(lines[0]).not.toHaveProperty('result');
  });

  it('is not offered unless it is asked for, but for notes and addresses', async () => {
    await withServer(simulator, { PROXMOX_TOOLSETS: 'default' }, async ({ client }) => {
      const { tools } = await client.listTools();
      const names = tools.map(({ name }) => name);
      for (const [tool] of reads) expect(names).not.toContain(tool);
      for (const tool of ['guest-exec-status', 'backup-contents', 'lxc-notes-read', 'task-log'])
        expect(names).not.toContain(`proxmox-${tool}`);
      expect(names).toContain('proxmox-vm-info');
    });
  });

  it('is kept away by DENY_TOOLS, and of other guests by ALLOW_VMIDS', async () => {
    const text = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
    const tools = /^PROXMOX_CLUSTER_production_DENY_TOOLS=(\S+)$/m.exec(text)?.[1] ?? '';
    expect(tools).toContain('guest-file-read');
    await withServer(simulator, { [`${own}DENY_TOOLS`]: tools }, async ({ call }) => {
      for (const [tool, args] of reads)
        expect((await call(tool, args)).data.error, tool).toMatchObject({ code: 'POLICY', set_by: `${own}DENY_TOOLS` });
      expect((await call('proxmox-list-vms', { cluster })).isError).toBe(false);
      // It has the notes too, as docs/policy.md says.
      expect((await call('proxmox-vm-info', guest)).data.result.description).toContain('web team');
    });
    await withServer(simulator, { [`${own}ALLOW_VMIDS`]: '101-199' }, async ({ call }) => {
      expect((await call('proxmox-vm-info', guest)).data.error).toMatchObject({ code: 'POLICY' });
      for (const [tool, args] of reads) {
        const { isError, data } = await call(tool, args);
        if (tool === 'proxmox-node-log') expect(isError, 'it is of no guest').toBe(false);
        else expect(data.error, tool).toMatchObject({ code: 'POLICY', set_by: `${own}ALLOW_VMIDS` });
      }
    });
  });
});
