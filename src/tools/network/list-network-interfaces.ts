import { quotedLines } from '../../pve/quoted.js';
import { defineList } from '../define.js';
import { networks, showInterface, shownInterface } from './network-interface.js';

export default [
  defineList({
    name: 'proxmox-list-network-interfaces',
    title: 'List interfaces',
    description: 'Interfaces of a node with staged changes; a note has the pending diff.',
    effect: 'read',
    scope: 'node',
    toolset: 'network',
    input: {},
    output: shownInterface,
    calls: { networks },
    privileges: ['SDN.Audit|SDN.Use on /sdn/zones/localnetwork'],
    run: async ({ target, call }) => {
      const { data, changes } = await call.networks(target);
      const rows = data.map(showInterface).sort((a, b) => (a.iface < b.iface ? -1 : 1));
      return { rows, notes: changes === undefined ? [] : [`Staged, not applied yet: ${quotedLines(changes)}`] };
    },
  }),
];
