import { z } from 'zod';
import { nodes, permissions } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { guestConfig } from '../../pve/guest-config.js';
import { guestStatus } from '../../pve/guest-status.js';
import { number } from '../../pve/loose.js';
import { guestResources } from '../../pve/resources.js';
import { storageContent } from '../../pve/storage.js';
import { taskLog } from '../../pve/task.js';
import { nodeName, storageId } from '../arguments/names.js';
import type { Context, Side } from '../define.js';
import { wholeDefinitions } from '../federation/shared-storages.js';
import { backupWayCalls } from '../migration-between/backup-calls.js';
import { finding } from '../migration-between/finding.js';
import { destinationReads } from '../migration-between/read-destination.js';
import { vmid } from '../scope.js';

export const copyInput = {
  storage: storageId.optional().describe('Default: one both mount'),
  restore: z.boolean().optional().describe('Restore it there too'),
  target_node: nodeName.optional().describe('Default: most memory'),
  target_vmid: vmid.optional().describe('Default: same, or by VMID map'),
  target_storage: storageId.optional().describe('Default: most alike'),
  unique: z.boolean().optional().describe('New MACs; default false'),
  start: z.boolean().optional().describe('Default false: a standby'),
};

export const copyCalls = {
  definitions: wholeDefinitions,
  nodeStorages: destinationReads.nodeStorages,
  networks: destinationReads.networks,
  permissions,
  nodes,
  resources: guestResources,
  config: guestConfig,
  status: guestStatus,
  content: storageContent,
  log: taskLog,
  isFree: endpoint('GET /cluster/nextid', number),
  vzdump: backupWayCalls.vzdump,
  restore: backupWayCalls.restore,
  start: backupWayCalls.start,
};

export const copyOutput = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  target_cluster: z.string(),
  /** As its own cluster calls it. */
  storage: z.string(),
  /** As the other cluster calls it. */
  storage_there: z.string(),
  /** `10.0.0.9:/export/backup` */
  where: z.string(),
  /** `backed_up`, `restored`, `started`, `running`, `backup_failed`, `restore_failed` or `start_failed`. */
  outcome: z.string(),
  summary: z.string(),
  /** As the other cluster lists it. */
  archive: z.string().optional(),
  ctime: z.string().optional(),
  age_hours: z.number().optional(),
  size: z.number().optional(),
  standby: z
    .object({ vmid: z.number(), node: z.string(), storage: z.string().optional(), status: z.string() })
    .optional(),
  upid: z.string().optional(),
  task: z
    .object({ state: z.string(), exitstatus: z.string().optional(), waited: z.number(), log: z.array(z.string()) })
    .optional(),
  todo: z.array(z.string()).optional(),
  warnings: z.array(finding).optional(),
  failed: z.number().optional(),
});
export type CopyResult = z.input<typeof copyOutput>;

export type Copy = Context<'guest-between', typeof copyInput, typeof copyCalls>;
export type CopySide = Side<typeof copyCalls>;

export interface CopySides {
  readonly source: CopySide;
  readonly destination: CopySide;
}
