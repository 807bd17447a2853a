import type { Simulator } from '../../src/simulator/listen.js';
import { runningTasks } from './fault-judge.js';
import { type Facts, factsOf } from './world-facts.js';

const lockedIn = ({ leaves }: Facts) => [...leaves].filter(([key]) => /\/guests\/\d+\/config\/lock$/.test(key));

/** What is there or is not, though it should, and is not listed. */
export function unlisted(
  simulator: Simulator,
  before: Facts,
  after: Facts,
  rows: readonly Record<string, any>[],
): string[] {
  const now = factsOf(simulator);
  const text = JSON.stringify(rows);
  const running = [...runningTasks(simulator)];
  const busy = rows.filter(({ kind }) => kind === 'running_task').map(({ id }) => String(id));
  const has = (name: string) =>
    new RegExp(`(?<![\\w-])${name.replace(/[\\^$.+?()[\]{}|*]/g, '\\$&')}(?![\\w-])`).test(text);
  const extra = [...now.things].filter(
    ([key, { names }]) => names.length > 0 && !before.things.has(key) && !after.things.has(key),
  );
  const lacking = [...before.things].filter(
    ([key, { names }]) => names.length > 0 && after.things.has(key) && !now.things.has(key),
  );
  const locks = lockedIn(now).filter(
    ([key, lock]) => before.leaves.get(key) !== lock && after.leaves.get(key) !== lock,
  );
  const mine = simulator.clusters.map(({ tokenId }) => tokenId);
  return [
    ...running
      .filter((upid) => mine.some((id) => upid.endsWith(`:${id}:`)) && !text.includes(upid))
      .map((upid) => `runs, and is not listed: ${upid}`),
    // What a task is about to make or to delete is its own.
    ...[...extra, ...lacking]
      .filter(([, { names }]) => !names.some((name) => has(name) || busy.includes(name)) && running.length === 0)
      .map(([key]) => `${now.things.has(key) ? 'there' : 'gone'}, and not listed: ${key}`),
    ...locks
      .filter(([key]) => running.length === 0 && !has(/\/guests\/(\d+)\//.exec(key)?.[1] ?? ''))
      .map(([key, lock]) => `locked, and not listed: ${key} ${lock}`),
  ];
}

/** Whether rules are there that are neither of before nor of after. */
export const hasMixedRules = (before: Facts, after: Facts, now: Facts) =>
  [...now.things].some(([key, { names }]) => names.length === 0 && !before.things.has(key) && !after.things.has(key));

export const sameThings = (a: Facts, b: Facts) =>
  a.things.size === b.things.size && [...a.things.keys()].every((key) => b.things.has(key));
