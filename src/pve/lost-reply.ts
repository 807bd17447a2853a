import {
  ApiError,
  BreakerOpenError,
  CertificateError,
  ConnectionError,
  ForeignAnswerError,
  NodeTimeoutError,
  RequestError,
  StaleProxyError,
} from './errors.js';

/** What could be seen of a write whose reply was lost. */
export interface Finding {
  /** One sentence of our own. */
  readonly found: string;
  /** Where to look on. */
  readonly look: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** The reply to a write was lost, and looking did not tell whether it was done. It was not sent again. */
export class OutcomeUnknownError extends RequestError {
  override readonly name = 'OutcomeUnknownError';
  override readonly cause: RequestError;
  readonly finding: Finding;
  constructor(cause: RequestError, finding: Finding) {
    super(cause, `${cause.message}; whether it was done is not known: ${finding.found}`, { cause });
    this.cause = cause;
    this.finding = finding;
  }
}

/** Whether a write that ended so may have been done all the same: it had left, and no answer of its server came back. */
export function isLostReply(error: unknown): error is RequestError {
  if (error instanceof BreakerOpenError || error instanceof CertificateError) return false;
  if (error instanceof ConnectionError) return error.sent;
  if (error instanceof NodeTimeoutError || error instanceof StaleProxyError) return true;
  if (error instanceof ForeignAnswerError) return true;
  // 597: the reply broke off inside the cluster; 502 to 504 come from what stands in front of it.
  return error instanceof ApiError && [502, 503, 504, 597].includes(error.status);
}
