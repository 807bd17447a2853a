import { type AuditLine, type ChainEnd, chainStart, parseObject, sealOf } from './audit-line.js';

/**
 * What of a line is not as it was written: its `hash` or its `json`; its place in the `chain`; lines before it that are
 * `missing`; its `end`; or what is told by itself (`told`), where a server has found something before it.
 */
export interface LineFault {
  readonly differs: 'hash' | 'json' | 'chain' | 'missing' | 'end' | 'told';
  readonly problem: string;
}

/** What is wrong with bytes that are no line of an audit. */
export function faultOf(bytes: Buffer): LineFault {
  const fields = parseObject(bytes.toString('utf8'));
  if (fields === undefined)
    return { differs: 'json', problem: 'it is no JSON object, and was one when it was written' };
  const lacking = ['seq', 'prev', 'hash'].filter((name) => !Object.hasOwn(fields, name));
  if (lacking.length > 0)
    return { differs: 'json', problem: `it is no line of an audit: it has no ${lacking.join(', no ')}` };
  const seal = sealOf(bytes);
  if (seal === undefined) return { differs: 'hash', problem: 'it was altered: its hash is none, or not at its end' };
  const { hash, is } = seal;
  if (hash === is) return { differs: 'json', problem: 'it is no line of an audit: its seq and prev are none' };
  return { differs: 'hash', problem: `it was altered: its hash is ${hash}, and that of what it says is ${is}` };
}

/** It was cut off. */
export const unended: LineFault = {
  differs: 'end',
  problem: 'it has no end: it was cut off, as by a crash; the next start of a server says so in the line after it',
};

/** Why a line cannot stand after another, or as the first. */
export function misplaced({ seq, prev }: AuditLine, last: ChainEnd | undefined, after: string | undefined) {
  if (last !== undefined) return misplacedAfter(last, { seq, prev });
  if (after !== undefined)
    return prev === after
      ? undefined
      : fault('chain', `it does not follow the line that was named, but the one with hash ${prev}`);
  if (seq === 1 && prev === chainStart.hash) return undefined;
  return fault(
    'missing',
    `it is line ${seq} of the chain, and those before it are not here; they end with hash ${prev}, which --after takes if they are kept elsewhere`,
  );
}

function misplacedAfter({ seq: before, hash }: ChainEnd, { seq, prev }: Pick<AuditLine, 'seq' | 'prev'>) {
  const next = before + 1;
  const head = `it is line ${seq} of the chain where ${next} belongs`;
  const lacking = seq === next + 1 ? `line ${next} is` : `lines ${next} to ${seq - 1} are`;
  if (seq > next) return fault('missing', `${head}: ${lacking} missing, or moved`);
  if (seq < next) return fault('chain', `${head}: it stands there again, or was moved`);
  if (prev === hash) return undefined;
  return fault('chain', `it follows a line with hash ${prev}, and the one before it has ${hash}`);
}

/** What a server found that no crash does. */
export function toldBy({ fields: { event } }: AuditLine, isTorn: boolean): LineFault | undefined {
  if (event === 'torn' && !isTorn) return fault('told', 'what a crash had left before it is gone');
  if (event === 'damaged') return fault('told', 'a server found lines before it that were not what was written');
  if (event === 'cut') return fault('told', 'a server found that lines before it, which it had written, were gone');
  return undefined;
}

const fault = (differs: LineFault['differs'], problem: string): LineFault => ({ differs, problem });
