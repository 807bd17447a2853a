import { type Notes, quote } from './faults.js';

/** One entry of `PROXMOX_CLUSTER_PATTERNS` or `PROXMOX_CLUSTER_VMID_MAP`. */
export interface Pair {
  readonly key: string;
  readonly cluster: string;
}

const jsonString = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
const flatObject = new RegExp(
  String.raw`^\{\s*(?:${jsonString}\s*:\s*${jsonString}\s*(?:,\s*${jsonString}\s*:\s*${jsonString}\s*)*)?\}$`,
);

/** A JSON object of strings or the short form `key:cluster,key:cluster`, in the order written; `undefined` after a fault. */
export function parsePairs(text: string, example: string, notes: Notes): readonly Pair[] | undefined {
  const trimmed = text.trim();
  return /^[{["]/.test(trimmed) ? parseJsonPairs(trimmed, example, notes) : parseShortPairs(trimmed, example, notes);
}

/** Reads the text and not the parsed object, which keeps one of two equal keys and sorts those that look like numbers. */
function parseJsonPairs(text: string, example: string, notes: Notes): readonly Pair[] | undefined {
  if (!isJson(text)) {
    notes.fault(`is no valid JSON: write it like ${example}`);
    return undefined;
  }
  if (!flatObject.test(text)) {
    notes.fault(`is no JSON object that gives a cluster's name for each key: write it like ${example}`);
    return undefined;
  }
  const strings = (text.match(new RegExp(jsonString, 'g')) ?? []).map((token) => String(JSON.parse(token)).trim());
  return strings.flatMap((key, index) => (index % 2 === 0 ? [{ key, cluster: strings[index + 1] ?? '' }] : []));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseShortPairs(text: string, example: string, notes: Notes): readonly Pair[] | undefined {
  const pairs: Pair[] = [];
  let rest = text;
  while (rest !== '') {
    const entry = rest.startsWith('/') ? regexEntry.exec(rest) : plainEntry.exec(rest);
    if (entry === null) {
      notes.fault(
        `has ${quote(rest.startsWith('/') ? rest : (rest.split(',', 1)[0] ?? ''))}: write ${example}, or JSON for a /regex/`,
      );
      return undefined;
    }
    const [consumed, key, cluster] = entry;
    if (key !== undefined && cluster !== undefined) pairs.push({ key: key.trim(), cluster: cluster.trim() });
    rest = rest.slice(consumed.length);
  }
  return pairs;
}

/** The key ends at the first `/` that is followed by a cluster's name and a comma or the end, so that it may hold `,` and `:` itself. */
const regexEntry = /^(\/.*?\/)\s*:([^,:/]*)(?:,\s*|$)/;
/** Nothing at all between two commas is skipped. */
const plainEntry = /^(?:([^,:]*):([^,:]*)(?:,\s*|$)|,\s*)/;
