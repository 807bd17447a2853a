import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { runCommand } from './run-command.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 10 });
});
afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});
afterAll(() => simulator.close());

/** The report, the exit code, and that both forms of it keep the secrets. */
async function examine(env: Record<string, string | undefined>, args: readonly string[] = []) {
  const [text, json] = await Promise.all([
    runCommand(['doctor', ...args], env),
    runCommand(['doctor', '--json', ...args], env),
  ]);
  expect(text.code).toBe(json.code);
  for (const secret of simulator.clusters.map(({ tokenSecret }) => tokenSecret))
    expect(text.stdout + text.stderr + json.stdout + json.stderr).not.toContain(secret);
  const report = JSON.parse(json.stdout);
  expect(report.exit_code).toBe(json.code);
  const codes: string[] = report.findings.map(({ code }: { code: string }) => code);
  return { code: text.code, text: text.stdout, report, codes };
}

/** The environment with another token for one cluster. */
function withToken(cluster: string, tokenId: string, acl: Record<string, string[]>) {
  const secret = simulator.cluster(cluster).addToken(tokenId, acl);
  const key = `PROXMOX_CLUSTER_${cluster.replaceAll('-', '_')}`;
  return { ...simulator.env(), [`${key}_TOKEN_ID`]: tokenId, [`${key}_TOKEN_SECRET`]: secret };
}

describe('three clusters in good order', () => {
  it('are all told, with exit code 0', async () => {
    const { code, text, report } = await examine(simulator.env());
    expect(code).toBe(0);
    expect(text).toContain('3 clusters, all good.');
    expect(text).toMatch(/^production \* +9\.2\.3 +production +3\/3 +yes +yes +all +31 /m);
    expect(text).toMatch(/^staging +8\.4\.5 +staging +2\/2 +yes +yes +all +18 /m);
    for (const { url, fingerprint } of simulator.clusters) {
      expect(text).toContain(url);
      expect(text).toContain(`SHA-256 ${fingerprint}`);
    }
    expect(report.clusters[0]).toMatchObject({
      name: 'production',
      default: true,
      tls: 'fingerprint',
      token_accepted: true,
      quorate: true,
      nodes: { online: ['pve1', 'pve2', 'pve3'], offline: [] },
      vms: 22,
      containers: 9,
      privileges: { lacking: [], grant: [] },
    });
    expect(report.clusters[0].addresses[0].certificate).toMatchObject({
      fingerprint: simulator.cluster('production').fingerprint,
      trusted_by_system: false,
    });
  });

  it('have the nodes named that REMOTE_HOST knows and they do not', async () => {
    const env = { ...simulator.env(), PROXMOX_CLUSTER_staging_REMOTE_HOST: 'pve-stg1=10.0.0.1,pve9=10.0.0.9' };
    const { code, report } = await examine(env);
    expect(code).toBe(1);
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        code: 'REMOTE_HOST_UNKNOWN',
        cluster: 'staging',
        message: 'its REMOTE_HOST names pve9, and its nodes are pve-stg1, pve-stg2',
      }),
    );
  });

  it('have their rules counted, and what they share', async () => {
    const { text, report } = await examine(simulator.env());
    expect(text).toMatch(/^name +prod- +production +9 +-$/m);
    expect(text).toMatch(/^VMID +900-999 +disaster-recovery +12 +-$/m);
    expect(report.routing.shared_names).toContainEqual({
      key: 'prometheus',
      clusters: ['production', 'staging', 'disaster-recovery'],
    });
    expect(text).toContain('2 names are on more than one cluster');
  });
});

