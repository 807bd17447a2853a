/** Anything that went wrong between here and one Proxmox VE cluster. */
export abstract class ProxmoxError extends Error {
  abstract override readonly name: string;
}

/** A value that may not stand in a path; nothing was sent. */
export class PathValueError extends ProxmoxError {
  override readonly name = 'PathValueError';
  readonly parameter: string;
  readonly reason: string;
  constructor(parameter: string, reason: string) {
    super(`'${parameter}' cannot be put into a path: ${reason}`);
    this.parameter = parameter;
    this.reason = reason;
  }
}

/** A task whose status could not be read in the time that was given, or no longer at its end: whether it runs is not known. */
export class TaskUnseenError extends ProxmoxError {
  override readonly name = 'TaskUnseenError';
  readonly upid: string;
  readonly seconds: number;
  constructor(upid: string, seconds: number) {
    super(`the status of the task could not be read within ${seconds} s`);
    this.upid = upid;
    this.seconds = seconds;
  }
}

/** A file that is being sent could not be read to its end; the server keeps nothing of it. */
export class UploadSourceError extends ProxmoxError {
  override readonly name = 'UploadSourceError';
  readonly file: string;
  readonly reason: string;
  constructor(file: string, reason: string, cause?: unknown) {
    super(`'${file}' could not be sent: ${reason}`, { cause });
    this.file = file;
    this.reason = reason;
  }
}

/** The request that an error is about. */
export interface RequestFacts {
  readonly cluster: string;
  readonly method: string;
  /** Below `/api2/json`, values in place, without query. */
  readonly path: string;
}

export abstract class RequestError extends ProxmoxError {
  readonly cluster: string;
  readonly method: string;
  readonly path: string;
  constructor(request: RequestFacts, message: string, options?: ErrorOptions) {
    super(message, options);
    this.cluster = request.cluster;
    this.method = request.method;
    this.path = request.path;
  }
}

/** The cluster's client could not be made: nothing was sent. */
export class UnpreparedError extends RequestError {
  override readonly name = 'UnpreparedError';
  override readonly cause: Error;
  constructor(request: RequestFacts, cause: Error) {
    super(request, cause.message, { cause });
    this.cause = cause;
  }
}

/** The server answered with an error status. */
export class ApiError extends RequestError {
  override readonly name: string = 'ApiError';
  readonly status: number;
  /** The server's own words: the body's `message`, else the HTTP reason phrase. */
  readonly reason: string;
  constructor(request: RequestFacts, status: number, reason: string) {
    super(request, `${request.method} ${request.path}: ${status} ${reason}`);
    this.status = status;
    this.reason = reason;
  }
}

/** 400: parameters that the server refused, each with its reason. */
export class ParameterError extends ApiError {
  override readonly name = 'ParameterError';
  readonly parameters: Readonly<Record<string, string>>;
  constructor(request: RequestFacts, reason: string, parameters: Readonly<Record<string, string>>) {
    super(request, 400, reason);
    this.parameters = parameters;
  }
}

/** 401: the token was not accepted. */
export class UnauthorizedError extends ApiError {
  override readonly name = 'UnauthorizedError';
  constructor(request: RequestFacts, reason: string) {
    super(request, 401, reason);
  }
}

/** 403: a privilege is missing. */
export class ForbiddenError extends ApiError {
  override readonly name = 'ForbiddenError';
  /** The ACL path that was checked, where the server named it. */
  readonly aclPath: string | undefined;
  /** The privileges of which one was needed; empty where the server named none. */
  readonly privileges: readonly string[];
  constructor(request: RequestFacts, reason: string) {
    super(request, 403, reason);
    const named = /\((\/[\w.@/:-]{0,256}), ([A-Za-z.|]{1,256})\)/.exec(reason);
    this.aclPath = named?.[1];
    this.privileges = named?.[2]?.split('|') ?? [];
  }
}

/** 500: the server tried and failed; its reason says at what. */
export class ServerError extends ApiError {
  override readonly name = 'ServerError';
  constructor(request: RequestFacts, reason: string) {
    super(request, 500, reason);
  }
}

/** 501: this version has no such call. */
export class NotImplementedError extends ApiError {
  override readonly name = 'NotImplementedError';
  constructor(request: RequestFacts, reason: string) {
    super(request, 501, reason);
  }
}

