import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number } from '../../pve/loose.js';
import { toWord, toWords } from '../../pve/quoted.js';
import { configId } from '../arguments/names.js';
import { defineList, defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';

const server = z.object({
  id: z.string(),
  type: z.string(),
  server: z.string(),
  port: number,
  disable: flag.optional(),
});

const servers = endpoint('GET /cluster/metrics/server', z.array(server));
const id = configId(256).describe('Name');

export default [
  defineList({
    name: 'proxmox-list-metric-servers',
    title: 'List metric servers',
    description: 'Servers that the nodes send metrics to.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'hardware',
    input: {},
    output: server,
    calls: { servers },
    privileges: ['Sys.Audit on /'],
    run: async ({ call }) => ({ rows: (await call.servers({})).data.toSorted((a, b) => a.id.localeCompare(b.id)) }),
  }),
  defineTool({
    name: 'proxmox-set-metric-server',
    title: 'Set metric server',
    description: 'Create or change a metric server; what is left out stays.',
    effect: 'write',
    scope: 'cluster',
    toolset: 'hardware',
    input: {
      id,
      type: z.enum(['graphite', 'influxdb', 'opentelemetry']).optional().describe('Needed to create'),
      server: z.string().min(1).max(256).optional().describe('Host; needed to create'),
      port: z.int().min(1).max(65_535).optional().describe('Needed to create'),
      disable: z.boolean().optional().describe('Send nothing'),
      token: z.string().min(1).max(1024).optional().describe('InfluxDB access token'),
      bucket: z.string().max(256).optional().describe('InfluxDB'),
      organization: z.string().max(256).optional().describe('InfluxDB'),
      protocol: z.enum(['udp', 'tcp', 'http', 'https']).optional().describe('Protocol'),
      path: z.string().max(256).optional().describe('Graphite path'),
    },
    output: z.object({ id: z.string(), created: z.boolean() }),
    calls: {
      version: endpoint('GET /version', z.object({ version: z.string() })),
      servers,
      create: endpoint('POST /cluster/metrics/server/{id}', z.null()),
      change: endpoint('PUT /cluster/metrics/server/{id}', z.null()),
    },
    privileges: ['Sys.Modify on /', 'Sys.Audit on /'],
    run: async ({ input, call, note }) => {
      const [{ data: release }, { data: known }] = await Promise.all([call.version({}), call.servers({})]);
      const present = known.find((one) => one.id === input.id);
      const type = present?.type ?? input.type;
      checkType(type, input.type, Number.parseInt(release.version, 10));
      const form = formOf(input, type ?? '');
      note('Proxmox sends a first packet when it is set; whether the server takes them is seen there alone.');
      if (present !== undefined) {
        // The PUT requires both, though they may stay as they are.
        await call.change({ id: input.id }, { server: present.server, port: present.port, ...form });
        return { id: input.id, created: false };
      }
      if (input.server === undefined || input.port === undefined || type === undefined)
        throw new InvalidInput({ argument: 'server', message: "a new one needs 'type', 'server' and 'port'" });
      await call.create({ id: input.id }, { type, ...form });
      return { id: input.id, created: true };
    },
  }),
  defineTool({
    name: 'proxmox-delete-metric-server',
    title: 'Delete metric server',
    description: 'Stop sending metrics to a server, and forget it.',
    effect: 'destroy',
    scope: 'cluster',
    toolset: 'hardware',
    input: { id },
    output: server,
    calls: { servers, remove: endpoint('DELETE /cluster/metrics/server/{id}', z.null()) },
    privileges: ['Sys.Modify on /', 'Sys.Audit on /'],
    run: async ({ input, call }) => {
      const { data: known } = await call.servers({});
      const present = known.find((one) => one.id === input.id);
      if (present === undefined)
        throw new Refused(
          'there is no metric server of that name',
          `There are: ${toWords(known.map((one) => one.id)) || 'none'}.`,
        );
      await call.remove({ id: input.id });
      return present;
    },
  }),
];

function checkType(type: string | undefined, asked: string | undefined, major: number): void {
  if (asked !== undefined && type !== asked)
    throw new InvalidInput({
      argument: 'type',
      message: `is '${toWord(type ?? '')}' and cannot be changed; delete it first`,
    });
  if (type === 'opentelemetry' && major < 9)
    throw new Refused('opentelemetry is known from Proxmox VE 9 on', 'Use influxdb or graphite.');
}

interface Settings {
  readonly server?: string | undefined;
  readonly port?: number | undefined;
  readonly disable?: boolean | undefined;
  readonly token?: string | undefined;
  readonly bucket?: string | undefined;
  readonly organization?: string | undefined;
  readonly protocol?: string | undefined;
  readonly path?: string | undefined;
}

/** The protocol has a key of its own for each type. */
function formOf({ server: host, port, disable, token, bucket, organization, protocol, path }: Settings, type: string) {
  const given = Object.entries({ server: host, port, disable, token, bucket, organization, path });
  const known = new Map([
    ['influxdb', { key: 'influxdbproto', takes: ['udp', 'http', 'https'] }],
    ['graphite', { key: 'proto', takes: ['udp', 'tcp'] }],
    ['opentelemetry', { key: 'otel-protocol', takes: ['http', 'https'] }],
  ]).get(type);
  if (protocol !== undefined && !known?.takes.includes(protocol))
    throw new InvalidInput({ argument: 'protocol', message: `${type} takes ${known?.takes.join(', ')}` });
  const present = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  return protocol === undefined || known === undefined ? present : { ...present, [known.key]: protocol };
}
