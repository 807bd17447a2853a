/** What a handler dies with: an HTTP status, the text of its reason phrase, and the faults of single parameters. */
export class PveError extends Error {
  readonly status: number;
  readonly errors: Readonly<Record<string, string>> | undefined;

  constructor(status: number, message: string, errors?: Readonly<Record<string, string>>) {
    super(message);
    this.name = 'PveError';
    this.status = status;
    this.errors = errors;
  }
}

/** Perl's `die`: all that goes wrong inside a handler is a 500. */
export function died(message: string): PveError {
  return new PveError(500, message);
}

export function parameterError(errors: Readonly<Record<string, string>>): PveError {
  return new PveError(400, 'Parameter verification failed.', errors);
}

export function forbidden(detail?: string): PveError {
  return new PveError(403, detail === undefined ? 'Permission check failed' : `Permission check failed (${detail})`);
}
