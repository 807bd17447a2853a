import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissions } from '../../src/pve/discovery.js';
import { grantCommand, holds, holdsSome, mildest, parseNeed, readerCommands } from '../../src/pve/privileges.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { clientFor, configFor, configOf } from './one-cluster.js';
import { startRawServer } from './raw-server.js';

const need = (written: string) => parseNeed(written);

describe('what a tool needs', () => {
  it('is a privilege on a path, or one of several', () => {
    expect(need('VM.Audit on /vms')).toEqual({ anyOf: ['VM.Audit'], path: '/vms' });
    expect(need('Datastore.Audit|Datastore.AllocateSpace on /storage')).toEqual({
      anyOf: ['Datastore.Audit', 'Datastore.AllocateSpace'],
      path: '/storage',
    });
  });
});

describe('a token holds a privilege', () => {
  it.each([
    ['where it stands, though it does not propagate', { '/vms/100': { 'VM.Audit': false } }, '/vms/100', true],
    ['where it stands, and propagates', { '/vms/100': { 'VM.Audit': true } }, '/vms/100', true],
    ['below a path that passes it down', { '/vms': { 'VM.Audit': true } }, '/vms/100', true],
    ['below the root that passes it down', { '/': { 'VM.Audit': true } }, '/vms/100', true],
    ['not below a path that keeps it', { '/vms': { 'VM.Audit': false } }, '/vms/100', false],
    ['not above a path that has it', { '/vms/100': { 'VM.Audit': true } }, '/vms', false],
    ['not on a path that only begins alike', { '/vms/10': { 'VM.Audit': true } }, '/vms/100', false],
    ['not by another privilege', { '/': { 'VM.Console': true } }, '/vms/100', false],
    ['not where nothing is granted', {}, '/', false],
    ['on the root itself', { '/': { 'VM.Audit': false } }, '/', true],
  ])('%s', (_, granted, path, expected) => {
    expect(holds(granted, { anyOf: ['VM.Audit'], path })).toBe(expected);
  });

  it('when it has any of the alternatives', () => {
    expect(holds({ '/': { B: true } }, need('A|B on /x'))).toBe(true);
    expect(holds({ '/': { C: true } }, need('A|B on /x'))).toBe(false);
  });

  it('not where a deeper entry has taken it away', () => {
    // The server has resolved each path that it lists; what stands there replaces what comes from above.
    const granted = { '/': { 'VM.Audit': true, 'VM.PowerMgmt': true }, '/vms': { 'VM.Audit': true } };
    expect(holds(granted, need('VM.PowerMgmt on /vms'))).toBe(false);
    expect(holds(granted, need('VM.PowerMgmt on /vms/100'))).toBe(false);
    expect(holds(granted, need('VM.Audit on /vms/100'))).toBe(true);
  });

  it('of a path above though one between grants something else to itself alone', () => {
    const granted = { '/': { 'VM.Audit': true }, '/vms': { 'VM.Console': false } };
    expect(holds(granted, need('VM.Audit on /vms'))).toBe(false);
    expect(holds(granted, need('VM.Audit on /vms/100'))).toBe(true);
  });

  it('in parts when it has it anywhere below', () => {
    const granted = { '/vms/100': { 'VM.Audit': true } };
    expect(holdsSome(granted, need('VM.Audit on /vms'))).toBe(true);
    expect(holdsSome(granted, need('VM.Audit on /'))).toBe(true);
    expect(holdsSome(granted, need('VM.Audit on /vm'))).toBe(false);
    expect(holdsSome(granted, need('VM.Console on /vms'))).toBe(false);
  });

  it('in parts whenever it holds it', () => {
    const path = fc.constantFrom('/', '/vms', '/vms/100', '/nodes', '/nodes/pve1', '/pool/web');
    const privilege = fc.constantFrom('A', 'B');
    const granted = fc.dictionary(path, fc.dictionary(privilege, fc.boolean(), { noNullPrototype: true }), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(granted, path, privilege, (grants, at, one) => {
        const wanted = { anyOf: [one], path: at };
        if (holds(grants, wanted)) expect(holdsSome(grants, wanted)).toBe(true);
      }),
    );
  });
});

