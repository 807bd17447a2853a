import { z } from 'zod';
import { settingWords } from '../../pve/quoted.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { guestReads, outlineGuest, stillSameGuest } from './guest-of-place.js';
import { effectReads, readClusterNotes } from './options.js';
import { describePlace, findPlace, placeShape, ruleLevels } from './place.js';
import { readChanges, readRule, ruleArgument } from './rule-argument.js';
import {
  addRule,
  digestOf,
  type ListedRule,
  moveRule,
  readRules,
  removeRule,
  ruleAdditions,
  ruleReads,
  ruleRemovals,
  ruleUpdates,
  shownRule,
  showRule,
  updateRule,
} from './rules.js';

const shared = {
  scope: 'cluster',
  toolset: 'firewall',
  privileges: ['Sys.Modify on /', 'VM.Config.Network on /vms'],
} as const;

const position = z.int().min(0).max(10_000);
const pos = position.describe('As listed');

function ruleAt(rules: readonly ListedRule[], at: number): ListedRule {
  const rule = rules.find((one) => one.pos === at);
  if (rule !== undefined) return rule;
  throw new Refused(
    rules.length === 0 ? 'there is no rule' : `there is no rule ${at}; the last one is ${rules.length - 1}`,
    'List the rules with proxmox-firewall-get.',
  );
}

const changedMeanwhile = () =>
  new Refused(
    'somebody else changed these rules meanwhile',
    'See where the rule stands with proxmox-firewall-get, then move it with proxmox-firewall-update-rule.',
  );

const add = defineTool({
  ...shared,
  name: 'proxmox-firewall-add-rule',
  title: 'Add firewall rule',
  description: 'Add a firewall rule, at the top and on unless said otherwise.',
  effect: 'write',
  input: { ...ruleLevels, rule: ruleArgument, position: position.optional().describe('Default 0, the top') },
  output: z.object({ ...placeShape, pos: z.number() }),
  calls: {
    ...guestReads,
    ...ruleReads,
    ...ruleAdditions,
    ...ruleUpdates,
    optionsOfCluster: effectReads.optionsOfCluster,
  },
  run: async ({ input, call, note, outline, offerUndo }) => {
    const rule = readRule(input.rule, 'rule');
    const place = await findPlace(input, call.guestResources);
    await outlineGuest(place, call, outline);
    const before = await readRules(place, call);
    const at = Math.min(input.position ?? 0, before.length);
    for (const text of await readClusterNotes(call)) note(text);
    await addRule(place, call, { ...rule, digest: digestOf(before) });
    offerUndo('The rule is at the top of the list: proxmox-firewall-delete-rule with pos 0 removes it.');
    if (at > 0) {
      // In a plan the rule was not added, and the list is as long as before.
      const now = await readRules(place, call);
      if (now.length > before.length + 1 || now.length < before.length) throw changedMeanwhile();
      await moveRule(place, call, { from: 0, to: at, digest: now.length > before.length ? digestOf(now) : undefined });
    }
    return { ...describePlace(place), pos: at };
  },
});

const update = defineTool({
  ...shared,
  name: 'proxmox-firewall-update-rule',
  title: 'Change firewall rule',
  description: 'Change fields of a firewall rule, or move it; null takes a field out.',
  effect: 'write',
  input: {
    ...ruleLevels,
    pos,
    rule: ruleArgument.optional(),
    move_to: position.optional().describe('New position'),
  },
  output: z.object({ ...placeShape, pos: z.number() }),
  calls: { ...guestReads, ...ruleReads, ...ruleUpdates },
  run: async ({ input, call, outline }) => {
    const changes = readChanges(input.rule ?? {}, 'rule');
    const changed = Object.values(changes).some((value) => value !== undefined);
    if (!changed && input.move_to === undefined)
      throw new InvalidInput({ argument: 'rule', message: "give 'rule', 'move_to' or both" });
    const place = await findPlace(input, call.guestResources);
    await outlineGuest(place, call, outline);
    const rules = await readRules(place, call);
    ruleAt(rules, input.pos);
    const to = Math.min(input.move_to ?? input.pos, rules.length - 1);
    if (changed) await updateRule(place, call, input.pos, { ...changes, digest: digestOf(rules) });
    // A request that moves pays no heed to anything else in it.
    if (to !== input.pos) {
      const now = changed ? await readRules(place, call) : rules;
      if (now.length !== rules.length) throw changedMeanwhile();
      await moveRule(place, call, { from: input.pos, to, digest: digestOf(now) });
    }
    return { ...describePlace(place), pos: to };
  },
});

const remove = defineTool({
  ...shared,
  name: 'proxmox-firewall-delete-rule',
  title: 'Delete firewall rule',
  description: 'Delete a firewall rule; those below move up.',
  effect: 'destroy',
  input: { ...ruleLevels, pos },
  output: z.object({ ...placeShape, deleted: shownRule }),
  calls: { ...guestReads, ...ruleReads, ...ruleRemovals },
  run: async ({ input, call, note, outline }) => {
    const place = await findPlace(input, call.guestResources);
    await outlineGuest(place, call, outline);
    const rules = await readRules(place, call);
    const deleted = showRule(ruleAt(rules, input.pos));
    note(`The rule: ${settingWords(deleted)}`);
    await stillSameGuest(place, call.guestResources);
    await removeRule(place, call, input.pos, digestOf(rules));
    return { ...describePlace(place), deleted };
  },
});

export default [add, update, remove];