it('leaves the others alone when a cluster is down', async () => {
  simulator.cluster('staging').setFault({ kind: 'unreachable' });
  const { code, text, report } = await examine(simulator.env());
  expect(code).toBe(1);
  expect(text).toMatch(/^staging +no answer/m);
  expect(text).toMatch(/^error {4}Cluster 'staging' cannot be reached \(https:.*ECONNREFUSED\)$/m);
  expect(text).toContain('-> Other clusters are not affected.');
  expect(report.findings[0]).toMatchObject({ severity: 'error', cluster: 'staging', code: 'CLUSTER_UNREACHABLE' });
  expect(report.clusters.map(({ reachable }: { reachable: boolean }) => reachable)).toEqual([true, false, true]);
});

describe('the token', () => {
  it('is refused, and what to check is said', async () => {
    const env = { ...simulator.env(), PROXMOX_CLUSTER_staging_TOKEN_SECRET: '00000000-0000-0000-0000-000000000000' };
    const { code, report, codes } = await examine(env);
    expect(code).toBe(1);
    expect(codes).toContain('TOKEN_REFUSED');
    expect(report.clusters[1]).toMatchObject({ reachable: true, token_accepted: false });
  });

  it.each([
    ['production', ['proxmox-list-backups'], []],
    ['staging', ['proxmox-list-backups', 'proxmox-vm-info'], ['VM.Monitor']],
  ])(
    'of an auditor lacks little on %s, and the role that brings just that is told',
    async (cluster, tools, optional) => {
      const { code, text, report, codes } = await examine(
        withToken(cluster, 'auditor@pve!mcp', { '/': ['PVEAuditor'] }),
      );
      const { privileges } = report.clusters.find(({ name }: { name: string }) => name === cluster);
      const lacking = new Set(privileges.lacking.flatMap((one: { tools: string[] }) => one.tools));
      expect(code).toBe(1);
      expect([...lacking].sort()).toEqual(tools);
      expect(privileges.grant).toEqual([
        "pveum role add MCPReader --privs 'Datastore.AllocateSpace,VM.Backup'",
        "pveum acl modify / --users 'auditor@pve' --tokens 'auditor@pve!mcp' --roles MCPReader",
      ]);
      expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain(`\n${privileges.grant[0]}\n`);
      for (const command of privileges.grant) expect(text).toContain(command);
      const notNeeded = privileges.lacking.filter((one: { optional: boolean }) => one.optional);
      expect(notNeeded.flatMap((one: { any_of: string[] }) => one.any_of)).toEqual(optional);
      expect(codes.includes('PRIVILEGE_OPTIONAL')).toBe(optional.length > 0);
    },
  );

  it('of an auditor is whole with the role that the README names, on 8 with a note for what the agent would tell', async () => {
    const roles = ['PVEAuditor', 'Datastore.AllocateSpace', 'VM.Backup'];
    const newer = await examine(withToken('production', 'reader@pve!mcp', { '/': roles }));
    expect([newer.code, newer.codes]).toEqual([0, expect.not.arrayContaining(['PRIVILEGE_OPTIONAL'])]);
    const older = await examine(withToken('staging', 'reader@pve!mcp', { '/': roles }));
    expect([older.code, older.codes]).toEqual([0, expect.arrayContaining(['PRIVILEGE_OPTIONAL'])]);
    expect(older.text).toMatch(/^note .*the token lacks VM\.Monitor on \/vms, .*proxmox-vm-info$/m);
    const monitor = await examine(withToken('staging', 'reader@pve!mcp', { '/': [...roles, 'VM.Monitor'] }));
    expect([monitor.code, monitor.codes]).toEqual([0, expect.not.arrayContaining(['PRIVILEGE_OPTIONAL'])]);
  });

  it('without any right gets the auditor and that role, and no other', async () => {
    const { report } = await examine(withToken('production', 'nobody@pve!mcp', {}));
    expect(report.clusters[0].privileges.grant).toEqual([
      "pveum role add MCPReader --privs 'Datastore.AllocateSpace,VM.Backup'",
      "pveum acl modify / --users 'nobody@pve' --tokens 'nobody@pve!mcp' --roles PVEAuditor,MCPReader",
    ]);
  });

  it('that sees a part is told so, without a command for that part', async () => {
    const { report, codes } = await examine(withToken('production', 'web@pve!mcp', { '/pool/web': ['PVEVMUser'] }));
    expect(codes).toContain('PRIVILEGE_IN_PART');
    const parts = report.clusters[0].privileges.lacking.filter(({ held }: { held: string }) => held === 'part');
    expect(parts).toContainEqual(expect.objectContaining({ any_of: ['VM.Audit'], path: '/vms' }));
  });
});

