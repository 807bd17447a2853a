import { createReadStream } from 'node:fs';
import { type AuditLine, type ChainEnd, chainStart, readLine, sha256 } from './audit-line.js';
import { faultOf, type LineFault, misplaced, toldBy, unended } from './line-fault.js';

/** A line of a file, counted from 1. */
export interface LinePlace {
  readonly file: string;
  readonly line: number;
}

/** A call that was to change something, and of which no end was written: it is under way, or was killed. */
export interface Unended extends LinePlace {
  readonly call: string;
  readonly time: string;
  readonly tool: string;
  readonly clusters: readonly string[];
  /** What was sent, or was about to be. */
  readonly requests: readonly string[];
}

/** Lines that could not be written, as the line says that could be again. */
export interface ToldGap extends LinePlace {
  readonly lines: number;
  /** How many of them were about a request, and it was sent nevertheless. */
  readonly sent: number;
  readonly since: string;
  readonly until: string;
  readonly reason: string;
}

export interface Verdict {
  /** How many lines are whole, up to the first that is not. */
  readonly whole: number;
  /** The times of the first and the last of them. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly last: ChainEnd;
  readonly broken: (LinePlace & LineFault) | undefined;
  /** They break nothing: that something is missing was written down as it was found. */
  readonly gaps: readonly ToldGap[];
  readonly unended: readonly Unended[];
  /** Lines that a crash has cut off, as the line after each says. */
  readonly torn: readonly (LinePlace & { readonly bytes: number })[];
  /** Whether the hash that was asked for is that of a line. */
  readonly expected: boolean | undefined;
}

export interface Asked {
  /** The files of the chain, in order. */
  readonly files: readonly string[];
  /** The hash that the first line follows, where what was before is elsewhere. */
  readonly after?: string | undefined;
  /** A hash that some line must have. */
  readonly expect?: string | undefined;
}

/** A line as it stands in its file. */
export interface RawLine extends LinePlace {
  readonly bytes: Buffer;
  /** Whether it is ended by a line feed. */
  readonly ended: boolean;
}

/** No line is as long; what has no ends is not read whole. */
const longest = 16_777_216;

/** Reads files line by line; only a line feed ends one. */
export async function* linesOf(files: readonly string[]): AsyncGenerator<RawLine> {
  for (const file of files) {
    let rest = Buffer.alloc(0);
    let line = 1;
    for await (const chunk of createReadStream(file)) {
      rest = Buffer.concat([rest, Buffer.from(chunk)]);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        yield { file, line, bytes: rest.subarray(0, end), ended: true };
        line += 1;
        rest = rest.subarray(end + 1);
      }
      if (rest.length > longest) break;
    }
    if (rest.length > 0) yield { file, line, bytes: rest, ended: false };
  }
}

/** Reads a chain up to its first line that is not what it was when it was written. */
export async function verifyChain({ files, after, expect }: Asked): Promise<Verdict> {
  const chain = new Chain(after, expect);
  for await (const raw of linesOf(files)) if (!chain.take(raw)) break;
  return chain.verdict();
}

/** What is known of a chain, up to some line. */
class Chain {
  readonly #after: string | undefined;
  readonly #expect: string | undefined;
  readonly #open = new Map<string, Unended>();
  readonly #torn: (LinePlace & { bytes: number })[] = [];
  readonly #gaps: ToldGap[] = [];
  #last: ChainEnd | undefined;
  #whole = 0;
  #from: string | undefined;
  #to: string | undefined;
  #found = false;
  #broken: Verdict['broken'];
  /** One that is no line, unless the next says that it was torn. */
  #piece: RawLine | undefined;

  constructor(after: string | undefined, expect: string | undefined) {
    this.#after = after;
    this.#expect = expect;
    this.#found = expect === chainStart.hash;
  }

  /** Whether it is whole up to here. */
  take(raw: RawLine): boolean {
    const line = readLine(raw.bytes);
    if (line === undefined && this.#piece === undefined && raw.ended) {
      this.#piece = raw;
      return true;
    }
    const torn = this.#piece;
    this.#piece = undefined;
    if (torn !== undefined && !(line !== undefined && tellsOf(line, torn))) return this.#break(torn);
    if (!raw.ended) return this.#break(raw, unended);
    if (line === undefined) return this.#break(raw);
    const fault = misplaced(line, this.#last, this.#after) ?? toldBy(line, torn !== undefined);
    // A piece that only an inserted word calls torn is the first that is wrong.
    if (fault !== undefined) return torn === undefined ? this.#break(raw, fault) : this.#break(torn);
    if (torn !== undefined) this.#torn.push({ file: torn.file, line: torn.line, bytes: torn.bytes.length });
    this.#accept(line, raw);
    return true;
  }

  verdict(): Verdict {
    if (this.#piece !== undefined) this.#break(this.#piece);
    return {
      whole: this.#whole,
      from: this.#from,
      to: this.#to,
      last: this.#last ?? chainStart,
      broken: this.#broken,
      gaps: this.#gaps,
      unended: [...this.#open.values()],
      torn: this.#torn,
      expected: this.#expect === undefined ? undefined : this.#found,
    };
  }

  #break({ file, line, bytes }: RawLine, fault = faultOf(bytes)): false {
    this.#broken ??= { file, line, ...fault };
    return false;
  }

  #accept({ seq, hash, fields }: AuditLine, place: LinePlace): void {
    this.#last = { seq, hash };
    this.#whole += 1;
    this.#found ||= hash === this.#expect;
    const time = textOf(fields.time);
    this.#from ??= time;
    this.#to = time;
    const call = textOf(fields.call);
    const clusters = Array.isArray(fields.clusters) ? fields.clusters.map(String) : [];
    const { file, line } = place;
    if (fields.event === 'gap') this.#gaps.push({ file, line, ...gapOf(fields) });
    if (fields.event === 'begin')
      this.#open.set(call, { file, line, call, time, tool: textOf(fields.tool), clusters, requests: [] });
    const begun = this.#open.get(call);
    if (begun !== undefined) this.#open.set(call, { ...begun, requests: [...begun.requests, ...requestOf(fields)] });
    // One that sent nothing after all, as that could not be written down whole.
    if (fields.event === 'end' || fields.event === 'call') this.#open.delete(call);
  }
}

function requestOf({ event, request, method, path, cluster, upid, code }: AuditLine['fields']): string[] {
  if (event === 'send') return [`${textOf(method)} ${textOf(path)} on ${textOf(cluster)}`];
  if (event !== 'answer') return [];
  return [`answer to request ${String(request)}: ${textOf(upid ?? code ?? 'done')}`];
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** Whether the line says that this piece was there when it was written. */
const tellsOf = ({ fields }: AuditLine, { bytes }: RawLine): boolean =>
  fields.event === 'torn' && fields.bytes === bytes.length && fields.sha256 === sha256(bytes);

function gapOf({ lines, sent, since, until, reason }: AuditLine['fields']) {
  const count = (value: unknown) => (typeof value === 'number' ? value : 0);
  const told = { since: textOf(since), until: textOf(until), reason: textOf(reason) };
  return { lines: count(lines), sent: count(sent), ...told };
}
