import { word } from './redact/secret-finder.js';
import { isSecretName } from './secret-names.js';

/** Keys that anybody may have, where others are kept, and what a request carries of an input or a file. */
const publicNames = /sshkeys|ssh-public-keys|pubkey|^input-data$|(?:file|path)$/i;
/** What a program in a guest reads: its words may be a password, while what has blanks is a text of its own. */
const standardInput = /^input$/;
/** A name or a word, as texts of every kind hold them: to cut it out of them would say more than it hides. */
export const isPlainWord = (text: string): boolean => word.test(text);
const longest = 8192;
const deepest = 8;
/** Of one call: no tool takes as many, and each is then looked for in whatever leaves. */
const most = { secrets: 200, characters: 65_536 };
/** What JSON escapes has so many characters more where it is spelled at its deepest. */
const escapes = { form: /["\\\p{Cc}]/gu, characters: 63 };
const weightOf = (secret: string) => secret.length + escapes.characters * (secret.match(escapes.form)?.length ?? 0);

/** Tells of each secret among arguments, so that it is cut out of whatever leaves. */
export function hideSecretArguments(args: unknown, hide: (secret: string) => void): void {
  const told = new Set<string>();
  let characters = 0;
  const tell = (secret: string) => {
    const weight = weightOf(secret);
    if (told.has(secret) || told.size >= most.secrets || characters + weight > most.characters) return;
    told.add(secret);
    characters += weight;
    hide(secret);
  };
  hideIn(args, tell, false, 0);
}

type Hide = (secret: string) => void;

function hideIn(args: unknown, hide: Hide, isSecret: boolean, depth: number): void {
  if (typeof args === 'string') hideTexts(args, isSecret, hide);
  if (typeof args !== 'object' || args === null || depth > deepest) return;
  for (const [name, value] of Object.entries(args))
    if (standardInput.test(name)) hideWords(value, hide);
    else hideIn(value, hide, isSecret || isHidden(name), depth + 1);
}

function hideWords(input: unknown, hide: Hide): void {
  if (typeof input !== 'string') return;
  const words = input.split('\n').map((line) => line.trim());
  for (const line of words) if (!/\s/.test(line)) hideTexts(line, true, hide);
}

const isHidden = (name: string) => isSecretName(name) && !publicNames.test(name);

function hideTexts(text: string, isSecret: boolean, hide: Hide): void {
  if (text.length > longest) return;
  for (const one of isSecret ? partsOf(text.trim()) : inUrl(text)) if (!word.test(one)) hide(one);
}

/** What has several lines may come back line by line; the first and the last of a key are those of every key. */
function partsOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'));
  return text.startsWith('-----') ? lines : [text, ...lines];
}

/** The password before its host, and what its query calls a secret. */
function inUrl(text: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\/./i.test(text)) return [];
  const [authority = ''] = text.slice(text.indexOf('//') + 2).split(/[/?#]/, 1);
  const colon = authority.indexOf(':');
  const at = authority.lastIndexOf('@');
  const password = colon < 0 || at < colon ? undefined : authority.slice(colon + 1, at);
  const query = /\?([^#]*)/.exec(text)?.[1] ?? '';
  const named = query.split('&').flatMap((part) => {
    const [name = '', value = ''] = part.split('=', 2);
    return isHidden(name) || /sig|auth|^pass|^pw/i.test(name) ? [value] : [];
  });
  return [password, ...named].flatMap((one) => (one === undefined || one === '' ? [] : [one, decoded(one)]));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
