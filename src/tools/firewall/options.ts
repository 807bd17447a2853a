import { z } from 'zod';
import { type Attempt, attempt } from '../../pve/attempt.js';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import { guestConfig, nicsOf } from '../../pve/guest-config.js';
import { flag } from '../../pve/loose.js';
import { isSecretField } from '../../pve/secret-fields.js';
import type { GuestPlace, Place } from './place.js';

const options = z.looseObject({
  enable: flag.optional(),
  policy_in: z.string().optional(),
  policy_out: z.string().optional(),
  digest: z.string().optional(),
});
export type Options = z.output<typeof options>;

export const optionReads = {
  optionsOfCluster: endpoint('GET /cluster/firewall/options', options),
  optionsOfNode: endpoint('GET /nodes/{node}/firewall/options', options),
  optionsOfGuest: endpoint('GET /nodes/{node}/{type}/{vmid}/firewall/options', options),
};

/** What decides whether the rules of a guest do anything. */
export const effectReads = {
  optionsOfCluster: optionReads.optionsOfCluster,
  guestConfig,
};

/** A security group has none. */
export async function readOptions(place: Place, call: Bound<typeof optionReads>): Promise<Options> {
  switch (place.level) {
    case 'cluster':
      return (await call.optionsOfCluster({})).data;
    case 'node':
      return (await call.optionsOfNode(place)).data;
    case 'guest':
      return (await call.optionsOfGuest(place)).data;
    case 'group':
      return {};
  }
}

export const optionsShape = {
  enable: z.boolean().optional(),
  policy_in: z.string().optional(),
  policy_out: z.string().optional(),
  /** What else differs from its default. */
  options: z.record(z.string(), z.unknown()).optional(),
};

export interface ShownOptions {
  readonly enable?: boolean;
  readonly policy_in?: string;
  readonly policy_out?: string;
  readonly options?: Record<string, unknown>;
}

/** With what Proxmox takes where nothing is set: a node's firewall is on, all others are off. */
export function showOptions({ level }: Place, read: Options): ShownOptions {
  const { digest: _, enable, policy_in, policy_out, ...others } = read;
  const options = Object.fromEntries(Object.entries(others).filter(([name]) => !isSecretField(name)));
  if (level === 'group') return {};
  const policies = level === 'node' ? {} : { policy_in: policy_in ?? 'DROP', policy_out: policy_out ?? 'ACCEPT' };
  return { enable: enable ?? level === 'node', ...policies, options };
}

const clusterOff =
  'The datacenter firewall is off, so no rule of any level takes effect; proxmox-firewall-set-options with level cluster switches it on.';
const clusterUnread = 'Whether the datacenter firewall is on could not be read; while it is off, no rule takes effect.';

function clusterNotes(options: Attempt<{ data: Options }>): string[] {
  if ('error' in options) return [clusterUnread];
  return options.value.data.enable === true ? [] : [clusterOff];
}

/** What keeps the rules of a node or of a group from taking effect. */
export const readClusterNotes = async (call: Bound<Pick<typeof effectReads, 'optionsOfCluster'>>) =>
  clusterNotes(await attempt(call.optionsOfCluster({})));

/**
 * What keeps the rules of a guest from taking effect.
 * @param enabled whether its own firewall is on, or will be
 */
export async function readGuestNotes(
  place: GuestPlace,
  enabled: boolean,
  call: Bound<typeof effectReads>,
): Promise<string[]> {
  const [cluster, config] = await Promise.all([attempt(call.optionsOfCluster({})), attempt(call.guestConfig(place))]);
  const open = 'error' in config ? [] : nicsOf(config.value.data).filter(({ firewall }) => firewall !== true);
  return [
    ...clusterNotes(cluster),
    ...(enabled ? [] : [`The firewall of guest ${place.vmid} itself is off, so its rules do not take effect.`]),
    ...('error' in config ? ['Which network cards have firewall=1 could not be read.'] : []),
    ...(open.length > 0
      ? [`${open.map(({ nic }) => nic).join(', ')}: without firewall=1, so the rules do not apply there.`]
      : []),
  ];
}