it('without quorum and with a node down says what the tools say', async () => {
  simulator.cluster('production').setFault({ kind: 'unreachable' }, { node: 'pve3' });
  simulator.cluster('production').setFault({ kind: 'no-quorum' });
  const { code, report } = await examine(simulator.env());
  expect(code).toBe(1);
  const told = report.findings.filter(({ code: one }: { code: string }) => /QUORUM|OFFLINE/.test(one));
  expect(told).toMatchObject([
    {
      severity: 'error',
      cluster: 'production',
      code: 'NO_QUORUM',
      message: expect.stringMatching(/no quorum.*write$/),
    },
    { severity: 'warning', code: 'NODES_OFFLINE', message: 'Offline: pve3', next: expect.any(String) },
  ]);
});

describe('the certificate', () => {
  it('that is another one is refused, and the one to pin is told', async () => {
    const env = { ...simulator.env(), PROXMOX_CLUSTER_staging_FINGERPRINT: 'AA:'.repeat(31).concat('AA') };
    const { code, text } = await examine(env);
    expect(code).toBe(1);
    expect(text).toContain('pinned, DOES NOT MATCH');
    expect(text).toContain(`set PROXMOX_CLUSTER_staging_FINGERPRINT=${simulator.cluster('staging').fingerprint}`);
  });

  it('of an authority of its own is checked against its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-doctor-'));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, simulator.cluster('staging').caPem ?? '');
    const { PROXMOX_CLUSTER_staging_FINGERPRINT: _, ...env } = simulator.env();
    const good = await examine({ ...env, PROXMOX_CLUSTER_staging_CA_FILE: file });
    expect(good.code).toBe(0);
    const missing = await examine({ ...env, PROXMOX_CLUSTER_staging_CA_FILE: join(folder, 'no.pem') });
    expect(missing.code).toBe(1);
    expect(missing.text).toContain('no.pem');
  });

  it('that is not checked is warned about', async () => {
    const { PROXMOX_CLUSTER_staging_FINGERPRINT: _, ...env } = simulator.env();
    const { code, codes } = await examine({ ...env, PROXMOX_CLUSTER_staging_VERIFY: 'false' });
    expect(code).toBe(1);
    expect(codes).toEqual(expect.arrayContaining(['CONFIGURATION', 'CERTIFICATE_NOT_CHECKED']));
  });
});

describe('the routing', () => {
  it('that leads elsewhere than the guests sit is warned about', async () => {
    const env = { ...simulator.env(), PROXMOX_CLUSTER_PATTERNS: 'prod-:production,stg-:production,none-:staging' };
    const { code, text, codes } = await examine(env);
    expect(code).toBe(1);
    expect(text).toMatch(/^name +stg- +production +6 +6 on staging$/m);
    expect(text).toContain('the pattern stg- leads to production, and fits 6 guests of staging: stg-web-1 (200)');
    expect(codes).toEqual(expect.arrayContaining(['MISPLACED_GUESTS', 'IDLE_RULES']));
  });

  it('shows names without what steers a terminal', async () => {
    const guest = simulator.cluster('staging').state.guests.find(({ vmid }) => vmid === 212);
    if (guest !== undefined) guest.config.name = 'prod-\u001b[31mred\u202e';
    const { text } = await examine(simulator.env());
    expect(text).toContain('prod-?31mred? (212)');
    for (const unseen of ['\u001b', '\u202e']) expect(text).not.toContain(unseen);
    if (guest !== undefined) guest.config.name = 'k8s-stg-2';
  });
});

