import { readFileSync } from 'node:fs';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Offer } from '../server/tool-choice.js';

/** Every tool that can be offered; the list was made with the bundle. */
export function allOffers(config: Pick<ClusterRegistryConfig, 'clusters'> | undefined): readonly Offer[] {
  const mode = config !== undefined && config.clusters.length > 1 ? 'multi' : 'single';
  return JSON.parse(readFileSync(new URL(`./tool-list.${mode}.json`, import.meta.url), 'utf8'));
}

/** The same list at every call: it is read and kept once, as it is most of what the server holds before the first call. */
export function offersOnce(): typeof allOffers {
  let kept: readonly Offer[] | undefined;
  return (config) => {
    kept ??= allOffers(config);
    return kept;
  };
}
