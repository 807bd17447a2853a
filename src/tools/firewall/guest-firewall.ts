import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import type { GuestTarget } from '../scope.js';
import { effectReads, optionReads, optionsShape, readGuestNotes, showOptions } from './options.js';
import type { GuestPlace } from './place.js';
import { readRule, rulesArgument } from './rule-argument.js';
import { addRule, nextDigest, readRules, ruleAdditions, ruleReads, shownRule, showRule } from './rules.js';

const placeOf = ({ node, type, vmid }: GuestTarget): GuestPlace => ({ level: 'guest', node, type, vmid });

const about = { vmid: z.number(), name: z.string().optional(), node: z.string() };

const again = 'See what is there with proxmox-firewall-get, then add what is missing.';

const setOptions = endpoint('PUT /nodes/{node}/{type}/{vmid}/firewall/options', z.null());

const get = <const K extends 'vm' | 'lxc'>(kind: K, label: string) =>
  defineTool({
    name: `proxmox-${kind}-firewall-get`,
    title: `Firewall of ${label}`,
    description: `Firewall options and rules of a ${label}; why they may not apply.`,
    effect: 'read',
    scope: kind,
    toolset: 'firewall',
    input: {},
    output: z.object({ ...about, ...optionsShape, rules: z.array(shownRule) }),
    calls: { ...ruleReads, ...optionReads, ...effectReads },
    privileges: ['VM.Audit on /vms'],
    run: async ({ target, call, note }) => {
      const place = placeOf(target);
      const [{ data }, rules] = await Promise.all([call.optionsOfGuest(place), readRules(place, call)]);
      const options = showOptions(place, data);
      for (const text of await readGuestNotes(place, options.enable === true, call)) note(text);
      const { vmid, name, node } = target;
      return { vmid, name, node, ...options, rules: rules.map(showRule) };
    },
  });

const set = <const K extends 'vm' | 'lxc'>(kind: K, label: string) =>
  defineTool({
    name: `proxmox-${kind}-firewall-set`,
    title: `Set ${label} firewall`,
    description: `Add rules at the top, in order, then switch the ${label} firewall.`,
    effect: 'destroy',
    scope: kind,
    toolset: 'firewall',
    input: {
      enable: z.boolean().optional().describe('On or off'),
      rules: rulesArgument.optional(),
    },
    output: z.object({ ...about, enable: z.boolean(), rules_added: z.number() }),
    calls: { ...ruleReads, ...optionReads, ...effectReads, ...ruleAdditions, setOptions },
    privileges: ['VM.Config.Network on /vms'],
    run: async ({ target, input, call, note, offerUndo }) => {
      const { enable, rules = [] } = input;
      if (enable === undefined && rules.length === 0)
        throw new InvalidInput({ argument: 'enable', message: "give 'enable', 'rules' or both" });
      const place = placeOf(target);
      const written = rules.map((rule, at) => readRule(rule, `rules.${at}`));
      const { data } = await call.optionsOfGuest(place);
      const enabled = enable ?? data.enable ?? false;
      for (const text of await readGuestNotes(place, enabled, call)) note(text);
      if (written.length > 0) offerUndo('proxmox-firewall-delete-rule at position 0 removes what was added last.');
      const before = await readRules(place, call);
      for (const [added, rule] of written.toReversed().entries()) {
        const digest = nextDigest(await readRules(place, call), before, { added, left: before.length }, again);
        await addRule(place, call, { ...rule, digest });
      }
      // Last, so that it is never on without its rules.
      if (enable !== undefined) await call.setOptions(place, { enable, digest: data.digest });
      const { vmid, name, node } = target;
      return { vmid, name, node, enable: enabled, rules_added: written.length };
    },
  });

export default [get('vm', 'VM'), set('vm', 'VM'), get('lxc', 'container'), set('lxc', 'container')];
