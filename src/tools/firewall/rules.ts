import { z } from 'zod';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import type { Params } from '../../pve/params.js';
import { Refused } from '../refused.js';
import type { Place } from './place.js';

const word = text.optional();

const parts = {
  type: z.string(),
  action: z.string(),
  macro: word,
  proto: word,
  source: word,
  dest: word,
  sport: word,
  dport: word,
  'icmp-type': word,
  iface: word,
  log: word,
  comment: word,
};

/** A rule as Proxmox lists it; the digest is that of the whole list, and changes with each write. */
const listed = z.array(z.object({ ...parts, pos: number, enable: flag.optional(), digest: z.string().optional() }));
export type ListedRule = z.output<typeof listed>[number];

/** A rule as an answer shows it. */
export const shownRule = z.object({ pos: z.number(), enable: z.boolean(), ...parts });

export function showRule({ digest: _, enable, ...rule }: ListedRule): z.input<typeof shownRule> {
  return { ...rule, enable: enable ?? false };
}

export const ruleReads = {
  rulesOfCluster: endpoint('GET /cluster/firewall/rules', listed),
  rulesOfNode: endpoint('GET /nodes/{node}/firewall/rules', listed),
  rulesOfGuest: endpoint('GET /nodes/{node}/{type}/{vmid}/firewall/rules', listed),
  rulesOfGroup: endpoint('GET /cluster/firewall/groups/{group}', listed),
};

export const ruleAdditions = {
  addToCluster: endpoint('POST /cluster/firewall/rules', z.null()),
  addToNode: endpoint('POST /nodes/{node}/firewall/rules', z.null()),
  addToGuest: endpoint('POST /nodes/{node}/{type}/{vmid}/firewall/rules', z.null()),
  addToGroup: endpoint('POST /cluster/firewall/groups/{group}', z.null()),
};

export const ruleUpdates = {
  updateOfCluster: endpoint('PUT /cluster/firewall/rules/{pos}', z.null()),
  updateOfNode: endpoint('PUT /nodes/{node}/firewall/rules/{pos}', z.null()),
  updateOfGuest: endpoint('PUT /nodes/{node}/{type}/{vmid}/firewall/rules/{pos}', z.null()),
  updateOfGroup: endpoint('PUT /cluster/firewall/groups/{group}/{pos}', z.null()),
};

export const ruleRemovals = {
  removeFromCluster: endpoint('DELETE /cluster/firewall/rules/{pos}', z.null()),
  removeFromNode: endpoint('DELETE /nodes/{node}/firewall/rules/{pos}', z.null()),
  removeFromGuest: endpoint('DELETE /nodes/{node}/{type}/{vmid}/firewall/rules/{pos}', z.null()),
  removeFromGroup: endpoint('DELETE /cluster/firewall/groups/{group}/{pos}', z.null()),
};

export async function readRules(place: Place, call: Bound<typeof ruleReads>): Promise<ListedRule[]> {
  const { data } = await askRules(place, call);
  return data.toSorted((a, b) => a.pos - b.pos);
}

function askRules(place: Place, call: Bound<typeof ruleReads>) {
  switch (place.level) {
    case 'cluster':
      return call.rulesOfCluster({});
    case 'node':
      return call.rulesOfNode(place);
    case 'guest':
      return call.rulesOfGuest(place);
    case 'group':
      return call.rulesOfGroup(place);
  }
}

/** Puts a rule at the top of the list: Proxmox takes a `pos` and pays no heed to it (API2/Firewall/Rules.pm, create_rule). */
export function addRule(place: Place, call: Bound<typeof ruleAdditions>, rule: Params) {
  switch (place.level) {
    case 'cluster':
      return call.addToCluster({}, rule);
    case 'node':
      return call.addToNode(place, rule);
    case 'guest':
      return call.addToGuest(place, rule);
    case 'group':
      return call.addToGroup(place, rule);
  }
}

export function updateRule(place: Place, call: Bound<typeof ruleUpdates>, pos: number, changes: Params) {
  switch (place.level) {
    case 'cluster':
      return call.updateOfCluster({ pos }, changes);
    case 'node':
      return call.updateOfNode({ ...place, pos }, changes);
    case 'guest':
      return call.updateOfGuest({ ...place, pos }, changes);
    case 'group':
      return call.updateOfGroup({ ...place, pos }, changes);
  }
}

/** Moves a rule so that it ends at `to`. What Proxmox takes is the rule to stand before, counted while it is still in its old place. */
export const moveRule = (
  place: Place,
  call: Bound<typeof ruleUpdates>,
  { from, to, digest }: { readonly from: number; readonly to: number; readonly digest?: string | undefined },
) => updateRule(place, call, from, { moveto: to > from ? to + 1 : to, digest });

export function removeRule(place: Place, call: Bound<typeof ruleRemovals>, pos: number, digest: string | undefined) {
  switch (place.level) {
    case 'cluster':
      return call.removeFromCluster({ pos }, { digest });
    case 'node':
      return call.removeFromNode({ ...place, pos }, { digest });
    case 'guest':
      return call.removeFromGuest({ ...place, pos }, { digest });
    case 'group':
      return call.removeFromGroup({ ...place, pos }, { digest });
  }
}

/** Of a list without rules there is none. */
export const digestOf = (rules: readonly ListedRule[]) => rules[0]?.digest;

const textOf = (rules: readonly ListedRule[]) =>
  JSON.stringify(rules.map((rule) => ({ ...showRule(rule), pos: undefined })));

interface Expected {
  /** Rules that stand above those of before by now. */
  readonly added: number;
  /** Of those of before, how many are still there. */
  readonly left: number;
}

/**
 * The digest for the next write of several.
 * @throws {Refused} when somebody else changed the list meanwhile
 */
export function nextDigest(
  now: readonly ListedRule[],
  before: readonly ListedRule[],
  { added, left }: Expected,
  next: string,
): string | undefined {
  const asExpected = now.length === added + left && textOf(now.slice(added)) === textOf(before.slice(0, left));
  // In a plan nothing was sent, so the list is still that of before.
  if (asExpected || textOf(now) === textOf(before)) return digestOf(now);
  throw new Refused('somebody else changed these rules meanwhile', next);
}
