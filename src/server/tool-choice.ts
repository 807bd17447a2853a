import type { ClusterRegistryConfig, ConfigFault, PolicyRule } from '../config/cluster-config.js';
import { readOnlyRule } from '../config/cluster-rules.js';
import { nearest } from '../config/nearest.js';
import type { ToolChoice } from '../config/tool-choice.js';
import { isMeant, type RuledTool, ruleAgainst } from '../config/tool-rule.js';

/** A tool that can be offered: what the choice is made by. */
export interface Offer extends RuledTool {
  readonly toolset: string;
  /** Whether it is in the set `default`. */
  readonly daily: boolean;
  /** Whether it works on two clusters, and both must allow it. */
  readonly two?: true;
}

/** What the clusters allow. */
export interface Allowed {
  readonly clusters?: ClusterRegistryConfig['clusters'];
  readonly readOnly?: boolean;
  /** Tools that no token can use, each with the reason. */
  readonly unusable?: ReadonlyMap<string, string>;
}

export interface ChosenTools<O extends Offer = Offer> {
  readonly offers: readonly O[];
  /** Names that are not known. */
  readonly faults: readonly ConfigFault[];
}

/**
 * The tools that are offered: those of the toolsets and those named, without the excluded. Where neither toolsets nor
 * tools are named, `default`.
 */
export function chooseTools<O extends Offer>(
  all: readonly O[],
  choice: ToolChoice = {},
  allowed: Allowed = {},
): ChosenTools<O> {
  const { tools = [], exclude = [] } = choice;
  const sets = choice.toolsets ?? (choice.tools === undefined ? ['default'] : []);
  const known = [...new Set(all.map(({ toolset }) => toolset))].sort();
  const faults = [
    ...sets
      .filter((set) => set !== 'default' && set !== 'all' && !known.includes(set))
      .map((set) => unknownToolset(set, ['default', 'all', ...known])),
    ...unknownTools('PROXMOX_TOOLS', tools, all),
    ...unknownTools('PROXMOX_EXCLUDE_TOOLS', exclude, all),
    ...unknownInRules(all, allowed),
  ];
  const inSets = ({ toolset, daily }: Offer) =>
    sets.includes('all') || sets.includes(toolset) || (daily && sets.includes('default'));
  const offers = all.filter(
    (offer) =>
      (inSets(offer) || tools.some((written) => isMeant(written, offer))) &&
      !exclude.some((written) => isMeant(written, offer)) &&
      rulesAgainst(offer, allowed).length === 0 &&
      !allowed.unusable?.has(offer.name),
  );
  return { offers, faults };
}

/** The rules for which a tool is not offered, one for each cluster that does not allow it; none where enough of them do. */
function rulesAgainst(offer: Offer, { clusters = [], readOnly }: Allowed): readonly PolicyRule[] {
  if (readOnly && offer.access !== 'read') return [readOnlyRule];
  const against = clusters.flatMap(({ policy }) => ruleAgainst(offer, policy) ?? []);
  return clusters.length - against.length < (offer.two ? 2 : 1) ? against : [];
}

/** Names in rules of clusters and of their roles that no tool has, each once. */
function unknownInRules(all: readonly Offer[], { clusters = [] }: Allowed): ConfigFault[] {
  const faults = clusters.flatMap(({ policy = [] }) =>
    policy.flatMap((rule) =>
      rule.kind === 'allow_tools' || rule.kind === 'deny_tools' ? unknownTools(rule.from, rule.value, all) : [],
    ),
  );
  return [...new Map(faults.map((fault) => [fault.message, fault])).values()];
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
  { tools: choice = {}, ...allowed }: Allowed & Pick<ClusterRegistryConfig, 'tools'>,
): string | undefined {
  const offer = all.find((one) => one.name === name);
  if (offer !== undefined) return whyNotOffered(offer, choice, allowed);
  const near = meant(
    name,
    all.map((one) => one.name),
  );
  return near === '' ? undefined : `Unknown tool: ${name.slice(0, 64)}${near}`;
}

function whyNotOffered(offer: Offer, choice: ToolChoice, allowed: Allowed): string {
  const { name } = offer;
  if (choice.exclude?.some((written) => isMeant(written, offer)))
    return `${name} is off: PROXMOX_EXCLUDE_TOOLS names it`;
  const [rule, ...others] = rulesAgainst(offer, allowed);
  if (rule?.from === readOnlyRule.from) return `${name} is off: PROXMOX_READ_ONLY allows no change`;
  if (rule !== undefined) {
    const from = [...new Set([rule, ...others].map((one) => one.from))].join(', ');
    return `${name} is off: ${offer.two ? 'fewer than two clusters allow' : 'no cluster allows'} it, by ${from}; only the user can change that`;
  }
  const unusable = allowed.unusable?.get(name);
  if (unusable !== undefined) return `${name} is off: ${unusable}`;
  const sets = [...(choice.toolsets ?? (choice.tools === undefined ? ['default'] : [])), offer.toolset];
  return `${name} is off: the user can switch it on with PROXMOX_TOOLSETS=${sets.join(',')}`;
}
