import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { newAuditFile } from '../support/audit-file.js';
import { runCommand } from './run-command.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 10 });
});
afterAll(() => simulator.close());

const doctor = async (env: Record<string, string>, ...args: string[]) => {
  const all = { ...simulator.env(), ...env };
  const text = await runCommand(['doctor', ...args], all);
  const json = await runCommand(['doctor', '--json', ...args], all);
  return { code: text.code, text: text.stdout, report: JSON.parse(json.stdout) };
};

describe('whether calls are written down, and who confirms', () => {
  it('is told without any setting', async () => {
    const { code, text, report } = await doctor({});
    expect(code).toBe(0);
    expect(text).toMatch(/^Audit: off, nothing is written down \(PROXMOX_AUDIT_FILE is not set\)$/m);
    expect(text).toMatch(/^Confirmation \(PROXMOX_CONFIRM\): argument, `confirm: true` in the call is enough/m);
    expect(report).toMatchObject({ audit: null, confirm: 'argument' });
  });

  it('is told as it is set', async () => {
    const file = newAuditFile();
    const env = { PROXMOX_AUDIT_FILE: file, PROXMOX_CONFIRM: 'human' };
    const { code, text, report } = await doctor(env);
    expect(code).toBe(0);
    expect(text).toContain(`\nAudit: ${file}, writable, required for changes, without reads\n`);
    expect(text).toContain('\nConfirmation (PROXMOX_CONFIRM): human, a person is asked about what destroys, and');
    const audit = { file, required: true, reads: false, writable: true };
    expect(report).toMatchObject({ audit, confirm: 'human' });
    const lax = { ...env, PROXMOX_AUDIT_REQUIRED: 'false', PROXMOX_AUDIT_READS: 'true', PROXMOX_CONFIRM: 'human-all' };
    const other = await doctor(lax);
    expect(other.text).toContain(`Audit: ${file}, writable, not required: changes go on without it, with reads\n`);
    expect(other.text).toContain('(PROXMOX_CONFIRM): human-all, a person is asked about every change\n');
    expect(other.report).toMatchObject({ audit: { ...audit, required: false, reads: true }, confirm: 'human-all' });
  });

  it('is told of a file that cannot be made, wherever the reason is', async () => {
    const plain = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-doctor-')), 'plain');
    writeFileSync(plain, 'notes\n');
    for (const file of [plain, join(plain, 'audit.jsonl'), join(plain, 'a', 'b', 'audit.jsonl')]) {
      const { code, text, report } = await doctor({ PROXMOX_AUDIT_FILE: file });
      expect(code).toBe(1);
      expect(text).toContain(`\nAudit: ${file}, NOT WRITABLE, required for changes`);
      expect(report.audit.writable).toBe(false);
      expect(report.findings[0]).toMatchObject({ severity: 'error', code: 'AUDIT_UNWRITABLE' });
    }
    const later = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-doctor-')), 'a', 'b', 'audit.jsonl');
    expect((await doctor({ PROXMOX_AUDIT_FILE: later })).report.audit.writable).toBe(true);
  });
});

describe('rules that fit nothing', () => {
  const idle = (report: { findings: Record<string, string>[] }) =>
    report.findings.filter(({ code }) => code === 'IDLE_POLICY');
  const own = 'PROXMOX_CLUSTER_staging_';

  it('are warned about, each with what set it', async () => {
    const { code, text, report } = await doctor({
      [`${own}ALLOW_VMIDS`]: '200-299,777,9000-9099',
      [`${own}ALLOW_POOLS`]: 'stagin,nowhere/at-all',
      [`${own}PROTECT_TAGS`]: 'no-such-tag',
    });
    expect(code).toBe(1);
    expect(idle(report).map(({ severity, cluster, message }) => [severity, cluster, message])).toEqual([
      ['warning', 'staging', `its ALLOW_VMIDS has 777, 9000-9099: no guest has such a VMID now (${own}ALLOW_VMIDS)`],
      [
        'warning',
        'staging',
        expect.stringMatching(/^its ALLOW_POOLS has stagin.*, nowhere\/at-all: there is no such pool now/),
      ],
      ['warning', 'staging', `its PROTECT_TAGS has no-such-tag: no guest has such a tag now (${own}PROTECT_TAGS)`],
    ]);
    expect(text).toContain(
      '-> Correct it, unless it is meant for what is yet to come; only what the token may see was',
    );
  });

  it('are not warned about where something fits', async () => {
    const { guests } = simulator.cluster('staging').state;
    const tags = guests.flatMap(({ config }) => String(config.tags ?? '').split(';')).filter(Boolean);
    const [pool] = simulator.cluster('staging').state.pools;
    expect(pool?.poolid).toEqual(expect.any(String));
    expect(tags.length).toBeGreaterThan(0);
    const { code, report } = await doctor({
      [`${own}ALLOW_VMIDS`]: '200-299',
      [`${own}ALLOW_POOLS`]: pool?.poolid ?? '',
      [`${own}PROTECT_TAGS`]: (tags[0] ?? '').toUpperCase(),
      [`${own}ALLOW_TOOLS`]: 'list-*,start-vm',
      PROXMOX_TOOLSETS: 'all',
    });
    expect(idle(report)).toEqual([]);
    expect(code).toBe(0);
  });

  it('are told of tools that are not offered; a denied one needs no mending', async () => {
    const env = { [`${own}ALLOW_TOOLS`]: 'list-*,guest-exec', [`${own}DENY_TOOLS`]: 'guest-file-*' };
    const { report, text } = await doctor(env);
    expect(idle(report).map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', `its ALLOW_TOOLS has guest-exec: no tool that is offered is called so (${own}ALLOW_TOOLS)`],
      ['note', `its DENY_TOOLS has guest-file-*: no tool that is offered is called so (${own}DENY_TOOLS)`],
    ]);
    expect(text).toContain('-> What is offered is set by PROXMOX_TOOLSETS, PROXMOX_TOOLS and PROXMOX_EXCLUDE_TOOLS.');
    expect(idle((await doctor({ ...env, PROXMOX_TOOLSETS: 'all' })).report)).toEqual([]);
    const none = await doctor({ [`${own}DENY_TOOLS`]: 'no-such-*' });
    expect(none.code).toBe(2);
    expect(none.text).toContain(`${own}DENY_TOOLS has 'no-such-*', which fits no tool`);
  });

  it('of a role are told with the role; of a cluster that does not answer nothing is told', async () => {
    const roles = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-roles-')), 'roles.json');
    writeFileSync(roles, JSON.stringify({ viewers: { protect_tags: ['gone'] } }), { mode: 0o600 });
    const env = { PROXMOX_ROLES_FILE: roles, [`${own}ROLE`]: 'viewers' };
    const { report } = await doctor(env);
    expect(idle(report)).toHaveLength(1);
    expect(idle(report)[0]?.message).toMatch(/^its PROTECT_TAGS has gone: .* \(.*viewers.*roles\.json.*\)$/);
    simulator.cluster('staging').setFault({ kind: 'unreachable' });
    expect(idle((await doctor(env)).report)).toEqual([]);
    simulator.cluster('staging').setFault(undefined);
  });
});
