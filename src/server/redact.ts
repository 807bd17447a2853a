const mask = '[redacted]';

/** Shorter ones would be cut out of words, and of the protocol itself. */
const shortestSecret = 8;

// A token as a header or a pasted line carries it, and the tickets that Proxmox hands out. No class takes a backslash:
// what leaves is mostly JSON, and half an escape would break it.
const tokenShapes: readonly RegExp[] = [
  /PVEAPIToken[= ][^\s"'\\,;]+/gi,
  /@[A-Za-z][\w.-]{0,63}![\w.-]{1,128}[=:][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi,
  /PVE(?:VNC)?:[^\s"'\\:]{1,128}:[0-9A-F]{8}::[A-Za-z0-9+/=]{20,}/g,
  /PVEAuthCookie=[^\s"'\\;]+/gi,
];

/** Cuts secrets out of text that leaves: JSON stays JSON. */
export type Redact = (text: string) => string;

/**
 * Cuts these secrets, as they are, percent-encoded and inside JSON, and every string of a token's or ticket's shape.
 * @returns and a way to add secrets that are made later
 */
export function createRedactor(secrets: readonly string[]): Redact & { readonly hide: (secret: string) => void } {
  const all = new Set(secrets);
  let known = spellingsOf(all);
  const hide = (secret: string) => {
    all.add(secret);
    known = spellingsOf(all);
  };
  const redact = (text: string) => {
    const withoutKnown = known.reduce((cut, secret) => cut.replaceAll(secret, mask), text);
    return tokenShapes.reduce((cut, shape) => cut.replace(shape, mask), withoutKnown);
  };
  return Object.assign(redact, { hide });
}

function spellingsOf(secrets: Iterable<string>): string[] {
  const spellings = [...secrets]
    .filter((secret) => secret.length >= shortestSecret)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  return [...new Set(spellings)].sort((a, b) => b.length - a.length);
}
