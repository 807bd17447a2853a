import { withinQuotes } from '../../pve/quoted.js';

/** Every way in which a text may be written by what carries it: as it is, quoted, in a URL, in JSON within JSON, as base64 or hex. */
export function spellingsOf(secret: string): { readonly texts: readonly string[]; readonly codes: readonly string[] } {
  // A lone surrogate has no place in a URL.
  const plain = Buffer.from(secret).toString();
  const isCode = uuid.test(plain);
  const written = isCode ? new Set([plain, plain.toLowerCase(), plain.toUpperCase()]) : [plain];
  const carried = [...written].flatMap((text) => [...inUrls(text), ...inJson(text)]);
  const texts = carried.flatMap((text) => [text, withinQuotes(text)]);
  const codes = inBytes(Buffer.from(plain));
  // What is left of such a code may look like a word, as `deadbeef` does.
  return isCode
    ? { texts: [], codes: [...new Set([...texts, ...codes])] }
    : { texts: [...new Set(texts)], codes: [...new Set(codes)] };
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Most secrets are written the same everywhere; to find that out costs less than to spell them. */
const isPlain = (text: string) => /^[\w.-]*$/.test(text);

function inUrls(text: string): string[] {
  if (isPlain(text)) return [];
  const once = [encodeURIComponent(text), encodeURI(text), new URLSearchParams([['', text]]).toString().slice(1)];
  const either = [...once, ...once.map(inLowerCase)];
  return [...either, ...either.map((one) => encodeURIComponent(one)), ...once.map(inFormAgain)];
}

const inLowerCase = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
const inFormAgain = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

const quoted = (text: string) => JSON.stringify(text).slice(1, -1);
const inAscii = (text: string) =>
  quoted(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const deepest = 6;

/** What leaves is JSON, which holds an answer as JSON, in which a server may have said something in JSON, which it was told in JSON. */
function inJson(text: string): string[] {
  if (isPlain(text)) return [text];
  const once = [quoted(text), inAscii(text), inAscii(text).replaceAll('/', '\\/')];
  const levels = [once];
  while (levels.length < deepest) levels.push((levels.at(-1) ?? []).map(quoted));
  return [text, ...levels.flat()];
}

/** In base64 at each place that it may have among other bytes, without the characters that its neighbours decide. */
function inBytes(bytes: Buffer): string[] {
  const among = [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    return padded.slice(first, Math.floor(((before + bytes.length) * 8) / 6));
  });
  const forUrls = among.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = bytes.toString('hex');
  return [...among, ...among.flatMap(inJson), ...forUrls, hex, hex.toUpperCase()];
}
