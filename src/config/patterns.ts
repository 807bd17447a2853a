import type { ClusterPattern } from './cluster-config.js';
import { notACluster } from './cluster-names.js';
import { bad, type Checked, escapeRegExp, good, type Notes, quote } from './faults.js';
import { parsePairs } from './pairs.js';
import { whySlow } from './slow-regex.js';

/** A pattern without its cluster. */
export type GuestNamePattern = Omit<ClusterPattern, 'cluster'>;

const longestPattern = 200;
/** Each `*` multiplies the time of a match that fails by the length of the name. */
const mostStars = 4;
const example = '{"prod-":"production","stg-":"staging"} or prod-:production,stg-:staging';

/**
 * A prefix, a `*` glob of the whole name, or `/regex/` found anywhere in it; letter case never counts, as guest names are
 * DNS names.
 */
export function parsePattern(text: string): Checked<GuestNamePattern> {
  if (text.length > longestPattern) return bad(`has a pattern of ${text.length} characters: at most ${longestPattern}`);
  if (text.startsWith('/')) return parseRegexPattern(text);
  if (!/^[A-Za-z0-9._*-]+$/.test(text)) {
    return bad(`has the pattern ${quote(text)}: write letters, digits, '-', '.', '_' and '*', or /regex/`);
  }
  const parts = text.split('*');
  if (parts.length - 1 > mostStars) return bad(`has the pattern ${quote(text)}: at most ${mostStars} '*'`);
  const source = parts.map(escapeRegExp).join('.*');
  const regex = new RegExp(parts.length === 1 ? `^${source}` : `^${source}$`, 'i');
  return good({ pattern: text, regex, literal: parts.join('').length });
}

function parseRegexPattern(text: string): Checked<GuestNamePattern> {
  const source = /^\/(.+)\/$/s.exec(text)?.[1];
  if (source === undefined)
    return bad(`has the pattern ${quote(text)}: write /regex/, with a '/' at its end and no flags`);
  try {
    return good({ pattern: text, regex: new RegExp(source, 'i'), literal: countLiteral(source) });
  } catch {
    return bad(`has the pattern ${quote(text)}, which is no valid regular expression`);
  }
}

const optional = String.raw`(?:[*?]|\{0+(?:,\d*)?\})\??`;
const repeated = String.raw`(?:\+|\{0*[1-9]\d*(?:,\d*)?\})\??`;
const everyRepeated = new RegExp(repeated, 'g');
const optionalCharacter = new RegExp(`.${optional}`, 'gs');
const innermostGroup = new RegExp(
  String.raw`\((\?(?:<?[=!]|<[^>]*>|[a-z-]*:))?([^()]*)\)(?:(${optional})|${repeated})?`,
  'g',
);

/**
 * How many literal characters every match holds. Of alternatives the one with the fewest counts, or a long one would
 * speak for names that it does not match; what may be missing counts nothing, nor does what only looks ahead or back.
 */
function countLiteral(source: string): number {
  // From here on `.` is anything that is no literal character, and `_` is one.
  let text = source
    .replace(/\\(?:k<[^>]*>|[pP]\{[^}]*\}|x[0-9a-f]{2}|u[0-9a-f]{4}|c[a-z]|\d+|[dDwWsSbBfnrtv])/gi, '.')
    .replace(/\\./gs, '_')
    .replace(/\[[^\]]*\]/g, '.');
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(innermostGroup, (_, head = '', inner: string, isOptional?: string) =>
      isOptional !== undefined || /[=!]$/.test(head) ? '.' : '_'.repeat(countShortest(inner)),
    );
  }
  return countShortest(text);
}

/** Of alternatives without groups. */
function countShortest(alternatives: string): number {
  const counts = alternatives
    .replace(everyRepeated, '')
    .replace(optionalCharacter, '')
    .split('|')
    .map((branch) => branch.replace(/[\^$.]/g, '').length);
  return Math.min(...counts);
}

/** `PROXMOX_CLUSTER_PATTERNS`, in the order written. */
export function parsePatterns(text: string, names: readonly string[], notes: Notes): readonly ClusterPattern[] {
  const patterns = new Map<string, ClusterPattern>();
  for (const { key, cluster } of parsePairs(text, example, notes) ?? []) {
    const parsed = parsePattern(key);
    if (!parsed.ok) notes.fault(parsed.problem);
    const slow = parsed.ok && key.startsWith('/') ? whySlow(key.slice(1, -1)) : undefined;
    if (slow !== undefined)
      notes.fault(
        `has the pattern ${quote(key)}, which ${slow}, and could take minutes on some names: write it simpler`,
      );
    if (!names.includes(cluster)) notes.fault(`for the pattern ${quote(key)} ${notACluster(cluster, names)}`);
    if (!parsed.ok || slow !== undefined || !names.includes(cluster)) continue;
    const same = patterns.get(identityOf(key));
    if (same === undefined) patterns.set(identityOf(key), { ...parsed.value, cluster });
    else noteRepeated(same, key, cluster, notes);
  }
  return [...patterns.values()];
}

/** Patterns of one identity match the same names; in a regular expression `\d` and `\D` differ. */
function identityOf(pattern: string): string {
  return pattern.startsWith('/') ? pattern : pattern.toLowerCase();
}

function noteRepeated(earlier: ClusterPattern, key: string, cluster: string, notes: Notes): void {
  if (earlier.cluster === cluster) notes.warn(`has the pattern ${quote(key)} twice: keep one`);
  else notes.fault(`gives the pattern ${quote(key)} to ${earlier.cluster} and to ${cluster}: keep one`);
}
