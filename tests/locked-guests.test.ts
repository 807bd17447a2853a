import { describe, expect, it } from 'vitest';
import type { Simulator } from '../src/simulator/listen.js';
import { beginArea, callsOf, effectOf, loadArea, remember, writingAreas } from './support/examples.js';
import { startSession } from './support/session.js';

/** The guests that the writes of a plan are about. */
function guestsOf(plan: Record<string, any>): Set<number> {
  const found = plan.writes.flatMap(({ path, parameters }: Record<string, any>) => {
    const inPath = /^\/nodes\/[^/]+\/(?:qemu|lxc)\/(\d+)/.exec(path)?.[1];
    const backedUp = /\/vzdump$/.test(path) ? String(parameters?.vmid).split(',') : [];
    return [inPath, ...backedUp, /\/(qemu|lxc)$/.test(path) ? parameters?.vmid : undefined];
  });
  return new Set([plan.target?.vmid, ...found].map(Number));
}

/** What a lock keeps as it is. */
const picture = (simulator: Simulator, cluster: string, vmids: ReadonlySet<number>) =>
  JSON.stringify(
    simulator
      .cluster(cluster)
      .state.guests.filter(({ vmid }) => vmids.has(vmid))
      .map(({ vmid, node, status, config, pending, snapshots }) => ({
        vmid,
        node,
        status,
        config,
        pending,
        snapshots,
      })),
  );

/** What changes nothing that a lock keeps: Proxmox does not look at it (facts 4). */
const unlooked = /^\/cluster\/|\/(agent|firewall|replication)\//;

/** Whether Proxmox refused one of the latest requests or tasks for the lock. */
const refused = (
  simulator: Simulator,
  cluster: string,
  from: { readonly requests: number; readonly tasks: number },
) => {
  const { requests, state } = simulator.cluster(cluster);
  return (
    requests.slice(from.requests).some(({ method, status }) => method !== 'GET' && status >= 400) ||
    state.tasks
      .slice(from.tasks)
      .some(({ log, exitstatus }) => [...log, exitstatus].some((line) => /is locked/.test(line)))
  );
};

describe.concurrent('a guest that is locked', () => {
  it.each(writingAreas)(
    '%s: is left as it is, and the lock is told, where Proxmox looks at it',
    async (name) => {
      const area = await loadArea(name);
      const { simulator, env, settle } = await beginArea(area, 200);
      const session = await startSession(env);
      // A backup that runs in the world from the start must not end while its lock is put back.
      settle(60);
      const wrong: string[] = [];
      let last: Record<string, any> | undefined;
      for (const { tool, args, follows } of callsOf(area, () => last)) {
        if (!follows) settle();
        const { confirm: _, ...unconfirmed } = args;
        const planned =
          effectOf(tool) === 'read' ? undefined : await session.call(tool, { ...unconfirmed, dry_run: true });
        const { plan, cluster } = planned?.data ?? {};
        const vmids = plan?.writes.length > 0 ? guestsOf(plan) : new Set<number>();
        const guests =
          simulator.clusters.find((one) => one.name === cluster)?.state.guests.filter(({ vmid }) => vmids.has(vmid)) ??
          [];
        if (guests.length > 0) {
          const putBack = remember(simulator);
          for (const guest of guests) guest.config.lock = 'backup';
          const before = picture(simulator, cluster, vmids);
          const all = () =>
            simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;
          const sentBefore = all();
          const { requests, state } = simulator.cluster(cluster);
          const from = { requests: requests.length, tasks: state.tasks.length };
          const { isError, text } = await session.call(
            tool,
            Number(args.timeout) > 1 ? { ...args, timeout: 60 } : args,
          );
          const looked = !plan.writes.every(({ path }: { path: string }) => unlooked.test(path));
          const lock = refused(simulator, cluster, from);
          settle();
          const changed = looked && before !== picture(simulator, cluster, vmids);
          if (isError && !looked) wrong.push(`${tool} fails: ${text}`);
          // What chooses its guests itself leaves a locked one out, and takes others or says why it does nothing.
          const goesOn = looked && !isError && !/lock/.test(text);
          if (goesOn && all() === sentBefore) wrong.push(`${tool} goes on: ${text}`);
          if (lock && !isError) wrong.push(`${tool} hides that it was refused: ${text}`);
          if (isError && !/lock/.test(text)) wrong.push(`${tool} does not name the lock: ${text}`);
          if (changed) wrong.push(`${tool} changes the guest`);
          putBack();
        }
        const { data, isError, text } = await session.call(tool, args);
        last = data;
        if (isError) wrong.push(`${tool} unlocked: ${text}`);
      }
      await session.close();
      await simulator.close();
      expect(wrong).toEqual([]);
    },
    120_000,
  );
});
