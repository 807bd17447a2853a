import { z } from 'zod';
import { version } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { toWords } from '../../pve/quoted.js';
import { guestResources } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';
import { configId, nodeName } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';
import { type HaRule, haGroups, haResources, haRules, rulesOrNone } from './ha-endpoints.js';
import { moveNote } from './moved-by.js';
import { requireChange, setGroup } from './set-ha-group.js';
import { sidOf } from './sid.js';

const createRule = endpoint('POST /cluster/ha/rules', z.null());
const updateRule = endpoint('PUT /cluster/ha/rules/{rule}', z.null());
const deleteRule = endpoint('DELETE /cluster/ha/rules/{rule}', z.null());
const createGroup = endpoint('POST /cluster/ha/groups', z.null());
const updateGroup = endpoint('PUT /cluster/ha/groups/{group}', z.null());
const deleteGroup = endpoint('DELETE /cluster/ha/groups/{group}', z.null());
const changeResource = endpoint('PUT /cluster/ha/resources/{sid}', z.null());

const shared = { scope: 'cluster', toolset: 'ha', privileges: ['Sys.Console on /', 'Sys.Audit on /'] } as const;

const rule = configId(128).describe('Name');

const isRanked = (one: string) =>
  /^[^:]+(?::\d{1,4})?$/.test(one) && nodeName.safeParse(one.replace(/:.*/, '')).success;

const settings = {
  rule,
  vmids: z.array(vmid).min(1).max(500).optional().describe('All of them'),
  nodes: z
    .string()
    .max(1024)
    .refine((list) => splitList(list).every(isRanked), 'nodes with their priority, as n1:2,n2')
    .optional()
    .describe('Preferred, as n1:2,n2'),
  strict: z.boolean().optional().describe('On no other node'),
  affinity: z.enum(['positive', 'negative']).optional().describe('Keep together, apart'),
  disable: z.boolean().optional().describe('Not in force'),
  comment: z.string().max(4096).optional().describe('Text'),
};
export type RuleSettings = z.output<z.ZodObject<typeof settings>>;

/** What a new rule is, or an old one is changed to; the kind follows from what is given. */
function kindOf({ nodes, strict, affinity }: RuleSettings, known: HaRule | undefined): string {
  const placed = nodes !== undefined || strict !== undefined;
  if (placed && affinity !== undefined)
    throw new InvalidInput({ argument: 'affinity', message: "'nodes' and 'strict' are of another kind of rule" });
  const asked = placed ? 'node-affinity' : affinity === undefined ? undefined : 'resource-affinity';
  const kind = known?.type ?? asked;
  if (kind === undefined)
    throw new InvalidInput({ argument: 'nodes', message: "a new rule needs 'nodes', or 'affinity' between guests" });
  if (asked !== undefined && asked !== kind)
    throw new Refused(`Rule '${known?.rule}' is of type ${kind}`, 'Delete it first, or choose another name.');
  return kind;
}

function requireWhole({ vmids, nodes, affinity }: RuleSettings, kind: string): void {
  if (vmids === undefined) throw new InvalidInput({ argument: 'vmids', message: 'a new rule needs its guests' });
  if (kind === 'node-affinity' && nodes === undefined)
    throw new InvalidInput({ argument: 'nodes', message: 'a new rule on nodes needs them' });
  if (affinity !== undefined && vmids.length < 2)
    throw new InvalidInput({ argument: 'vmids', message: 'a rule between guests needs two or more' });
}

/** Whether more than the comment changes, and guests have to go by the rule afterwards. */
function inForce({ comment: _, rule: __, ...changes }: RuleSettings, known: HaRule | undefined): boolean {
  return !(changes.disable ?? known?.disable) && Object.values(changes).some((value) => value !== undefined);
}

const output = z.object({ rule: z.string(), type: z.string(), created: z.boolean() });

export default [
  defineTool({
    ...shared,
    name: 'proxmox-set-ha-rule',
    title: 'Set HA rule',
    description: 'Create or change an HA rule: nodes, together or apart; before version 9 a group.',
    effect: 'destroy',
    input: settings,
    output,
    calls: {
      version,
      rules: haRules,
      groups: haGroups,
      resources: haResources,
      guests: guestResources,
      createRule,
      updateRule,
      createGroup,
      updateGroup,
      changeResource,
    },
    run: async ({ input, call, note, offerUndo }) => {
      const { data: guests } = await call.guests({}, { type: 'vm' });
      const { data: managed } = await call.resources({});
      const sids = input.vmids?.map((id) => {
        const guest = guests.find((one) => one.vmid === id);
        const sid = guest === undefined ? undefined : sidOf(guest);
        if (sid !== undefined && managed.some((one) => one.sid === sid)) return sid;
        throw new Refused(`HA does not manage a guest ${id} of this cluster`, 'Add it with proxmox-ha-add first.');
      });
      const rules = await rulesOrNone(call);
      if (rules === undefined) return setGroup(input, { sids, managed, guests }, call, { note, offerUndo });
      const known = rules.find((one) => one.rule === input.rule);
      if (known !== undefined) requireChange(input);
      const type = kindOf(input, known);
      const { nodes, strict, affinity, disable, comment } = input;
      const wanted = { type, resources: sids?.join(','), nodes, strict, affinity, disable, comment };
      if (known === undefined) requireWhole(input, type);
      const moves = inForce(input, known)
        ? moveNote(
            {
              nodes: nodes ?? known?.nodes,
              affinity: affinity ?? known?.affinity,
              sids: sids ?? splitList(known?.resources),
            },
            guests,
          )
        : undefined;
      if (moves !== undefined) note(moves);
      if (known === undefined) {
        await call.createRule({}, { rule: input.rule, ...wanted });
      } else await call.updateRule({ rule: input.rule }, { ...wanted, digest: known.digest });
      return { rule: input.rule, type, created: known === undefined };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-ha-rule',
    title: 'Delete HA rule',
    description: 'Delete a rule, before version 9 a group; its guests stay under HA.',
    effect: 'destroy',
    input: { rule },
    output: z.object({ rule: z.string(), type: z.string() }),
    calls: { version, rules: haRules, groups: haGroups, resources: haResources, deleteRule, deleteGroup },
    run: async ({ input, call, note }) => {
      const rules = await rulesOrNone(call);
      const missing = () => new Refused(`There is no '${input.rule}'`, 'See proxmox-list-ha-rules.');
      if (rules !== undefined) {
        const known = rules.find((one) => one.rule === input.rule);
        if (known === undefined) throw missing();
        note(`It is about ${toWords(splitList(known.resources))}.`);
        await call.deleteRule({ rule: input.rule });
        return { rule: input.rule, type: known.type };
      }
      if (!(await call.groups({})).data.some(({ group }) => group === input.rule)) throw missing();
      const users = (await call.resources({})).data.filter(({ group }) => group === input.rule);
      if (users.length > 0)
        throw new Refused(
          `Group '${input.rule}' is that of ${users.map(({ sid }) => sid).join(', ')}`,
          'Give them another group, or none, with proxmox-ha-update.',
        );
      await call.deleteGroup({ group: input.rule });
      return { rule: input.rule, type: 'group' };
    },
  }),
];