/** 595: the node that was asked could not reach the node that was meant. Nothing was run. */
export class NodeUnreachableError extends ApiError {
  override readonly name = 'NodeUnreachableError';
  constructor(request: RequestFacts, reason: string) {
    super(request, 595, reason);
  }
}

/** 596: the node that was meant was reached and did not answer in time. A write may have run. */
export class NodeTimeoutError extends ApiError {
  override readonly name = 'NodeTimeoutError';
  constructor(request: RequestFacts, reason: string) {
    super(request, 596, reason);
  }
}

/** 599: a stale connection inside the cluster (servers up to 8.2). */
export class StaleProxyError extends ApiError {
  override readonly name = 'StaleProxyError';
  constructor(request: RequestFacts, reason: string) {
    super(request, 599, reason);
  }
}

/** Of a client that is closed: it says nothing of the cluster. */
export const closedCodes: ReadonlySet<string> = new Set(['UND_ERR_CLOSED', 'UND_ERR_DESTROYED']);

/** No answer: refused, reset, unresolved, or out of time. */
export class ConnectionError extends RequestError {
  override readonly name: string = 'ConnectionError';
  /** `https://host:port` that was asked. */
  readonly address: string;
  /** The system's or undici's code: `ECONNREFUSED`, `ENOTFOUND`, `UND_ERR_CONNECT_TIMEOUT`, ... */
  readonly code: string;
  /** Whether the request had left: a write that was sent may have run. */
  readonly sent: boolean;
  constructor(request: RequestFacts, address: string, code: string, sent: boolean, message: string, cause?: unknown) {
    super(request, message, { cause });
    this.address = address;
    this.code = code;
    this.sent = sent;
  }
}

/** The server's certificate was not accepted; nothing was sent. */
export class CertificateError extends ConnectionError {
  override readonly name = 'CertificateError';
  /** SHA-256 of the certificate that the server showed, upper-case hex with colons. */
  readonly fingerprint: string;
  constructor(request: RequestFacts, address: string, code: string, fingerprint: string, cause?: unknown) {
    super(request, address, code, false, `the certificate of ${address} was not accepted: ${code}`, cause);
    this.fingerprint = fingerprint;
  }
}

/** Connected, and no answer within the time that a read or a write is given. */
export class AnswerTimeoutError extends ConnectionError {
  override readonly name = 'AnswerTimeoutError';
  readonly seconds: number;
  constructor(request: RequestFacts, address: string, seconds: number) {
    super(request, address, 'TIMEOUT', true, `${address} gave no answer within ${seconds} s`);
    this.seconds = seconds;
  }
}

/** What a breaker knows when it lets nothing through; times in milliseconds since the epoch. */
export interface BreakerFacts {
  /** What went wrong last. */
  readonly reason: string;
  /** When it opened. */
  readonly since: number;
  readonly failedAt: number;
  /** From when on a call finds out whether the cluster answers again. */
  readonly nextProbe: number;
  readonly now: number;
}

/** The cluster has failed again and again: this request was not sent. */
export class BreakerOpenError extends ConnectionError {
  override readonly name = 'BreakerOpenError';
  readonly reason: string;
  readonly since: number;
  readonly failedAt: number;
  readonly nextProbe: number;
  /** Until the next probe. */
  readonly seconds: number;
  constructor(request: RequestFacts, address: string, code: string, facts: BreakerFacts) {
    const { reason, since, failedAt, nextProbe, now } = facts;
    const seconds = Math.ceil((nextProbe - now) / 1000);
    super(request, address, code, false, `not asked again for ${seconds} s; last: ${reason}`);
    this.reason = reason;
    this.since = since;
    this.failedAt = failedAt;
    this.nextProbe = nextProbe;
    this.seconds = seconds;
  }
}

/** An answer that is not what this route gives. */
export class BadAnswerError extends RequestError {
  override readonly name: string = 'BadAnswerError';
  readonly reason: string;
  constructor(request: RequestFacts, reason: string) {
    super(request, `${request.method} ${request.path}: ${reason}`);
    this.reason = reason;
  }
}

/** An answer that does not come from Proxmox VE, or only half. */
export class ForeignAnswerError extends BadAnswerError {
  override readonly name = 'ForeignAnswerError';
}
