import {
  AnswerTimeoutError,
  BadAnswerError,
  BreakerOpenError,
  ConnectionError,
  ForbiddenError,
  NodeTimeoutError,
  NodeUnreachableError,
  NotImplementedError,
  type RequestError,
  StaleProxyError,
  UnauthorizedError,
  UnpreparedError,
} from './errors.js';
import { OutcomeUnknownError } from './lost-reply.js';
import { PolicyError } from './policy/policy-error.js';

/** Whether the node that was meant gave no answer, so that the next request to it may well give none either. */
export const isSilence = (error: RequestError): boolean =>
  error instanceof ConnectionError ||
  error instanceof NodeUnreachableError ||
  error instanceof NodeTimeoutError ||
  error instanceof StaleProxyError;

/** What a node did instead of answering. The error's own message may hold what a guest or a server wrote. */
export function failureInWords(error: RequestError): string {
  if (error instanceof NodeTimeoutError || error instanceof AnswerTimeoutError) return 'did not answer in time';
  if (error instanceof OutcomeUnknownError) return 'lost its reply: whether it was done is not known';
  if (error instanceof BreakerOpenError) return 'is not asked for now, after many failures';
  if (isSilence(error)) return 'could not be reached';
  if (error instanceof PolicyError) return `was not asked: a rule does not allow it (${error.variable})`;
  if (error instanceof UnpreparedError) return 'cannot be asked as it is configured: its CA file cannot be read';
  if (error instanceof ForbiddenError) return 'refused for want of a privilege';
  if (error instanceof UnauthorizedError) return 'refused the token';
  if (error instanceof NotImplementedError) return 'does not know this call';
  return error instanceof BadAnswerError ? 'gave an answer that cannot be read' : 'gave an error';
}
