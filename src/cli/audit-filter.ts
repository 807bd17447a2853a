import { isMeant } from '../config/tool-rule.js';
import type { Flags } from './flags.js';

export type Fields = Readonly<Record<string, unknown>>;

/** Which calls are shown. */
export type Filter = (fields: Fields) => boolean;

const outcomes = ['ok', 'warnings', 'running', 'planned', 'failed', 'refused', 'cancelled', 'unended'] as const;

/** What `audit show` was asked for; all of it must fit. Throws where a value is none. */
export function filterOf({ cluster, tool, since, outcome }: Flags, now: number): Filter {
  const known: readonly string[] = outcomes;
  if (outcome !== undefined && !known.includes(outcome))
    throw new Error(`--outcome is '${outcome}': write one of ${outcomes.join(', ')}`);
  const from = since === undefined ? undefined : startOf(since, now);
  return (fields) =>
    (cluster === undefined || clustersOf(fields).includes(cluster)) &&
    (tool === undefined || isMeant(tool, { name: String(fields.tool) })) &&
    (from === undefined || String(fields.time) >= from) &&
    (outcome === undefined || outcomeOf(fields) === outcome);
}

export const outcomeOf = ({ event, outcome }: Fields): string => (event === 'begin' ? 'unended' : String(outcome));

/** The clusters that a call chose; of one that was refused before that, those that it named. */
export function chosenIn({ clusters, arguments: given }: Fields): unknown[] {
  if (Array.isArray(clusters)) return clusters;
  return isFields(given) && typeof given.cluster === 'string' ? given.cluster.split(',') : [];
}

/** The same, and those of its other side. */
export function clustersOf(fields: Fields): string[] {
  const { target, arguments: given } = fields;
  const ofTarget = isFields(target) ? [target.source, target.destination] : [];
  const other = isFields(given) ? [given.target_cluster] : [];
  const all = [...chosenIn(fields), ...ofTarget, ...other];
  return [...new Set(all.filter((name) => typeof name === 'string'))];
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const units = { m: 60, h: 3600, d: 86_400 } as const;

/** As times are written down, which are those of UTC. */
function startOf(text: string, now: number): string {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const seconds = unit === 'm' || unit === 'h' || unit === 'd' ? units[unit] : undefined;
  if (seconds !== undefined) return new Date(now - Number(count) * seconds * 1000).toISOString();
  const [, day, time, zone] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const at = new Date(`${day}${time ?? 'T00:00'}${zone ?? 'Z'}`);
  // Of a day that a month does not have, the next would be taken.
  const isDay = day !== undefined && new Date(`${day}T00:00Z`).toJSON()?.startsWith(day) === true;
  if (isDay && !Number.isNaN(at.getTime())) return at.toISOString();
  throw new Error(`--since is '${text}': write 30m, 12h, 7d, 2026-11-21 or 2026-11-21T08:00 (UTC)`);
}
