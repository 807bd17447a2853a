import { z } from 'zod';
import { rulesText } from '../../pve/policy/rule-text.js';
import { defineTool } from '../define.js';
import type { ClusterView } from '../scope.js';
import { problemsOf, stateOf } from './cluster-state.js';

const rule = z.object({ rule: z.string(), cluster: z.string() });

export default [
  defineTool({
    name: 'proxmox-list-all-clusters',
    daily: true,
    title: 'List clusters',
    description: 'Configured clusters, their last check and the rules that choose one.',
    effect: 'read',
    scope: 'configuration',
    toolset: 'clusters',
    input: {},
    output: z.object({
      default_cluster: z.string(),
      clusters: z.array(
        z.object({
          name: z.string(),
          urls: z.array(z.string()),
          region: z.string().optional(),
          tier: z.string().optional(),
          group: z.string().optional(),
          fallback: z.string().optional(),
          tls: z.string(),
          token_id: z.string(),
          access: z.string(),
          policy: z.array(z.string()).optional(),
          default_node: z.string().optional(),
          default_storage: z.string().optional(),
          default_bridge: z.string().optional(),
          same_cluster_as: z.array(z.string()).optional(),
          last_check: z
            .object({ at: z.string(), state: z.string(), reachable: z.boolean(), code: z.string().optional() })
            .optional(),
        }),
      ),
      patterns: z.array(rule),
      vmid_map: z.array(rule),
    }),
    calls: {},
    privileges: [],
    run: async ({ target }) => ({
      default_cluster: target.clusters.find(({ info }) => info.isDefault)?.info.name ?? '',
      clusters: await Promise.all(target.clusters.map(rowOf)),
      patterns: [...target.patterns],
      vmid_map: [...target.vmidMap],
    }),
  }),
];

async function rowOf({ info, lastCheck, sameAs }: ClusterView) {
  const same = await sameAs();
  const { access, rules } = rulesText(info.policy);
  return {
    name: info.name,
    urls: [...info.urls],
    region: info.region,
    tier: info.tier,
    group: info.group,
    fallback: info.fallback,
    tls: info.tls,
    token_id: info.tokenId,
    access,
    policy: rules.length > 0 ? [...rules] : undefined,
    default_node: info.defaultNode,
    default_storage: info.defaultStorage,
    default_bridge: info.defaultBridge,
    same_cluster_as: same.length > 0 ? [...same] : undefined,
    last_check: lastCheck && {
      at: new Date(lastCheck.checkedAt).toISOString(),
      state: stateOf(lastCheck, problemsOf(lastCheck, info.tokenId)),
      reachable: lastCheck.reachable,
      code: lastCheck.failure?.code,
    },
  };
}
