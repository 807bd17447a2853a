import type { z } from 'zod';
import type { Beside } from './endpoint.js';
import {
  ApiError,
  ForbiddenError,
  ForeignAnswerError,
  NodeTimeoutError,
  NodeUnreachableError,
  NotImplementedError,
  ParameterError,
  type RequestFacts,
  ServerError,
  StaleProxyError,
  UnauthorizedError,
} from './errors.js';
import { toWord } from './quoted.js';
import { withToldNames } from './told-names.js';

type Envelope = { readonly data: unknown } & Beside;

/** `data` of a reply with status 200, and what stands beside it. */
export function readEnvelope(request: RequestFacts, body: string): Envelope {
  const parsed = parseObject(body);
  if (parsed === undefined || !('data' in parsed))
    throw new ForeignAnswerError(request, 'the reply is no Proxmox VE answer');
  const total = Number(parsed.total ?? Number.NaN);
  return {
    data: withToldNames(request.path, body, parsed.data),
    ...(Number.isFinite(total) ? { total } : {}),
    ...(typeof parsed.changes === 'string' ? { changes: parsed.changes } : {}),
  };
}

/** The error that a reply with any other status stands for. */
export function errorOf(request: RequestFacts, status: number, phrase: string, body: string): ApiError {
  const parsed = parseObject(body);
  // Up to 8.3 the reason phrase alone carries the message; HTTP/2 proxies drop it.
  const reason = textOf(parsed?.message) || phrase.trim() || `HTTP status ${status} without a reason`;
  switch (status) {
    case 400:
      return new ParameterError(request, reason, parameterFaults(parsed?.errors));
    case 401:
      return new UnauthorizedError(request, reason);
    case 403:
      return new ForbiddenError(request, reason);
    case 500:
      return new ServerError(request, reason);
    case 501:
      return new NotImplementedError(request, reason);
    case 595:
      return new NodeUnreachableError(request, reason);
    case 596:
      return new NodeTimeoutError(request, reason);
    case 599:
      return new StaleProxyError(request, reason);
    default:
      return new ApiError(request, status, reason);
  }
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

function parameterFaults(errors: unknown): Record<string, string> {
  if (typeof errors !== 'object' || errors === null) return {};
  return Object.fromEntries(Object.entries(errors).map(([name, reason]) => [name, String(reason).trim()]));
}

/** What is not as expected in the data of an answer. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.length ? ` at ${toWord(issue.path.join('.'))}` : '';
  return `the answer is not of the expected form${where}: ${issue?.message ?? 'unknown'}`;
}
