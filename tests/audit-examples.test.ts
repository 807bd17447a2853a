import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Simulator } from '../src/simulator/listen.js';
import { runCommand } from './cli/run-command.js';
import { linesIn, newAuditFile } from './support/audit-file.js';
import { beginArea, callsOf, effectOf, loadArea, writingAreas } from './support/examples.js';
import { startSession } from './support/session.js';
import { tellFigures } from './support/tell-figures.js';

/** What was sent from now on that changes something, by cluster. */
function watch(simulator: Simulator): () => string[] {
  const marks = simulator.clusters.map(({ requests }) => requests.length);
  return () =>
    simulator.clusters
      .flatMap(({ name, requests }, index) => requests.slice(marks[index]).map((request) => ({ name, ...request })))
      .filter(({ method }) => method !== 'GET')
      .map(({ name, method, path }) => `${name} ${method} ${path.split('?')[0]}`)
      .sort();
}

/** What no line may hold, of the arguments of a call. */
function secretsIn(tool: string, args: Record<string, unknown>): string[] {
  return Object.entries(args).flatMap(([name, value]) => {
    const isSecret = /password|secret|token$|sshkeys|ssh_public_keys|key$|^input$/.test(name);
    if (!isSecret && !(tool === 'proxmox-guest-file-write' && name === 'content')) return [];
    return [value].flat().filter((one): one is string => typeof one === 'string' && one.length > 4);
  });
}

/** The calls that sent something, and that `audit show` has no target for. */
async function untold(file: string): Promise<string[]> {
  const json = await runCommand(['audit', 'show', '--json', file]);
  const calls = json.stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  const { stdout } = await runCommand(['audit', 'show', file]);
  const rows = new Map(stdout.split('\n').map((row) => [row.split(' ')[0], row.split(/ {2,}/)]));
  const shown = calls.filter(({ time, requests }) => requests.length > 0 && rows.has(time));
  expect(shown.length).toBeGreaterThan(0);
  // Time, client, tool, cluster, target, outcome, milliseconds.
  return shown.filter(({ time }) => rows.get(time)?.length !== 7).map(({ tool }) => tool);
}

describe.concurrent('every example of a tool that changes something', () => {
  it.each(writingAreas)(
    '%s: is written down with each request that the clusters saw, and no other',
    async (name) => {
      const area = await loadArea(name);
      const { simulator, env } = await beginArea(area, 20);
      const file = newAuditFile();
      const session = await startSession({ ...env, PROXMOX_AUDIT_FILE: file });
      let last: Record<string, any> | undefined;
      let seen = 0;
      let calls = 0;
      let requests = 0;
      const secrets: string[] = [];
      for (const { tool, args } of callsOf(area, () => last)) {
        const sentNow = watch(simulator);
        const { data, text } = await session.call(tool, args);
        last = data;
        secrets.push(...secretsIn(tool, args));
        if (effectOf(tool) === 'read') continue;
        const sent = sentNow();
        const lines = linesIn(file).slice(seen);
        seen += lines.length;
        calls += 1;
        requests += sent.length;
        const written = lines
          .filter(({ event }) => event === 'send')
          .map((line) => `${line.cluster} ${line.method} ${decodeURIComponent(line.path)}`);
        expect(written.sort(), `${tool}: ${text}`).toEqual(sent);
        const events = lines.map(({ event }) => event).filter((event) => event !== 'send' && event !== 'answer');
        expect(events, tool).toEqual(sent.length > 0 ? ['begin', 'end'] : ['call']);
        expect(lines.filter(({ event }) => event === 'answer').length, tool).toBe(sent.length);
        expect(lines.at(-1)?.tool).toBe(tool);
      }
      await session.close();
      const whole = seen > 0 ? readFileSync(file, 'utf8') : '';
      const shown = secrets.filter((secret) => whole.includes(JSON.stringify(secret).slice(1, -1)));
      expect(shown).toEqual([]);
      await simulator.close();
      const { code, stdout } = await runCommand(['audit', 'verify', file]);
      // Where no example changes anything, no file is made.
      expect([code, stdout]).toEqual(seen > 0 ? [0, expect.stringContaining(`${seen} lines are whole`)] : [2, '']);
      if (requests > 0) expect(await untold(file)).toEqual([]);
      tellFigures({ calls, requests, lines: seen, secrets: secrets.length });
    },
    120_000,
  );
});
