import { z } from 'zod';
import { guestResources } from '../../pve/resources.js';
import { defineTool } from '../define.js';
import {
  effectReads,
  optionReads,
  optionsShape,
  readClusterNotes,
  readGuestNotes,
  readOptions,
  showOptions,
} from './options.js';
import { describePlace, findPlace, placeShape, ruleLevels } from './place.js';
import { readRules, ruleReads, shownRule, showRule } from './rules.js';

export default [
  defineTool({
    name: 'proxmox-firewall-get',
    title: 'Firewall',
    description: 'Options and rules of a firewall.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'firewall',
    input: ruleLevels,
    output: z.object({ ...placeShape, ...optionsShape, rules: z.array(shownRule) }),
    calls: { guestResources, ...optionReads, ...ruleReads, ...effectReads },
    privileges: ['Sys.Audit on /', 'VM.Audit on /vms'],
    run: async ({ input, call, note }) => {
      const place = await findPlace(input, call.guestResources);
      const [found, rules] = await Promise.all([readOptions(place, call), readRules(place, call)]);
      const options = showOptions(place, found);
      const notes =
        place.level === 'guest'
          ? await readGuestNotes(place, options.enable === true, call)
          : await readClusterNotes(call);
      for (const text of notes) note(text);
      return { ...describePlace(place), ...options, rules: rules.map(showRule) };
    },
  }),
];
