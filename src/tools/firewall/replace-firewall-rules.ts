import { z } from 'zod';
import { guestResources } from '../../pve/resources.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { effectReads, readClusterNotes } from './options.js';
import { describePlace, findPlace, placeShape, ruleLevels } from './place.js';
import { readRule, rulesArgument } from './rule-argument.js';
import {
  addRule,
  digestOf,
  type ListedRule,
  readRules,
  removeRule,
  ruleAdditions,
  ruleReads,
  ruleRemovals,
  showRule,
} from './rules.js';

const again = 'Call again with the same rules to finish: the list is replaced as a whole, whatever it is by then.';

const textOf = (rules: readonly ListedRule[]) =>
  JSON.stringify(rules.map((rule) => ({ ...showRule(rule), pos: undefined })));

/**
 * The digest for the next write.
 * @param added rules that stand above those of before by now
 * @param left of those of before, how many are still there
 * @throws {Refused} when somebody else changed the list meanwhile
 */
function nextDigest(now: readonly ListedRule[], before: readonly ListedRule[], added: number, left: number) {
  const asExpected = now.length === added + left && textOf(now.slice(added)) === textOf(before.slice(0, left));
  // In a plan nothing was sent, so the list is still that of before.
  if (asExpected || textOf(now) === textOf(before)) return digestOf(now);
  throw new Refused('somebody else changed these rules meanwhile', again);
}

export default [
  defineTool({
    name: 'proxmox-firewall-replace-rules',
    title: 'Replace firewall rules',
    description: 'Replace all rules of a firewall, adding the new ones first.',
    effect: 'destroy',
    scope: 'cluster',
    toolset: 'firewall',
    input: { ...ruleLevels, rules: rulesArgument },
    output: z.object({ ...placeShape, added: z.number(), deleted: z.number() }),
    calls: {
      guestResources,
      ...ruleReads,
      ...ruleAdditions,
      ...ruleRemovals,
      optionsOfCluster: effectReads.optionsOfCluster,
    },
    privileges: ['Sys.Modify on /', 'VM.Config.Network on /vms'],
    run: async ({ input, call, note, offerUndo, progress }) => {
      const wanted = input.rules.map((rule, at) => readRule(rule, `rules.${at}`)).reverse();
      const place = await findPlace(input, call.guestResources);
      const before = await readRules(place, call);
      for (const text of await readClusterNotes(call)) note(text);
      offerUndo(again);
      const steps = wanted.length + before.length;
      // A new rule comes to the top, so they are added from the last; the old ones then go from the highest position down.
      for (const [added, rule] of wanted.entries()) {
        const digest = nextDigest(await readRules(place, call), before, added, before.length);
        await addRule(place, call, { ...rule, digest });
        await progress(added + 1, steps, 'rules added');
      }
      for (let left = before.length; left > 0; left -= 1) {
        const digest = nextDigest(await readRules(place, call), before, wanted.length, left);
        await removeRule(place, call, wanted.length + left - 1, digest);
        await progress(steps - left + 1, steps, 'old rules deleted');
      }
      return { ...describePlace(place), added: wanted.length, deleted: before.length };
    },
  }),
];
