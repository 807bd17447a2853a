import { died, PveError } from '../pve-error.js';
import type { Call } from '../route.js';
import { type SectionFile, sectionHandlers, settingsRow } from '../sections.js';
import type { Handler } from './declaration.js';

const kinds = ['gotify', 'sendmail', 'smtp', 'webhook'] as const;

/** The targets that come with the system. */
const builtin: readonly string[] = ['mail-to-root', 'default-matcher'];

function endpointsOf({ cluster }: Call) {
  return cluster.state.configuration.notificationEndpoints;
}

function originOf(id: string): string {
  return builtin.includes(id) ? 'builtin' : 'user-created';
}

/** This part is Rust: what is not there is a real 404. */
function requireExisting(file: SectionFile, handler: Handler): Handler {
  return (call, specs) => {
    const id = call.params.text('name');
    if (!file.of(call).some((entry) => entry.id === id && file.visible?.(call, entry) !== false)) {
      throw new PveError(404, file.missing(id));
    }
    return handler(call, specs);
  };
}

function endpointFile(kind: string): SectionFile {
  return {
    key: 'name',
    of: endpointsOf,
    missing: (id) => `endpoint '${id}' does not exist`,
    existing: (id) => `endpoint '${id}' already exists`,
    secret: ['type', 'token', 'password', 'secret'],
    visible: (_, { settings }) => settings.type === kind,
    row: (_, { id }) => ({ origin: originOf(id) }),
    checkDelete: (call, id) => {
      const users = call.cluster.state.configuration.notificationMatchers.filter(({ settings }) => {
        const { target } = settings;
        return typeof target === 'object' && target.includes(id);
      });
      const names = users.map((matcher) => matcher.id).join(', ');
      if (users.length > 0) throw died(`cannot delete '${id}', referenced by: ${names}`);
    },
  };
}

const matcherFile: SectionFile = {
  key: 'name',
  of: ({ cluster }) => cluster.state.configuration.notificationMatchers,
  missing: (id) => `matcher '${id}' does not exist`,
  existing: (id) => `matcher '${id}' already exists`,
  row: (_, { id }) => ({ origin: originOf(id) }),
  check: (call, { target }) => {
    const targets = typeof target === 'object' ? target : [];
    const missing = targets.find((name) => !endpointsOf(call).some((entry) => entry.id === name));
    if (missing !== undefined) throw new PveError(404, `endpoint '${missing}' does not exist`);
  },
};

function crud(path: string, file: SectionFile, type: string | undefined): Record<string, Handler> {
  const { list, create, read, update, remove } = sectionHandlers(file);
  const createTyped: Handler = (call, specs) => {
    create(call, specs);
    const made = file.of(call).find((entry) => entry.id === call.params.text('name'));
    if (type !== undefined && made !== undefined) made.settings.type = type;
    return null;
  };
  return {
    [`GET ${path}`]: list,
    [`POST ${path}`]: createTyped,
    [`GET ${path}/{name}`]: requireExisting(file, read),
    [`PUT ${path}/{name}`]: requireExisting(file, update),
    [`DELETE ${path}/{name}`]: requireExisting(file, remove),
  };
}

function targets(call: Call) {
  return endpointsOf(call).map(({ id, settings }) => {
    const { type, comment, disable } = settingsRow(settings);
    return { name: id, type, comment, disable, origin: originOf(id) };
  });
}

const test: Handler = (call) => {
  const name = call.params.text('name');
  const target = endpointsOf(call).find((entry) => entry.id === name);
  if (target === undefined) throw new PveError(404, `endpoint '${name}' does not exist`);
  const { server } = target.settings;
  if (String(server ?? '').endsWith('.invalid')) {
    throw died(`could not notify via endpoint(s): ${name}: failed to lookup address information`);
  }
  return null;
};

export const notificationHandlers: Readonly<Record<string, Handler>> = {
  'GET /cluster/notifications/targets': targets,
  'POST /cluster/notifications/targets/{name}/test': test,
  'GET /cluster/notifications/endpoints': () => kinds.map((name) => ({ name })),
  ...Object.fromEntries(
    kinds.flatMap((kind) => Object.entries(crud(`/cluster/notifications/endpoints/${kind}`, endpointFile(kind), kind))),
  ),
  ...crud('/cluster/notifications/matchers', matcherFile, undefined),
};
