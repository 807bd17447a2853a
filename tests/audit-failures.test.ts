import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/simulator/listen.js';
import { runCommand } from './cli/run-command.js';
import { eventsOf, linesIn, newAuditFile, writeChain } from './support/audit-file.js';
import { RawServer } from './support/raw-server.js';
import { type Answer, startSession, withServer } from './support/session.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const vmid = 102;
const cluster = 'production';
const writes = () => simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));
const verify = (file: string, ...more: string[]) => runCommand(['audit', 'verify', file, ...more]);

describe('a file that cannot be written', () => {
  const plain = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-audit-')), 'plain');
  writeFileSync(plain, 'notes of someone else\n');
  const unwritable = [
    ['a folder that is none', join(plain, 'audit.jsonl'), /^E(NOTDIR|EXIST)$/],
    ['a file of something else', plain, /^NOT_AN_AUDIT$/],
    ['no plain file', '/dev/full', /^NOT_A_FILE$/],
    ['a folder in its place', tmpdir(), /^EISDIR$/],
    ['a folder that cannot be made', '/proc/x/y/audit.jsonl', /^ENOENT$/],
  ] as const;

  it.each(unwritable)('stops what would change something: %s', async (_, file, reason) => {
    await withServer(simulator, { PROXMOX_AUDIT_FILE: file }, async ({ call }) => {
      const before = writes().length;
      const { data, isError } = await call('proxmox-start-vm', { cluster, vmid });
      expect(isError).toBe(true);
      expect(data.error).toMatchObject({ code: 'AUDIT_UNWRITABLE', variable: 'PROXMOX_AUDIT_FILE', file });
      expect(data.error.reason).toMatch(reason);
      expect(writes().length).toBe(before);
      expect((await call('proxmox-vm-info', { cluster, vmid })).isError).toBe(false);
    });
    expect(readFileSync(plain, 'utf8')).toBe('notes of someone else\n');
  });

  it('is found by the doctor, and so is one that others can read', async () => {
    const doctor = async (file: string) =>
      JSON.parse((await runCommand(['doctor', '--json'], { ...simulator.env(), PROXMOX_AUDIT_FILE: file })).stdout)
        .findings;
    expect(await doctor(plain)).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        code: 'AUDIT_UNWRITABLE',
        message: 'PROXMOX_AUDIT_FILE cannot be written (NOT_AN_AUDIT): nothing can be changed on any cluster',
      }),
    );
    const file = newAuditFile();
    await writeChain(file, ['one']);
    expect(JSON.stringify(await doctor(file))).not.toContain('AUDIT');
    chmodSync(file, 0o640);
    expect(JSON.stringify(await doctor(file))).toContain('read (mode 640): chmod 600 it');
  });

  it('stops nothing where it is not required, and says so in the answer and in the log', async () => {
    const env = { PROXMOX_AUDIT_FILE: plain, PROXMOX_AUDIT_REQUIRED: 'false', PROXMOX_LOG_LEVEL: 'error' };
    await withServer(simulator, env, async ({ call, stderr }) => {
      const before = writes().length;
      const { data, isError } = await call('proxmox-create-snapshot', { cluster, vmid, snapname: 'unaudited' });
      expect(isError).toBe(false);
      expect(writes().length).toBe(before + 1);
      expect(data.notes.join()).toContain('could not be written whole (NOT_AN_AUDIT)');
      simulator.cluster(cluster).setFault({ kind: 'status', status: 500, reason: 'no' }, { method: 'POST' });
      const failing = await call('proxmox-create-snapshot', { cluster, vmid, snapname: 'unaudited2' });
      simulator.cluster(cluster).setFault(undefined);
      expect(failing.isError).toBe(true);
      expect(failing.data.notes.join()).toContain('could not be written whole (NOT_AN_AUDIT)');
      const deadline = Date.now() + 10_000;
      while (!stderr().includes('NOT_AN_AUDIT') && Date.now() < deadline)
        await new Promise((next) => setTimeout(next, 50));
      expect(stderr()).toContain('the audit could not be written');
    });
  });

  it('stops at the very request for which there is no room any more, and the chain stays whole', async () => {
    const file = newAuditFile();
    const session = await startSession({ ...simulator.env(), PROXMOX_AUDIT_FILE: file }, [], undefined, 12);
    const before = writes().length;
    let error: Answer['data'] | undefined;
    for (let count = 0; error?.code !== 'AUDIT_UNWRITABLE' && count < 40; count += 1)
      error = (await session.call('proxmox-set-tags', { cluster, vmid, add: [`t${count}`] })).data.error;
    await session.close();
    expect(error).toMatchObject({ code: 'AUDIT_UNWRITABLE', reason: 'EFBIG', file });
    const sent = linesIn(file).filter(({ event }) => event === 'send').length;
    expect(sent).toBeGreaterThan(1);
    expect(writes().length - before).toBe(sent);
    expect((await verify(file)).code).toBe(0);
  });
});

