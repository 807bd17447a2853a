import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag } from '../../pve/loose.js';
import { toWord, toWords } from '../../pve/quoted.js';
import { configId } from '../arguments/names.js';
import { defineList, defineTool } from '../define.js';
import { Refused } from '../refused.js';

const target = z.object({
  name: z.string(),
  type: z.string().optional(),
  comment: z.string().optional(),
  disable: flag.optional(),
  origin: z.string().optional(),
});

const matcher = z.object({
  name: z.string(),
  comment: z.string().optional(),
  disable: flag.optional(),
  origin: z.string().optional(),
  mode: z.string().optional(),
  target: z.array(z.string()).optional(),
  'match-field': z.array(z.string()).optional(),
  'match-severity': z.array(z.string()).optional(),
  'match-calendar': z.array(z.string()).optional(),
});

export const targets = endpoint('GET /cluster/notifications/targets', z.array(target));
export const matchers = endpoint('GET /cluster/notifications/matchers', z.array(matcher));
const name = configId(256).describe('Name');

const removals = {
  webhook: endpoint('DELETE /cluster/notifications/endpoints/webhook/{name}', z.null()),
  gotify: endpoint('DELETE /cluster/notifications/endpoints/gotify/{name}', z.null()),
  smtp: endpoint('DELETE /cluster/notifications/endpoints/smtp/{name}', z.null()),
  sendmail: endpoint('DELETE /cluster/notifications/endpoints/sendmail/{name}', z.null()),
};

type Removable = keyof typeof removals;
const isRemovable = (type: string | undefined): type is Removable => type !== undefined && type in removals;

export default [
  defineList({
    name: 'proxmox-list-notifications',
    title: 'List notifications',
    description: 'Notification targets, and the matchers that choose what goes there.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'hardware',
    input: {},
    output: z.object({
      kind: z.enum(['target', 'matcher']),
      name: z.string(),
      type: z.string().optional(),
      comment: z.string().optional(),
      disable: z.boolean().optional(),
      origin: z.string().optional(),
      targets: z.array(z.string()).optional(),
      match: z.array(z.string()).optional(),
      mode: z.string().optional(),
    }),
    calls: { targets, matchers },
    privileges: ['Mapping.Audit|Mapping.Use|Mapping.Modify on /mapping/notifications'],
    run: async ({ call }) => {
      const [places, rules] = await Promise.all([call.targets({}), call.matchers({})]);
      const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
      return {
        rows: [
          ...places.data.toSorted(byName).map((row) => ({ kind: 'target' as const, ...row })),
          ...rules.data.toSorted(byName).map(({ target: to, mode, ...row }) => ({
            kind: 'matcher' as const,
            name: row.name,
            comment: row.comment,
            disable: row.disable,
            origin: row.origin,
            mode,
            targets: to,
            match: [
              ...(row['match-field'] ?? []),
              ...(row['match-severity'] ?? []).map((severity) => `severity:${severity}`),
              ...(row['match-calendar'] ?? []).map((calendar) => `calendar:${calendar}`),
            ],
          })),
        ],
      };
    },
  }),
  defineTool({
    name: 'proxmox-test-notification',
    title: 'Test notification',
    description: 'Send a test message to a notification target.',
    effect: 'write',
    scope: 'cluster',
    toolset: 'hardware',
    input: { name },
    output: z.object({ name: z.string(), sent: z.boolean() }),
    calls: { test: endpoint('POST /cluster/notifications/targets/{name}/test', z.null()) },
    privileges: ['Mapping.Audit|Mapping.Use|Mapping.Modify on /mapping/notifications'],
    run: async ({ input, call }) => {
      await call.test({ name: input.name });
      return { name: input.name, sent: true };
    },
  }),
  defineTool({
    name: 'proxmox-delete-notification',
    title: 'Delete notification',
    description: 'Delete a notification target or matcher; built-in ones are reset.',
    effect: 'destroy',
    scope: 'cluster',
    toolset: 'hardware',
    input: { kind: z.enum(['target', 'matcher']).describe('Kind'), name },
    output: z.object({ kind: z.string(), name: z.string() }),
    calls: {
      targets,
      matchers,
      ...removals,
      matcher: endpoint('DELETE /cluster/notifications/matchers/{name}', z.null()),
    },
    privileges: ['Mapping.Modify on /mapping/notifications'],
    run: async ({ input, call }) => {
      const known = input.kind === 'target' ? (await call.targets({})).data : (await call.matchers({})).data;
      const present = known.find((one) => one.name === input.name);
      if (present === undefined)
        throw new Refused(
          `there is no notification ${input.kind} of that name`,
          `There are: ${toWords(known.map((one) => one.name)) || 'none'}.`,
        );
      const type = 'type' in present ? present.type : undefined;
      if (input.kind === 'matcher') await call.matcher({ name: input.name });
      else if (isRemovable(type)) await call[type]({ name: input.name });
      else
        throw new Refused(
          `targets of type '${toWord(type ?? '')}' are not known here`,
          'Delete it in the web interface.',
        );
      return { kind: input.kind, name: input.name };
    },
  }),
];
