import { z } from 'zod';
import { defineTool } from '../define.js';
import { guestReads, outlineGuest, stillSameGuest } from './guest-of-place.js';
import { effectReads, readClusterNotes } from './options.js';
import { describePlace, findPlace, placeShape, ruleLevels } from './place.js';
import { readRule, rulesArgument } from './rule-argument.js';
import { addRule, nextDigest, readRules, removeRule, ruleAdditions, ruleReads, ruleRemovals } from './rules.js';

const again = 'Call again with the same rules to finish: the list is replaced as a whole, whatever it is by then.';

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
      ...guestReads,
      ...ruleReads,
      ...ruleAdditions,
      ...ruleRemovals,
      optionsOfCluster: effectReads.optionsOfCluster,
    },
    privileges: ['Sys.Modify on /', 'VM.Config.Network on /vms'],
    run: async ({ input, call, note, outline, offerUndo, progress }) => {
      const wanted = input.rules.map((rule, at) => readRule(rule, `rules.${at}`)).reverse();
      const place = await findPlace(input, call.guestResources);
      await outlineGuest(place, call, outline);
      const before = await readRules(place, call);
      for (const text of await readClusterNotes(call)) note(text);
      offerUndo(again);
      await stillSameGuest(place, call.guestResources);
      const steps = wanted.length + before.length;
      // A new rule comes to the top, so they are added from the last; the old ones then go from the highest position down.
      for (const [added, rule] of wanted.entries()) {
        const digest = nextDigest(await readRules(place, call), before, { added, left: before.length }, again);
        await addRule(place, call, { ...rule, digest });
        await progress(added + 1, steps, 'rules added');
      }
      for (let left = before.length; left > 0; left -= 1) {
        const digest = nextDigest(await readRules(place, call), before, { added: wanted.length, left }, again);
        await removeRule(place, call, wanted.length + left - 1, digest);
        await progress(steps - left + 1, steps, 'old rules deleted');
      }
      return { ...describePlace(place), added: wanted.length, deleted: before.length };
    },
  }),
];
