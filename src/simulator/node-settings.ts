import type { Cluster } from './cluster.js';
import type { NodeSettings } from './configuration-state.js';

/** What a node has in its own files; made at the first look. */
export function nodeSettings(cluster: Cluster, name: string): NodeSettings {
  const { node, ip } = cluster.node(name);
  const { nodes } = cluster.state.configuration;
  const known = nodes[node];
  if (known !== undefined) return known;
  const fresh: NodeSettings = {
    dns: { search: 'example.com', dns1: ip.replace(/\d+$/, '1') },
    hosts: `127.0.0.1 localhost.localdomain localhost\n${ip} ${node}.example.com ${node}\n`,
    timezone: 'Europe/Vienna',
    options: {
      acme: `domains=${node}.example.com`,
      wakeonlan: `02:00:00:00:01:${ip.replace(/.*\./, '').padStart(2, '0').slice(-2)}`,
    },
    stopped: [],
    packagesRefreshed: cluster.now - 30_000,
  };
  nodes[node] = fresh;
  return fresh;
}
