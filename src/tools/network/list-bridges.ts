import { defineList } from '../define.js';
import { networks, showInterface, shownInterface } from './network-interface.js';

export default [
  defineList({
    name: 'proxmox-list-bridges',
    title: 'List bridges',
    description: 'Bridges and SDN vnets of a node, for bridge= of a network device.',
    effect: 'read',
    scope: 'node',
    toolset: 'network',
    input: {},
    output: shownInterface,
    calls: { networks },
    // Since 8.0 the bridges that it has neither of are left out.
    privileges: ['SDN.Audit|SDN.Use on /sdn/zones/localnetwork'],
    run: async ({ target, call }) => {
      const { data } = await call.networks(target, { type: 'any_bridge' });
      return { rows: data.map(showInterface).sort((a, b) => (a.iface < b.iface ? -1 : 1)) };
    },
  }),
];
