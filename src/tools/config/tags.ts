import { z } from 'zod';
import { changeConfig } from '../../pve/change-config.js';
import { configText, guestConfig } from '../../pve/guest-config.js';
import { splitList } from '../../pve/storage.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';

const tag = z
  .string()
  .max(124)
  .refine(
    (one) => /^\w[\w.+-]*$/.test(one),
    'a tag has letters, digits and _ - + . and starts with a letter, digit or _',
  );
const tags = (what: string) => z.array(tag).min(1).max(64).optional().describe(what);

interface Asked {
  readonly add?: string[] | undefined;
  readonly remove?: string[] | undefined;
  readonly replace?: string[] | undefined;
}

// Proxmox keeps them in lower case unless the datacenter says otherwise (tag-style).
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const has = (list: readonly string[], one: string) => list.some((other) => same(one, other));

function change(before: readonly string[], { add = [], remove = [], replace }: Asked): string[] {
  const kept = (replace ?? before).filter((one) => !has(remove, one));
  return [...kept, ...add].filter((one, index, all) => all.findIndex((other) => same(one, other)) === index);
}

function refuseContradiction({ add, remove, replace }: Asked): void {
  if (add === undefined && remove === undefined && replace === undefined)
    throw new InvalidInput({ argument: 'add', message: "name tags in 'add', 'remove' or 'replace'" });
  if (replace !== undefined && (add !== undefined || remove !== undefined))
    throw new InvalidInput({ argument: 'replace', message: "is the whole list; leave out 'add' and 'remove'" });
  const both = (add ?? []).filter((one) => has(remove ?? [], one));
  if (both.length > 0) throw new InvalidInput({ argument: 'remove', message: `${both.join(', ')}: also in 'add'` });
}

export default [
  defineTool({
    name: 'proxmox-set-tags',
    title: 'Set tags',
    description: 'Add, remove or replace tags of a guest.',
    effect: 'write',
    scope: 'guest',
    toolset: 'config',
    input: {
      add: tags('Tags'),
      remove: tags('Tags'),
      replace: tags('The whole list'),
    },
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      node: z.string(),
      before: z.array(z.string()),
      tags: z.array(z.string()),
      unchanged: z.string().optional(),
    }),
    calls: { config: guestConfig, change: changeConfig },
    privileges: ['VM.Audit on /vms', 'VM.Config.Options on /vms'],
    run: async ({ target, input, call }) => {
      refuseContradiction(input);
      const { data: config } = await call.config(target);
      const before = splitList(configText(config.tags));
      const after = change(before, input);
      const { vmid, name, node } = target;
      if (after.length === before.length && after.every((one) => has(before, one)))
        return { vmid, name, node, before, tags: before, unchanged: 'it has these tags' };
      const digest = configText(config.digest);
      await call.change(target, after.length === 0 ? { delete: 'tags', digest } : { tags: after.join(';'), digest });
      // Sorted and spelt as the datacenter wants them.
      const { data: now } = await call.config(target);
      return { vmid, name, node, before, tags: splitList(configText(now.tags)) };
    },
  }),
];
