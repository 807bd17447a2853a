import type { Permissions } from '../../pve/discovery.js';
import { grantCommand, mildest, parseNeed } from '../../pve/privileges.js';
import type { ErrorText } from '../error-text.js';
import type { CheckedCluster } from '../scope.js';
import { missingPrivileges, readPrivileges } from './cluster-totals.js';

/** What is wrong with a cluster, by what a check found; nothing if all is well. */
export function problemsOf(check: CheckedCluster, tokenId: string): ErrorText[] {
  const { failure, quorate, nodes, privileges } = check;
  return [
    ...(failure === undefined ? [] : [failure]),
    ...(quorate === false ? [noQuorum] : []),
    ...(nodes !== undefined && nodes.offline.length > 0 ? [offlineNodes(nodes.offline)] : []),
    ...(privileges === undefined
      ? []
      : missingPrivileges(privileges, readPrivileges).map((need) => missing(need, tokenId))),
  ];
}

/** `down`: nothing can be done there; `warning`: some things cannot. */
export function stateOf(check: CheckedCluster, problems: readonly ErrorText[]): 'ok' | 'warning' | 'down' {
  if (!check.reachable || check.tokenAccepted !== true) return 'down';
  return problems.length > 0 ? 'warning' : 'ok';
}

const noQuorum = {
  code: 'NO_QUORUM',
  message: 'The cluster has no quorum: Proxmox refuses every write.',
  next: 'Bring the nodes that are offline back, or mend the network between them.',
};

const offlineNodes = (names: readonly string[]) => ({
  code: 'NODES_OFFLINE',
  message: `Offline: ${names.join(', ')}.`,
  next: 'Their guests do not run, unless HA has moved them; see proxmox-list-nodes.',
});

export const sameCluster = (name: string, others: readonly string[]): ErrorText => ({
  code: 'SAME_CLUSTER',
  message: `${[name, ...others].join(' and ')} are one cluster: every guest is listed under each of the names.`,
  next: 'Tell the user to keep one of the names, with all the addresses in its API_URL.',
});

export const storageFull = (
  full: readonly { readonly storage: string; readonly node?: string | undefined; readonly used_percent: number }[],
  percent: number,
): ErrorText => ({
  code: 'STORAGE_FULL',
  message: `More than ${percent} % used: ${full
    .map(
      ({ storage, node, used_percent }) => `${storage}${node === undefined ? '' : ` on ${node}`} (${used_percent} %)`,
    )
    .join(', ')}.`,
  next: 'See what is on it with proxmox-storage-content.',
});

export const mixedVersions = (versions: Readonly<Record<string, string>>): ErrorText => ({
  code: 'MIXED_VERSIONS',
  message: `The nodes run different versions: ${Object.entries(versions)
    .map(([node, version]) => `${node} ${version}`)
    .join(', ')}.`,
  next: 'Bring all nodes to one version; until then guests can only be migrated to a newer one safely.',
});

function missing(need: string, tokenId: string): ErrorText {
  const { path, anyOf } = parseNeed(need);
  return {
    code: 'PRIVILEGE_MISSING',
    message: `The token lacks ${anyOf.join(' or ')} on ${path}: lists leave out what it may not see.`,
    next: `Tell the user to grant it, on a node: ${grantCommand(tokenId, path, mildest(anyOf))}`,
  };
}

const mostPaths = 20;

/** What the token may do, by path; what a path inherits from one above it is not said again. */
export function grantsOf(privileges: Permissions): { shown: Record<string, string[]>; left: number } {
  const paths = Object.keys(privileges).sort();
  const own = paths.flatMap((path): [string, string[]][] => {
    const above = paths.filter((one) => one !== path && (one === '/' || path.startsWith(`${one}/`)));
    const news = Object.keys(privileges[path] ?? {})
      .filter((privilege) => !above.some((one) => privileges[one]?.[privilege] === true))
      .sort();
    return news.length > 0 ? [[path, news]] : [];
  });
  // The paths nearest to the root say most.
  const depth = ([path]: [string, string[]]) => path.split('/').filter(Boolean).length;
  const shown = own.sort((a, b) => depth(a) - depth(b)).slice(0, mostPaths);
  return { shown: Object.fromEntries(shown), left: own.length - shown.length };
}
