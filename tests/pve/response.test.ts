import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../../src/pve/endpoint.js';
import * as errors from '../../src/pve/errors.js';
import { errorOf, readEnvelope } from '../../src/pve/response.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { clientFor, configFor, configOf, rejectionOf } from './one-cluster.js';
import { startRawServer } from './raw-server.js';

const facts = { cluster: 'production', method: 'GET', path: '/nodes' };
const anything = endpoint('GET /nodes', z.unknown());

describe('an error status', () => {
  it.each([
    [400, 'ParameterError', errors.ParameterError],
    [401, 'UnauthorizedError', errors.UnauthorizedError],
    [403, 'ForbiddenError', errors.ForbiddenError],
    [500, 'ServerError', errors.ServerError],
    [501, 'NotImplementedError', errors.NotImplementedError],
    [595, 'NodeUnreachableError', errors.NodeUnreachableError],
    [596, 'NodeTimeoutError', errors.NodeTimeoutError],
    [599, 'StaleProxyError', errors.StaleProxyError],
    [404, 'ApiError', errors.ApiError],
    [302, 'ApiError', errors.ApiError],
  ] as const)('%i is a %s with its request', (status, name, kind) => {
    const error = errorOf(facts, status, 'the phrase', '{"data":null}');
    expect(error).toBeInstanceOf(kind);
    expect(error).toBeInstanceOf(errors.ApiError);
    expect(error).toMatchObject({ name, status, reason: 'the phrase', ...facts });
    expect(error.message).toBe(`GET /nodes: ${status} the phrase`);
  });

  it.each([
    ['{"data":null,"message":"from the body\\n"}', 'phrase', 'from the body'],
    ['{"data":null,"message":"  "}', 'phrase', 'phrase'],
    ['{"data":null,"message":7}', 'phrase', 'phrase'],
    ['{"data":null}', ' phrase ', 'phrase'],
    ['No route to host', 'phrase', 'phrase'],
    ['', '', 'HTTP status 500 without a reason'],
    ['[1,2]', 'phrase', 'phrase'],
    ['"text"', 'phrase', 'phrase'],
  ])('%s with the phrase %j says %j', (body, phrase, reason) => {
    expect(errorOf(facts, 500, phrase, body).reason).toBe(reason);
  });

  it('400 has the reason of each parameter', () => {
    const body = JSON.stringify({ data: null, errors: { vmid: 'is missing\n', 'net0.bridge': 'no such bridge' } });
    const error = errorOf(facts, 400, 'Parameter verification failed.', body);
    expect(error).toMatchObject({ parameters: { vmid: 'is missing', 'net0.bridge': 'no such bridge' } });
    expect(errorOf(facts, 400, 'no', '{"data":null,"errors":null}')).toMatchObject({ parameters: {} });
    expect(errorOf(facts, 400, 'no', 'not JSON')).toMatchObject({ parameters: {} });
  });

  it.each([
    ['Permission check failed (/vms/100, VM.PowerMgmt)', '/vms/100', ['VM.PowerMgmt']],
    ['Permission check failed (/, Sys.Modify)', '/', ['Sys.Modify']],
    [
      'Permission check failed (/storage/nfs-1, Datastore.Audit|Datastore.AllocateSpace)',
      '/storage/nfs-1',
      ['Datastore.Audit', 'Datastore.AllocateSpace'],
    ],
    ['Permission check failed', undefined, []],
    ["Permission check failed (URI '/x' not available with API token, need proper ticket.)", undefined, []],
  ])('403 %j names its path and privileges', (reason, aclPath, privileges) => {
    const error = errorOf(facts, 403, reason, '');
    expect(error).toBeInstanceOf(errors.ForbiddenError);
    expect(error).toMatchObject({ aclPath, privileges });
  });
});

describe('a reply with status 200', () => {
  it('keeps the total beside the data, as a number or as a string', () => {
    expect(readEnvelope(facts, '{"data":[1],"total":120}')).toEqual({ data: [1], total: 120 });
    expect(readEnvelope(facts, '{"data":[1],"total":"120"}')).toEqual({ data: [1], total: 120 });
    expect(readEnvelope(facts, '{"data":null}')).toEqual({ data: null });
    expect(readEnvelope(facts, '{"data":1,"total":"many"}')).toEqual({ data: 1 });
  });

  it.each(['', 'null', '[]', '{}', '"x"', '<html></html>', '{"data":', '{"items":[]}'])('%j is no answer', (body) => {
    expect(() => readEnvelope(facts, body)).toThrow(errors.BadAnswerError);
  });
});

