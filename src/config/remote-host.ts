import { parseApiUrl } from './api-url.js';
import type { RemoteAddress, RemoteHosts } from './cluster-config.js';
import { bad, type Checked, good, type Notes, quote } from './faults.js';

const example = '10.0.0.5, or pve1=10.0.0.5,pve2=pve2.example.com:8006';

/** `host` or `host:port`, with 8006 as the port that is left out. */
function parseAddress(text: string): Checked<RemoteAddress> {
  if (/[/@?#]/.test(text)) return bad(`has ${quote(text)}: write a host without https:// and path, such as ${example}`);
  const url = parseApiUrl(`https://${text}`);
  if (!url.ok) return bad(`has ${quote(text)}, which is no host: write it like ${example}`);
  const port = Number(/:(\d+)$/.exec(url.value)?.[1]);
  const host = url.value.slice('https://'.length, url.value.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  return good({ host, port });
}

/** How nodes of other clusters reach those of this one: one host, or one for each node. */
export function parseRemoteHosts(text: string, notes: Notes): RemoteHosts | undefined {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const nodes = new Map<string, RemoteAddress>();
  const alone: RemoteAddress[] = [];
  let failed = false;
  const fault = (problem: string) => {
    failed = true;
    notes.fault(problem);
  };
  for (const item of items) {
    const [, node, written = ''] = /^(?:([^=]*)=)?(.*)$/.exec(item) ?? [];
    const address = parseAddress(written.trim());
    const name = node?.trim();
    if (!address.ok) fault(address.problem);
    else if (name === undefined) alone.push(address.value);
    else if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(name))
      fault(`names ${quote(name)}, which can be no node: write it like ${example}`);
    else if (nodes.has(name)) fault(`names node ${quote(name)} twice: keep one`);
    else nodes.set(name, address.value);
  }
  if (!failed && alone.length > 1) fault(`has several hosts without a node: write it like ${example}`);
  if (!failed && items.length === 0) fault(`holds no host: write it like ${example}`);
  const [every] = alone;
  return failed ? undefined : { ...(every === undefined ? {} : { every }), nodes: Object.fromEntries(nodes) };
}
