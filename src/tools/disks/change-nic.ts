import { z } from 'zod';
import { toWord } from '../../pve/quoted.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { changeConfig, changed, configCalls, readConfig } from './config-change.js';
import { bridgeName, bridges, chooseBridge, nicModel } from './nic-bridge.js';
import { nicNamed, withModel, withParts } from './nic-line.js';

const inputs = {
  slot: z.int().min(0).max(31).describe('0 for net0'),
  bridge: bridgeName.optional().describe('Bridge or vnet'),
  vlan: z.int().min(0).max(4094).optional().describe('Tag; 0: none'),
  firewall: z.boolean().optional().describe('Its rules apply'),
  link_down: z.boolean().optional().describe('Cable unplugged'),
  rate: z.number().min(0).max(10_000).optional().describe('MB/s; 0: no limit'),
  model: nicModel.optional().describe('As virtio, e1000'),
};

type Wanted = Omit<z.output<z.ZodObject<typeof inputs>>, 'slot'>;

const bit = (on: boolean) => (on ? '1' : '0');
const orNone = (count: number) => (count === 0 ? undefined : String(count));

/** What the arguments say of the parts of a line; those that are left out are not in it. */
function partsOf({ bridge, vlan, firewall, link_down, rate }: Wanted): Record<string, string | undefined> {
  return {
    ...(bridge === undefined ? {} : { bridge }),
    ...(vlan === undefined ? {} : { tag: orNone(vlan) }),
    ...(firewall === undefined ? {} : { firewall: bit(firewall) }),
    ...(link_down === undefined ? {} : { link_down: link_down ? '1' : undefined }),
    ...(rate === undefined ? {} : { rate: orNone(rate) }),
  };
}

export default [
  defineTool({
    name: 'proxmox-nic-change',
    title: 'Change NIC',
    description: 'Change a network card; its MAC and what is not named stay.',
    effect: 'write',
    scope: 'guest',
    toolset: 'disks',
    input: inputs,
    output: z.object({
      ...changed,
      nic: z.string(),
      before: z.string(),
      value: z.string().optional(),
      unchanged: z.string().optional(),
    }),
    calls: { ...configCalls, bridges },
    privileges: ['VM.Config.Network on /vms', 'VM.Audit on /vms', 'SDN.Use on /sdn/zones'],
    run: async (context) => {
      const { target } = context;
      const { slot, ...wanted } = context.input;
      if (Object.values(wanted).every((value) => value === undefined))
        throw new InvalidInput({ argument: 'bridge', message: 'say what to change of the card' });
      if (wanted.model !== undefined && target.type === 'lxc')
        throw new InvalidInput({ argument: 'model', message: 'cards of containers have none' });
      const { config, digest } = await readConfig(context);
      const { key, line } = nicNamed(target, config, slot);
      if (wanted.bridge !== undefined) await chooseBridge(context, wanted.bridge);
      const parted = withParts(line, partsOf(wanted));
      const value = wanted.model === undefined ? parted : withModel(parted, wanted.model);
      const about = { vmid: target.vmid, name: target.name, node: target.node, nic: key, before: line, value };
      if (value === line) return { ...about, unchanged: 'it is as asked' };
      const { done, ended } = await changeConfig(
        context,
        { [key]: value, digest },
        [key],
        `set ${key}: ${toWord(value)}`,
      );
      return { ...done, nic: key, before: line, value: ended ? value : undefined };
    },
  }),
];
