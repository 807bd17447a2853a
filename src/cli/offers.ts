import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Offer } from '../server/tool-choice.js';

/** Every tool that can be offered; the list was made with the bundle. */
export const allOffers = (config: Config | undefined): readonly PlacedOffer[] => offersIn(modeOf(config));

/** Whether there is such a tool, be it for several clusters alone. */
export const isTool = (name: string): boolean => offersIn('multi').some((offer) => offer.name === name);

/** The tools that are offered. */
export interface OfferedTools {
  readonly names: ReadonlySet<string>;
  /** The list of them that `tools/list` is answered with, as JSON. */
  readonly json: string;
}

/** Offers as `tools/list` shows them. The others are not read, and these not parsed: they are most of what the server would hold before the first call. */
export function offeredTools(config: Config | undefined, offers: readonly PlacedOffer[]): OfferedTools {
  const file = openSync(made(`tools.${modeOf(config)}.json`), 'r');
  try {
    const tools = offers.map(({ from, bytes }) => {
      const tool = Buffer.alloc(bytes);
      readSync(file, tool, 0, bytes, from);
      return tool.toString();
    });
    return { names: new Set(offers.map(({ name }) => name)), json: `[${tools.join(',')}]` };
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
