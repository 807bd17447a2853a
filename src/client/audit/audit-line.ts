import { createHash } from 'node:crypto';

/** A place in the chain: how many lines there are up to it, and the hash of the last of them. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first line. */
export const chainStart: ChainEnd = { seq: 0, hash: '0'.repeat(64) };

/** A line whose hash is right for what it says. */
export interface AuditLine extends ChainEnd {
  /** The hash of the line before. */
  readonly prev: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

/**
 * The line that follows, without its end: `seq` and `prev` first, then what it says, and the hash of all that last.
 * @param json of an object that is not empty
 */
export function sealLine(json: string, after: ChainEnd): ChainEnd & { readonly text: string } {
  const seq = after.seq + 1;
  const said = `{"seq":${seq},"prev":"${after.hash}",${json.slice(1, -1)}`;
  const hash = sha256(said);
  return { seq, hash, text: `${said},"hash":"${hash}"}` };
}

/** The length of `,"hash":"..."}`. */
const tailLength = 75;

/** The hash that a line has at its end, and the one that is right for what it says. */
export function sealOf(bytes: Buffer): { readonly hash: string; readonly is: string } | undefined {
  const hash = /^,"hash":"([0-9a-f]{64})"\}$/.exec(bytes.subarray(-tailLength).toString('latin1'))?.[1];
  return hash === undefined ? undefined : { hash, is: sha256(bytes.subarray(0, -tailLength)) };
}

/** Reads a line, without its end; `undefined` for one that is none, or whose hash is not that of what it says. */
export function readLine(bytes: Buffer): AuditLine | undefined {
  const { hash, is } = sealOf(bytes) ?? {};
  if (hash === undefined || hash !== is) return undefined;
  const fields = parseObject(bytes.toString('utf8'));
  if (fields === undefined) return undefined;
  const { seq, prev } = fields;
  if (typeof seq !== 'number' || typeof prev !== 'string') return undefined;
  return { seq, prev, hash, fields };
}

export function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
