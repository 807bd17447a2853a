import type { ClusterRegistryConfig, ConfigFault } from '../config/cluster-config.js';
import { nearest } from '../config/nearest.js';
import type { ToolChoice } from '../config/tool-choice.js';
import { fitsGlob } from '../tools/glob.js';

/** A tool that can be offered: what the choice is made by. */
export interface Offer {
  readonly name: string;
  readonly toolset: string;
  /** Whether it is in the set `default`. */
  readonly daily: boolean;
  /** Whether it may change something on a cluster. */
  readonly changes: boolean;
}

export interface ChosenTools {
  readonly offers: readonly Offer[];
  /** Names that are not known. */
  readonly faults: readonly ConfigFault[];
}

/**
 * The tools that are offered: those of the toolsets and those named, without the excluded. Where neither toolsets nor
 * tools are named, `default`.
 */
export function chooseTools(all: readonly Offer[], choice: ToolChoice = {}, readOnly = false): ChosenTools {
  const { tools = [], exclude = [] } = choice;
  const sets = choice.toolsets ?? (choice.tools === undefined ? ['default'] : []);
  const known = [...new Set(all.map(({ toolset }) => toolset))].sort();
  const faults = [
    ...sets
      .filter((set) => set !== 'default' && set !== 'all' && !known.includes(set))
      .map((set) => unknownToolset(set, ['default', 'all', ...known])),
    ...unknownTools('PROXMOX_TOOLS', tools, all),
    ...unknownTools('PROXMOX_EXCLUDE_TOOLS', exclude, all),
  ];
  const inSets = ({ toolset, daily }: Offer) =>
    sets.includes('all') || sets.includes(toolset) || (daily && sets.includes('default'));
  const offers = all.filter(
    (offer) =>
      (inSets(offer) || tools.some((written) => isMeant(written, offer))) &&
      !exclude.some((written) => isMeant(written, offer)) &&
      (!readOnly || !offer.changes),
  );
  return { offers, faults };
}

const prefix = 'proxmox-';
const withoutPrefix = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);

/** `proxmox-delete-vm`, `delete-vm` or `delete-*`. */
export function isMeant(written: string, { name }: Pick<Offer, 'name'>): boolean {
  const pattern = withoutPrefix(written);
  const short = withoutPrefix(name);
  return pattern.includes('*') ? fitsGlob(pattern, name) || fitsGlob(pattern, short) : pattern === short;
}

function unknownToolset(set: string, known: readonly string[]): ConfigFault {
  const variable = 'PROXMOX_TOOLSETS';
  return { variable, message: `${variable} names '${set}'${meant(set, known)}; there are ${known.join(', ')}` };
}

function unknownTools(variable: string, written: readonly string[], all: readonly Offer[]): ConfigFault[] {
  const names = all.map(({ name }) => name);
  return written
    .filter((name) => !all.some((offer) => isMeant(name, offer)))
    .map((name) => ({
      variable,
      message: name.includes('*')
        ? `${variable} has '${name}', which fits no tool`
        : `${variable} names '${name}', which is no tool${meant(name, names)}; there are ${names.join(', ')}`,
    }));
}

function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known) ?? nearest(`proxmox-${word}`, known);
  return near === undefined ? '' : ` (did you mean '${near}'?)`;
}

/** Why there is no such tool: it is misspelt, or not offered; `undefined` where neither is so. */
export function whyUnknown(
  name: string,
  all: readonly Offer[],
  { tools: choice = {}, readOnly = false }: Pick<ClusterRegistryConfig, 'tools' | 'readOnly'>,
): string | undefined {
  const offer = all.find((one) => one.name === name);
  if (offer !== undefined) return whyNotOffered(offer, choice, readOnly);
  const near = meant(
    name,
    all.map((one) => one.name),
  );
  return near === '' ? undefined : `Unknown tool: ${name.slice(0, 64)}${near}`;
}

function whyNotOffered(offer: Offer, choice: ToolChoice, readOnly: boolean): string {
  const { name } = offer;
  if (choice.exclude?.some((written) => isMeant(written, offer)))
    return `${name} is off: PROXMOX_EXCLUDE_TOOLS names it`;
  if (readOnly && offer.changes) return `${name} is off: PROXMOX_READ_ONLY allows no change`;
  const sets = [...(choice.toolsets ?? (choice.tools === undefined ? ['default'] : [])), offer.toolset];
  return `${name} is off: the user can switch it on with PROXMOX_TOOLSETS=${sets.join(',')}`;
}
