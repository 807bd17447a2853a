import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/simulator/listen.js';
import { runCommand } from './cli/run-command.js';
import { eventsOf, linesIn } from './support/audit-file.js';
import { type Session, withServer } from './support/session.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const cluster = 'production';
const vmid = 102;
let count = 0;
const writes = () => simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));

/** An audit in a folder that can be taken away, with a file in its place, and given back. */
function newPlace() {
  const folder = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-gap-')), 'audit');
  return {
    file: join(folder, 'audit.jsonl'),
    take: () => {
      renameSync(folder, `${folder}.away`);
      writeFileSync(folder, '');
    },
    giveBack: () => {
      rmSync(folder);
      renameSync(`${folder}.away`, folder);
    },
  };
}

const tag = ({ call }: Session) => {
  count += 1;
  return call('proxmox-set-tags', { cluster, vmid, add: [`gap${count}`] });
};
const plan = ({ call }: Session) => call('proxmox-start-vm', { cluster, vmid, dry_run: true });
const verify = (file: string, ...more: string[]) => runCommand(['audit', 'verify', file, ...more]);

describe('what could not be written', () => {
  it('is told by the next line, with how much, since when and why; the chain stays whole', async () => {
    const { file, take, giveBack } = newPlace();
    await withServer(simulator, { PROXMOX_AUDIT_FILE: file, PROXMOX_AUDIT_REQUIRED: 'false' }, async (session) => {
      await tag(session);
      take();
      const before = new Date().toISOString();
      const sent = writes().length;
      for (const { isError, data } of [await tag(session), await tag(session)]) {
        expect(isError).toBe(false);
        expect(data.notes.join()).toContain('could not be written whole');
      }
      await plan(session);
      expect(writes().length).toBe(sent + 2);
      giveBack();
      const after = new Date().toISOString();
      await tag(session);
      const lines = linesIn(file);
      const change = ['begin', 'send', 'answer', 'end'];
      expect(eventsOf(lines)).toEqual([...change, 'gap', ...change]);
      // Two changes, and a plan.
      const gap = lines[4];
      expect(gap).toMatchObject({ seq: 5, prev: lines[3]?.hash, lines: 2 * change.length + 1, sent: 2 });
      expect(gap?.reason).toMatch(/^(EEXIST|ENOTDIR)$/);
      const times = [before, gap?.since, gap?.until, after, gap?.time];
      expect(times.toSorted()).toEqual(times);
    });
    const { code, stdout } = await verify(file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^9 lines are whole/);
    expect(stdout).toMatch(
      /^GAP, as line 5 of \S+ says: 9 lines could not be written \(E\w+\), from 20\S+Z to 20\S+Z; 2 of them are requests that were sent nevertheless\.$/m,
    );
    const { gaps } = JSON.parse((await verify(file, '--json')).stdout);
    expect(gaps).toEqual([expect.objectContaining({ file, line: 5, lines: 9, sent: 2, reason: expect.any(String) })]);
    expect((await runCommand(['audit', 'show', file])).stdout).toContain('2 calls; 1 gap: some lines could not be');
    // It is a line as any other: one that was taken out or altered is found.
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"sent":2', '"sent":0'));
    expect((await verify(file)).stdout).toMatch(/^BROKEN at line 5 of \S+ \(hash\)/);
    writeFileSync(file, text.split('\n').toSpliced(4, 1).join('\n'));
    expect((await verify(file)).stdout).toMatch(/^BROKEN at line 5 of \S+ \(missing\): .* line 5 is missing/);
  });

  it('is told at the end where no line follows', async () => {
    const { file, take, giveBack } = newPlace();
    await withServer(simulator, { PROXMOX_AUDIT_FILE: file, PROXMOX_AUDIT_REQUIRED: 'false' }, async (session) => {
      await tag(session);
      take();
      await tag(session);
      giveBack();
    });
    const lines = linesIn(file);
    expect(eventsOf(lines)).toEqual(['begin', 'send', 'answer', 'end', 'gap']);
    expect(lines.at(-1)).toMatchObject({ lines: 4, sent: 1 });
    expect((await verify(file)).code).toBe(0);
  });

  it('is in the log where it cannot be told at all', async () => {
    const { file, take } = newPlace();
    const env = { PROXMOX_AUDIT_FILE: file, PROXMOX_AUDIT_REQUIRED: 'false', PROXMOX_LOG_LEVEL: 'error' };
    const stderr = await withServer(simulator, env, async (session) => {
      await tag(session);
      take();
      await tag(session);
    });
    expect(stderr).toMatch(/"lines":4,"sent":1,"since":"20[^"]*".*a gap that could not be told in it/);
  });

  it('was not sent where the audit is required, and is told so', async () => {
    const { file, take, giveBack } = newPlace();
    await withServer(simulator, { PROXMOX_AUDIT_FILE: file }, async (session) => {
      await tag(session);
      take();
      const sent = writes().length;
      expect((await tag(session)).data.error).toMatchObject({ code: 'AUDIT_UNWRITABLE' });
      expect(writes().length).toBe(sent);
      giveBack();
      await plan(session);
    });
    const lines = linesIn(file);
    expect(eventsOf(lines)).toEqual(['begin', 'send', 'answer', 'end', 'gap', 'call']);
    // Its begin, its request and its end.
    expect(lines[4]).toMatchObject({ lines: 3, sent: 0 });
    const { code, stdout } = await verify(file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^GAP, .* 3 lines could not .*; nothing was sent that is not written down\.$/m);
  });
});
