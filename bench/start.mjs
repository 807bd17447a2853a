// From spawn to the answer of `initialize`, and memory after tools/list, beside a bare server of the same SDK.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleFlags } from '../scripts/bundle-flags.mjs';
import { Session } from './session.mjs';
import { held, median, mib, ms, noted } from './statistics.mjs';

const rounds = 25;

/** Three clusters that nobody has to answer for: `initialize` and tools/list ask none. */
const threeClusters = Object.assign(
  { PROXMOX_CLUSTERS: 'one,two,three' },
  ...['one', 'two', 'three'].map((name, at) => ({
    [`PROXMOX_CLUSTER_${name}_API_URL`]: `https://127.0.0.1:${at + 1}`,
    [`PROXMOX_CLUSTER_${name}_TOKEN_ID`]: 'bench@pve!start',
    [`PROXMOX_CLUSTER_${name}_TOKEN_SECRET`]: '00000000-0000-0000-0000-000000000000',
  })),
);

async function startOnce({ script, env }) {
  const start = performance.now();
  const session = new Session(script, env);
  await session.open();
  const initialized = performance.now() - start;
  // The bare server has no tools, and so not this method: it says so, and that is an answer too.
  await session.request('tools/list').catch(() => undefined);
  const memory = session.peakMemory();
  await session.close();
  return { initialized, memory };
}

export async function measureStart(server) {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-bench-'));
  const bare = join(folder, 'bare-server.mjs');
  try {
    const source = fileURLToPath(new URL('bare-server.mjs', import.meta.url));
    await build({ ...bundleFlags, entryPoints: [source], outfile: bare, logLevel: 'error' });
    const ours = { script: server, env: threeClusters, runs: [] };
    const theirs = { script: bare, env: {}, runs: [] };
    for (const one of [theirs, ours]) await startOnce(one);
    for (let round = 0; round < rounds; round += 1)
      for (const one of round % 2 === 0 ? [ours, theirs] : [theirs, ours]) one.runs.push(await startOnce(one));
    const everything = { script: server, env: { ...threeClusters, PROXMOX_TOOLSETS: 'all' }, runs: [] };
    for (let round = 0; round < 5; round += 1) everything.runs.push(await startOnce(everything));
    return [...compare(ours.runs, theirs.runs), ...whole(everything.runs)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function whole(runs) {
  if (runs[0].memory === undefined) return [];
  return [noted('the same with everything on (median of 5)', mib(median(runs.map(({ memory }) => memory))))];
}

function compare(ours, theirs) {
  const of = (runs, figure) => median(runs.map((run) => run[figure]));
  const [start, bareStart] = [of(ours, 'initialized'), of(theirs, 'initialized')];
  const what = `spawn to the answer of initialize, 3 clusters (median of ${rounds})`;
  const started = held(what, ms(start), `bare server of the SDK: ${ms(bareStart)}`, start <= bareStart);
  if (ours[0].memory === undefined) return [started, noted('peak memory after tools/list', 'not told by this system')];
  const [memory, bareMemory] = [of(ours, 'memory'), of(theirs, 'memory')];
  const peak = `bare server of the SDK: ${mib(bareMemory)}`;
  return [
    started,
    held('peak memory after tools/list, as it is offered by default', mib(memory), peak, memory <= bareMemory),
  ];
}