describe('from a cluster', () => {
  let simulator: Simulator;

  beforeAll(async () => {
    simulator = await startSimulator({ world: 'multi', authDelayMs: 10 });
  });
  afterEach(() => {
    for (const cluster of simulator.clusters) cluster.setFault(undefined);
  });
  afterAll(() => simulator.close());

  const missing = endpoint('GET /nodes/{node}/qemu/{vmid}/config', z.unknown());
  const start = endpoint('POST /nodes/{node}/qemu/{vmid}/status/start', z.string());

  it.each([
    ['production', '9.2', 'pve1'],
    ['staging', '8.4', 'pve-stg1'],
  ])('%s (%s), the server’s own words come with a 500', async (name, _, node) => {
    const client = clientFor(configFor(simulator.cluster(name)));
    const error = await rejectionOf(client.send(missing, { node, vmid: 999 }), errors.ServerError);
    expect(error).toMatchObject({ cluster: name, status: 500, method: 'GET', path: `/nodes/${node}/qemu/999/config` });
    expect(error.reason).toBe(`Configuration file 'nodes/${node}/qemu-server/999.conf' does not exist`);
    await client.close();
  });

  it.each([
    ['production', 'Authentication failed!'],
    ['staging', 'invalid token value!'],
  ])('%s, a wrong secret is a 401 with %j', async (name, reason) => {
    const client = clientFor(configFor(simulator.cluster(name), { tokenSecret: 'wrong' }));
    const error = await rejectionOf(client.send(anything, {}), errors.UnauthorizedError);
    expect(error).toMatchObject({ status: 401, reason });
    await client.close();
  });

  it('an unknown parameter is a 400 that names it', async () => {
    const client = clientFor(configFor(simulator.cluster('production')));
    const error = await rejectionOf(client.send(anything, {}, { colour: 'blue' }), errors.ParameterError);
    expect(error.reason).toBe('Parameter verification failed.');
    expect(error.parameters.colour).toMatch(/^property is not defined in schema/);
    await client.close();
  });

  it('a missing privilege is a 403 that names path and privilege', async () => {
    const cluster = simulator.cluster('production');
    const tokenSecret = cluster.addToken('reader@pve!mcp', { '/vms': ['VM.Audit'] });
    const client = clientFor(configFor(cluster, { tokenId: 'reader@pve!mcp', tokenSecret }));
    const error = await rejectionOf(client.send(start, { node: 'pve1', vmid: 100 }), errors.ForbiddenError);
    expect(error).toMatchObject({ aclPath: '/vms/100', privileges: ['VM.PowerMgmt'], status: 403 });
    await client.close();
  });

  it('an unknown path is a 501', async () => {
    const client = clientFor(configFor(simulator.cluster('production')));
    const nowhere = endpoint('GET /no/such/path', z.unknown());
    const error = await rejectionOf(client.send(nowhere, {}), errors.NotImplementedError);
    expect(error.reason).toBe("Method 'GET /no/such/path' not implemented");
    await client.close();
  });

  it.each([
    [595, errors.NodeUnreachableError, 'No route to host'],
    [596, errors.NodeTimeoutError, 'Connection timed out'],
    [599, errors.StaleProxyError, 'Too many redirections'],
  ] as const)('%i comes without JSON and keeps its phrase', async (status, kind, reason) => {
    const cluster = simulator.cluster('production');
    cluster.setFault({ kind: 'status', status, reason });
    const client = clientFor(configFor(cluster));
    const error = await rejectionOf(client.send(anything, {}), errors.ApiError);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, reason });
    await client.close();
  });

  it('a page of a proxy is a BadAnswerError', async () => {
    const cluster = simulator.cluster('production');
    cluster.setFault({ kind: 'garbage' });
    const client = clientFor(configFor(cluster));
    const error = await rejectionOf(client.send(anything, {}), errors.BadAnswerError);
    expect(error).toMatchObject({ cluster: 'production', path: '/nodes' });
    await client.close();
  });

  it('data of another form is a BadAnswerError that says where', async () => {
    const client = clientFor(configFor(simulator.cluster('production')));
    const odd = endpoint('GET /nodes', z.array(z.object({ node: z.number() })));
    const error = await rejectionOf(client.send(odd, {}), errors.BadAnswerError);
    expect(error.reason).toMatch(/at 0\.node: /);
    await client.close();
  });
});

describe('from a server up to 8.3, whose body has no message', () => {
  it.each(['storage is offline', 'Gerät /dev/sdß fehlt'])('the phrase %j is the reason', async (phrase) => {
    const server = await startRawServer((response) => {
      response.writeHead(500, Buffer.from(phrase, 'utf8').toString('latin1')).end('{"data":null}');
    });
    const client = clientFor(configOf(server.url));
    const error = await rejectionOf(client.send(anything, {}), errors.ServerError);
    expect(error.reason).toBe(phrase);
    await client.close();
    await server.close();
  });
});
