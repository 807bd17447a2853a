import { z } from 'zod';
import type { Permissions } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { number } from '../../pve/loose.js';
import { holds } from '../../pve/privileges.js';
import type { Volume } from '../../pve/storage.js';
import { Refused } from '../refused.js';
import type { Place } from './content-place.js';

/** The space of a storage on a node, as it is now. */
export const storageSpace = endpoint(
  'GET /nodes/{node}/storage/{storage}/status',
  z.object({ avail: number.optional() }),
);

/** @throws {Refused} where the file would not fit */
export function requireSpace({ node, storage }: Place, size: number, avail: number | undefined): void {
  if (avail === undefined || size <= avail) return;
  throw new Refused(
    `The file has ${size} bytes and storage '${storage}' on ${node} has ${avail} free`,
    'Free some space, or name another storage: proxmox-list-storage shows their space.',
  );
}

/** An upload would silently take the place of a file of that name, and a download fail in its task. */
export function requireNew(volid: string, there: readonly Volume[]): void {
  if (!there.some((volume) => volume.volid === volid)) return;
  throw new Refused(
    `There is already a '${volid}'`,
    "Give another 'filename', or delete the old file with proxmox-delete-volume.",
  );
}

/** Told beforehand: of an upload that is refused while it is sent, the answer can be lost. */
export function requireTemplatePrivilege(granted: Permissions, storage: string): void {
  const path = `/storage/${storage}`;
  if (holds(granted, { anyOf: ['Datastore.AllocateTemplate'], path })) return;
  throw new Refused(
    `The token lacks Datastore.AllocateTemplate on ${path}`,
    'Tell the user to grant it to the token, and to its user: the role PVEDatastoreAdmin has it.',
  );
}
