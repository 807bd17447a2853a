import { endpoint } from '../../pve/endpoint.js';
import { configText, type GuestConfig } from '../../pve/guest-config.js';
import { startedUpid } from '../../pve/upid.js';
import type { GuestChange } from './guest-change.js';

/** Changes a VM in a task: disks and hotplug can take longer than the 30 s that pveproxy gives a PUT. */
export const updateVm = endpoint('POST /nodes/{node}/qemu/{vmid}/config', startedUpid.nullish());

/** The seconds that the server waits for that task, and answers null if it ended well; the GUI gives it as many. */
export const inBackground = { background_delay: 5 } as const;

/** The parameters of a change; refused by the server if the configuration was changed since it was read. */
export const parametersOf = ({ set, remove }: GuestChange, config: GuestConfig) => ({
  ...set,
  delete: remove.length > 0 ? remove.join(',') : undefined,
  digest: configText(config.digest),
});

/** What is told of a change that was not seen to end well: its keys, for a value may be a secret. */
export function askedOf({ set, remove }: GuestChange): string {
  const parts = [
    ...(Object.keys(set).length > 0 ? [`set ${Object.keys(set).join(', ')}`] : []),
    ...(remove.length > 0 ? [`unset ${remove.join(', ')}`] : []),
  ];
  return `Asked: ${parts.join('; ')}.`;
}
