import { describe, expect, it } from 'vitest';
import { parseEnv } from '../../src/config/env.js';

const cluster = {
  PROXMOX_API_URL: 'https://pve1.example.com:8006',
  PROXMOX_TOKEN_ID: 'mcp@pve!proxmox-mcp',
  PROXMOX_TOKEN_SECRET: '00000000-0000-0000-0000-000000000000',
  HOME: '/home/me',
};
const parse = (env: Record<string, string>) => parseEnv({ ...cluster, ...env });
const auditOf = (env: Record<string, string>) => {
  const parsed = parse(env);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.config.audit;
};
const messages = (env: Record<string, string>) => {
  const parsed = parse(env);
  return {
    faults: parsed.ok ? [] : parsed.faults.map(({ message }) => message),
    warnings: parsed.warnings.map(({ message }) => message),
  };
};

describe('the settings of the audit', () => {
  it('are none without a file', () => {
    expect(auditOf({})).toBeUndefined();
  });

  it('require the audit once there is a file, and keep 50 MB in it', () => {
    expect(auditOf({ PROXMOX_AUDIT_FILE: '~/audit.jsonl' })).toEqual({
      file: '/home/me/audit.jsonl',
      required: true,
      reads: false,
      maxBytes: 50_000_000,
    });
  });

  it('can be set one by one', () => {
    const env = { PROXMOX_AUDIT_REQUIRED: 'no', PROXMOX_AUDIT_READS: 'on', PROXMOX_AUDIT_MAX_MB: '2' };
    expect(auditOf({ PROXMOX_AUDIT_FILE: '/var/log/audit.jsonl', ...env })).toEqual({
      file: '/var/log/audit.jsonl',
      required: false,
      reads: true,
      maxBytes: 2_000_000,
    });
  });

  it.each([
    [{ PROXMOX_AUDIT_FILE: 'audit.jsonl' }, "PROXMOX_AUDIT_FILE is 'audit.jsonl': write an absolute path or ~/..."],
    [
      { PROXMOX_AUDIT_FILE: '/var/log/' },
      "PROXMOX_AUDIT_FILE is '/var/log/': write the path of a file, not of a folder",
    ],
    [
      { PROXMOX_AUDIT_FILE: '/a', PROXMOX_AUDIT_MAX_MB: '0' },
      "PROXMOX_AUDIT_MAX_MB is '0': write whole megabytes from 1 to 100000",
    ],
    [{ PROXMOX_AUDIT_FILE: '/a', PROXMOX_AUDIT_READS: 'maybe' }, "PROXMOX_AUDIT_READS is 'maybe': write true or false"],
    [
      { PROXMOX_AUDIT_REQUIRED: 'true' },
      'PROXMOX_AUDIT_REQUIRED is true and there is no audit: set PROXMOX_AUDIT_FILE',
    ],
  ])('%j is a fault', (env: Record<string, string>, fault) => {
    expect(messages(env).faults).toEqual([fault]);
  });

  it('are warned of where they have no effect', () => {
    expect(messages({ PROXMOX_AUDIT_READS: 'true' }).warnings).toEqual([
      'PROXMOX_AUDIT_READS has no effect without PROXMOX_AUDIT_FILE',
    ]);
    expect(messages({ PROXMOX_AUDIT_REQUIRED: 'false' })).toEqual({ faults: [], warnings: [] });
  });
});
