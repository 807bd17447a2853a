import type { AuditConfig } from '../../config/cluster-config.js';
import { cleanText } from '../../pve/clean-text.js';
import type { Clock } from '../../pve/clock.js';
import type { Log } from '../../pve/log.js';
import type { Tool } from '../../tools/define.js';
import type { CallOptions } from '../execution.js';
import { type Outcome, withNotes } from '../outcome.js';
import { AuditError, reasonOf } from './audit-error.js';
import { outcomeOf, outcomeOfError } from './audit-outcome.js';
import { CallRecord, type RecordWriter } from './call-record.js';
import { ChainWriter } from './chain-writer.js';

interface Asked {
  readonly tool: Tool;
  readonly given: unknown;
  readonly options: CallOptions;
}

/** Longer lines are cut to what is sure to be read again. */
const longestLine = 60_000;

/** Writes down every call that changes something, and every other one where that is wanted. */
export class Audit {
  readonly #config: AuditConfig;
  readonly #chain: ChainWriter;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #redact: (text: string) => string;

  /** @param redact cuts secrets out of text */
  constructor(config: AuditConfig, clock: Clock, log: Log, redact: (text: string) => string) {
    this.#config = config;
    this.#chain = new ChainWriter(config, clock, log);
    this.#clock = clock;
    this.#log = log;
    this.#redact = redact;
  }

  /** Runs a call, and writes down how it ended before that is told. */
  async recorded({ tool, given, options }: Asked, run: (record: CallRecord) => Promise<Outcome>): Promise<Outcome> {
    const record = new CallRecord(this.#writer, tool, given, options.client);
    try {
      const outcome = await run(record);
      await record.ended(outcomeOf(outcome, { effect: tool.effect, sent: record.sent }));
      return record.failure === undefined ? outcome : noted(outcome, record.failure);
    } catch (error) {
      const told = options.signal?.aborted ? new DOMException('the call was cancelled', 'AbortError') : error;
      await record.ended(outcomeOfError(told, record.sent));
      throw error;
    }
  }

  /** When all lines are on the disk; where the chain then ended goes into the log, for whoever keeps that elsewhere. */
  async close(): Promise<void> {
    const end = await this.#chain.settled();
    if (end === undefined) return;
    this.#log.info({ file: this.#config.file, seq: end.seq, hash: end.hash }, 'the audit ends with this line for now');
  }

  get #writer(): RecordWriter {
    const { required, reads, file } = this.#config;
    return {
      required,
      reads,
      now: () => this.#clock.now(),
      write: (fields) => this.#write(fields),
      complain: (tool, { reason }) =>
        this.#log.error({ variable: 'PROXMOX_AUDIT_FILE', file, reason, tool }, 'the audit could not be written'),
    };
  }

  async #write(fields: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      // Of what changed nothing there are as many as a model likes, and none holds up the disk.
      await this.#chain.append(this.#line(fields), fields.event !== 'call');
    } catch (error) {
      throw error instanceof AuditError ? error : new AuditError(this.#config.file, reasonOf(error));
    }
  }

  #line(fields: Readonly<Record<string, unknown>>): string {
    const time = new Date(this.#clock.now()).toISOString();
    const json = this.#clean({ time, ...fields });
    if (json.length <= longestLine) return json;
    const { arguments: _, parameters: __, planned: ___, ...short } = fields;
    return this.#clean({ time, ...short, left_out: `the arguments: the line had ${json.length} characters` });
  }

  /** Redacted, and without what steers a terminal: whoever reads the file may do so with the plainest of means. */
  #clean(fields: Readonly<Record<string, unknown>>): string {
    const whole = JSON.stringify(fields, (_, value) => (typeof value === 'string' ? cleanText(value) : value));
    const json = this.#redact(whole);
    return isObject(json) ? json : JSON.stringify({ time: fields.time, event: fields.event, call: fields.call });
  }
}

/** A secret may have the form of JSON, and leave none. */
function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

function noted(outcome: Outcome, { file, reason }: AuditError): Outcome {
  const note = `The audit of this call could not be written whole (${reason}): tell the user to look at PROXMOX_AUDIT_FILE, '${file}'.`;
  const entries = outcome.entries.map((entry) => {
    if ('body' in entry) return { ...entry, body: withNotes(entry.body, [note]) };
    // It says so itself.
    return entry.error instanceof AuditError ? entry : { ...entry, notes: [note] };
  });
  return { ...outcome, entries };
}
