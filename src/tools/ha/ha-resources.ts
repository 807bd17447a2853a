import { z } from 'zod';
import { nodes, version } from '../../pve/discovery.js';
import type { Call } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { toWords } from '../../pve/quoted.js';
import { splitList } from '../../pve/storage.js';
import { configId, nodeName } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { haResources, haRules, rulesOrNone } from './ha-endpoints.js';
import { sidOf } from './sid.js';

const add = endpoint('POST /cluster/ha/resources', z.null());
const change = endpoint('PUT /cluster/ha/resources/{sid}', z.null());
const remove = endpoint('DELETE /cluster/ha/resources/{sid}', z.null());
/** Up to 8 it answers nothing. */
const moved = z
  .object({
    'blocking-resources': z.array(z.object({ sid: z.string() })).optional(),
    'comigrated-resources': z.array(z.string()).optional(),
  })
  .nullable();
const migrate = endpoint('POST /cluster/ha/resources/{sid}/migrate', moved);
const relocate = endpoint('POST /cluster/ha/resources/{sid}/relocate', moved);

const shared = { scope: 'guest', toolset: 'ha', privileges: ['Sys.Console on /', 'Sys.Audit on /'] } as const;

const tries = z.int().min(0).max(100).optional();
const settings = {
  state: z.enum(['started', 'stopped', 'disabled', 'ignored']).optional().describe('What HA is to see to'),
  max_restart: tries.describe('Starts tried on its node'),
  max_relocate: tries.describe('Other nodes tried'),
  group: z
    .string()
    .refine((name) => name === '' || configId(128).safeParse(name).success, 'the name of a group, or empty')
    .optional()
    .describe('Before 9; empty: none'),
  comment: z.string().max(4096).optional().describe('Text'),
};

const output = z.object({ sid: z.string(), name: z.string().optional(), state: z.string().optional() });

async function managed(target: GuestTarget, resources: Call<typeof haResources>) {
  const resource = (await resources({})).data.find(({ sid }) => sid === sidOf(target));
  if (resource !== undefined) return resource;
  throw new Refused(`HA does not manage guest ${target.vmid}`, 'Add it with proxmox-ha-add, or do without HA.');
}

async function refuseGroup(group: string | undefined, call: Parameters<typeof rulesOrNone>[0]): Promise<void> {
  if (group && (await rulesOrNone(call)) !== undefined)
    throw new Refused('Since version 9 there are no HA groups', 'Make a rule with proxmox-set-ha-rule.');
}

export default [
  defineTool({
    ...shared,
    name: 'proxmox-ha-add',
    title: 'Add to HA',
    description: 'Let HA manage a guest; its state is by default what it is now.',
    effect: 'write',
    input: settings,
    output,
    calls: { resources: haResources, version, rules: haRules, add },
    run: async ({ target, input, call }) => {
      const sid = sidOf(target);
      if ((await call.resources({})).data.some((one) => one.sid === sid))
        throw new Refused(`HA manages guest ${target.vmid} already`, 'Change it with proxmox-ha-update.');
      if (target.template) throw new Refused(`Guest ${target.vmid} is a template`, 'Add a guest that can run.');
      await refuseGroup(input.group, call);
      const runs = target.status !== 'stopped';
      const state = input.state ?? (runs ? 'started' : 'stopped');
      if (runs && (state === 'stopped' || state === 'disabled'))
        throw new Refused(
          `Guest ${target.vmid} runs, and HA would stop it`,
          "Leave 'state' out; stop it afterwards with proxmox-ha-update.",
        );
      const { max_restart, max_relocate, group, comment } = input;
      await call.add({}, { sid, state, max_restart, max_relocate, group: group || undefined, comment });
      return { sid, name: target.name, state };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-ha-update',
    title: 'Update in HA',
    description: 'Change HA of a guest: stopped, disabled stop it; disabled clears an error.',
    effect: 'destroy',
    input: settings,
    output,
    calls: { resources: haResources, version, rules: haRules, change },
    run: async ({ target, input, call, note }) => {
      const { digest, state: before } = await managed(target, call.resources);
      const { state, max_restart, max_relocate, group, comment } = input;
      const wanted = { state, max_restart, max_relocate, group, comment };
      if (Object.values(wanted).every((value) => value === undefined))
        throw new Refused('There is nothing to change', 'Give what is to change.');
      await refuseGroup(group, call);
      if (state === 'stopped' || state === 'disabled') note('HA stops the guest within seconds if it runs.');
      if (state === 'started' && target.status === 'stopped') note('HA starts the guest within seconds.');
      const ungroup = group === '' ? { group: undefined, delete: 'group' } : {};
      await call.change({ sid: sidOf(target) }, { ...wanted, ...ungroup, digest });
      return { sid: sidOf(target), name: target.name, state: state ?? before };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-ha-remove',
    title: 'Remove from HA',
    description: 'Take a guest out of HA and its rules; it goes on as it is.',
    effect: 'write',
    input: {},
    output,
    calls: { resources: haResources, version, rules: haRules, remove },
    run: async ({ target, call, note }) => {
      const sid = sidOf(target);
      await managed(target, call.resources);
      const rules = (await rulesOrNone(call)) ?? [];
      const inside = rules.filter(({ resources }) => splitList(resources).includes(sid)).map(({ rule }) => rule);
      if (inside.length > 0) note(`It is taken out of these rules: ${toWords(inside)}.`);
      await call.remove({ sid });
      return { sid, name: target.name };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-ha-migrate',
    title: 'Migrate by HA',
    description: 'Let HA move a guest: a VM live unless relocate, a container by a restart.',
    effect: 'destroy',
    input: {
      target_node: nodeName.describe('Where to'),
      relocate: z.boolean().optional().describe('Stop it, start it there'),
    },
    output: z.object({
      sid: z.string(),
      name: z.string().optional(),
      from: z.string(),
      target_node: z.string(),
      /** Guests that a rule makes go with it. */
      with: z.array(z.string()).optional(),
      /** Guests that a rule keeps apart from it and that are there: nothing was done. */
      blocked_by: z.array(z.string()).optional(),
      failed: z.number(),
    }),
    calls: { resources: haResources, nodes, migrate, relocate },
    run: async ({ target, input, call, note }) => {
      const { target_node: to } = input;
      const sid = sidOf(target);
      await managed(target, call.resources);
      if (target.node === to) throw new Refused(`Guest ${target.vmid} is on '${to}'`, 'Name another node.');
      const online = (await call.nodes({})).data.filter(({ status }) => status === 'online').map(({ node }) => node);
      if (!online.includes(to))
        throw new Refused(`'${to}' is no node that is online`, `Name one of ${online.sort().join(', ')}.`);
      const { data } = await (input.relocate ? call.relocate : call.migrate)({ sid }, { node: to });
      const blocked = (data?.['blocking-resources'] ?? []).map((one) => one.sid);
      if (blocked.length === 0)
        note('HA does it on its own, and begins within seconds: see the node of the guest in proxmox-ha-status.');
      return {
        sid,
        name: target.name,
        from: target.node,
        target_node: to,
        with: data?.['comigrated-resources'],
        blocked_by: blocked.length > 0 ? blocked : undefined,
        failed: blocked.length > 0 ? 1 : 0,
      };
    },
  }),
];
