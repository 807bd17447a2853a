import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Offer } from '../server/tool-choice.js';
import type { PublishedTool } from '../server/tool-list.js';

/** Every tool that can be offered; the list was made with the bundle. */
export const allOffers = (config: Config | undefined): readonly PlacedOffer[] => offersIn(modeOf(config));

/** Whether there is such a tool, be it for several clusters alone. */
export const isTool = (name: string): boolean => offersIn('multi').some((offer) => offer.name === name);

/** Offers as `tools/list` shows them. The others are not read: they are most of what the server would hold before the first call. */
export function publishedTools(config: Config | undefined, offers: readonly PlacedOffer[]): PublishedTool[] {
  const file = openSync(made(`tools.${modeOf(config)}.json`), 'r');
  try {
    return offers.map(({ from, bytes }) => {
      const tool = Buffer.alloc(bytes);
      readSync(file, tool, 0, bytes, from);
      return JSON.parse(tool.toString());
    });
  } finally {
    closeSync(file);
  }
}

/** An offer with its place in the file of the tools. */
interface PlacedOffer extends Offer {
  readonly from: number;
  readonly bytes: number;
}

const offersIn = (mode: Mode): readonly PlacedOffer[] => JSON.parse(readFileSync(made(`offers.${mode}.json`), 'utf8'));

const made = (file: string) => new URL(`./${file}`, import.meta.url);

type Config = Pick<ClusterRegistryConfig, 'clusters'>;
type Mode = 'multi' | 'single';

const modeOf = (config: Config | undefined): Mode =>
  config !== undefined && config.clusters.length > 1 ? 'multi' : 'single';
