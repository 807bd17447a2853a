import { z } from 'zod';
import { inTurns } from '../../pve/attempt.js';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import { isSecretField } from '../../pve/secret-fields.js';

const values = z.looseObject({});
const common = { state: z.string().optional(), pending: values.optional(), digest: z.string().optional() };

export const sdnReads = {
  zones: endpoint('GET /cluster/sdn/zones', z.array(z.looseObject({ ...common, zone: z.string() }))),
  vnets: endpoint('GET /cluster/sdn/vnets', z.array(z.looseObject({ ...common, vnet: z.string() }))),
  subnets: endpoint('GET /cluster/sdn/vnets/{vnet}/subnets', z.array(z.looseObject({ ...common, subnet: z.string() }))),
};
type Reads = Bound<typeof sdnReads>;

export const sdnKind = z.enum(['zone', 'vnet', 'subnet']);
export type SdnKind = z.output<typeof sdnKind>;

/** A zone, vnet or subnet as it was configured last, and how that differs from what is in force. */
export interface SdnObject {
  readonly kind: SdnKind;
  readonly id: string;
  /** Of a subnet. */
  readonly vnet?: string;
  /** `new`, `changed` or `deleted`; absent where it is in force as it stands. */
  readonly state?: string | undefined;
  readonly digest?: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly pending?: Readonly<Record<string, unknown>> | undefined;
}

type Row = Readonly<Record<string, unknown>> & {
  readonly state?: string | undefined;
  readonly pending?: Readonly<Record<string, unknown>> | undefined;
  readonly digest?: string | undefined;
};

function objectOf(kind: SdnKind, id: string, row: Row, vnet?: string): SdnObject {
  const { state, pending, digest, ...settings } = row;
  const named = Object.entries(settings).filter(([key]) => key !== kind && !isSecretField(key));
  return {
    kind,
    id,
    ...(vnet === undefined ? {} : { vnet }),
    state,
    digest,
    settings: Object.fromEntries(named),
    pending,
  };
}

/**
 * What there is of a kind.
 * @param pending whether to say what is not in force yet, instead of how it was configured last
 * @param vnet the one whose subnets are meant; of all, where it is left out
 */
export async function readSdn(kind: SdnKind, call: Reads, pending: boolean, vnet?: string): Promise<SdnObject[]> {
  const query = pending ? { pending } : {};
  if (kind === 'zone') return (await call.zones({}, query)).data.map((row) => objectOf('zone', row.zone, row));
  if (kind === 'vnet') return (await call.vnets({}, query)).data.map((row) => objectOf('vnet', row.vnet, row));
  const vnets = vnet === undefined ? (await call.vnets({})).data.map((row) => row.vnet) : [vnet];
  const found = await inTurns(vnets, async (one) =>
    (await call.subnets({ vnet: one }, query)).data.map((row) => objectOf('subnet', row.subnet, row, one)),
  );
  return found.flat();
}

/** A subnet is known by its network or by the id that Proxmox makes of it, `zone-10.0.0.0-24`. */
export const isCalled = (object: SdnObject, name: string) => object.id === name || object.settings.cidr === name;
