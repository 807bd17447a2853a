import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError, ConnectionError, ForbiddenError, ServerError } from '../../src/pve/errors.js';
import { OutcomeUnknownError } from '../../src/pve/lost-reply.js';
import { type ClusterFacts, clusterStops } from '../../src/tools/migration-between/cluster-stops.js';
import { type Ended, judge, sidesInWords } from '../../src/tools/migration-between/outcome.js';
import { mayHaveBegun, startRefusal } from '../../src/tools/migration-between/start-refused.js';

const side = fc.record({
  there: fc.constantFrom(true, false, undefined),
  status: fc.constantFrom('running', 'stopped', 'paused', 'inmigrate'),
  lock: fc.constantFrom(undefined, 'migrate', 'create'),
});

const ended: fc.Arbitrary<Ended> = fc.record({
  type: fc.constantFrom('qemu', 'lxc'),
  vmid: fc.constant(100),
  targetVmid: fc.constant(200),
  cluster: fc.constant('here'),
  targetCluster: fc.constant('there'),
  node: fc.constant('n1'),
  targetNode: fc.constant('n2'),
  wasRunning: fc.boolean(),
  deletes: fc.boolean(),
  state: fc.constantFrom('ok', 'warnings', 'failed', 'unknown'),
  exitstatus: fc.constantFrom('OK', 'migration aborted', 'migration problems', 'unexpected status'),
  source: side,
  target: side,
});

describe('what has become of a guest', () => {
  it('is a success only where the other side was seen whole, and the source as it was asked for', () => {
    fc.assert(
      fc.property(ended, (end) => {
        const { outcome, summary } = judge(end);
        expect(summary).toContain(sidesInWords(end));
        if (outcome !== 'moved') return;
        expect(end.target).toMatchObject({ there: true, lock: undefined });
        expect(['ok', 'warnings']).toContain(end.state);
        if (end.wasRunning) expect(end.target.status).not.toBe('stopped');
        if (end.deletes) expect(end.source.there).toBe(false);
        expect(end.source.there === true && end.source.status !== 'stopped' && end.target.status !== 'stopped').toBe(
          false,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is never told to be deleted at the source, nor where it is the only one', () => {
    fc.assert(
      fc.property(ended, (end) => {
        const { todo } = judge(end);
        for (const line of todo) {
          expect(line).not.toMatch(/(?:destroy|delete guest) 100/i);
          if (/'(?:qm|pct) destroy 200'|delete it with/.test(line)) expect(end.source.there).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('warns where both run', () => {
    fc.assert(
      fc.property(ended, (end) => {
        const both = { ...end, source: { there: true, status: 'running' }, target: { there: true, status: 'running' } };
        expect(judge(both).todo[0]).toMatch(/Both run.*stop one at once/);
      }),
    );
  });
});

describe('two clusters', () => {
  const facts = (cluster: string, version: string, more: Partial<ClusterFacts> = {}): ClusterFacts => ({
    ...{ cluster, version, rows: [{ type: 'node', name: cluster, ip: `10.0.0.${cluster.length}` }] },
    ...more,
  });
  const found = (source: ClusterFacts, target: ClusterFacts, live = false, disks = 1) => {
    const { stops, warnings } = clusterStops({ source, target, live, disks });
    return [...stops.map(({ code }) => `stop ${code}`), ...warnings.map(({ code }) => `warn ${code}`)];
  };

  it.each([
    ['an older target', '9.2.3', '8.4.5', ['warn version']],
    ['a target of before there were moves', '8.4.5', '7.2-3', ['stop version', 'warn version']],
    ['a source of before there were moves', '7.2-3', '8.4.5', ['stop version']],
    ['a target a little older', '9.2.3', '9.2.1', ['warn version']],
    ['a newer target', '8.4.5', '9.2.3', []],
    ['the same', '9.2.3', '9.2.3', []],
  ])('%s', (_, source, target, expected) => {
    expect(found(facts('a', source), facts('bb', target))).toEqual(expected);
  });

  it.each([
    ['an old qemu-server and a running VM', { qemuServer: '8.2.4' }, true, 1, ['stop version_online']],
    ['an old qemu-server and a stopped VM', { qemuServer: '8.2.4' }, false, 1, []],
    ['a newer qemu-server', { qemuServer: '8.2.5' }, true, 1, []],
    ['one that is not known', {}, true, 1, ['warn version_online']],
    ['many disks', { qemuServer: '9.0.22' }, false, 12, ['warn many_disks']],
    ['many disks, and enough time', { qemuServer: '9.0.23' }, false, 12, []],
  ])('%s', (_, more, live, disks, expected) => {
    expect(found(facts('a', '8.2.4', more), facts('bb', '8.2.4'), live, disks)).toEqual(expected);
  });
});

describe('why a move did not begin', () => {
  const request = { cluster: 'here', method: 'POST', path: '/x' };
  const ends = { cluster: 'here', targetCluster: 'far-off', address: '10.0.0.1:8006' };

  it.each([
    [
      "500 Can't connect to 10.0.0.1:8006 (Connection refused)",
      /cannot reach 10\.0\.0\.1:8006/,
      /PROXMOX_CLUSTER_far_off_REMOTE_HOST/,
    ],
    ['500 read timeout', /cannot reach/, /Open the way/],
    [
      "500 Can't connect to 10.0.0.1:8006 (certificate verify failed)",
      /does not accept the certificate/,
      /another host/,
    ],
    ['remote: fingerprint does not match', /does not accept the certificate/, /REMOTE_HOST/],
    ['401 Authentication failed!', /which refused the token/, /has not expired/],
    ['403 Permission check failed (/, Sys.Incoming)', /lacks a privilege/, /Grant/],
    ["can't lock file '/var/lock/x' - got timeout", /'here' refused it/, /Correct/],
    ['VM is locked (backup)', /'here' refused it/, /Correct/],
  ])('%s', (reason, says, todo) => {
    const told = startRefusal(new ServerError(request, reason), ends);
    expect(told).toMatchObject({ proxmox_says: reason });
    expect(told.summary).toMatch(says);
    expect(told.todo[0]).toMatch(todo);
  });

  it('is of the source itself where that lacks a privilege', () => {
    const told = startRefusal(new ForbiddenError(request, 'Permission check failed (/vms/1, VM.Migrate)'), ends);
    expect(told.summary).toContain("'here' refused it");
  });

  it('is not known where the request had left', () => {
    const lost = (sent: boolean) => new ConnectionError(request, 'a', 'ECONNRESET', sent, 'x');
    expect([mayHaveBegun(lost(true)), mayHaveBegun(lost(false))]).toEqual([true, false]);
    expect(mayHaveBegun(new ApiError(request, 400, 'x'))).toBe(false);
    const unknown = new OutcomeUnknownError(lost(true), { found: 'x', look: 'y' });
    expect(mayHaveBegun(unknown)).toBe(true);
  });
});
