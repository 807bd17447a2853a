import type { RecordedRequest, Simulator } from '../../src/simulator/listen.js';
import type { FaultKind } from './fault-kinds.js';
import { differences, type Facts } from './world-facts.js';

export interface SentWrite extends RecordedRequest {
  readonly cluster: string;
}

/** What is to be judged of one call that met a fault. */
export interface Course {
  readonly kind: FaultKind;
  readonly before: Facts;
  /** What the call makes of it where nothing goes wrong. */
  readonly after: Facts;
  readonly now: Facts;
  /** What differs from one good run to the next. */
  readonly volatile: ReadonlySet<string>;
  /** How often each write is sent where nothing goes wrong. */
  readonly usual: ReadonlyMap<string, number>;
  readonly writes: readonly SentWrite[];
  readonly text: string;
  readonly isError: boolean;
  /** The tasks that ran when the answer came. */
  readonly running: ReadonlySet<string>;
}

export const writeKey = ({ cluster, method, path, params }: SentWrite) =>
  `${cluster} ${method} ${path} ${JSON.stringify(params)}`;

/** Whether the API did it, whatever came back. */
export const happened = ({ ran, inside, status }: SentWrite) => ran && (inside ?? status) === 200;

/** Whether it was done, and the answer said so. */
const isClean = ({ status, fault, inside }: SentWrite) =>
  status === 200 && (fault === undefined || fault === 'slow') && inside === undefined;

export function countBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}

function* objectsIn(value: unknown): Generator<Record<string, any>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { ...value };
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

const isNamed = (text: string, name: string) =>
  /^\d+$/.test(name)
    ? new RegExp(`(?<![0-9])${name}(?![0-9])`).test(text)
    : text.includes(JSON.stringify(name).slice(1, -1));

/** What a call may leave midway, or choose anew where something fails. */
const unlike = /\/(?:status|qmpstatus|lock|parent|node)$/;

/** A volume that went along with its guest is not lost. */
const anywhere = (key: string) => key.replace(/^(\S+ volume .*)@[^@]*$/, '$1');

/** Nothing is lost, doubled or changed that had nothing to do with it. */
function* harm({ before, after, now, volatile, usual, writes, kind }: Course): Generator<string> {
  const there = new Set([...now.things.keys()].map(anywhere));
  for (const key of before.things.keys()) if (after.things.has(key) && !there.has(anywhere(key))) yield `lost: ${key}`;
  const made = (facts: Facts) =>
    countBy(
      [...facts.things].filter(([key]) => !before.things.has(key)),
      ([, { kind: what }]) => what,
    );
  const usually = made(after);
  const total = ({ things }: Facts, what: string) =>
    [...things.values()].filter(({ kind: one }) => one === what).length;
  for (const [what, count] of made(now)) {
    const most = usually.get(what) ?? 0;
    // New rules may stand before the old ones go; what was moved elsewhere is new there.
    const isMore = total(now, what) > Math.max(total(before, what), total(after, what));
    if (most > 0 && count > most && isMore && !what.endsWith(' rule'))
      yield `doubled: ${count} of ${what} in place of ${most}`;
  }
  for (const key of differences(before, now, volatile))
    if (
      !unlike.test(key) &&
      before.leaves.has(key) &&
      before.leaves.get(key) === after.leaves.get(key) &&
      now.leaves.has(key)
    )
      yield `changed: ${key} from ${before.leaves.get(key)} to ${now.leaves.get(key)}`;
  for (const [key, count] of countBy(writes, writeKey)) {
    const most = Math.max(1, usual.get(key) ?? 0);
    if (count > most && !kind.mayRepeat) yield `sent ${count} times: ${key}`;
  }
  for (const [key, count] of countBy(writes.filter(happened), writeKey))
    if (count > Math.max(1, usual.get(key) ?? 0)) yield `done ${count} times: ${key}`;
}

function* unnamed({ before, now, text }: Course): Generator<string> {
  for (const [key, { names }] of now.things)
    if (!before.things.has(key) && names.length > 0 && !names.some((name) => isNamed(text, name)))
      yield `unnamed: ${key}`;
}

/** What an answer says of the writes that were done must be so. */
function* untruth({ kind, text, isError, writes, running }: Course): Generator<string> {
  const objects = [...objectsIn(JSON.parse(text))];
  // What ran when it was looked at may have ended while another request was held.
  const saysRunning = ({ upid, task, state }: Record<string, any>) =>
    typeof upid === 'string' && !kind.holds && (task?.state === 'running' || state === 'running');
  for (const one of objects)
    if (saysRunning(one) && !running.has(one.upid)) yield `said to run, and does not: ${one.upid}`;
  const short = ({ method, path }: Record<string, any>) => `${method} ${decodeURIComponent(path)}`;
  const told = objects.flatMap(({ done }) => (Array.isArray(done) ? done : []));
  const did = countBy(writes.filter(happened), short);
  for (const [key, count] of countBy(told, short))
    if (count > (did.get(key) ?? 0)) yield `in 'done', and not done: ${key}`;
  // Where rows tell of each, no list of writes is given.
  const isBareError = isError && objects.length > 0 && JSON.parse(text).error !== undefined;
  if (!isBareError) return;
  const listed = countBy(told, short);
  for (const [key, count] of countBy(writes.filter(isClean), short))
    if (count > (listed.get(key) ?? 0)) yield `accepted, and not in 'done': ${key}`;
}

const failure =
  /"error":|"failed":[1-9]|"state":"(?:running|failed|unknown)"|"outcome":"(?!moved")|"not_|"why":|could not|not asked|not certain|not known|"regenerated":false|OUTCOME_UNKNOWN/i;

/** What calls itself done has done what it was asked for. */
function* unfinished({ after, now, volatile, text, isError }: Course): Generator<string> {
  if (isError || failure.test(text)) return;
  const missing = differences(after, now, volatile);
  if (missing.length > 0)
    yield `called done, and ${missing.length} facts differ: ${missing
      .slice(0, 3)
      .map((key) => `${key} is ${now.leaves.get(key)} for ${after.leaves.get(key)}`)
      .join('; ')}`;
}

/** All that is wrong with what came of a call. */
export const judgeCourse = (course: Course): string[] => [
  ...harm(course),
  ...unnamed(course),
  ...untruth(course),
  ...unfinished(course),
];

export const runningTasks = (simulator: Simulator): ReadonlySet<string> =>
  new Set(
    simulator.clusters.flatMap(({ state }) =>
      state.tasks.filter(({ endtime }) => endtime === undefined).map(({ upid }) => upid),
    ),
  );
