import { secretNames } from './secret-names.js';

/** Keys that anybody may have, where others are kept, and what a request carries of an input or a file. */
const publicNames = /sshkeys|ssh-public-keys|pubkey|^input-data$|(?:file|path)$/i;
/** What a program in a guest reads: its words may be a password, while what has blanks is a text of its own. */
const standardInput = /^input$/;
/** Of a header, what signs in. */
const moreNames = /^authorization$|cookie|api-?key|credential/i;
/** A name or a word, as texts of every kind hold them: to cut it out of them would say more than it hides. */
const word = /^(?:[A-Z]?[a-z]+(?:[A-Z][a-z]{2,}|[_-][A-Z]?[a-z]*)*|[A-Z_-]*)$/;
export const isPlainWord = (text: string): boolean => word.test(text);
const longest = 8192;
const deepest = 8;

/** Tells of each secret among arguments, so that it is cut out of whatever leaves. */
export function hideSecretArguments(args: unknown, hide: (secret: string) => void, isSecret = false, depth = 0): void {
  if (typeof args === 'string') hideTexts(args, isSecret, hide);
  if (typeof args !== 'object' || args === null || depth > deepest) return;
  for (const [name, value] of Object.entries(args))
    if (standardInput.test(name)) hideWords(value, hide);
    else hideSecretArguments(value, hide, isSecret || isSecretName(name), depth + 1);
}

function hideWords(input: unknown, hide: (secret: string) => void): void {
  if (typeof input !== 'string') return;
  const words = input.split('\n').map((line) => line.trim());
  for (const line of words) if (!/\s/.test(line)) hideTexts(line, true, hide);
}

const isSecretName = (name: string) => (secretNames.test(name) || moreNames.test(name)) && !publicNames.test(name);

function hideTexts(text: string, isSecret: boolean, hide: (secret: string) => void): void {
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
  const [, password] = /^[^/]*\/\/[^/?#]*?:([^/?#]*)@/.exec(text) ?? [];
  const query = /\?([^#]*)/.exec(text)?.[1] ?? '';
  const named = query.split('&').flatMap((part) => {
    const [name = '', value = ''] = part.split('=', 2);
    return isSecretName(name) || /sig|auth|^pass|^pw/i.test(name) ? [value] : [];
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
