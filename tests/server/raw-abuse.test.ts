import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Message, RawServer } from '../support/raw-server.js';

let simulator: Simulator;
let server: RawServer;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
afterEach(() => {
  server.child.kill('SIGKILL');
});

async function start(): Promise<RawServer> {
  server = new RawServer({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  await server.initialize();
  return server;
}

/** It still answers, has written nothing but messages, and has told of no fault of its own. */
async function isWell(running: RawServer): Promise<void> {
  running.callTool(4711, 'proxmox-list-nodes', { cluster: 'staging' });
  expect((await running.answer(4711)).result.isError).toBeUndefined();
  expect(running.noise).toEqual([]);
  expect(running.stderr).not.toContain('unforeseen');
}

const errors = (running: RawServer): Message[] =>
  running.messages.filter(({ id, error }) => id === undefined && error !== undefined);

const refused = async (running: RawServer, id: number | string) =>
  (await running.until(() => running.messages.find((message) => message.id === id))).error;

describe('a client that does not keep to the protocol', () => {
  it.each([
    ['what is no JSON', 'this is no JSON', -32_700, 'not JSON'],
    ['half of a message', '{"jsonrpc":"2.0","id":1', -32_700, 'not JSON'],
    ['NaN', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":NaN}}', -32_700, 'not JSON'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]', -32_600, 'no batches: a message a line'],
    ['no id but null', '{"jsonrpc":"2.0","id":null,"method":"tools/list"}', -32_600, 'an id is text or a whole number'],
    ['an object as id', '{"jsonrpc":"2.0","id":{},"method":"tools/list"}', -32_600, 'an id is text or a whole number'],
    ['half an id', '{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}', -32_600, 'an id is text or a whole number'],
    [
      'an id of 1e308',
      '{"jsonrpc":"2.0","id":1e308,"method":"tools/list"}',
      -32_600,
      'an id is text or a whole number',
    ],
  ])('is answered for %s', async (_, line, code, message) => {
    const running = await start();
    running.send(line);
    await running.until(() => errors(running)[0]);
    await isWell(running);
    expect(errors(running)).toEqual([{ jsonrpc: '2.0', error: { code, message } }]);
  });

  it.each([
    ['parameters in a list', { method: 'tools/call', params: [1] }, 'not the params of tools/call'],
    ['a method that is no text', { method: 5 }, 'not a request of JSON-RPC 2.0'],
    ['another version of JSON-RPC', { jsonrpc: '1.0', method: 'tools/list' }, 'not a request of JSON-RPC 2.0'],
    [
      'a progress token that is an object',
      { method: 'tools/call', params: { name: 'x', _meta: { progressToken: {} } } },
      'not the params of tools/call',
    ],
    [
      'a progress token that is no whole number',
      { method: 'tools/list', params: { _meta: { progressToken: 0.5 } } },
      'not the params of tools/list',
    ],
  ])('is answered by its id for %s', async (_, request, why) => {
    const running = await start();
    running.send(JSON.stringify({ jsonrpc: '2.0', id: 'odd-1', ...request }));
    const said = (await refused(running, 'odd-1')).message;
    expect(said).toBe(why);
    await isWell(running);
  });

  it.each([
    ['arguments that are no object', { name: 'proxmox-list-nodes', arguments: 'x' }],
    ['no name', {}],
    ['a name that is no text', { name: { toString: 1 } }],
    ['an unknown tool', { name: '__proto__' }],
  ])('is refused for %s', async (_, params) => {
    const running = await start();
    running.send({ id: 7, method: 'tools/call', params });
    expect(await refused(running, 7)).toMatchObject({ code: -32_602 });
    await isWell(running);
  });

  it.each([
    'constructor',
    '__proto__',
    'toString',
    '',
    'tools/call\u0000',
    'rpc.discover',
    'resources/list',
    'tasks/get',
  ])('is told that there is no method %j', async (method) => {
    const running = await start();
    running.send({ id: 8, method });
    expect(await refused(running, 8)).toMatchObject({ code: -32_601 });
    await isWell(running);
  });

  it.each([
    [
      'a line of 20 MB, its id first',
      (pad: string) => `{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"${pad}"}}`,
    ],
    [
      'a line of 20 MB, its id last',
      (pad: string) => `{"method":"tools/call","params":{"name":"${pad}"},"jsonrpc":"2.0","id":9}`,
    ],
  ])('is answered for %s', async (_, write) => {
    const running = await start();
    running.send(write('x'.repeat(20_000_000)));
    expect(await refused(running, 9)).toMatchObject({
      code: -32_600,
      message: expect.stringMatching(/^a message of 20000\d+ bytes: at most 10485760 are read$/),
    });
    await isWell(running);
  });

  it('is answered for a line of 20 MB without an id to be seen', async () => {
    const running = await start();
    running.send('x'.repeat(20_000_000));
    await running.until(() => errors(running)[0]);
    await isWell(running);
  });

  it('gets its answers where a text has ten million characters or lists are ten thousand deep', async () => {
    const running = await start();
    running.callTool(1, 'proxmox-list-nodes', { cluster: 'x'.repeat(10_000_000) });
    expect((await running.answer(1)).result.isError).toBe(true);
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    for (const [id, params] of [
      [2, `{"name":"proxmox-list-nodes","arguments":{"node":${deep}}}`],
      [3, `{"name":"proxmox-list-nodes","arguments":{"more":{"x":${deep}}}}`],
      [4, `{"name":"proxmox-list-nodes","arguments":{},"beside":${deep}}`],
    ] as const)
      running.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`);
    expect((await running.answer(2)).result.isError).toBe(true);
    expect((await running.answer(3)).result.isError).toBe(true);
    expect((await running.answer(4)).result.isError).toBeUndefined();
    running.send(`{"jsonrpc":"2.0","id":5,"method":"tools/list","params":${deep}}`);
    expect(await refused(running, 5)).toMatchObject({ code: -32_602 });
    running.send(`{"jsonrpc":"2.0","id":6,"result":{"x":${deep}}}`);
    await isWell(running);
  });

  it('that gives a key twice is held to the last, as its own parser holds it, in routing and in what is sent', async () => {
    const running = await start();
    running.send(
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"proxmox-list-nodes","arguments":{"cluster":"production","cluster":"staging"}}}',
    );
    const { result } = await running.answer(1);
    expect(result.structuredContent.cluster).toBe('staging');
    await isWell(running);
  });

  it('cannot put keys into every object', async () => {
    const running = await start();
    for (const [id, args] of [
      [1, '{"__proto__":{"cluster":"staging"}}'],
      [2, '{"constructor":{"prototype":{"cluster":"staging"}}}'],
      [3, '{"more":{"__proto__":{"cluster":"staging"}}}'],
    ] as const) {
      running.send(
        `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"proxmox-list-nodes","arguments":${args}}}`,
      );
      const { result } = await running.answer(id);
      expect(result.isError === true || result.structuredContent.cluster === 'production').toBe(true);
    }
    await isWell(running);
  });

  it('is answered before it has said hello', async () => {
    server = new RawServer({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
    server.callTool(1, 'proxmox-list-nodes', { cluster: 'staging' });
    const { result, error } = await server.answer(1);
    expect(result ?? error).toBeDefined();
    await server.initialize();
    await isWell(server);
  });

  it('may cut its lines anywhere, and end them as Windows does', async () => {
    const running = await start();
    const line = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'nö😀' } })}\r\n`;
    for (const byte of Buffer.from(line)) {
      running.child.stdin.write(Buffer.of(byte));
      if (byte > 127) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect((await refused(running, 1)).message).toBe('Unknown tool: nö😀');
    await isWell(running);
  });
});
