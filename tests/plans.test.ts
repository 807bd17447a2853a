import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/simulator/listen.js';
import { catalogue } from '../src/tools/catalogue.js';
import type { Tool } from '../src/tools/define.js';
import type { Example } from './notary/example.js';
import { type Session, startSession } from './support/session.js';

const folder = resolve(import.meta.dirname, 'notary');
const areas = readdirSync(folder).filter((file) => file !== 'example.ts' && file !== 'reads.ts');
const tools: readonly Tool[] = catalogue;
const effectOf = (name: string) => tools.find((tool) => tool.name === name)?.effect ?? 'read';

const examples = new Map<string, { calls: readonly Example[]; prepare?: (simulator: Simulator) => void }>();
beforeAll(async () => {
  for (const area of areas) {
    const { default: calls, prepare } = await import(resolve(folder, area));
    examples.set(area, { calls, prepare });
  }
});

/** In the order in which they came, whichever cluster they went to. */
const sentBy = (simulator: Simulator) =>
  simulator.clusters
    .flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'))
    .sort((a, b) => a.at - b.at)
    .map(({ method, path }) => `${method} ${path}`);

const acceptedBy = (simulator: Simulator) =>
  simulator.clusters.flatMap(({ requests }) =>
    requests
      .filter(({ method, status }) => method !== 'GET' && status === 200)
      .map(({ method, path }) => `${method} ${path}`),
  );

async function begin(area: string): Promise<Simulator> {
  const began = Date.now();
  const simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  examples.get(area)?.prepare?.(simulator);
  return simulator;
}

/** The plan of a call, and what the call then sends; a plan sends nothing. */
async function planAndSend(session: Session, simulator: Simulator, tool: string, args: Record<string, unknown>) {
  const { confirm: _, ...unconfirmed } = args;
  const before = sentBy(simulator).length;
  const preview = await session.call(tool, { ...unconfirmed, dry_run: true });
  const held = effectOf(tool) === 'destroy' ? await session.call(tool, unconfirmed) : preview;
  const sentForPlan = sentBy(simulator).slice(before);
  const done = await session.call(tool, args);
  return { preview, held, sentForPlan, done, sent: sentBy(simulator).slice(before) };
}

describe('every example of a tool that changes something', () => {
  it.each(areas)(
    '%s: is planned without a request, and begins with what was planned',
    async (area) => {
      const simulator = await begin(area);
      const session = await startSession(simulator.env());
      let last: Record<string, any> | undefined;
      for (const [tool, given] of examples.get(area)?.calls ?? []) {
        const args = typeof given === 'function' ? given(last) : { ...given };
        if (effectOf(tool) === 'read') {
          last = (await session.call(tool, args)).data;
          continue;
        }
        const { preview, held, sentForPlan, done, sent } = await planAndSend(session, simulator, tool, args);
        last = done.data;
        expect(preview.isError, `${tool}: ${preview.text}`).toBe(false);
        expect(held.data.plan, tool).toBeDefined();
        expect(sentForPlan, tool).toEqual([]);
        expect(done.isError, `${tool}: ${done.text}`).toBe(false);
        const [first] = preview.data.plan.writes;
        const planned = first === undefined ? undefined : `${first.method} ${decodeURIComponent(first.path)}`;
        // A VMID that was left out is looked for anew.
        expect(sent[0]?.split('?')[0] ?? 'nothing', tool).toBe(planned ?? 'nothing');
      }
      await session.close();
      await simulator.close();
    },
    120_000,
  );

  it.each(areas)(
    '%s: changes nothing with a token that may only look, and says so',
    async (area) => {
      const simulator = await begin(area);
      const env = simulator.env();
      for (const cluster of simulator.clusters) {
        const name = cluster.name.replaceAll('-', '_');
        env[`PROXMOX_CLUSTER_${name}_TOKEN_ID`] = 'eyes@pve!only';
        env[`PROXMOX_CLUSTER_${name}_TOKEN_SECRET`] = cluster.addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
      }
      const session = await startSession(env);
      let last: Record<string, any> | undefined;
      for (const [tool, given] of examples.get(area)?.calls ?? []) {
        // What follows from an answer that was refused cannot be asked.
        if (typeof given === 'function' && (last === undefined || last.items?.length === 0)) continue;
        const before = sentBy(simulator).length;
        const { data, isError, text } = await session.call(
          tool,
          typeof given === 'function' ? given(last) : { ...given },
        );
        last = isError ? undefined : data;
        const sent = sentBy(simulator).length - before;
        if (effectOf(tool) !== 'read' && sent > 0) expect(isError, `${tool}: ${text}`).toBe(true);
      }
      expect(acceptedBy(simulator)).toEqual([]);
      await session.close();
      await simulator.close();
    },
    120_000,
  );
});
