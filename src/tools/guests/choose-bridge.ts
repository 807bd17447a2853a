import { z } from 'zod';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { Refused } from '../refused.js';

/** Bridges and SDN vnets; since 8.0 without those that the token may not use. */
export const nodeBridges = endpoint(
  'GET /nodes/{node}/network',
  z.array(z.object({ iface: z.string(), type: z.string() })),
);

export interface BridgeWish {
  readonly node: string;
  readonly asked?: string | undefined;
  readonly preferred?: string | undefined;
}

/** The bridge that is named, the configured one, or the first of the node; a real one goes before a vnet. */
export async function chooseBridge(
  bridges: Call<typeof nodeBridges>,
  { node, asked, preferred }: BridgeWish,
  note: (text: string) => void,
): Promise<string> {
  const { data } = await bridges({ node }, { type: 'any_bridge' });
  const known = data.toSorted((a, b) => rank(a) - rank(b) || (a.iface < b.iface ? -1 : 1)).map(({ iface }) => iface);
  // Never another network than the one that was meant.
  const meant = asked ?? preferred;
  const chosen = meant === undefined ? known[0] : known.find((iface) => iface === meant);
  if (chosen === undefined)
    throw new Refused(
      `no bridge${meant === undefined ? '' : ` '${meant}'`} on node '${node}' that this token may use`,
      known.length === 0 ? 'See proxmox-list-bridges; the token needs SDN.Use.' : `Name one of ${known.join(', ')}.`,
    );
  if (asked === undefined)
    note(`Bridge '${chosen}': it is the ${preferred === undefined ? 'first of the node' : 'configured default'}.`);
  return chosen;
}

const rank = ({ type }: { type: string }) => (type === 'vnet' ? 1 : 0);
