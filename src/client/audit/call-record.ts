import { randomBytes } from 'node:crypto';
import type { Effect, Tool } from '../../tools/define.js';
import { describeError } from '../describe-error.js';
import type { Caller } from '../execution.js';
import type { Write } from '../write-gate.js';
import { AuditError } from './audit-error.js';
import type { AuditOutcome } from './audit-outcome.js';
import { maskArguments, maskParameters } from './mask-arguments.js';

/** How the lines of a call are written. */
export interface RecordWriter {
  now(): number;
  /** @throws {AuditError} */
  write(fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Whether nothing may be sent that could not be written. */
  readonly required: boolean;
  readonly reads: boolean;
  /** Says that something could not be written. */
  complain(tool: string, error: AuditError): void;
}

/** What came of a request. */
type Reply = { readonly upid?: string; readonly reply?: 'lost' } | { readonly error: unknown };

interface Sent {
  readonly cluster: string;
  readonly method: string;
  readonly path: string;
  readonly upid?: string;
  readonly reply?: 'lost';
  readonly code?: string;
  /** It could not be written down, so it was not sent; its number is no other's. */
  readonly unsent?: true;
}

/** A bulk call has many; each has a line of its own. */
const mostListed = 100;

/** One call, and the lines that are written of it. */
export class CallRecord {
  readonly #writer: RecordWriter;
  readonly #tool: Tool;
  readonly #began: number;
  readonly #id = randomBytes(8).toString('hex');
  readonly #head: Record<string, unknown>;
  readonly #sent: Sent[] = [];
  #failure: AuditError | undefined;

  constructor(writer: RecordWriter, tool: Tool, given: unknown, caller: Caller | undefined) {
    this.#writer = writer;
    this.#tool = tool;
    this.#began = writer.now();
    this.#head = {
      call: this.#id,
      client: callerOf(caller),
      tool: tool.name,
      effect: tool.effect,
      arguments: maskArguments(tool, given),
    };
  }

  /** Why not all of it is written. */
  get failure(): AuditError | undefined {
    return this.#failure;
  }

  /** How many requests that change something were sent. */
  get sent(): number {
    return this.#really.length;
  }

  get #really(): readonly Sent[] {
    return this.#sent.filter(({ unsent }) => unsent === undefined);
  }

  /** Where it goes, and what it counts as with its arguments. */
  placed(facts: { readonly clusters: readonly string[]; readonly via: string; readonly effect: Effect }): void {
    Object.assign(this.#head, facts);
  }

  /** What it is about, as it was found. */
  aimed(target: Readonly<Record<string, unknown>>): void {
    if (Object.keys(target).length > 0) this.#head.target = target;
  }

  /** Who said yes. */
  confirmed(by: 'argument' | 'human'): void {
    this.#head.confirmed_by = by;
  }

  /**
   * Writes what is about to be sent; once it is written it may be sent.
   * @returns its number, for {@link answered}
   * @throws {AuditError} when it could not be, and nothing is to be sent then
   */
  async sending(cluster: string, { method, path, parameters, file }: Write): Promise<number> {
    const number = this.#sent.length + 1;
    const beside = {
      ...(parameters === undefined ? {} : { parameters: maskParameters(path, parameters) }),
      ...(file === undefined ? {} : { file }),
    };
    const lines = [
      ...(number === 1 ? [{ event: 'begin', ...this.#head }] : []),
      { event: 'send', call: this.#id, request: number, cluster, method, path, ...beside },
    ];
    this.#sent.push({ cluster, method, path });
    const error = await this.#write(...lines);
    if (error === undefined || !this.#writer.required) return number;
    this.#sent[number - 1] = { cluster, method, path, unsent: true };
    throw error;
  }

  /** What came of it. That need not be awaited: it is written before the end of the call is. */
  answered(number: number, reply: Reply): void {
    const told = 'error' in reply ? { code: describeError(reply.error).code } : reply;
    const sent = this.#sent[number - 1];
    if (sent !== undefined) this.#sent[number - 1] = { ...sent, ...told };
    void this.#write({ event: 'answer', call: this.#id, request: number, ...told });
  }

  async ended({ outcome, ...facts }: AuditOutcome): Promise<void> {
    const isRead = this.#tool.effect === 'read';
    if (isRead && !this.#writer.reads) return;
    const ms = this.#writer.now() - this.#began;
    const sent = this.#really;
    const listed = sent.slice(0, mostListed);
    const more = sent.length - listed.length;
    // What has sent nothing never began; of a flood that was refused the log tells.
    if (sent.length === 0 && facts.code === 'BUSY') return;
    await this.#write({
      event: sent.length > 0 ? 'end' : 'call',
      ...this.#head,
      ...(isRead ? {} : { requests: listed }),
      ...(more > 0 ? { requests_not_listed: more } : {}),
      outcome,
      ...facts,
      ms,
    });
  }

  async #write(...lines: readonly Readonly<Record<string, unknown>>[]): Promise<AuditError | undefined> {
    try {
      await Promise.all(lines.map((line) => this.#writer.write(line)));
      return undefined;
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      this.#failure = error;
      this.#writer.complain(this.#tool.name, error);
      return error;
    }
  }
}

function callerOf(caller: Caller = { name: 'library' }): Record<string, string> {
  const { name, version } = caller;
  return { name: name.slice(0, 100), ...(version === undefined ? {} : { version: version.slice(0, 100) }) };
}
