import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number } from '../../pve/loose.js';
import { startedUpid } from '../../pve/upid.js';
import { bwlimit } from '../arguments/bandwidth.js';
import type { Context, Side } from '../define.js';
import { vmid } from '../scope.js';
import { backupWayCalls } from './backup-calls.js';
import { outcomeReads } from './both-sides.js';
import { finding } from './finding.js';
import { leftBehindReads } from './left-behind.js';
import { tokenCalls } from './move-token.js';
import { cpuReads } from './read-cpu-model.js';
import { destinationReads } from './read-destination.js';
import { sourceReads } from './read-source.js';

const word = z.string().min(1).max(256);
const map = z.string().min(1).max(1024).optional();

export const moveInput = {
  target_node: word.optional().describe('Default: most memory'),
  target_vmid: vmid.optional().describe('Default: same, or by VMID map'),
  storage_map: map.describe('One, or old:new,...'),
  bridge_map: map.describe('One, or old:new,...'),
  online: z.boolean().optional().describe('false: only if stopped'),
  delete_source: z.boolean().optional().describe('Default false: kept'),
  bwlimit,
  via: z.enum(['remote', 'backup']).optional().describe('Default remote'),
};

export const moveCalls = {
  ...sourceReads,
  ...cpuReads,
  ...destinationReads,
  ...tokenCalls,
  ...outcomeReads,
  ...leftBehindReads,
  ...backupWayCalls,
  isFree: endpoint('GET /cluster/nextid', number),
  migrate: endpoint('POST /nodes/{node}/{type}/{vmid}/remote_migrate', startedUpid),
};

export const moveOutput = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  target_cluster: z.string(),
  target_node: z.string(),
  target_vmid: z.number(),
  upid: z.string().optional(),
  /** `moved`, `moved_with_problems`, `not_moved`, `not_begun`, `running` or `unclear`. */
  outcome: z.string(),
  summary: z.string(),
  todo: z.array(z.string()).optional(),
  /** With which token the source came, and what became of it. */
  token: z.string().optional(),
  storage_map: z.string().optional(),
  bridge_map: z.string().optional(),
  storage: z.string().optional(),
  /** On the target, under its VMID, although the guest is not there. */
  leftover_volumes: z.array(z.string()).optional(),
  /** On the target, as the log of the task names them. */
  named_volumes: z.array(z.string()).optional(),
  proxmox_says: z.string().optional(),
  parameters: z.record(z.string(), z.string()).optional(),
  warnings: z.array(finding).optional(),
  task: z
    .object({
      state: z.string(),
      exitstatus: z.string().optional(),
      waited: z.number(),
      log: z.array(z.string()),
    })
    .optional(),
  failed: z.number().optional(),
});
export type MoveResult = z.input<typeof moveOutput>;

export type Move = Context<'guest-between', typeof moveInput, typeof moveCalls>;
export type MoveSide = Side<typeof moveCalls>;
