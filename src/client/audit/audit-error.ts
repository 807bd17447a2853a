/** What is to be recorded could not be written; where that is required, nothing is sent without it. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly file: string;
  /** The system's code, such as `ENOSPC`; or `NOT_A_FILE`, `NOT_AN_AUDIT` or `LOCKED`. */
  readonly reason: string;
  constructor(file: string, reason: string) {
    super(`the audit cannot be written: ${reason}`);
    this.file = file;
    this.reason = reason;
  }
}

export const reasonOf = (error: unknown): string => {
  if (error instanceof AuditError) return error.reason;
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
};