describe('a server that is killed', () => {
  it('leaves what it began as begun, and the next goes on', async () => {
    const file = newAuditFile();
    const env = { ...simulator.env(), PROXMOX_TOOLSETS: 'all', PROXMOX_AUDIT_FILE: file };
    const server = new RawServer(env);
    await server.initialize();
    simulator.cluster(cluster).setFault({ kind: 'hung' }, { method: 'POST' });
    const before = writes().length;
    server.callTool(1, 'proxmox-create-snapshot', { cluster, vmid, snapname: 'killed' });
    await server.until(() => writes()[before]);
    server.child.kill('SIGKILL');
    await server.exit;
    simulator.cluster(cluster).setFault(undefined);
    expect(eventsOf(linesIn(file))).toEqual(['begin', 'send']);
    const { code, stdout } = await verify(file);
    expect(code).toBe(0);
    expect(stdout).toContain('Begun and not ended (killed, or still under way): line 1 of ');
    expect(stdout).toMatch(
      /proxmox-create-snapshot on production\n {2}POST \/nodes\/\S+\/qemu\/102\/snapshot on production/,
    );
    await withServer(simulator, { PROXMOX_AUDIT_FILE: file }, ({ call }) =>
      call('proxmox-start-vm', { cluster, vmid, dry_run: true }),
    );
    expect(linesIn(file)).toHaveLength(3);
    expect((await verify(file)).code).toBe(0);
    expect((await runCommand(['audit', 'show', file])).stdout).toMatch(/create-snapshot .* no end\b/);
  });

  it('has sent nothing that is not written down, whenever it was killed', async () => {
    const file = newAuditFile();
    const mark = writes().length;
    const rounds = 8;
    for (let round = 0; round < rounds; round += 1) {
      const server = new RawServer({ ...simulator.env(), PROXMOX_TOOLSETS: 'all', PROXMOX_AUDIT_FILE: file });
      await server.initialize();
      const before = writes().length;
      for (let call = 0; call < 12; call += 1)
        server.callTool(call + 1, 'proxmox-set-tags', {
          cluster,
          vmid: call % 2 === 0 ? vmid : 100,
          add: [`t${round}-${call}`],
        });
      await server.until(() => writes()[before + round]);
      server.child.kill('SIGKILL');
      await server.exit;
    }
    const placeOf = ({ method, path }: { method: string; path: string }) => `${method} ${decodeURIComponent(path)}`;
    const written = linesIn(file).filter(({ event }) => event === 'send');
    const left = written.map(({ method, path }) => placeOf({ method, path }));
    const sent = writes().slice(mark).map(placeOf);
    expect(sent.length).toBeGreaterThanOrEqual(rounds);
    const unwritten = sent.filter((one) => {
      const index = left.indexOf(one);
      if (index >= 0) left.splice(index, 1);
      return index < 0;
    });
    expect(unwritten).toEqual([]);
    const { code, stdout } = await verify(file, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).unended.length).toBeGreaterThan(0);
  }, 120_000);

  it('may leave a line that is cut off: it stays, and the next line says so', async () => {
    const file = newAuditFile();
    await writeChain(file, ['one', 'two']);
    const piece = '{"seq":3,"prev":"cut off in the';
    appendFileSync(file, piece);
    const { code, stdout } = await verify(file);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^BROKEN at line 3 of \S+ \(end\): it has no end: .*\n2 lines before it are whole/);
    await withServer(simulator, { PROXMOX_AUDIT_FILE: file }, ({ call }) =>
      call('proxmox-start-vm', { cluster, vmid, dry_run: true }),
    );
    expect(readFileSync(file, 'utf8').split('\n')[2]).toBe(piece);
    const after = await verify(file);
    expect(after.stdout).toContain(`Torn by a crash: line 3 of ${file}, ${piece.length} bytes.`);
    expect(after.stdout).toContain('4 lines are whole');
    expect(after.code).toBe(0);
  });

  it('may leave its lock, which holds nobody up for long', async () => {
    const file = newAuditFile();
    const dead = new RawServer({});
    dead.child.kill('SIGKILL');
    await dead.exit;
    writeFileSync(`${file}.lock`, `${dead.child.pid}.0 ${hostname()} 0123456789abcdef`);
    await writeChain(file, ['one']);
    expect(linesIn(file)).toHaveLength(1);
    expect(existsSync(`${file}.lock`)).toBe(false);
    // One that says nothing of who has it.
    writeFileSync(`${file}.lock`, '');
    await writeChain(file, ['two']);
    expect(linesIn(file)).toHaveLength(2);
  });
});

