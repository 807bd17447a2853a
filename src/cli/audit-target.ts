import { methodOf, type Route } from '../pve/route.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import { scopeArguments } from '../tools/scope.js';
import { type Fields, isFields } from './audit-filter.js';

/** A request that a call sent, or would have sent. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly parameters?: Fields;
}

const tools: ReadonlyMap<string, Tool> = new Map(catalogue.map((tool): [string, Tool] => [tool.name, tool]));
const pathOf = (route: Route) => route.slice(route.indexOf(' ') + 1);
const routesOf = ({ calls }: Tool) => Object.values(calls).map(({ route }) => route);

/** By the path of a collection, the parameter that names what is made in it, as the paths below it say. */
const namedBy: ReadonlyMap<string, string> = new Map([
  ...[...tools.values()].flatMap(routesOf).flatMap((route) => {
    const segments = pathOf(route).split('/');
    return segments.flatMap((segment, index): [string, string][] =>
      segment.startsWith('{') ? [[segments.slice(0, index).join('/'), segment.slice(1, -1)]] : [],
    );
  }),
  // These are named by a parameter, and have no path of their own.
  ['/pools', 'poolid'],
  ['/access/acl', 'path'],
]);

/** Where a guest is; and what the target of a call tells better. */
const places = ['node', 'type'];
const most = 3;

/** What a call is about, as far as its lines say. */
export function targetText(fields: Fields, requests: readonly Asked[]): string {
  const target = isFields(fields.target) ? fields.target : {};
  const { vmid, name, node, storage, volid } = target;
  const found = [vmid, name, volid ?? storage].filter((part) => part !== undefined).map(String);
  const known = new Set([...found, ...(volid === undefined ? [] : [String(volid).split(':')[0] ?? ''])]);
  const tool = tools.get(String(fields.tool));
  const named = tool === undefined ? [] : requests.map((request) => namedIn(tool, request, known));
  const distinct = [...new Set(named.filter((text) => text !== ''))];
  const given =
    distinct.length === 0 && found.length === 0 && tool !== undefined ? argumentsOf(tool, fields) : distinct;
  const more = given.length > most ? [`and ${given.length - most} more`] : [];
  const parts = [...found, node ?? '', [...given.slice(0, most), ...more].join(', ')].map(String);
  // What has no name, such as the rules of a cluster, is told by its path.
  return parts.filter((part) => part !== '').join(' ') || (requests[0]?.path ?? '');
}

/** `user anna@pve token mcp`: the values of a request's path, and the one that names what it makes. */
function namedIn(tool: Tool, { method, path, parameters = {} }: Asked, known: ReadonlySet<string>): string {
  for (const route of routesOf(tool)) {
    const values = methodOf(route) === method ? valuesOf(pathOf(route), path) : undefined;
    if (values === undefined) continue;
    const made = namedBy.get(pathOf(route));
    const own: Found[] =
      made === undefined ? [] : [{ name: made, kind: kindOf(pathOf(route)), value: parameters[made] }];
    return [...values, ...own].flatMap((one) => wordsOf(one, known)).join(' ');
  }
  return '';
}

interface Found {
  readonly name: string;
  /** Of what: the part of the path before it. */
  readonly kind: string;
  readonly value: unknown;
}

function wordsOf({ name, kind, value }: Found, known: ReadonlySet<string>): string[] {
  if ((typeof value !== 'string' && typeof value !== 'number') || places.includes(name) || known.has(String(value)))
    return [];
  return name === 'vmid' ? [String(value)] : [`${kind} ${value}`];
}

/** `undefined` for a path of another route. */
function valuesOf(template: string, path: string): Found[] | undefined {
  const parts = template.split('/');
  const segments = path.split('/');
  if (segments.length !== parts.length) return undefined;
  const isSame = parts.every((part, index) => part.startsWith('{') || part === segments[index]);
  if (!isSame) return undefined;
  return parts.flatMap((part, index): Found[] =>
    part.startsWith('{')
      ? [{ name: part.slice(1, -1), kind: kindOf(parts.slice(0, index).join('/')), value: decoded(segments[index]) }]
      : [],
  );
}

function decoded(segment = ''): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** `/access/users` is of a user. */
function kindOf(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last.startsWith('{') ? '' : last.replace(/(?:(as)e)?s$/, '$1');
}

/** Of a call that came to no request: those arguments that say what it is about, by the names that its routes have. */
function argumentsOf(tool: Tool, { arguments: given, target }: Fields): string[] {
  if (!isFields(given)) return [];
  const place: readonly string[] = Object.keys(scopeArguments[tool.scope]);
  const ofGuest = ['vmid', 'name', 'source_vmid', 'source_name', 'volid']
    .filter((name) => place.includes(name) && given[name] !== undefined)
    .map((name) => String(given[name]));
  if (ofGuest.length > 0) return [ofGuest.join(' ')];
  const kinds = new Map<string, string>();
  for (const path of routesOf(tool).map(pathOf)) {
    const own = namedBy.get(path);
    if (own !== undefined) kinds.set(own, kindOf(path));
    for (const { name, kind } of valuesOf(path, path) ?? []) kinds.set(name, kind);
  }
  const found = [...kinds].flatMap(([name, kind]) => wordsOf({ name, kind, value: given[name] }, new Set()));
  return found.length === 0 && !isFields(target) && typeof given.node === 'string' ? [given.node] : [found.join(' ')];
}