describe('clusters that are not what they seem', () => {
  it('are one under two names', async () => {
    const { url, tokenId, tokenSecret, fingerprint } = simulator.cluster('production');
    const env = {
      ...simulator.env(),
      PROXMOX_CLUSTERS: 'production,staging,disaster-recovery,again',
      PROXMOX_CLUSTER_again_API_URL: url.replace('127.0.0.1', 'localhost'),
      PROXMOX_CLUSTER_again_TOKEN_ID: tokenId,
      PROXMOX_CLUSTER_again_TOKEN_SECRET: tokenSecret,
      PROXMOX_CLUSTER_again_FINGERPRINT: fingerprint,
    };
    const { code, text, codes } = await examine(env);
    expect(code).toBe(1);
    expect(codes).toContain('SAME_CLUSTER');
    expect(text).toContain('production and again are one cluster');
  });

  it('are two under one name', async () => {
    const [one, other] = [simulator.cluster('production'), simulator.cluster('disaster-recovery')];
    const token = other.state.users.find(({ userid }) => userid === 'mcp@pve')?.tokens[0];
    if (token !== undefined) token.secret = one.tokenSecret;
    const env = {
      PROXMOX_API_URL: `${one.url},${other.url}`,
      PROXMOX_TOKEN_ID: one.tokenId,
      PROXMOX_TOKEN_SECRET: one.tokenSecret,
      PROXMOX_FINGERPRINT: one.fingerprint,
    };
    const { code, codes } = await examine(env);
    if (token !== undefined) token.secret = other.tokenSecret;
    expect(code).toBe(1);
    expect(codes).toContain('ADDRESSES_DIFFER');
  });

  it('answer at one of their addresses only', async () => {
    const { url } = simulator.cluster('staging');
    const env = { ...simulator.env(), PROXMOX_CLUSTER_staging_API_URL: `https://127.0.0.1:1,${url}` };
    const { code, report } = await examine(env);
    expect(code).toBe(1);
    expect(report.findings[0]).toMatchObject({ severity: 'warning', code: 'CLUSTER_UNREACHABLE', cluster: 'staging' });
    expect(report.clusters[1]).toMatchObject({ reachable: true, version: '8.4.5' });
  });
});

describe('settings', () => {
  it('that are not there are exit code 2, with what would be right and where it was looked for', async () => {
    const { code, text, report } = await examine({});
    expect(code).toBe(2);
    expect(text).toContain('PROXMOX_CLUSTERS is not set');
    expect(text).toContain('/nonexistent/.config/proxmox-mcp/.env');
    expect(report.configuration.faults).toHaveLength(1);
  });

  it('that are wrong keep the secret', async () => {
    const [secret] = simulator.clusters.map(({ tokenSecret }) => tokenSecret);
    const { code, report } = await examine({ PROXMOX_API_URL: 'https://x', PROXMOX_TOKEN_ID: `a@pve!b=${secret}` });
    expect(code).toBe(2);
    expect(report.configuration.faults.length).toBeGreaterThan(0);
  });

  it('come from the file that is named', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-doctor-')), 'settings.env');
    const lines = Object.entries(simulator.env()).map(([name, value]) => `${name}=${value}`);
    writeFileSync(file, lines.join('\n'), { mode: 0o600 });
    const { code, text, report } = await examine({}, ['--env-file', file]);
    expect(code).toBe(0);
    expect(text).toContain(`Settings: ${file}`);
    expect(report.configuration.env_file).toBe(file);
  });
});

it('checks one cluster in the form for one', async () => {
  const one = await startSimulator({ world: 'single' });
  const { code, stdout } = await runCommand(['doctor'], one.env());
  await one.close();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^default \* +9\.2\.3 +stand-alone +1\/1/m);
});
