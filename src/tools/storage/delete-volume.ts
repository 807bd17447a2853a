import { z } from 'zod';
import { attempt, inTurns } from '../../pve/attempt.js';
import { permissions } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { ServerError } from '../../pve/errors.js';
import { guestConfig } from '../../pve/guest-config.js';
import { flag, number } from '../../pve/loose.js';
import { holds } from '../../pve/privileges.js';
import { guestResources, storageResources } from '../../pve/resources.js';
import { startedUpid } from '../../pve/upid.js';
import { ownersOf } from '../../pve/volume-owner.js';
import { type Context, defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { snapshotUsers } from './snapshot-users.js';
import { inWords, namesVolume, volumeUsers } from './volume-users.js';

const calls = {
  info: endpoint(
    'GET /nodes/{node}/storage/{storage}/content/{volume}',
    z.object({ size: number.optional(), protected: flag.optional() }),
  ),
  permissions,
  guests: guestResources,
  storages: storageResources,
  config: guestConfig,
  snapshots: endpoint('GET /nodes/{node}/{type}/{vmid}/snapshot', z.array(z.object({ name: z.string() }))),
  snapshot: endpoint('GET /nodes/{node}/{type}/{vmid}/snapshot/{snapname}/config', z.record(z.string(), z.unknown())),
  remove: endpoint('DELETE /nodes/{node}/storage/{storage}/content/{volume}', startedUpid),
};

type VolumeContext = Context<'volume', Record<never, never>, typeof calls>;

export default [
  defineTool({
    name: 'proxmox-delete-volume',
    title: 'Delete volume',
    description: 'Delete a file or disk for good; refused if a guest uses it or it is protected.',
    effect: 'destroy',
    scope: 'volume',
    toolset: 'storage',
    input: {},
    output: z.object({
      volid: z.string(),
      storage: z.string(),
      node: z.string(),
      size: z.number().optional(),
      upid: z.string(),
    }),
    calls,
    // Of a backup Datastore.AllocateSpace with VM.Backup on its guest will do.
    privileges: ['Datastore.Allocate|Datastore.AllocateSpace on /storage', 'VM.Audit on /vms'],
    run: async (context) => {
      const { target, call } = context;
      const volume = { ...target, volume: target.volid };
      const looked = await attempt(call.info(volume));
      if ('error' in looked) {
        if (!(looked.error instanceof ServerError)) throw looked.error;
        throw new Refused(
          `Storage '${target.storage}' on ${target.node} has no '${target.volid}'`,
          'proxmox-storage-content lists what it has.',
        );
      }
      const { size, protected: kept } = looked.value.data;
      if (kept)
        throw new Refused(`'${target.volid}' is protected`, 'Tell the user; its protection is to be lifted first.');
      if (mayBeUsed(target.volid)) await requireUnused(context);
      const { data: upid } = await call.remove(volume);
      return { ...target, size, upid };
    },
  }),
];

/** Backups, container templates and images to import are read once; no configuration names them. */
const mayBeUsed = (volid: string) => !/^[^:]+:(backup|vztmpl|import)\//.test(volid);

async function requireUnused({ target, call, note }: VolumeContext): Promise<void> {
  const [{ data: guests }, { data: storages }, { data: granted }] = await Promise.all([
    call.guests({}, { type: 'vm' }),
    call.storages({}, { type: 'storage' }),
    call.permissions({}),
  ]);
  const shared = storages.some((row) => row.storage === target.storage && row.shared);
  const near = guests.filter(({ node }) => shared || node === target.node);
  const named = namesVolume(target.volid);
  const users = await volumeUsers(near, (guest) => call.config(guest), named);
  const owners = new Set(ownersOf(target.volid));
  const owned = near.filter(({ vmid }) => owners.has(vmid));
  const kept = (await inTurns(owned, (guest) => snapshotUsers(guest, call, named))).flat();
  if (users.length + kept.length > 0)
    throw new Refused(
      `'${target.volid}' is used by ${inWords([...users, ...kept])}`,
      'Take it out of the configuration of the guest first, by its own tools.',
    );
  if (!holds(granted, { anyOf: ['VM.Audit'], path: '/vms' }))
    note('Guests that the token may not see (VM.Audit on /vms) could not be asked whether they use it.');
}
