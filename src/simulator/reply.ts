import type { Json } from './json.js';
import type { PveError } from './pve-error.js';
import { Envelope } from './route.js';

export interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly contentType: string | undefined;
  readonly body: string;
  readonly location?: string;
  /** Seconds of the simulator's clock that pass before it is sent. */
  readonly heldFor?: number;
}

const json = 'application/json;charset=UTF-8';

export function okReply(result: Json | Envelope): Reply {
  const content = result instanceof Envelope ? { data: result.data, ...result.beside } : { data: result };
  return { status: 200, reason: 'OK', contentType: json, body: JSON.stringify(content) };
}

/** An error of the API: its text is in the reason phrase and, since 8.4, in the body. */
export function errorReply(error: PveError): Reply {
  const reason = error.message.split('\n')[0] ?? '';
  // a request without valid credentials is turned away before there is a formatter
  if (error.status === 401) return { status: 401, reason, contentType: undefined, body: '' };
  const body = JSON.stringify({ data: null, errors: error.errors, message: `${error.message}\n` });
  return { status: error.status, reason, contentType: json, body };
}

/** An error of the HTTP server below the API: no JSON. */
export function plainReply(status: number, reason: string): Reply {
  return { status, reason, contentType: 'text/plain', body: reason };
}