describe('a file that is changed while a server runs', () => {
  it('is told when lines are gone that it wrote', async () => {
    const file = newAuditFile();
    await withServer(simulator, { PROXMOX_AUDIT_FILE: file }, async ({ call }) => {
      const plan = () => call('proxmox-start-vm', { cluster, vmid, dry_run: true });
      await plan();
      const one = readFileSync(file);
      await plan();
      writeFileSync(file, one);
      await plan();
    });
    expect(eventsOf(linesIn(file))).toEqual(['call', 'cut', 'call']);
    const { code, stdout } = await verify(file);
    expect(code).toBe(1);
    expect(stdout).toContain(
      `BROKEN at line 2 of ${file} (told): a server found that lines before it, which it had written, were gone`,
    );
  });

  it('goes on in a new one when it was moved away, and puts a full one aside', async () => {
    const file = newAuditFile();
    const texts = Array.from({ length: 4000 }, (_, index) => `call ${index} ${'.'.repeat(80)}`);
    const { ChainWriter } = await import('../src/client/audit/chain-writer.js');
    const { systemClock } = await import('../src/pve/clock.js');
    const { silentLog } = await import('../src/pve/log.js');
    const writer = new ChainWriter({ file, maxBytes: 1e9 }, systemClock, silentLog);
    await Promise.all(texts.map((note) => writer.append(JSON.stringify({ time: '2026-01-01T00:00:00.000Z', note }))));
    const env = { PROXMOX_AUDIT_FILE: file, PROXMOX_AUDIT_MAX_MB: '1' };
    await withServer(simulator, env, ({ call }) => call('proxmox-start-vm', { cluster, vmid, dry_run: true }));
    const [first] = linesIn(file);
    expect(first).toMatchObject({ seq: 4001, prev: linesIn(`${file}.000001`).at(-1)?.hash });
    const whole = await verify(file);
    expect(whole.stdout).toContain('4001 lines are whole');
    expect(whole.code).toBe(0);
    // Without the one that was put aside, the chain has no beginning; it can be named.
    const alone = newAuditFile();
    writeFileSync(alone, readFileSync(file));
    expect((await verify(alone)).stdout).toContain(
      `BROKEN at line 1 of ${alone} (missing): it is line 4001 of the chain`,
    );
    expect((await verify(alone, '--after', first?.prev)).code).toBe(0);
  });
});

it('says what kept a full file from being put aside', async () => {
  // Its name leaves no room for `.000001`.
  const file = join(dirname(newAuditFile()), 'a'.repeat(249));
  const line = '.'.repeat(200);
  await expect(writeChain(file, [line, line], 100)).rejects.toMatchObject({ reason: 'ENAMETOOLONG' });
  expect((await verify(file)).code).toBe(0);
});

describe('proxmox-mcp audit verify', () => {
  it('tells whether a hash that was kept is in the chain', async () => {
    const file = newAuditFile();
    await writeChain(file, ['one', 'two', 'three']);
    const [, second] = linesIn(file);
    expect((await verify(file, '--expect', second?.hash)).code).toBe(0);
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${lines[0]}\n`);
    expect((await verify(file)).code).toBe(0);
    const cut = await verify(file, '--expect', second?.hash);
    expect(cut.stdout).toContain('The expected hash is NOT there.');
    expect(cut.code).toBe(1);
  });

  it('says 2 where there is nothing to read', async () => {
    const none = await runCommand(['audit', 'verify'], simulator.env());
    expect([none.code, none.stderr]).toEqual([2, 'proxmox-mcp: PROXMOX_AUDIT_FILE is not set: name the file\n']);
    expect((await verify('/nonexistent/audit.jsonl')).code).toBe(2);
    expect((await runCommand(['audit'])).code).toBe(2);
    const empty = newAuditFile();
    writeFileSync(empty, '');
    expect((await verify(empty)).code).toBe(2);
  });
});
