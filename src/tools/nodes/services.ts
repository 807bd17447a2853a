import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { toWords } from '../../pve/quoted.js';
import { startedUpid } from '../../pve/upid.js';
import { defineList, defineTool } from '../define.js';
import { Refused } from '../refused.js';

const service = z.object({
  service: z.string(),
  name: z.string().optional(),
  desc: z.string().optional(),
  state: z.string().optional(),
  'active-state': z.string().optional(),
  'unit-state': z.string().optional(),
});

const services = endpoint('GET /nodes/{node}/services', z.array(service));

/** What this server itself speaks to. */
const carriesTheApi = new Set(['pveproxy', 'pvedaemon']);

export default [
  defineList({
    name: 'proxmox-list-services',
    title: 'List services',
    description: "A node's services and whether they run.",
    effect: 'read',
    scope: 'node',
    toolset: 'nodes',
    input: {},
    output: z.object({
      service: z.string(),
      description: z.string().optional(),
      state: z.string().optional(),
      unit_state: z.string().optional(),
    }),
    calls: { services },
    privileges: ['Sys.Audit on /nodes'],
    run: async ({ target, call }) => {
      const { data } = await call.services(target);
      const rows = data.map((row) => ({
        service: row.service,
        description: row.desc,
        state: row.state ?? row['active-state'],
        unit_state: row['unit-state'],
      }));
      return { rows: rows.sort((a, b) => a.service.localeCompare(b.service)) };
    },
  }),
  defineTool({
    name: 'proxmox-control-service',
    title: 'Control service',
    description: 'Start, stop, restart or reload a service of a node.',
    effect: 'destroy',
    scope: 'node',
    toolset: 'nodes',
    input: {
      service: z.string().min(1).max(64).describe('Name'),
      action: z.enum(['start', 'stop', 'restart', 'reload']).describe('Action'),
    },
    output: z.object({ node: z.string(), service: z.string(), action: z.string(), upid: z.string() }),
    calls: {
      services,
      start: endpoint('POST /nodes/{node}/services/{service}/start', startedUpid),
      stop: endpoint('POST /nodes/{node}/services/{service}/stop', startedUpid),
      restart: endpoint('POST /nodes/{node}/services/{service}/restart', startedUpid),
      reload: endpoint('POST /nodes/{node}/services/{service}/reload', startedUpid),
    },
    privileges: ['Sys.Modify on /nodes', 'Sys.Audit on /nodes'],
    run: async ({ target, input: { service, action }, call }) => {
      const known = (await call.services(target)).data.map((row) => row.service);
      if (!known.includes(service))
        throw new Refused(`node '${target.node}' has no such service`, `It has ${toWords(known.sort())}.`);
      if (action === 'stop' && carriesTheApi.has(service))
        throw new Refused(
          `without ${service} the node can no longer be reached through its API`,
          'Restart it instead.',
        );
      const { data } = await call[action]({ ...target, service });
      return { node: target.node, service, action, upid: data };
    },
  }),
];
