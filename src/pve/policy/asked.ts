import type { RequestFacts } from '../errors.js';
import type { Params } from '../params.js';

/** A request as rules look at it. */
export interface Asked {
  /** A verb, a space and the path as the server will split it: decoded, with the values in place. */
  readonly request: string;
  readonly params: Params;
}

/**
 * The request in the form that rules are written for. The server decodes a path before it splits it (AnyEvent.pm);
 * `undefined` where what it makes of one cannot be told, which no rule allows.
 */
export function readAsked({ method, path }: Pick<RequestFacts, 'method' | 'path'>, params: Params): Asked | undefined {
  if (/[?#\\]/.test(path)) return undefined;
  const decoded = decode(path);
  const segments = decoded?.split('/').slice(1) ?? [];
  if (decoded === undefined || segments.some((part) => part === '' || part === '.' || part === '..')) return undefined;
  return { request: `${method} ${decoded}`, params };
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Whether a parameter says something, be it a flag or a value. */
export const isSet = (value: unknown): boolean =>
  value !== undefined && value !== false && value !== '' && String(value) !== '0';

/** An expression for requests of a route, in which `{name}` stands for one segment and becomes a group, and `{volume}` for the rest. */
export function requestPattern(route: string): RegExp {
  const source = route
    .replace('{type}', '(?:qemu|lxc)')
    .replace('{volume}', '(?<volume>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`, 's');
}
