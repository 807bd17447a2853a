import type { Selection } from '../clusters/route.js';
import type { Page, Tool } from '../tools/define.js';
import type { CallRecord } from './audit/call-record.js';
import type { Arguments } from './input.js';
import type { Progress, Tell } from './progress.js';
import type { Ask } from './question.js';

/** Who calls, for the audit. */
export interface Caller {
  readonly name: string;
  readonly version?: string;
}

/** What a caller brings along. */
export interface CallOptions {
  /** Aborting it stops the requests and the waiting; what Proxmox has begun goes on. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => Promise<void>;
  /** Without it nothing is done that a person has to confirm (`PROXMOX_CONFIRM`). */
  readonly ask?: Ask;
  readonly client?: Caller;
}

/** The same, with where it is written down. */
export interface RecordedOptions extends CallOptions {
  readonly record?: CallRecord;
}

/** One call of a tool, with its arguments checked and its clusters chosen. */
export interface Execution {
  readonly tool: Tool;
  /** All clusters of the call. */
  readonly clusters: readonly string[];
  readonly arguments: Arguments;
  readonly options: RecordedOptions;
  readonly via: Selection['via'];
  /** What is to be said of the choice of clusters. */
  readonly notes: readonly string[];
  /** Milliseconds since the epoch, when it began. */
  readonly now: number;
  readonly page: Page;
  readonly tell: Tell;
}
