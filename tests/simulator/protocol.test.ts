import { Agent } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { send } from './request.js';

let simulator: Simulator;
let production: SimulatedCluster;
let staging: SimulatedCluster;

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
  production = simulator.cluster('production');
  staging = simulator.cluster('staging');
});

afterAll(() => simulator.close());

describe('replies', () => {
  test('come as JSON from the daemon', async () => {
    const answer = await send(production, '/version');
    expect(answer).toMatchObject({ status: 200, reason: 'OK', data: { version: '9.2.3', release: '9.2' } });
    expect(answer.headers).toMatchObject({
      server: 'pve-api-daemon/3.0',
      'content-type': 'application/json;charset=UTF-8',
    });
    expect((await send(staging, '/version')).data).toMatchObject({ version: '8.4.5', release: '8.4' });
  });

  test('carry an error in the reason phrase and in the body, and close the connection', async () => {
    const agent = new Agent({ keepAlive: true });
    const options = { agent, ca: production.caPem };
    const good = await send(production, '/version', { options });
    const bad = await send(production, '/nodes/pve1/qemu/999/config', { options });
    agent.destroy();
    expect(good.headers.connection).toBe('keep-alive');
    const text = "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist";
    expect(bad).toMatchObject({ status: 500, reason: text, body: { data: null, message: `${text}\n` } });
    expect(bad.headers.connection).toBe('close');
  });

  test('name an unknown node, storage and pool', async () => {
    expect((await send(production, '/nodes/nowhere/status')).reason).toBe(
      "hostname lookup 'nowhere' failed - failed to get address info for: nowhere: Name or service not known",
    );
    expect((await send(production, '/nodes/pve1/storage/none/status')).reason).toBe("storage 'none' does not exist");
    expect((await send(production, '/nodes/pve1/storage?storage=none')).body).toMatchObject({
      errors: { storage: 'No such storage.' },
    });
    expect((await send(production, '/pools?poolid=none')).reason).toBe("pool 'none' does not exist");
  });

  test('write reasons as UTF-8', async () => {
    expect((await send(production, '/pools?poolid=n%C3%B6')).status).toBe(400);
    const answer = await send(production, '/n%C3%B6');
    expect(answer.reason).toBe("Method 'GET /nö' not implemented");
  });
});

describe('requests', () => {
  test('are decoded before they are split', async () => {
    expect((await send(production, '/nodes%2Fpve1//status/')).status).toBe(200);
    expect((await send(production, '/version?_dc=1')).status).toBe(200);
  });

  test.each([
    ['GET', '/foo', "Method 'GET /foo' not implemented"],
    ['DELETE', '/nodes/pve1/qemu/100/config', "Method 'DELETE /nodes/pve1/qemu/100/config' not implemented"],
    ['PATCH', '/version', "method 'PATCH' not available"],
    ['OPTIONS', '/version', "method 'OPTIONS' not available"],
  ])('%s %s is 501', async (method, path, reason) => {
    expect(await send(production, path, { method })).toMatchObject({ status: 501, reason });
  });

  test('with a body are refused for GET and DELETE', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await send(production, '/version', { method, body: 'a=1' });
      expect(answer).toMatchObject({ status: 501, reason: `Unexpected content for method '${method}'` });
    }
  });

  test('in chunks, of other types or too large are refused', async () => {
    const chunked = { 'Transfer-Encoding': 'chunked', Authorization: 'x' };
    expect(await send(production, '/version', { method: 'POST', headers: chunked })).toMatchObject({
      status: 501,
      reason: 'chunked transfer encoding not supported',
    });
    const start = '/nodes/pve3/qemu/102/status/start';
    const xml = { method: 'POST', body: '<a/>', headers: { 'Content-Type': 'text/xml' } };
    expect(await send(production, start, xml)).toMatchObject({
      status: 506,
      reason: "upload 'Content-Type 'text/xml' not implemented",
    });
    const large = { method: 'POST', headers: { 'Content-Length': '600000' } };
    expect(await send(production, start, large)).toMatchObject({ status: 501, reason: 'for data too large' });
  });

  test('outside of the API find nothing', async () => {
    expect((await send(production, '/elsewhere', { raw: true })).status).toBe(500);
    expect((await send(production, '/api2/xml/version', { raw: true })).status).toBe(501);
  });

  test('are written down', async () => {
    await send(production, '/nodes/pve1/lxc?x=1');
    expect(production.requests.at(-1)).toMatchObject({
      method: 'GET',
      path: '/nodes/pve1/lxc',
      params: { x: '1' },
      status: 400,
    });
  });
});

