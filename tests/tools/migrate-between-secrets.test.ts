import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startTwo } from './two-clusters.js';

/** Everything that a server gave away in a session: its answers, progress, standard error and log. */
it('tells the secret of a move to nobody but the source cluster', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'move-'));
  const two = await startTwo({ PROXMOX_LOG_LEVEL: 'trace', PROXMOX_LOG_FILE: join(folder, 'log') });
  const secrets = new Set<string>([two.source.tokenSecret, two.target.tokenSecret]);
  let said = '';
  const run = async (args: Record<string, unknown>, confirm = true) => {
    const pending = two.move({ ...args, confirm, timeout: 30 });
    let over = false;
    const watch = (async () => {
      while (!over) {
        for (const { tokens } of two.target.state.users) for (const { secret } of tokens) secrets.add(secret);
        await new Promise((done) => setTimeout(done, 5));
      }
    })();
    const answer = await pending;
    over = true;
    await watch;
    said += JSON.stringify(answer);
    return answer;
  };
  const count = secrets.size;
  await run({ vmid: 102 }, false);
  expect((await run({ vmid: 102 })).data.result.outcome).toBe('moved');
  expect(secrets.size).toBeGreaterThan(count);
  // Texts of Proxmox that repeat what was sent.
  const endpoint = () =>
    String(two.source.requests.findLast(({ path }) => path.endsWith('remote_migrate'))?.params['target-endpoint']);
  const echoed = endpoint();
  expect(echoed).toContain('apitoken=PVEAPIToken=');
  two.fault('source', { kind: 'status', status: 500, reason: `cannot use '${echoed}'` }, /remote_migrate$/);
  await run({ vmid: 101 });
  two.fault('source', undefined);
  const bare = /PVEAPIToken=[^=]+=([^,]+)/.exec(endpoint())?.[1] ?? '';
  expect(bare.length).toBeGreaterThan(30);
  two.fault('source', { kind: 'status', status: 500, reason: `the secret ${bare} is wrong` }, /remote_migrate$/);
  await run({ vmid: 101 });
  two.fault('source', undefined);
  two.fault('source', { kind: 'migration', at: 'config', text: `403 with ${bare}` });
  await run({ vmid: 101 });
  said += two.session.stderr();
  await two.close();
  for (const file of readdirSync(folder)) said += readFileSync(join(folder, file), 'utf8');
  expect(said).toContain('[redacted]');
  expect([...secrets].filter((secret) => said.includes(secret))).toEqual([]);
}, 60_000);
