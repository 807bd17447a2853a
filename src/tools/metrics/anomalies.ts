import { isSize } from './findings.js';
import { rounded, type Sample, seriesNames, unitOf } from './series.js';
import { deviation, mean, usual } from './statistics.js';

/** How a series was in the last hour, beside how it is usually. */
export interface Judgement {
  readonly series: string;
  readonly unit: string | undefined;
  /** Mean of the last hour. */
  readonly now: number;
  /** Median of the time before. */
  readonly usual: number;
  readonly spread: number;
  /** Spreads from the median; absent where nothing ever varied. */
  readonly score: number | undefined;
  readonly now_samples: number;
  readonly usual_samples: number;
  readonly anomaly: boolean;
}

export interface Judged {
  readonly judged: readonly Judgement[];
  readonly unjudged: readonly { readonly series: string; readonly reason: string }[];
}

/** Fewer values than these say nothing. */
export const fewestNow = 10;
export const fewestBefore = 24;

/** A difference that nobody would look at, however regular the rest is: 5 points of a share, else a tenth. */
function matters(name: string, now: number, middle: number): boolean {
  const difference = Math.abs(now - middle);
  const unit = unitOf(name);
  if (unit === 'share 0-1') return difference >= 0.05;
  if (unit === '%') return difference >= 5;
  return difference >= Math.abs(middle) * 0.1;
}

const valuesOf = (samples: readonly Sample[], name: string) => samples.flatMap(({ values }) => values.get(name) ?? []);

/** The last hour against the time before it; the threshold is in spreads. */
export function judge(hour: readonly Sample[], before: readonly Sample[], threshold: number): Judged {
  const began = hour[0]?.time ?? Number.POSITIVE_INFINITY;
  const earlier = before.filter(({ time }) => time < began);
  const names = seriesNames([...hour, ...earlier]).filter((name) => !isSize(name));
  const outcomes = names.map((series) =>
    judgeOne(series, valuesOf(hour, series), valuesOf(earlier, series), threshold),
  );
  return {
    judged: outcomes.flatMap((one) => ('now' in one ? [one] : [])),
    unjudged: outcomes.flatMap((one) => ('reason' in one ? [one] : [])),
  };
}

function judgeOne(
  series: string,
  now: readonly number[],
  before: readonly number[],
  threshold: number,
): Judgement | { readonly series: string; readonly reason: string } {
  const [level, habit] = [mean(now), usual(before)];
  if (level === undefined || habit === undefined || now.length < fewestNow || before.length < fewestBefore)
    return { series, reason: `not enough data: ${now.length} values now, ${before.length} before` };
  const score = deviation(level, habit);
  const far = score === undefined ? level !== habit.median : Math.abs(score) >= threshold;
  return {
    series,
    unit: unitOf(series),
    now: rounded(level),
    usual: rounded(habit.median),
    spread: rounded(habit.spread),
    score: score === undefined ? undefined : rounded(score),
    now_samples: now.length,
    usual_samples: before.length,
    anomaly: far && matters(series, level, habit.median),
  };
}
