import type { Json } from '../json.js';
import type { ParameterSpec, ParameterSpecs } from '../parameters.js';
import type { Call, Envelope, Route } from '../route.js';

/** A route without its handler. */
export interface Declaration extends Pick<Route, 'params' | 'permission' | 'proxied' | 'since' | 'until'> {
  /** Where 8.4 declares the same parameters in another way. */
  readonly params84?: ParameterSpecs;
}

export type Handler = (call: Call, specs: ParameterSpecs) => Json | Envelope;

/** Picks from a table: `name?` makes it optional, `name#2` is the second spelling of the same parameter. */
export function parametersOf(table: ParameterSpecs, names: string): ParameterSpecs {
  const picked: Record<string, ParameterSpec> = {};
  for (const token of names.split(/\s+/).filter((part) => part !== '')) {
    const key = token.replace(/\?$/, '');
    const spec = table[key];
    if (spec === undefined) throw new Error(`no such parameter in the table: ${key}`);
    picked[key.replace(/#\d+$/, '')] = token.endsWith('?') ? { ...spec, optional: true } : spec;
  }
  return picked;
}

function routeOf(route: string, declaration: Declaration, handler: Handler): Route[] {
  const { params84, ...rest } = declaration;
  if (params84 === undefined) return [{ route, ...rest, handler: (call) => handler(call, rest.params) }];
  return [
    { route, ...rest, since: '9.2', handler: (call) => handler(call, rest.params) },
    { route, ...rest, until: '8.4', params: params84, handler: (call) => handler(call, params84) },
  ];
}

/** Brings declarations and handlers together; none may be without the other. */
export function routesOf(
  declarations: Readonly<Record<string, Declaration>>,
  handlers: Readonly<Record<string, Handler>>,
): Route[] {
  const foreign = Object.keys(handlers).find((route) => declarations[route] === undefined);
  if (foreign !== undefined) throw new Error(`a handler without a declaration: ${foreign}`);
  return Object.entries(declarations).flatMap(([route, declaration]) => {
    const handler = handlers[route];
    if (handler === undefined) throw new Error(`a declaration without a handler: ${route}`);
    return routeOf(route, declaration, handler);
  });
}
