import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAtLeast } from '../../src/pve/node-version.js';
import { type PveVersion, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { showPart } from '../../src/tools/agent/file-part.js';
import { type Session, startSession } from '../support/session.js';

const confirm = true;
const vmid = 100;

describe.each<PveVersion>(['9.2', '8.4'])('files of a VM on %s', (version) => {
  let simulator: Simulator;
  let session: Session;
  let before = 0;

  beforeAll(async () => {
    const began = Date.now();
    simulator = await startSimulator({ version, clock: { now: () => began + (Date.now() - began) * 20 } });
    session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  });
  afterAll(async () => {
    await session.close();
    await simulator.close();
  });

  const cluster = () => simulator.cluster('production');
  const writes = () => cluster().requests.filter(({ method }) => method !== 'GET').length;
  const files = () => cluster().state.guests.find((guest) => guest.vmid === vmid)?.agent?.files ?? {};
  const write = (args: Record<string, unknown>) =>
    session.call('proxmox-guest-file-write', { vmid, file: '/tmp/x', confirm, ...args });
  const read = (args: Record<string, unknown>) => session.call('proxmox-guest-file-read', { vmid, ...args });

  /** A whole file, part by part. */
  async function readAll(file: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const { result }: Record<string, any> = (await read({ file, offset })).data;
      parts.push(Buffer.from(result.content, result.encoding));
      offset = result.next_offset;
    }
    return Buffer.concat(parts);
  }

  beforeEach(() => {
    before = writes();
  });

  it('are written with every character, and read', async () => {
    const content = 'größe – € 🦔\n'.repeat(3);
    const { data, isError } = await write({ content });
    expect(isError).toBe(false);
    expect(data.result).toEqual({ vmid, name: 'prod-web-1', file: '/tmp/x', bytes: Buffer.byteLength(content) });
    expect(writes()).toBe(before + 1);
    const { result } = (await read({ file: '/tmp/x' })).data;
    expect(result).toMatchObject({ content, encoding: 'utf8', offset: 0, bytes: Buffer.byteLength(content) });
    expect(result).not.toHaveProperty('next_offset');
  });

  it('are read in parts that end between characters', async () => {
    await write({ content: '€€€' });
    const first = (await read({ file: '/tmp/x', count: 4 })).data.result;
    expect(first).toMatchObject({ content: '€', bytes: 3, next_offset: 3 });
    const rest = (await read({ file: '/tmp/x', offset: 3 })).data.result;
    expect(rest).toMatchObject({ content: '€€', bytes: 6 });
  });

  it('come as base64 where they are no text, or would steer a terminal', async () => {
    const bytes = Buffer.from([0, 255, 128, 10, 27]);
    await write({ content: bytes.toString('base64'), base64: true });
    expect(Buffer.from(files()['/tmp/x'] ?? [])).toEqual(bytes);
    expect((await read({ file: '/tmp/x' })).data.result).toMatchObject({
      encoding: 'base64',
      content: bytes.toString('base64'),
    });
    await write({ content: 'a\u001b[2Jb' });
    expect((await read({ file: '/tmp/x' })).data.result.encoding).toBe('base64');
  });

  it('of more than one request can carry are put together in the guest, byte for byte', async () => {
    const bytes = randomBytes(150_000);
    const { data, isError } = await write({ content: bytes.toString('base64'), base64: true });
    expect(isError).toBe(false);
    expect(data.result.bytes).toBe(150_000);
    expect(Buffer.from(files()['/tmp/x'] ?? []).equals(bytes)).toBe(true);
    expect(Object.keys(files()).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect((await readAll('/tmp/x')).equals(bytes)).toBe(true);
  });

  it('are as they were when a part fails, and the answer names what is left', async () => {
    await write({ content: 'old' });
    cluster().setFault({ kind: 'status', status: 500, reason: 'got timeout' }, { path: /exec-status/ });
    const { data, isError } = await write({ content: 'n'.repeat(50_000) });
    cluster().setFault(undefined);
    expect(isError).toBe(true);
    expect(data.error.message).toContain('got timeout');
    expect(data.error.done.map(({ path }: { path: string }) => path.split('/').at(-1))).toEqual(['file-write', 'exec']);
    const [part] = Object.keys(files()).filter((name) => name.endsWith('.part'));
    expect(part).toMatch(/^\/tmp\/x\.[0-9a-f-]{36}\.part$/);
    expect(data.error.undo).toEqual([`Delete ${part} in the guest.`]);
    expect(Buffer.from(files()['/tmp/x'] ?? []).toString()).toBe('old');
  });

  it('may be cut by the last step, which the plan and the error say', async () => {
    const content = 'n'.repeat(40_000) + 'm'.repeat(10_000);
    const plan = await write({ content, confirm: false });
    expect(plan.data.plan.notes.join(' ')).toContain('it is cut');
    let looks = 0;
    const lastLook = { test: (path: string) => /exec-status/.test(path) && ++looks > 1 };
    cluster().setFault({ kind: 'status', status: 500, reason: 'got timeout' }, { path: lastLook as RegExp });
    const { data } = await write({ content });
    cluster().setFault(undefined);
    expect(data.error.undo).toHaveLength(2);
    expect(data.error.undo[1]).toContain('may have cut /tmp/x');
  });

  it('are only planned without confirm', async () => {
    const { data } = await write({ content: 'x'.repeat(100_000), confirm: false });
    const paths = data.plan.writes.map(({ path }: { path: string }) => path.split('/').at(-1));
    expect(paths).toEqual(['file-write', 'exec', 'exec', 'exec']);
    const part = data.plan.writes[0].parameters.file;
    expect(part).toMatch(/^\/tmp\/x\..+\.part$/);
    expect(data.plan.writes[0].parameters).toMatchObject({ encode: false });
    expect(data.plan.writes.at(-1).parameters.command).toEqual([
      '/bin/sh',
      '-c',
      'cat "$1" > "$0" && rm -f "$1"',
      '/tmp/x',
      part,
    ]);
    expect(writes()).toBe(before);
  });

  it('of more than one request are refused to Windows', async () => {
    const windows = cluster().state.guests.find(({ config, agent }) => config.ostype === 'win11' && agent);
    const file = 'C:\\temp\\x';
    const { data } = await write({ vmid: windows?.vmid, file, content: 'x'.repeat(50_000) });
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('Windows') });
    expect((await write({ vmid: windows?.vmid, file, content: 'x' })).isError).toBe(false);
  });

  it('need an absolute path and real base64; nothing is sent otherwise', async () => {
    for (const args of [{ file: 'etc/passwd', content: '' }, { content: '%%%', base64: true }, { content: 1 }]) {
      const { data } = await write(args);
      expect(data.error.code).toBe('INVALID_ARGUMENTS');
    }
    expect(writes()).toBe(before);
  });

  it('that are not there, or end before the offset, are errors', async () => {
    const missing = await read({ file: '/no/such' });
    expect(missing.data.error.proxmox_says).toContain('No such file');
    const beyond = await read({ file: '/etc/hostname', offset: 5000 });
    expect(beyond.data.error).toMatchObject({ arguments: [{ argument: 'offset' }] });
  });

  it('of a VM without an agent are not read', async () => {
    const { data } = await read({ vmid: 122, file: '/etc/hostname' });
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('does not answer') });
  });
});

describe('a part of a file', () => {
  it('loses and invents nothing, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.boolean(), (bytes, isEnd) => {
        const shown = showPart(bytes, isEnd);
        expect(Buffer.from(shown.content, shown.encoding)).toEqual(Buffer.from(bytes.subarray(0, shown.bytes)));
        expect(shown.bytes).toBeGreaterThan(0);
        if (isEnd) expect(shown.bytes).toBe(bytes.length);
      }),
    );
  });

  it('of text is text, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 4 }), fc.nat(), (text, at) => {
        const bytes = Buffer.from(`abcd${text.replace(/[^\p{L}\p{N} ]/gu, '')}`);
        const part = bytes.subarray(0, 4 + (at % (bytes.length - 3)));
        expect(showPart(part, false).encoding).toBe('utf8');
      }),
    );
  });

  it('of a version is known by its numbers', () => {
    expect(isAtLeast('9.2.3', '9.2')).toBe(true);
    expect(isAtLeast('10.0', '9.2')).toBe(true);
    expect(isAtLeast('9.10.1', '9.2')).toBe(true);
    expect(isAtLeast('9.1.9', '9.2')).toBe(false);
    expect(isAtLeast('8.4-1', '9.2')).toBe(false);
  });
});
