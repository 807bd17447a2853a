import { z } from 'zod';
import { nodes } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { guestResources } from '../../pve/resources.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';

const command = endpoint('POST /nodes/{node}/status', z.null());
const output = z.object({ node: z.string(), command: z.string(), running_guests: z.array(z.number()) });

const powerTool = <const C extends 'reboot' | 'shutdown'>(verb: C, title: string, description: string) =>
  defineTool({
    name: `proxmox-${verb}-node`,
    title,
    description,
    effect: 'destroy',
    scope: 'node',
    toolset: 'nodes',
    input: { with_guests: z.boolean().optional().describe('Shuts guests down') },
    output,
    calls: { guests: guestResources, command },
    privileges: ['Sys.PowerMgmt on /nodes'],
    run: async ({ target, input, call, note }) => {
      const { data } = await call.guests({}, { type: 'vm' });
      const running = data
        .filter((guest) => guest.node === target.node && guest.status !== 'stopped' && !guest.template)
        .map((guest) => guest.vmid)
        .sort((a, b) => a - b);
      if (running.length > 0 && !input.with_guests)
        throw new Refused(
          `${running.length} guests on node '${target.node}' are not stopped (${running.slice(0, 20).join(', ')}) and would be shut down`,
          "Move them with proxmox-migrate-all-guests, or set 'with_guests'.",
        );
      await call.command(target, { command: verb });
      note('The API tells that the node has accepted it, not when it is done: look with proxmox-list-nodes.');
      return { node: target.node, command: verb, running_guests: running };
    },
  });

export default [
  powerTool('reboot', 'Reboot node', 'Reboot a node; refused while guests run on it unless with_guests.'),
  powerTool('shutdown', 'Shut down node', 'Power a node off; refused while guests run on it unless with_guests.'),
  defineTool({
    name: 'proxmox-wake-node',
    title: 'Wake node',
    description: 'Wake a node that is off by wake-on-LAN; its options must hold its MAC.',
    effect: 'write',
    scope: 'node',
    toolset: 'nodes',
    input: {},
    output: z.object({ node: z.string(), mac: z.string() }),
    calls: {
      nodes,
      wake: endpoint(
        'POST /nodes/{node}/wakeonlan',
        z.string().regex(/^[\da-f]{2}(:[\da-f]{2}){5}$/i),
        '00:00:00:00:00:00',
      ),
    },
    privileges: ['Sys.PowerMgmt on /nodes'],
    run: async ({ target, call, note }) => {
      const { data } = await call.nodes({});
      if (data.some(({ node, status }) => node === target.node && status === 'online'))
        throw new Refused(`node '${target.node}' is online`, 'There is nothing to wake.');
      const mac = (await call.wake(target)).data;
      note('Nobody answers such a packet: whether the node wakes shows in proxmox-list-nodes after some minutes.');
      return { node: target.node, mac };
    },
  }),
];
