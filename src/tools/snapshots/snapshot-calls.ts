import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { startedUpid } from '../../pve/upid.js';

/** Beside the snapshots the list holds, as `current`, where the guest stands now. */
export const guestSnapshots = endpoint(
  'GET /nodes/{node}/{type}/{vmid}/snapshot',
  z.array(
    z.object({
      name: text,
      description: text.optional(),
      snaptime: number.optional(),
      vmstate: flag.optional(),
      parent: text.optional(),
      /** `prepare` or `delete`, while it is made or deleted; where that broke off, for good. */
      snapstate: text.optional(),
    }),
  ),
);

export const createSnapshot = endpoint('POST /nodes/{node}/{type}/{vmid}/snapshot', startedUpid);
export const deleteSnapshot = endpoint('DELETE /nodes/{node}/{type}/{vmid}/snapshot/{snapname}', startedUpid);
