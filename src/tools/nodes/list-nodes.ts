import { type NodeRow, nodeRow, nodes } from '../../pve/discovery.js';
import { share } from '../../pve/share.js';
import { defineList } from '../define.js';

const listing = {
  effect: 'read',
  toolset: 'clusters',
  input: {},
  output: nodeRow,
  calls: { nodes },
  // Without it the nodes are listed, and their numbers left out.
  privileges: ['Sys.Audit on /nodes'],
} as const;

export default [
  defineList({
    name: 'proxmox-list-nodes',
    daily: true,
    title: 'List nodes',
    description: 'Nodes of a cluster: status, load, memory, root disk, subscription level.',
    scope: 'cluster',
    ...listing,
    run: async ({ call }) => toRows((await call.nodes({})).data),
  }),
  defineList({
    name: 'proxmox-list-all-nodes-from-all-clusters',
    title: 'Nodes of all clusters',
    description: 'Nodes of every cluster, as proxmox-list-nodes gives them.',
    scope: 'fleet',
    ...listing,
    run: async ({ call }) => toRows((await call.nodes({})).data),
  }),
];

function toRows(found: readonly NodeRow[]) {
  const unseen = found.filter(({ status, maxmem }) => status === 'online' && maxmem === undefined);
  return {
    rows: found
      .toSorted((a, b) => a.node.localeCompare(b.node))
      .map(({ cpu, level, ...rest }) => ({ ...rest, cpu: share(cpu), level: level || undefined })),
    notes:
      unseen.length > 0
        ? [`No numbers for ${unseen.map(({ node }) => node).join(', ')}: the token lacks Sys.Audit there.`]
        : [],
  };
}
