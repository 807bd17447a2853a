import type { GuestConfig } from '../../pve/guest-config.js';
import { toWord } from '../../pve/quoted.js';
import type { GuestResource } from '../../pve/resources.js';
import { settle } from '../../pve/settle.js';
import { keysNaming, type VolumeUser } from './volume-users.js';

interface SnapshotCalls {
  snapshots(guest: Pick<GuestResource, 'node' | 'type' | 'vmid'>): Promise<{ data: readonly { name: string }[] }>;
  snapshot(
    place: Pick<GuestResource, 'node' | 'type' | 'vmid'> & { readonly snapname: string },
  ): Promise<{ data: GuestConfig }>;
}

/** The snapshots of a guest that hold such a volume, among them the saved memory of a VM. */
export async function snapshotUsers(
  { node, type, vmid }: GuestResource,
  call: SnapshotCalls,
  named: (volid: string) => boolean,
): Promise<VolumeUser[]> {
  const { data } = await call.snapshots({ node, type, vmid });
  // The entry of that name stands for how the guest is now.
  const names = data.map(({ name }) => name).filter((name) => name !== 'current');
  const { values, failed } = await settle(names, (snapname) => call.snapshot({ node, type, vmid, snapname }));
  const [unread] = failed;
  if (unread !== undefined) throw unread.error;
  return values.flatMap(({ key, value }) =>
    keysNaming(value.data, named).map((line) => ({ vmid, key: `${line} of snapshot ${toWord(key)}` })),
  );
}
