/**
 * One spelling for every way to write an IP address, so that two can be compared; a prefix length or zone behind it is
 * left out. `undefined` for what is no address.
 */
export function canonicalIp(written: string): string | undefined {
  const [address = ''] = written.trim().split(/[/%]/);
  return address.includes(':') ? canonicalV6(address) : canonicalV4(address);
}

function canonicalV4(address: string): string | undefined {
  const parts = address.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return valid ? address : undefined;
}

function canonicalV6(address: string): string | undefined {
  const halves = withoutDottedQuad(address)?.split('::') ?? [];
  if (halves.length === 0 || halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

/** `::ffff:10.0.0.5` ends in an IPv4 address that stands for two groups. */
function withoutDottedQuad(address: string): string | undefined {
  const quad = /[^:]+\.[^:]+$/.exec(address)?.[0];
  if (quad === undefined) return address;
  if (canonicalV4(quad) === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number);
  const groups = [a * 256 + b, c * 256 + d].map((group) => group.toString(16));
  return address.slice(0, -quad.length) + groups.join(':');
}
