import { describe, expect, it } from 'vitest';
import type { Simulator } from '../src/simulator/listen.js';
import { areas, beginArea, callsOf, loadArea, remember } from './support/examples.js';
import { startSession } from './support/session.js';

const reason = 'unable to do it: the disk of the example is broken';

/** The next task but so many that a request starts has no effect and ends with the reason. */
function letTaskFail(simulator: Simulator, skip: number): void {
  for (const cluster of simulator.clusters) {
    cluster.setFault(undefined);
    cluster.setFault({ kind: 'task', exitstatus: reason }, { skip, times: 1 });
  }
}

const mostTasks = 4;

const hasFailed = (simulator: Simulator) =>
  simulator.clusters.some(({ state }) => state.tasks.some(({ exitstatus }) => exitstatus === reason));

describe.concurrent('a task that fails', () => {
  it.each(areas)(
    '%s: is told as a failure with its reason, whichever task of the call it is',
    async (name) => {
      const area = await loadArea(name);
      const { simulator, env, settle } = await beginArea(area, 60);
      const session = await startSession(env);
      const untold: string[] = [];
      let last: Record<string, any> | undefined;
      for (const { tool, args, follows } of callsOf(area, () => last)) {
        if (!follows) settle();
        // A call of many tasks is the same from one to the next.
        for (let task = 0; ; task += 1) {
          const putBack = remember(simulator);
          letTaskFail(simulator, task < mostTasks ? task : Number.POSITIVE_INFINITY);
          const { data, isError, text } = await session.call(tool, args);
          last = data;
          if (!hasFailed(simulator)) {
            if (isError) untold.push(`${tool}: ${text}`);
            break;
          }
          if (!isError || !text.includes(reason)) untold.push(`${tool} (task ${task}): ${text}`);
          settle();
          putBack();
        }
      }
      await session.close();
      await simulator.close();
      expect(untold).toEqual([]);
    },
    120_000,
  );
});
