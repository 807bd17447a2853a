import { describe, expect, it } from 'vitest';
import type { Simulator } from '../src/simulator/listen.js';
import { writingAreas as areas, beginArea, effectOf, loadArea } from './support/examples.js';
import { type Session, startSession } from './support/session.js';

/** What was sent from now on, in the order in which it came, whichever cluster it went to. */
function watch(simulator: Simulator): () => string[] {
  const marks = simulator.clusters.map(({ requests }) => requests.length);
  return () =>
    simulator.clusters
      .flatMap(({ requests }, index) => requests.slice(marks[index]))
      .filter(({ method }) => method !== 'GET')
      .sort((a, b) => a.at - b.at)
      .map(({ method, path }) => `${method} ${path}`);
}

const acceptedBy = (simulator: Simulator) =>
  simulator.clusters.flatMap(({ requests }) =>
    requests
      .filter(({ method, status }) => method !== 'GET' && status === 200)
      .map(({ method, path }) => `${method} ${path}`),
  );

/** The plan of a call, and what the call then sends; a plan sends nothing. */
async function planAndSend(session: Session, simulator: Simulator, tool: string, args: Record<string, unknown>) {
  const { confirm: _, ...unconfirmed } = args;
  const sentForPreview = watch(simulator);
  const preview = await session.call(tool, { ...unconfirmed, dry_run: true });
  const held = effectOf(tool, args) === 'destroy' ? await session.call(tool, unconfirmed) : preview;
  const sentForPlan = sentForPreview();
  const sentNow = watch(simulator);
  const done = await session.call(tool, args);
  return { preview, held, sentForPlan, done, sent: sentNow() };
}

describe.concurrent('every example of a tool that changes something', () => {
  it.each(areas)(
    '%s: is planned without a request, and begins with what was planned',
    async (name) => {
      const area = await loadArea(name);
      const { simulator, env } = await beginArea(area, 20);
      const session = await startSession(env);
      let last: Record<string, any> | undefined;
      for (const [tool, given] of area.calls) {
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
    async (name) => {
      const area = await loadArea(name);
      const { simulator, env } = await beginArea(area, 20);
      for (const cluster of simulator.clusters) {
        const name = cluster.name.replaceAll('-', '_');
        env[`PROXMOX_CLUSTER_${name}_TOKEN_ID`] = 'eyes@pve!only';
        env[`PROXMOX_CLUSTER_${name}_TOKEN_SECRET`] = cluster.addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
      }
      const session = await startSession(env);
      let last: Record<string, any> | undefined;
      for (const [tool, given] of area.calls) {
        // What follows from an answer that was refused cannot be asked.
        if (typeof given === 'function' && (last === undefined || last.items?.length === 0)) continue;
        const sentNow = watch(simulator);
        const { data, isError, text } = await session.call(
          tool,
          typeof given === 'function' ? given(last) : { ...given },
        );
        last = isError ? undefined : data;
        const sent = sentNow().length;
        if (effectOf(tool) !== 'read' && sent > 0) expect(isError, `${tool}: ${text}`).toBe(true);
      }
      expect(acceptedBy(simulator)).toEqual([]);
      await session.close();
      await simulator.close();
    },
    120_000,
  );
});
