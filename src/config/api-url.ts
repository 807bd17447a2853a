import { bad, type Checked, good, type Notes, quote } from './faults.js';

/** The port of a Proxmox VE node's API. */
export const defaultPort = 8006;

const whole = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/]*)(.*)$/i;
const hostAndPort = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/;
const hostName = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const example = 'https://pve1.example.com:8006';

/**
 * One address of a node as `scheme://host:port`. The scheme may be missing (https), the port too (8006), and `/api2/json`
 * or a trailing slash is dropped.
 */
export function parseApiUrl(text: string): Checked<string> {
  if (/[\s\p{C}]/u.test(text)) return bad('holds a space or a control character: write it as https://host:8006');
  if (text.includes('@'))
    return bad('holds credentials: write https://host:8006, and the token in TOKEN_ID and TOKEN_SECRET');
  if (/[?#\\]/.test(text)) return bad(`has a query, a fragment or a backslash: write it like ${example}`);
  const [, scheme = 'https', authority = '', path = ''] = whole.exec(text) ?? [];
  if (!/^https?$/i.test(scheme))
    return bad(`is ${quote(text)} with the scheme ${quote(scheme)}: write https://host:8006`);
  const place = parsePlace(authority);
  if (!place.ok) return bad(`is ${quote(text)}, ${place.problem}`);
  if (!/^(?:\/api2\/json)?\/*$/.test(path)) return bad(`is ${quote(text)} with a path: write https://${place.value}`);
  return good(`${scheme.toLowerCase()}://${place.value}`);
}

function parsePlace(authority: string): Checked<string> {
  if (/^[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*$/i.test(authority)) {
    return bad('an IPv6 address without brackets: write https://[2001:db8::1]:8006');
  }
  const [, host = '', port] = hostAndPort.exec(authority) ?? [];
  const name = normalHost(host);
  if (name === undefined) return bad(`which names no host: write it like ${example}`);
  if (port === undefined) return good(`${name}:${defaultPort}`);
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  return number >= 1 && number <= 65_535 ? good(`${name}:${number}`) : bad('whose port is not from 1 to 65535');
}

/** The host in lower case; `undefined` for one that a URL would read as something else than what was written. */
function normalHost(host: string): string | undefined {
  const url = `https://${host}/`;
  if (host === '' || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  if (host.startsWith('[')) return hostname;
  const isAscii = /^[!-~]+$/.test(host);
  if (isAscii && hostname !== host.toLowerCase()) return undefined;
  return hostName.test(hostname) ? hostname : undefined;
}

/** Addresses of nodes of one cluster, separated by commas, in the order in which they are tried. */
export function parseApiUrls(text: string, notes: Notes): readonly [string, ...string[]] | undefined {
  const urls: string[] = [];
  let failed = false;
  for (const item of text.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const url = parseApiUrl(item);
    if (!url.ok || urls.includes(url.value)) {
      failed = true;
      notes.fault(url.ok ? `names ${quote(url.value)} twice: keep one` : url.problem);
      continue;
    }
    urls.push(url.value);
    if (url.value.startsWith('http:')) {
      notes.warn(
        `has ${quote(url.value)}: over http the token travels in the clear and no certificate is checked; write https://`,
      );
    }
  }
  const [first, ...rest] = urls;
  if (failed) return undefined;
  if (first !== undefined) return [first, ...rest];
  notes.fault(`holds no address: write it like ${example}`);
  return undefined;
}
