import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/client/describe-error.js';
import { InvalidArgumentsError } from '../../src/client/input.js';
import { BusyError } from '../../src/client/places.js';
import * as clusters from '../../src/clusters/errors.js';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import * as pve from '../../src/pve/errors.js';
import { type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { Refused } from '../../src/tools/refused.js';
import { registryOf, tokenEnv } from '../clusters/simulated.js';
import { rejection } from '../pve/one-cluster.js';
import { execute, stopVm } from './library.js';

const facts = { cluster: 'production', method: 'POST', path: '/nodes/pve1/qemu/100/status/stop' };
const address = 'https://pve1:8006';
const refusedConnection = new pve.ConnectionError(facts, address, 'ECONNREFUSED', false, 'refused');
const location = { cluster: 'west', node: 'pve1', type: 'qemu', vmid: 100, name: 'web' } as const;
const forbidden = (reason: string) => new pve.ForbiddenError(facts, reason);

const table: [string, unknown, string, RegExp][] = [
  [
    'too many calls',
    new BusyError(undefined, { underWay: 256, most: 256, isWait: false }),
    'BUSY',
    /Let some of them end, or cancel them, then call again\.$/,
  ],
  [
    'too many waits on a cluster',
    new BusyError('production', { underWay: 48, most: 48, isWait: true }),
    'BUSY',
    /Reads go through meanwhile\. Other clusters are not affected\.$/,
  ],
  ['no connection', refusedConnection, 'CLUSTER_UNREACHABLE', /node is up/],
  [
    'a cluster without connection',
    new clusters.ClusterConnectionError(refusedConnection),
    'CLUSTER_UNREACHABLE',
    /node is up/,
  ],
  ['no answer', new pve.AnswerTimeoutError(facts, address, 40), 'CLUSTER_TIMEOUT', /later/],
  [
    'a certificate',
    new pve.CertificateError(facts, address, 'FINGERPRINT_MISMATCH', 'AB:CD'),
    'CERTIFICATE_REFUSED',
    /set \.\.\._FINGERPRINT of cluster 'production' to/,
  ],
  ['something else than Proxmox', new pve.BadAnswerError(facts, 'no JSON'), 'BAD_ANSWER', /API URL/],
  ['400', new pve.ParameterError(facts, 'no', { vmid: 'missing' }), 'PARAMETERS_REFUSED', /Correct/],
  ['401', new pve.UnauthorizedError(facts, 'no ticket'), 'TOKEN_REFUSED', /token ID/],
  ['403', forbidden('Permission check failed (/vms/100, VM.PowerMgmt)'), 'PRIVILEGE_MISSING', /grant it/],
  ['403 without words', forbidden('Permission check failed'), 'PRIVILEGE_MISSING', /doctor/],
  ['500', new pve.ServerError(facts, 'VM is locked'), 'PROXMOX_ERROR', /proxmox_says/],
  ['501', new pve.NotImplementedError(facts, 'not implemented'), 'NOT_SUPPORTED', /proxmox-cluster-status/],
  ['595', new pve.NodeUnreachableError(facts, 'No route to host'), 'NODE_UNREACHABLE', /proxmox-list-nodes/],
  ['596', new pve.NodeTimeoutError(facts, 'timed out'), 'NODE_TIMEOUT', /proxmox-list-tasks/],
  ['599', new pve.StaleProxyError(facts, 'redirections'), 'NODE_TIMEOUT', /proxmox-list-tasks/],
  ['another status', new pve.ApiError(facts, 418, 'teapot'), 'PROXMOX_ERROR', /proxmox_says/],
  ['a path value', new pve.PathValueError('node', 'it may hold no slash'), 'INVALID_ARGUMENTS', /another 'node'/],
  [
    'a file that changes',
    new pve.UploadSourceError('x.iso', 'its size changed'),
    'FILE_UNREADABLE',
    /nothing else changes/,
  ],
  ['arguments', new InvalidArgumentsError('t', [{ argument: 'vmid', message: 'no' }]), 'INVALID_ARGUMENTS', /Correct/],
  [
    'no such cluster',
    new clusters.ClusterNotFoundError('prod', ['production'], 'production'),
    'CLUSTER_NOT_FOUND',
    /Did you mean 'production'\?/,
  ],
  [
    'no such cluster, none near',
    new clusters.ClusterNotFoundError('x', ['production'], undefined),
    'CLUSTER_NOT_FOUND',
    /known/,
  ],
  [
    'two clusters',
    new clusters.AmbiguousClusterSelectionError('a', ['a', 'b'], 'two', ['c']),
    'AMBIGUOUS_CLUSTER',
    /'cluster'/,
  ],
  ['no such guest', new clusters.GuestNotFoundError('a', { vmid: 1 }, 'vm'), 'GUEST_NOT_FOUND', /proxmox-find-guest/],
  [
    'a guest elsewhere',
    new clusters.GuestNotFoundError('a', { vmid: 100 }, 'vm', [location]),
    'GUEST_NOT_FOUND',
    /cluster 'west'/,
  ],
  [
    'a guest of the other kind',
    new clusters.GuestNotFoundError('west', { vmid: 100 }, 'lxc', [location]),
    'GUEST_NOT_FOUND',
    /It is a VM.*proxmox-vm-info/,
  ],
  [
    'a guest of the other kind elsewhere',
    new clusters.GuestNotFoundError('east', { name: 'web' }, 'lxc', [location]),
    'GUEST_NOT_FOUND',
    /It is a VM.*with cluster 'west'/,
  ],
  [
    'the VMID of one guest and the name of another',
    new clusters.GuestNotFoundError('east', { vmid: 100, name: 'db' }, 'vm', [location]),
    'GUEST_NOT_FOUND',
    /Only the VMID is that of a guest/,
  ],
  ['an impossible request', new Refused('It runs', 'Stop it.'), 'REFUSED', /Stop it/],
  ['a task that was never seen', new pve.TaskUnseenError('UPID:x', 45), 'TASK_NOT_SEEN', /cluster-health/],
  ['two guests', new clusters.AmbiguousGuestError('a', { name: 'web' }, [location]), 'AMBIGUOUS_GUEST', /'vmid'/],
  ['no such node', new clusters.PlaceNotFoundError('a', 'node', 'x', ['pve1']), 'NODE_NOT_FOUND', /'node'/],
  [
    'no storage named',
    new clusters.PlaceNotFoundError('a', 'storage', undefined, ['nfs']),
    'STORAGE_NOT_FOUND',
    /'storage'/,
  ],
  ['something about a cluster', new clusters.ClusterError('a', 'guest 1 is on node x'), 'CLUSTER_ERROR', /Correct/],
  [
    'no configuration',
    new ConfigurationError([{ variable: 'PROXMOX_API_URL', message: 'is missing' }]),
    'NOT_CONFIGURED',
    /doctor/,
  ],
  ['an abort', new DOMException('aborted', 'AbortError'), 'CANCELLED', /proxmox-list-tasks/],
  ['a bug', new TypeError('x is not a function at secret-stuff'), 'INTERNAL_ERROR', /log/],
  ['no error at all', 'a string', 'INTERNAL_ERROR', /log/],
];

describe('an error in words', () => {
  it.each(table)('%s: a code, a sentence and what to do next', (_, error, code, next) => {
    const text = describeError(error, () => 'mcp@pve!main');
    expect(text.code).toBe(code);
    expect(text.next).toMatch(next);
    expect(text.message).toMatch(/\S.*\.$/);
    expect(text.next).not.toBe('');
  });

  it('has the cluster, the request and the server’s words as facts', () => {
    expect(describeError(new pve.ServerError(facts, 'VM is locked (backup)'))).toMatchObject({
      cluster: 'production',
      request: 'POST /nodes/pve1/qemu/100/status/stop',
      status: 500,
      proxmox_says: 'VM is locked (backup)',
    });
    expect(describeError(refusedConnection)).toMatchObject({ cluster: 'production', address, reason: 'ECONNREFUSED' });
  });

  it('of a 400 names the parameters', () => {
    const error = new pve.ParameterError(facts, 'Parameter verification failed.', { vmid: 'invalid' });
    expect(describeError(error)).toMatchObject({ parameters: { vmid: 'invalid' } });
  });

  it('of a 403 names privilege, path and the line that grants it', () => {
    const error = forbidden('Permission check failed (/storage/nfs, Datastore.Audit|Datastore.AllocateSpace)');
    const text = describeError(error, (name) => (name === 'production' ? 'mcp@pve!main' : undefined));
    expect(text.message).toBe(
      "The token of cluster 'production' lacks Datastore.Audit or Datastore.AllocateSpace on /storage/nfs.",
    );
    expect(text.next).toContain("pveum acl modify /storage/nfs --tokens 'mcp@pve!main' --roles PVEAuditor");
    expect(describeError(error).next).toBe('Tell the user to grant it.');
  });

  it('of a certificate has the fingerprint that was seen, and the variable of a single cluster', () => {
    const single = new pve.CertificateError({ ...facts, cluster: 'default' }, address, 'X', 'AB:CD');
    expect(describeError(single)).toMatchObject({
      fingerprint_seen: 'AB:CD',
      next: expect.stringContaining("set ..._FINGERPRINT of cluster 'default' to"),
    });
  });

  it('of a guest tells where it is and who was not asked', () => {
    const error = new clusters.GuestNotFoundError('east', { vmid: 100 }, 'vm', [location], ['north']);
    expect(describeError(error)).toMatchObject({ asked: { vmid: 100 }, found: [location], not_asked: ['north'] });
  });

  it('of a bug tells its name and none of its words', () => {
    const text = describeError(new TypeError('cannot read PVEAPIToken=abc'));
    expect(JSON.stringify(text)).toContain('TypeError');
    expect(JSON.stringify(text)).not.toContain('PVEAPIToken');
  });
});

describe('whatever goes wrong with a cluster', () => {
  type Prepare = (world: Simulator) => Record<string, string>;
  const fault =
    (...[kind, scope]: Parameters<SimulatedCluster['setFault']>): Prepare =>
    (world) => {
      world.cluster('production').setFault(kind, scope);
      return {};
    };
  const withToken =
    (acl: Record<string, string[]>): Prepare =>
    (world) =>
      tokenEnv('production', 'reader@pve!mcp', world.cluster('production').addToken('reader@pve!mcp', acl));

  it.each<[string, Prepare]>([
    ['CLUSTER_UNREACHABLE', fault({ kind: 'unreachable' })],
    ['CLUSTER_UNREACHABLE', fault({ kind: 'reset' })],
    ['CERTIFICATE_REFUSED', fault({ kind: 'certificate' })],
    ['BAD_ANSWER', fault({ kind: 'garbage' })],
    ['PROXMOX_ERROR', fault({ kind: 'no-quorum' })],
    ['NODE_UNREACHABLE', fault({ kind: 'unreachable' }, { node: 'pve2' })],
    ['TOKEN_REFUSED', () => tokenEnv('production', 'mcp@pve!main', '22222222-3333-4444-5555-666666666666')],
    ['PRIVILEGE_MISSING', withToken({ '/vms': ['VM.Audit'] })],
  ])('%s has no secret in its text', async (code, prepare) => {
    const simulator = await startSimulator({ world: 'multi', authDelayMs: 10 });
    const env = prepare(simulator);
    const registry = registryOf(simulator, env);
    const { tokenSecret } = registry.getClusterConfig('production');
    const error = await rejection(execute(registry, stopVm, { cluster: 'production', vmid: 101, confirm: true }));
    await registry.close();
    await simulator.close();
    const text = describeError(error, () => 'mcp@pve!main');
    expect(text.code).toBe(code);
    expect(tokenSecret).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(text) + String(error)).not.toContain(tokenSecret);
  });
});
