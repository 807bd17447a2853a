import { compareFields, type Fields, type Items } from './difference.js';

/** What one cluster has of a kind, by name. */
export interface SeenCluster {
  readonly cluster: string;
  readonly items: Items;
}

export interface FederatedRow {
  readonly name: string;
  /** Those that have it. */
  readonly clusters: string[];
  /** Those that answered and do not. */
  readonly missing: string[];
  /** In which fields those that have it differ. */
  readonly differs: string[];
  readonly by_cluster: Record<string, Fields>;
}

/** A row for each name, by name; clusters stay in their order. */
export function mergeClusters(seen: readonly SeenCluster[]): FederatedRow[] {
  const names = [...new Set(seen.flatMap(({ items }) => [...items.keys()]))].sort();
  return names.map((name) => {
    const having = seen.flatMap(({ cluster, items }) => {
      const fields = items.get(name);
      return fields === undefined ? [] : [{ cluster, fields }];
    });
    const [first] = having;
    const differs = having.flatMap(({ fields }) => compareFields(first?.fields ?? {}, fields));
    return {
      name,
      clusters: having.map(({ cluster }) => cluster),
      missing: seen.filter(({ items }) => !items.has(name)).map(({ cluster }) => cluster),
      differs: [...new Set(differs.map(({ key = '' }) => key))].sort(),
      by_cluster: Object.fromEntries(having.map(({ cluster, fields }) => [cluster, fields])),
    };
  });
}
