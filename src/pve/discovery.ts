import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { flag, number } from './loose.js';

export const version = endpoint('GET /version', z.object({ version: z.string(), release: z.string() }));

export const nodeRow = z.object({
  node: z.string(),
  status: z.string(),
  cpu: number.optional(),
  maxcpu: number.optional(),
  mem: number.optional(),
  maxmem: number.optional(),
  disk: number.optional(),
  maxdisk: number.optional(),
  uptime: number.optional(),
  level: z.string().optional(),
});
export type NodeRow = z.output<typeof nodeRow>;

export const nodes = endpoint('GET /nodes', z.array(nodeRow));

/** A stand-alone host gives its node row alone, without a `cluster` row. */
export const clusterStatus = endpoint(
  'GET /cluster/status',
  z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      quorate: flag.optional(),
      nodes: number.optional(),
      online: flag.optional(),
      local: flag.optional(),
      ip: z.string().optional(),
    }),
  ),
);

export type StatusRow = z.output<(typeof clusterStatus)['data']>[number];

/** The certificates of a node, and the authority of its cluster; shown to everybody. */
export const shownCertificates = endpoint(
  'GET /nodes/{node}/certificates/info',
  z.array(z.object({ filename: z.string(), fingerprint: z.string().optional() })),
);

/** ACL path -> privilege -> whether it propagates; a privilege that stands there is granted, whatever its value. */
export const permissions = endpoint(
  'GET /access/permissions',
  z.preprocess(
    // An empty Perl hash can come as an empty list.
    (value) => (Array.isArray(value) && value.length === 0 ? {} : value),
    z.record(z.string(), z.record(z.string(), flag)),
  ),
);
export type Permissions = z.output<(typeof permissions)['data']>;
