import { PathValueError } from './errors.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A verb and a path below `/api2/json`, with `{name}` for each value: `GET /nodes/{node}/status`. */
export type Route = `${Method} /${string}`;

type PathNames<R extends string> = R extends `${string}{${infer Name}}${infer Rest}` ? Name | PathNames<Rest> : never;

/** The values that a route's path needs. */
export type PathValues<R extends Route> = { readonly [K in PathNames<R>]: string | number };

export function methodOf(route: Route): Method {
  const verb = route.slice(0, route.indexOf(' '));
  return verb === 'POST' || verb === 'PUT' || verb === 'DELETE' ? verb : 'GET';
}

/**
 * The path of a route with its values put in, each percent-encoded.
 * @throws {PathValueError} for a missing or empty value, `.`, `..`, a control character, or a slash where none may stand
 */
export function expandPath(route: Route, values: Readonly<Record<string, unknown>>): string {
  return route
    .slice(route.indexOf(' ') + 1)
    .replace(/\{([^}]+)\}/g, (_, name: string) => encodeValue(name, values[name]));
}

function encodeValue(name: string, value: unknown): string {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value);
  if (typeof value !== 'string' || value === '') throw new PathValueError(name, 'it is missing or empty');
  // The server decodes the whole path before it splits it (AnyEvent.pm), so an encoded slash or dot is no safer than a raw one.
  const segments = value.split('/');
  if (segments.length > 1 && name !== 'volume' && name !== 'cidr')
    throw new PathValueError(name, 'it may hold no slash');
  if (segments.some((part) => part === '' || part === '.' || part === '..'))
    throw new PathValueError(name, 'it may hold no empty or dotted segment');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(value)) throw new PathValueError(name, 'it may hold no control character');
  if (!value.isWellFormed()) throw new PathValueError(name, 'it is not well-formed Unicode');
  return encodeURIComponent(value);
}
