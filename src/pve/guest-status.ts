import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { flag, number, text } from './loose.js';

/** What a guest is doing now, asked of its node. */
export const guestStatus = endpoint(
  'GET /nodes/{node}/{type}/{vmid}/status/current',
  z.object({
    status: text,
    // VMs: `running`, `paused`, `prelaunch`, `io-error`, ...
    qmpstatus: text.optional(),
    name: text.optional(),
    lock: text.optional(),
    tags: text.optional(),
    template: flag.optional(),
    uptime: number.optional(),
    cpu: number.optional(),
    cpus: number.optional(),
    mem: number.optional(),
    maxmem: number.optional(),
    disk: number.optional(),
    maxdisk: number.optional(),
    ha: z.object({ managed: flag.optional(), state: text.optional(), group: text.optional() }).optional(),
  }),
);
