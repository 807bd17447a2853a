import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import type { Params } from '../../pve/params.js';
import { toWord, toWords } from '../../pve/quoted.js';
import { configId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { matchers, targets } from './notifications.js';

const name = configId(256).describe('Name');
const comment = z.string().max(4096).optional().describe('Text');
const disable = z.boolean().optional().describe('Switch it off');

const creations = {
  webhook: endpoint('POST /cluster/notifications/endpoints/webhook', z.null()),
  gotify: endpoint('POST /cluster/notifications/endpoints/gotify', z.null()),
  smtp: endpoint('POST /cluster/notifications/endpoints/smtp', z.null()),
  sendmail: endpoint('POST /cluster/notifications/endpoints/sendmail', z.null()),
};

const changes = {
  webhookChange: endpoint('PUT /cluster/notifications/endpoints/webhook/{name}', z.null()),
  gotifyChange: endpoint('PUT /cluster/notifications/endpoints/gotify/{name}', z.null()),
  smtpChange: endpoint('PUT /cluster/notifications/endpoints/smtp/{name}', z.null()),
  sendmailChange: endpoint('PUT /cluster/notifications/endpoints/sendmail/{name}', z.null()),
};

const targetInput = {
  name,
  type: z.enum(['webhook', 'gotify', 'smtp', 'sendmail']).describe('Type'),
  url: z.string().max(1024).optional().describe('Of webhook or gotify'),
  method: z.enum(['post', 'put', 'get']).optional().describe('Webhook; default post'),
  headers: z.record(z.string(), z.string()).optional().describe('Of webhook'),
  secrets: z.record(z.string(), z.string().max(4096)).optional().describe('For {{ secrets.NAME }}'),
  body: z.string().max(16_384).optional().describe('Template, of webhook'),
  secret: z.string().max(1024).optional().describe('Token or password'),
  server: z.string().max(256).optional().describe('SMTP host'),
  port: z.int().min(1).max(65_535).optional().describe('SMTP'),
  mode: z.enum(['insecure', 'starttls', 'tls']).optional().describe('SMTP'),
  username: z.string().max(256).optional().describe('SMTP'),
  from_address: z.string().max(256).optional().describe('Of mails'),
  mailto: z.array(z.string()).max(50).optional().describe('Addresses'),
  comment,
  disable,
};

type TargetInput = z.output<z.ZodObject<typeof targetInput>>;

/** What each type takes, beside a comment. */
const takes = {
  webhook: ['url', 'method', 'headers', 'secrets', 'body'],
  gotify: ['url', 'secret'],
  smtp: ['server', 'port', 'mode', 'username', 'secret', 'from_address', 'mailto'],
  sendmail: ['from_address', 'mailto'],
} as const;

const needed = {
  webhook: ['url'],
  gotify: ['url', 'secret'],
  smtp: ['server', 'from_address', 'mailto'],
  sendmail: ['mailto'],
} as const;

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** A webhook's header or secret as Proxmox keeps it: the value base64. */
const named = (argument: string, given: Readonly<Record<string, string>> | undefined) =>
  given &&
  Object.entries(given).map(([key, value]) => {
    if (!/^[\w-]+$/.test(key)) throw new InvalidInput({ argument, message: `'${key}' is no name` });
    return `name=${key},value=${base64(value)}`;
  });

/** Everybody who may see the target reads its headers; its secrets nobody. */
function checkHeaders(headers: Readonly<Record<string, string>> = {}): void {
  const open = Object.entries(headers).find(
    ([key, value]) => /auth|token|secret|password|cookie|api-?key/i.test(key) && !/\{\{\s*secrets\./.test(value),
  );
  if (open !== undefined)
    throw new InvalidInput({
      argument: 'headers',
      message: `'${open[0]}' would be kept in the open: give it in 'secrets', and '{{ secrets.NAME }}' here`,
    });
}

function targetForm(input: TargetInput): Params {
  const shared = { comment: input.comment, disable: input.disable };
  switch (input.type) {
    case 'webhook':
      return {
        ...shared,
        url: input.url,
        method: input.method,
        header: named('headers', input.headers),
        secret: named('secrets', input.secrets),
        body: input.body === undefined ? undefined : base64(input.body),
      };
    case 'gotify':
      return { ...shared, server: input.url, token: input.secret };
    case 'smtp':
      return {
        ...shared,
        server: input.server,
        port: input.port,
        mode: input.mode,
        username: input.username,
        password: input.secret,
        'from-address': input.from_address,
        mailto: input.mailto,
      };
    case 'sendmail':
      return { ...shared, 'from-address': input.from_address, mailto: input.mailto };
  }
}

function checkTarget(input: TargetInput, creating: boolean): void {
  const known: readonly string[] = ['name', 'type', 'comment', 'disable', ...takes[input.type]];
  const foreign = Object.entries(input).find(([key, value]) => value !== undefined && !known.includes(key));
  if (foreign !== undefined)
    throw new InvalidInput({
      argument: foreign[0],
      message: `is not for ${input.type}, which takes ${takes[input.type].join(', ')}`,
    });
  checkHeaders(input.headers);
  const missing = creating ? needed[input.type].find((key) => input[key] === undefined) : undefined;
  if (missing !== undefined) throw new InvalidInput({ argument: missing, message: `a new ${input.type} needs it` });
}

const changed = z.object({ name: z.string(), created: z.boolean() });

export default [
  defineTool({
    name: 'proxmox-set-notification-target',
    title: 'Notification target',
    description: 'Create or change a notification target; what is left out stays.',
    effect: 'write',
    scope: 'cluster',
    toolset: 'hardware',
    input: targetInput,
    output: changed,
    calls: { targets, ...creations, ...changes },
    privileges: ['Mapping.Modify on /mapping/notifications', 'Sys.AccessNetwork|Sys.Modify on /'],
    run: async ({ input, call }) => {
      const present = (await call.targets({})).data.find((one) => one.name === input.name);
      if (present?.type !== undefined && present.type !== input.type)
        throw new Refused(
          `'${input.name}' is of type ${toWord(present.type)}, which cannot be changed`,
          'Choose another name.',
        );
      checkTarget(input, present === undefined);
      const form = targetForm(input);
      if (present === undefined) {
        const method = input.type === 'webhook' ? { method: input.method ?? 'post' } : {};
        await call[input.type]({}, { name: input.name, ...form, ...method });
      } else await call[`${input.type}Change`]({ name: input.name }, form);
      return { name: input.name, created: present === undefined };
    },
  }),
  defineTool({
    name: 'proxmox-set-notification-matcher',
    title: 'Notification matcher',
    description: 'Create or change a matcher: which events go to which targets.',
    effect: 'write',
    scope: 'cluster',
    toolset: 'hardware',
    input: {
      name,
      targets: z.array(z.string()).min(1).max(20).optional().describe('Targets'),
      events: z.array(z.string()).max(20).optional().describe('exact:type=vzdump, ...'),
      severities: z
        .array(z.enum(['info', 'notice', 'warning', 'error', 'unknown']))
        .optional()
        .describe('Severities'),
      calendar: z.array(z.string()).max(10).optional().describe('Such as mon-fri 8-17'),
      mode: z.enum(['all', 'any']).optional().describe('Must all match, or any'),
      comment,
      disable,
    },
    output: changed,
    calls: {
      targets,
      matchers,
      create: endpoint('POST /cluster/notifications/matchers', z.null()),
      change: endpoint('PUT /cluster/notifications/matchers/{name}', z.null()),
    },
    privileges: ['Mapping.Modify on /mapping/notifications'],
    run: async ({ input, call }) => {
      const [places, rules] = await Promise.all([call.targets({}), call.matchers({})]);
      const known = places.data.map((one) => one.name);
      const unknown = input.targets?.find((one) => !known.includes(one));
      if (unknown !== undefined)
        throw new InvalidInput({
          argument: 'targets',
          message: `there is no '${unknown}'; there are ${toWords(known)}`,
        });
      const wrong = input.events?.find((field) => !/^(exact|regex):[\w-]+=.+$/.test(field));
      if (wrong !== undefined)
        throw new InvalidInput({
          argument: 'events',
          message: `'${wrong}' does not read exact:field=value or regex:field=value`,
        });
      const form = {
        target: input.targets,
        'match-field': input.events,
        'match-severity': input.severities,
        'match-calendar': input.calendar,
        mode: input.mode,
        comment: input.comment,
        disable: input.disable,
      };
      const created = !rules.data.some((one) => one.name === input.name);
      if (created) await call.create({}, { name: input.name, ...form });
      else await call.change({ name: input.name }, form);
      return { name: input.name, created };
    },
  }),
];
