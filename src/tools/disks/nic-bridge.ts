import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { Refused } from '../refused.js';
import { written } from './written.js';

export const bridges = endpoint('GET /nodes/{node}/network', z.array(z.object({ iface: z.string() })));

export const bridgeName = written(/^[A-Za-z0-9._-]{1,32}$/, 'as vmbr0, or a vnet');

export const nicModel = written(/^(?:virtio|e1000e?|rtl8139|vmxnet3)$/, 'virtio, e1000, e1000e, rtl8139 or vmxnet3');

interface Choosing {
  readonly target: { readonly node: string };
  readonly call: { readonly bridges: Call<typeof bridges> };
  readonly defaults: { readonly bridge?: string };
  note(text: string): void;
}

/** The named bridge, the default one, or the only one of the node; of vnets too. */
export async function chooseBridge({ target, call, defaults, note }: Choosing, named?: string): Promise<string> {
  // Which bridges there are takes a right of its own before 8.0; a bridge can be named without it.
  const asked = await attempt(call.bridges(target, { type: 'any_bridge' }));
  const known = 'error' in asked ? undefined : asked.value.data.map(({ iface }) => iface).sort();
  const only = known?.length === 1 ? known[0] : undefined;
  const bridge = named ?? defaults.bridge ?? only;
  const choice = known?.join(', ') || 'none that the token may see';
  if (bridge === undefined) throw new Refused('no bridge was named', `Name one; node ${target.node} has ${choice}.`);
  if (known !== undefined && !known.includes(bridge))
    throw new Refused(`node ${target.node} has no bridge ${bridge}`, `It has ${choice}.`);
  if (named === undefined)
    note(`Bridge: ${bridge}, ${defaults.bridge === undefined ? 'the only one' : 'the default'}.`);
  return bridge;
}
