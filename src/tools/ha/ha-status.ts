import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { isoTime } from '../../pve/time.js';
import { defineTool } from '../define.js';
import { vmidOf } from './sid.js';

const row = z.object({
  type: z.string(),
  sid: z.string().optional(),
  node: z.string().optional(),
  status: text.optional(),
  quorate: flag.optional(),
  timestamp: number.optional(),
  state: z.string().optional(),
  crm_state: z.string().optional(),
  request_state: z.string().optional(),
  group: z.string().optional(),
  max_restart: number.optional(),
  max_relocate: number.optional(),
  comment: text.optional(),
});
type Row = z.output<typeof row>;

const place = z.object({ node: z.string(), status: z.string().optional(), seen: z.string().optional() });

export default [
  defineTool({
    name: 'proxmox-ha-status',
    title: 'HA status',
    description: 'HA quorum, manager, nodes, and each guest with its state and that asked.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'ha',
    input: {},
    output: z.object({
      quorate: z.boolean().optional(),
      /** Absent while nothing is managed. */
      manager: place.optional(),
      nodes: z.array(place),
      resources: z.array(
        z.object({
          sid: z.string(),
          vmid: z.number().optional(),
          node: z.string().optional(),
          state: z.string().optional(),
          requested: z.string().optional(),
          group: z.string().optional(),
          max_restart: z.number().optional(),
          max_relocate: z.number().optional(),
          comment: z.string().optional(),
        }),
      ),
    }),
    calls: { status: endpoint('GET /cluster/ha/status/current', z.array(row)) },
    privileges: ['Sys.Audit on /'],
    run: async ({ call }) => {
      const { data } = await call.status({});
      const of = (type: string) => data.filter((one) => one.type === type);
      const [manager] = of('master');
      return {
        quorate: of('quorum')[0]?.quorate,
        manager: manager === undefined ? undefined : placeOf(manager),
        nodes: of('lrm')
          .map(placeOf)
          .sort((a, b) => (a.node < b.node ? -1 : 1)),
        resources: of('service')
          .map(resourceOf)
          .sort((a, b) => (a.vmid ?? 0) - (b.vmid ?? 0)),
      };
    },
  }),
];

/** The text repeats the node and the time: `pve1 (active, Mon Nov 21 ...)`. */
function placeOf({ node = '', status, timestamp }: Row) {
  return {
    node,
    status: /\(([^,)]+)/.exec(status ?? '')?.[1] ?? status,
    seen: timestamp === undefined ? undefined : isoTime(timestamp),
  };
}

function resourceOf({
  sid = '',
  node,
  state,
  crm_state,
  request_state,
  group,
  max_restart,
  max_relocate,
  comment,
}: Row) {
  return {
    sid,
    vmid: vmidOf(sid),
    node,
    state: state ?? crm_state,
    requested: request_state,
    group,
    max_restart,
    max_relocate,
    comment,
  };
}
