import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number } from '../../pve/loose.js';
import { toWord, toWords } from '../../pve/quoted.js';
import { isoTime } from '../../pve/time.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';

const dnsSettings = z.object({
  search: z.string().optional(),
  dns1: z.string().optional(),
  dns2: z.string().optional(),
  dns3: z.string().optional(),
});

const dns = endpoint('GET /nodes/{node}/dns', dnsSettings);
const hosts = endpoint('GET /nodes/{node}/hosts', z.object({ data: z.string(), digest: z.string().optional() }));
const time = endpoint(
  'GET /nodes/{node}/time',
  z.object({ timezone: z.string(), time: number, localtime: number.optional() }),
);

const address = z.union([z.ipv4(), z.ipv6()], { error: 'an IP address' });

export default [
  defineTool({
    name: 'proxmox-node-settings',
    title: 'Node settings',
    description: 'DNS, /etc/hosts, time and time zone of a node.',
    effect: 'read',
    scope: 'node',
    toolset: 'nodes',
    input: {},
    output: z.object({
      node: z.string(),
      search: z.string().optional(),
      dns: z.array(z.string()),
      hosts: z.string(),
      timezone: z.string(),
      time: z.string(),
    }),
    calls: { dns, hosts, time },
    privileges: ['Sys.Audit on /nodes'],
    run: async ({ target, call }) => {
      const [names, file, clock] = await Promise.all([call.dns(target), call.hosts(target), call.time(target)]);
      const { search, dns1, dns2, dns3 } = names.data;
      return {
        node: target.node,
        search,
        dns: [dns1, dns2, dns3].filter((server) => server !== undefined),
        hosts: file.data.data,
        timezone: clock.data.timezone,
        time: isoTime(clock.data.time),
      };
    },
  }),
  defineTool({
    name: 'proxmox-set-node-dns',
    title: 'Set node DNS',
    description: 'Set DNS servers and search domain of a node; what is left out stays.',
    effect: 'write',
    scope: 'node',
    toolset: 'nodes',
    input: {
      search: z.string().min(1).max(256).optional().describe('Search domain'),
      servers: z.array(z.string()).min(1).max(3).optional().describe('Up to 3 addresses'),
    },
    output: dnsSettings.extend({ node: z.string() }),
    calls: { dns, change: endpoint('PUT /nodes/{node}/dns', z.null()) },
    privileges: ['Sys.Modify on /nodes'],
    run: async ({ target, input, call, note }) => {
      const wrong = input.servers?.find((server) => !address.safeParse(server).success);
      if (wrong !== undefined) throw new InvalidInput({ argument: 'servers', message: `'${wrong}' is no IP address` });
      const { data: before } = await call.dns(target);
      const [dns1, dns2, dns3] = input.servers ?? [before.dns1, before.dns2, before.dns3].filter((one) => one);
      const search = input.search ?? before.search;
      if (search === undefined) throw new InvalidInput({ argument: 'search', message: 'the node has none: give one' });
      // A PUT replaces the file: what is not sent is gone.
      await call.change(target, { search, dns1, dns2, dns3 });
      note(
        `before: search ${toWord(before.search ?? 'none')}, servers ${toWords([before.dns1, before.dns2, before.dns3].flatMap((one) => one || [])) || 'none'}`,
      );
      return { node: target.node, ...(await call.dns(target)).data };
    },
  }),
  defineTool({
    name: 'proxmox-set-node-hosts',
    title: 'Set node hosts',
    description: 'Replace /etc/hosts of a node; refused if it lacks the node itself.',
    effect: 'destroy',
    scope: 'node',
    toolset: 'nodes',
    input: { hosts: z.string().min(1).max(65_536).describe('Whole file') },
    output: z.object({ node: z.string(), hosts: z.string() }),
    calls: { hosts, change: endpoint('POST /nodes/{node}/hosts', z.null()) },
    privileges: ['Sys.Modify on /nodes'],
    run: async ({ target, input, call }) => {
      const words = input.hosts.split('\n').flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/));
      // Corosync and the API itself resolve the node's name through this file.
      if (!words.some((word) => word === target.node || word.startsWith(`${target.node}.`)))
        throw new InvalidInput({ argument: 'hosts', message: `has no line that names the node '${target.node}'` });
      const { digest } = (await call.hosts(target)).data;
      await call.change(target, { data: input.hosts, digest });
      return { node: target.node, hosts: (await call.hosts(target)).data.data };
    },
  }),
  defineTool({
    name: 'proxmox-set-node-timezone',
    title: 'Set node time zone',
    description: 'Set the time zone of a node.',
    effect: 'write',
    scope: 'node',
    toolset: 'nodes',
    input: { timezone: z.string().min(1).max(64).describe('As Europe/Vienna') },
    output: z.object({ node: z.string(), timezone: z.string(), before: z.string() }),
    calls: { time, change: endpoint('PUT /nodes/{node}/time', z.null()) },
    privileges: ['Sys.Modify on /nodes', 'Sys.Audit on /nodes'],
    run: async ({ target, input, call }) => {
      const { timezone: before } = (await call.time(target)).data;
      await call.change(target, { timezone: input.timezone });
      return { node: target.node, timezone: (await call.time(target)).data.timezone, before };
    },
  }),
];