describe('parameters', () => {
  async function errors(path: string): Promise<unknown> {
    const answer = await send(production, path);
    expect(answer).toMatchObject({ status: 400, reason: 'Parameter verification failed.' });
    expect(answer.body.message).toBe('Parameter verification failed.\n');
    return answer.body.errors;
  }

  const unknown = 'property is not defined in schema and the schema does not allow additional properties';

  test.each([
    ['/version?foo=1', { foo: unknown }],
    ['/nodes/pve1/rrddata', { timeframe: 'property is missing and it is not optional' }],
    [
      '/nodes/pve1/rrddata?timeframe=minute',
      {
        timeframe: "value 'minute' does not have a value in the enumeration 'hour, day, week, month, year, decade'",
      },
    ],
    ['/nodes/pve1/qemu/abc/config', { vmid: "type check ('integer') failed - got 'abc'" }],
    ['/nodes/pve1/qemu/99/config', { vmid: 'value must have a minimum value of 100' }],
    ['/nodes/pve1/qemu?full=true', { full: "type check ('boolean') failed - got 'true'" }],
    ['/nodes/pve1/tasks?limit=-1', { limit: 'value must have a minimum value of 0' }],
    ['/nodes/pve1/qemu?full=1&full=0', { full: "type check ('boolean') failed - got 'ARRAY'" }],
    ['/pools?type=qemu', { poolid: "missing property required by 'type'" }],
    ['/nodes/pve1/qemu/100/config?snapshot=1', { snapshot: "invalid format - invalid configuration ID '1'\n" }],
    ['/access/permissions?userid=nobody', { userid: 'value does not match the regex pattern' }],
    [
      '/nodes/pve1/qemu/100/config?vmid=101',
      { vmid: 'duplicate parameter (already defined in URI) with conflicting values!' },
    ],
    ['/cluster/nextid?vmid=100', { vmid: 'VM 100 already exists' }],
  ])('%s', async (path, expected) => {
    expect(await errors(path)).toEqual(expected);
  });

  test('of a newer version are unknown to an older one', async () => {
    const start = { method: 'POST', body: 'with-conntrack-state=1' };
    const answer = await send(staging, '/nodes/pve-stg2/qemu/213/status/start', start);
    expect(answer.body.errors).toEqual({ 'with-conntrack-state': unknown });
    expect((await send(staging, '/nodes/pve-stg1/rrddata?timeframe=decade')).status).toBe(400);
  });

  test('may come as JSON or as a form, and property strings are looked into', async () => {
    const path = '/nodes/pve3/qemu/102/status/start';
    const json = { method: 'POST', body: '{"timeout":-1}', headers: { 'Content-Type': 'application/json' } };
    expect((await send(production, path, json)).body.errors).toEqual({
      timeout: 'value must have a minimum value of 0',
    });
    const form = { method: 'POST', body: 'machine=q35,nonsense%3D1' };
    expect((await send(production, path, form)).body.errors).toEqual({
      machine: `invalid format - format error\\nnonsense: ${unknown}\n`,
    });
    const root = { method: 'POST', body: 'skiplock=1' };
    expect((await send(production, path, root)).body.errors).toEqual({ skiplock: 'Only root may use this option.' });
  });
});
