import { z } from 'zod';
import { type GuestConfig, nicsOf } from '../../pve/guest-config.js';
import { toWord } from '../../pve/quoted.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { type Changing, changeConfig, changed, configCalls, readConfig, takenKeys } from './config-change.js';
import { freeSlot } from './free-slot.js';
import { bridgeName, bridges, chooseBridge, nicModel } from './nic-bridge.js';
import { written } from './written.js';

const inputs = {
  bridge: bridgeName.optional().describe('Default: only one'),
  vlan: z.int().min(1).max(4094).optional().describe('VLAN tag'),
  firewall: z.boolean().optional().describe('Default true'),
};

const address = written(/^(?:dhcp|manual|\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2})$/, 'as dhcp or 10.0.0.5/24');

const shared = {
  effect: 'write',
  toolset: 'disks',
  output: z.object({ ...changed, nic: z.string(), mac: z.string().optional(), bridge: z.string() }),
  calls: { ...configCalls, bridges },
  privileges: ['VM.Config.Network on /vms', 'VM.Audit on /vms', 'SDN.Use on /sdn/zones'],
} as const;

interface Card {
  readonly bridge: string;
  readonly vlan: number | undefined;
  readonly firewall: boolean | undefined;
}

/** What both kinds of cards are written with. */
const tail = ({ bridge, vlan, firewall }: Card) => [
  `bridge=${bridge}`,
  ...(vlan === undefined ? [] : [`tag=${vlan}`]),
  `firewall=${firewall === false ? 0 : 1}`,
];

async function add(changing: Changing, line: (config: GuestConfig) => readonly string[], bridge: string) {
  const { config, digest } = await readConfig(changing);
  const nic = freeSlot('net', await takenKeys(changing));
  const value = line(config).join(',');
  const { done, ended } = await changeConfig(changing, { [nic]: value, digest }, [nic], `add ${nic}: ${toWord(value)}`);
  if (!ended) return { ...done, nic, bridge };
  const { data: now } = await changing.call.config(changing.target);
  return { ...done, nic, mac: nicsOf(now).find((one) => one.nic === nic)?.mac, bridge };
}

/** `eth1`: the first name that no card of the container has. */
function freeName(config: GuestConfig): string {
  const names = nicsOf(config).map(({ name }) => name);
  const free = Array.from({ length: names.length + 1 }, (_, index) => `eth${index}`).find(
    (one) => !names.includes(one),
  );
  return free ?? 'eth0';
}

export default [
  defineTool({
    ...shared,
    name: 'proxmox-vm-nic-add',
    title: 'Add VM NIC',
    description: 'Add a network card with a new MAC to a VM.',
    scope: 'vm',
    input: {
      ...inputs,
      model: nicModel.optional().describe('Default virtio'),
    },
    run: async (context) => {
      const { model = 'virtio', vlan, firewall } = context.input;
      const bridge = await chooseBridge(context, context.input.bridge);
      return add(context, () => [`model=${model}`, ...tail({ bridge, vlan, firewall })], bridge);
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-lxc-nic-add',
    title: 'Add container NIC',
    description: 'Add a network card with a new MAC to a container, as next ethN.',
    scope: 'lxc',
    input: {
      ...inputs,
      ip: address.optional().describe('CIDR, dhcp; default none'),
      gw: written(/^\d{1,3}(?:\.\d{1,3}){3}$/, 'as 10.0.0.1')
        .optional()
        .describe('Gateway'),
    },
    run: async (context) => {
      const { vlan, firewall, ip, gw } = context.input;
      if (gw !== undefined && !ip?.includes('/'))
        throw new InvalidInput({ argument: 'gw', message: "it goes with an address in 'ip'" });
      const bridge = await chooseBridge(context, context.input.bridge);
      const addresses = [...(ip === undefined ? [] : [`ip=${ip}`]), ...(gw === undefined ? [] : [`gw=${gw}`])];
      const line = (config: GuestConfig) => [
        `name=${freeName(config)}`,
        ...tail({ bridge, vlan, firewall }),
        ...addresses,
      ];
      return add(context, line, bridge);
    },
  }),
];