describe('asked of a cluster', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ world: 'single', authDelayMs: 10 });
  });
  afterAll(() => simulator.close());

  const permissionsOf = async (tokenId: string, acl: Record<string, string[]>) => {
    const cluster = simulator.cluster('pve');
    const client = clientFor(configFor(cluster, { tokenId, tokenSecret: cluster.addToken(tokenId, acl) }));
    const { data } = await client.send(permissions, {});
    await client.close();
    return data;
  };

  it('a role of the root reaches every path', async () => {
    const granted = await permissionsOf('a@pve!main', { '/': ['PVEAuditor'] });
    expect(holds(granted, need('VM.Audit on /vms/100'))).toBe(true);
    expect(holds(granted, need('VM.PowerMgmt on /vms/100'))).toBe(false);
  });

  it('a role on one guest reaches that guest only', async () => {
    const granted = await permissionsOf('b@pve!main', { '/vms/100': ['PVEVMUser'] });
    expect(holds(granted, need('VM.PowerMgmt on /vms/100'))).toBe(true);
    expect(holds(granted, need('VM.PowerMgmt on /vms'))).toBe(false);
    expect(holdsSome(granted, need('VM.PowerMgmt on /vms'))).toBe(true);
  });

  it('a lesser role on a deeper path replaces that of the root', async () => {
    const granted = await permissionsOf('c@pve!main', { '/': ['Administrator'], '/vms': ['PVEAuditor'] });
    expect(holds(granted, need('VM.PowerMgmt on /vms'))).toBe(false);
    expect(holds(granted, need('VM.Audit on /vms'))).toBe(true);
    expect(holds(granted, need('Sys.Audit on /nodes'))).toBe(true);
  });

  it('a token without any right holds nothing', async () => {
    const granted = await permissionsOf('d@pve!main', {});
    expect(granted).toEqual({});
    expect(holdsSome(granted, need('VM.Audit on /'))).toBe(false);
  });

  it('an empty Perl hash may come as a list', async () => {
    const server = await startRawServer((response) => response.end('{"data":[]}'));
    const client = clientFor(configOf(server.url));
    expect((await client.send(permissions, {})).data).toEqual({});
    await client.close();
    await server.close();
  });
});

describe('the line that grants what is missing', () => {
  it.each([
    ['VM.Audit', '/vms', 'PVEAuditor'],
    ['Sys.Audit', '/nodes', 'PVEAuditor'],
    ['VM.PowerMgmt', '/vms/100', 'PVEVMUser'],
    ['VM.Config.Disk', '/vms', 'PVEVMAdmin'],
    ['Datastore.AllocateSpace', '/storage/nfs', 'PVEDatastoreUser'],
    ['Datastore.AllocateTemplate', '/storage/nfs', 'PVEDatastoreAdmin'],
    ['Sys.Modify', '/', 'PVESysAdmin'],
    ['SDN.Use', '/sdn', 'PVESDNUser'],
    ['Pool.Allocate', '/pool', 'PVEPoolAdmin'],
    ['Realm.Allocate', '/access', 'Administrator'],
  ])('brings %s on %s by %s', (privilege, path, role) => {
    const user = path === '/' ? " --users 'mcp@pve'" : '';
    expect(grantCommand('mcp@pve!main', path, [privilege])).toBe(
      `pveum acl modify ${path}${user} --tokens 'mcp@pve!main' --roles ${role}`,
    );
  });

  it('names the user on / alone, as an entry of his own further down would replace what he inherits', () => {
    expect(grantCommand('admin@pam!mcp', '/storage', ['Datastore.Audit'])).not.toContain('--users');
    expect(grantCommand('admin@pam!mcp', '/', ['Datastore.Audit'])).toContain("--users 'admin@pam'");
  });

  it('asks for the alternative that only looks', () => {
    expect(mildest(['User.Modify', 'Sys.Audit'])).toEqual(['Sys.Audit']);
    expect(mildest(['VM.Console', 'VM.PowerMgmt'])).toEqual(['VM.Console']);
  });

  it('names a role once', () => {
    expect(grantCommand('mcp@pve!main', '/', ['VM.Audit', 'Sys.Audit', 'VM.Console'])).toMatch(
      / --roles PVEAuditor,PVEVMUser$/,
    );
  });
});

describe('the lines that grant a reader what is missing', () => {
  it('name the auditor alone where he holds it all', () => {
    expect(readerCommands('mcp@pve!main', '/', ['VM.Audit', 'Sys.Audit'])).toEqual([
      grantCommand('mcp@pve!main', '/', ['VM.Audit', 'Sys.Audit']),
    ]);
  });

  it('make a role of exactly the rest', () => {
    expect(
      readerCommands('mcp@pve!main', '/', ['VM.Backup', 'VM.Audit', 'Datastore.AllocateSpace', 'VM.Backup']),
    ).toEqual([
      "pveum role add MCPReader --privs 'Datastore.AllocateSpace,VM.Backup'",
      "pveum acl modify / --users 'mcp@pve' --tokens 'mcp@pve!main' --roles PVEAuditor,MCPReader",
    ]);
  });

  it('make another role for another path', () => {
    expect(readerCommands('mcp@pve!main', '/storage/nfs', ['Datastore.AllocateSpace'])).toEqual([
      "pveum role add MCPReader-storage-nfs --privs 'Datastore.AllocateSpace'",
      "pveum acl modify /storage/nfs --tokens 'mcp@pve!main' --roles MCPReader-storage-nfs",
    ]);
  });
});
