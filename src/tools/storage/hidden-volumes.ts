import type { Permissions } from '../../pve/discovery.js';
import { holds } from '../../pve/privileges.js';
import type { ContentType } from '../../pve/storage.js';

/** What was listed. */
export interface Listing {
  readonly storages: readonly string[];
  readonly content?: ContentType | undefined;
  readonly vmid?: number | undefined;
}

interface Kind {
  readonly name: string;
  readonly content: readonly ContentType[];
  /** On the storage; beside it, `onGuest`. */
  readonly onStorage?: string;
  readonly onGuest?: string;
}

// pve-storage, Storage.pm, check_volume_access: `Datastore.Allocate` on the storage opens all of them.
const kinds: readonly Kind[] = [
  { name: 'Backups', content: ['backup'], onStorage: 'Datastore.AllocateSpace', onGuest: 'VM.Backup' },
  { name: 'Disks', content: ['images', 'rootdir'], onStorage: 'Datastore.Audit', onGuest: 'VM.Config.Disk' },
  { name: 'Snippets', content: ['snippets'] },
];

/** Proxmox leaves out, without a word, the volumes that a token may not read; this says which these may be. */
export function hiddenVolumeNotes(granted: Permissions, listing: Listing): string[] {
  const { content } = listing;
  return kinds
    .filter((kind) => content === undefined || kind.content.includes(content))
    .flatMap((kind) => {
      const lacking = [...new Set(listing.storages.flatMap((storage) => lackingOn(granted, storage, listing, kind)))];
      return lacking.length === 0 ? [] : [`${kind.name} may be hidden: the token lacks ${lacking.join(' and ')}.`];
    });
}

function lackingOn(granted: Permissions, storage: string, { vmid }: Listing, kind: Kind): string[] {
  const path = `/storage/${storage}`;
  if (holds(granted, { anyOf: ['Datastore.Allocate'], path })) return [];
  if (kind.onGuest === undefined) return [`Datastore.Allocate on ${path}`];
  const guests = vmid === undefined ? '/vms' : `/vms/${vmid}`;
  return [
    { privilege: kind.onStorage ?? '', on: path },
    { privilege: kind.onGuest, on: guests },
  ]
    .filter(({ privilege, on }) => !holds(granted, { anyOf: [privilege], path: on }))
    .map(({ privilege, on }) => `${privilege} on ${on}`);
}
