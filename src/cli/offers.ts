import { readFileSync } from 'node:fs';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Offer } from '../server/tool-choice.js';

/** Every tool that can be offered; the list was made with the bundle. */
export function allOffers(config: Config | undefined): readonly Offer[] {
  return offersIn(modeOf(config));
}

/** Whether there is such a tool, be it for several clusters alone. */
export const isTool = (name: string): boolean => offersIn('multi').some(({ tool }) => tool.name === name);

function offersIn(mode: Mode): readonly Offer[] {
  return JSON.parse(readFileSync(new URL(`./tool-list.${mode}.json`, import.meta.url), 'utf8'));
}

/** The same list at every call: it is read and kept once, as it is most of what the server holds before the first call. */
export function offersOnce(): typeof allOffers {
  let kept: { readonly mode: Mode; readonly offers: readonly Offer[] } | undefined;
  return (config) => {
    const mode = modeOf(config);
    if (kept?.mode !== mode) kept = { mode, offers: allOffers(config) };
    return kept.offers;
  };
}

type Config = Pick<ClusterRegistryConfig, 'clusters'>;
type Mode = 'multi' | 'single';

const modeOf = (config: Config | undefined): Mode =>
  config !== undefined && config.clusters.length > 1 ? 'multi' : 'single';
