import { changeConfig } from '../../pve/change-config.js';
import { endpoint } from '../../pve/endpoint.js';
import { startedUpid } from '../../pve/upid.js';
import { vzdump } from '../backup/vzdump.js';
import { wholeDefinitions } from '../federation/shared-storages.js';

/** What a move by backup and restore sends, in this order. */
export const backupWayCalls = {
  definitions: wholeDefinitions,
  shutdown: endpoint('POST /nodes/{node}/{type}/{vmid}/status/shutdown', startedUpid),
  vzdump,
  restore: endpoint('POST /nodes/{node}/{type}', startedUpid),
  reconfigure: changeConfig,
  start: endpoint('POST /nodes/{node}/{type}/{vmid}/status/start', startedUpid),
  remove: endpoint('DELETE /nodes/{node}/{type}/{vmid}', startedUpid),
};
