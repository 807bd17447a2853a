import { mapStrings } from './map-strings.js';

const mask = '[redacted]';

// A token as a header or a pasted line carries it, and the tickets that Proxmox hands out.
const tokenShapes: readonly RegExp[] = [
  /PVEAPIToken[= ]\S+?![^\s=:"']+[=:][^\s"',;]+/gi,
  /[^\s"'=,;]+@[A-Za-z][\w.-]*![\w.-]+[=:][0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi,
  /PVE(?:VNC)?:[^\s"':]+:[0-9A-F]{8}::[A-Za-z0-9+/=]{20,}/g,
  /PVEAuthCookie=[^\s"';]+/gi,
  /CSRFPreventionToken["':= ]+[^\s"',;]+/gi,
];

/** Cuts secrets out of what leaves. */
export interface Redactor {
  text(text: string): string;
  /** Plain data, the same object where there is nothing to cut, else a copy with every string redacted. */
  data<T>(value: T): T;
}

/** A redactor that knows these secrets, as they are and percent-encoded, and every string of a token's or ticket's shape. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const spellings = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  const known = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  const text = (given: string) => {
    const withoutKnown = known.reduce((cut, secret) => cut.replaceAll(secret, mask), given);
    return tokenShapes.reduce((cut, shape) => cut.replace(shape, mask), withoutKnown);
  };
  // One look at the whole text is far cheaper than one at each of its strings.
  const data = <T>(value: T): T => {
    const whole = JSON.stringify(value) ?? '';
    return text(whole) === whole ? value : mapStrings(value, text);
  };
  return { text, data };
}
