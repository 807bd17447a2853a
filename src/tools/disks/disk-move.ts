import { type Call, endpoint } from '../../pve/endpoint.js';
import type { Disk } from '../../pve/guest-config.js';
import type { Params } from '../../pve/params.js';
import { startedUpid } from '../../pve/upid.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { inWords, isBind, isCdrom, label } from './guest-disk.js';

export const moveCalls = {
  moveDisk: endpoint('POST /nodes/{node}/qemu/{vmid}/move_disk', startedUpid),
  moveVolume: endpoint('POST /nodes/{node}/lxc/{vmid}/move_volume', startedUpid),
} as const;

type MoveCall = { readonly [K in keyof typeof moveCalls]: Call<(typeof moveCalls)[K]> };

/** @throws {Refused} where Proxmox would not move it as things are */
export function checkMovable(target: GuestTarget, disk: Disk): void {
  if (isCdrom(disk)) throw new Refused(`${inWords(disk)} is a CD drive`, 'Detach it, and attach it from elsewhere.');
  if (isBind(disk)) throw new Refused(`${inWords(disk)} is a path of the node`, 'There is no volume to move.');
  if (target.type === 'lxc' && target.status === 'running' && !disk.disk.startsWith('unused'))
    throw new Refused(
      `${label(target)} is running`,
      'Its volumes can be moved while it is stopped: proxmox-shutdown-lxc.',
    );
}

/** Starts the move; what a VM calls a disk, a container calls a volume. */
export async function move(call: MoveCall, target: GuestTarget, disk: string, params: Params): Promise<string> {
  const { data } =
    target.type === 'qemu'
      ? await call.moveDisk(target, { disk, ...params })
      : await call.moveVolume(target, { volume: disk, ...params });
  return data;
}
