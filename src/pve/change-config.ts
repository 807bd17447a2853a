import { z } from 'zod';
import { endpoint } from './endpoint.js';

/** Changes a guest's configuration at once. For what touches disks or unplugs hardware of a VM a task is better. */
export const changeConfig = endpoint('PUT /nodes/{node}/{type}/{vmid}/config', z.null());
