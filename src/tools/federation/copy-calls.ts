import { z } from 'zod';
import { nodes } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { backupJobs } from '../backup/backup-job.js';
import { setReads } from '../firewall/firewall-sets.js';
import { effectReads } from '../firewall/options.js';
import { ruleReads } from '../firewall/rules.js';
import { groupReads } from './compare-firewall.js';
import { roleReads } from './compare-roles.js';
import { definitionReads } from './compare-storage.js';

const member = z.object({ type: z.string(), vmid: number.optional(), storage: z.string().optional() });

/** All that a copy may read or write, on either side. */
export const copyCalls = {
  ...groupReads,
  ...ruleReads,
  ...setReads,
  optionsOfCluster: effectReads.optionsOfCluster,
  macros: endpoint('GET /cluster/firewall/macros', z.array(z.object({ macro: z.string() }))),
  // With `rename` of its own name it sets the comment: there is no other way.
  setGroup: endpoint('POST /cluster/firewall/groups', z.null()),
  addRule: endpoint('POST /cluster/firewall/groups/{group}', z.null()),
  removeRule: endpoint('DELETE /cluster/firewall/groups/{group}/{pos}', z.null()),
  createAlias: endpoint('POST /cluster/firewall/aliases', z.null()),
  createSet: endpoint('POST /cluster/firewall/ipset', z.null()),
  addEntry: endpoint('POST /cluster/firewall/ipset/{name}', z.null()),
  ...roleReads,
  createRole: endpoint('POST /access/roles', z.null()),
  updateRole: endpoint('PUT /access/roles/{roleid}', z.null()),
  // `/pools/{poolid}` is deprecated since 8.1 and cannot name a nested pool.
  pools: endpoint(
    'GET /pools',
    z.array(z.object({ poolid: z.string(), comment: text.optional(), members: z.array(member).optional() })),
  ),
  createPool: endpoint('POST /pools', z.null()),
  updatePool: endpoint('PUT /pools', z.null()),
  jobs: backupJobs,
  createJob: endpoint('POST /cluster/backup', z.null()),
  updateJob: endpoint('PUT /cluster/backup/{id}', z.null()),
  nodes,
  ...definitionReads,
  createStorage: endpoint('POST /storage', z.unknown()),
};
