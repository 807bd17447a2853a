import { notACluster } from './cluster-names.js';
import type { ClusterSource } from './cluster-source.js';
import { type FaultList, quote } from './faults.js';

/**
 * Which cluster answers for which; `names` being those of all clusters. One that answers for another has none itself:
 * an answer would else come from a third cluster that nobody had named for it.
 */
export function readFallbacks(
  sources: ReadonlyMap<string, ClusterSource>,
  names: readonly string[],
  faults: FaultList,
): ReadonlyMap<string, string> {
  const found = [...sources].flatMap(([name, source]) => {
    const setting = source.find('FALLBACK');
    return setting === undefined ? [] : [{ name, ...setting }];
  });
  for (const { name, variable, value } of found) {
    const problem = problemOf(name, value, names, new Map(found.map((one) => [one.name, one.value])));
    if (problem !== undefined) faults.fault(variable, problem);
  }
  return new Map(found.map(({ name, value }) => [name, value]));
}

function problemOf(
  name: string,
  fallback: string,
  names: readonly string[],
  all: ReadonlyMap<string, string>,
): string | undefined {
  if (!names.includes(fallback)) return notACluster(fallback, names);
  if (fallback === name) return 'names the cluster itself: name another, or leave it out';
  const further = all.get(fallback);
  if (further === undefined) return undefined;
  const path = `${quote(name)} to ${quote(fallback)} to ${quote(further)}`;
  return further === name
    ? `makes a circle, ${path}: take it from one of the two`
    : `makes a chain, ${path}: a cluster that answers for another may have no FALLBACK itself`;
}
