import { z } from 'zod';
import { permissions } from '../../pve/discovery.js';
import { storageResources } from '../../pve/resources.js';
import { settle } from '../../pve/settle.js';
import { storageContent, type Volume } from '../../pve/storage.js';
import { ageInHours } from '../../pve/time.js';
import { defineList } from '../define.js';
import { vmid } from '../scope.js';
import { hiddenVolumeNotes } from '../storage/hidden-volumes.js';
import { guestTypeOf, volumeFacts } from '../storage/volume-row.js';
import { type BackupPlace, backupPlaces } from './backup-places.js';
import { word } from './job-terms.js';

export default [
  defineList({
    name: 'proxmox-list-backups',
    title: 'List backups',
    description: 'Backups on all storages, newest first.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'backup',
    daily: true,
    input: {
      vmid: vmid.optional().describe('Guest'),
      storage: word.optional().describe('Storage'),
      node: word.optional().describe('Seen by this node'),
    },
    output: z.object({
      volid: z.string(),
      storage: z.string(),
      node: z.string(),
      vmid: z.number().optional(),
      type: z.string().optional(),
      ctime: z.string().optional(),
      age_hours: z.number().optional(),
      size: z.number().optional(),
      'approximate-size': z.number().optional(),
      notes: z.string().optional(),
      protected: z.boolean().optional(),
      verification: z.string().optional(),
    }),
    calls: { resources: storageResources, content: storageContent, permissions },
    privileges: [
      'Datastore.Audit on /storage',
      'Datastore.AllocateSpace|Datastore.Allocate on /storage',
      'VM.Backup on /vms',
    ],
    run: async ({ input, call, now }) => {
      const [resources, granted] = await Promise.all([call.resources({}, { type: 'storage' }), call.permissions({})]);
      const { ask, unavailable } = backupPlaces(resources.data, input);
      const { values, failed } = await settle(ask, (place) =>
        call.content(place, { content: 'backup', vmid: input.vmid }),
      );
      const backups = values.flatMap(({ key, value }) => value.data.map((volume) => ({ place: key, volume })));
      const listing = { storages: ask.map(({ storage }) => storage), content: 'backup', vmid: input.vmid } as const;
      const notes = [
        ...(ask.length + unavailable.length === 0
          ? [
              'No storage that was asked for holds backups, as far as the token may see: proxmox-list-storage shows what each holds.',
            ]
          : []),
        ...unavailable.map((place) => `Not asked: ${inWords(place)} is not available just now.`),
        ...failed.map(({ key, reason }) => `Not in this list: ${inWords(key)} could not be read (${reason}).`),
        // Of an empty list the missing privileges are told anyway.
        ...(backups.length > 0 ? hiddenVolumeNotes(granted.data, listing) : []),
      ];
      return { rows: newestFirst(backups).map((backup) => row(backup, now)), notes };
    },
  }),
];

interface Backup {
  readonly place: BackupPlace;
  readonly volume: Volume;
}

const inWords = ({ storage, node }: BackupPlace) => `storage ${storage} on node ${node}`;

const newestFirst = (backups: readonly Backup[]) =>
  [...backups].sort(
    (a, b) => (b.volume.ctime ?? 0) - (a.volume.ctime ?? 0) || (a.volume.volid < b.volume.volid ? -1 : 1),
  );

const row = ({ place, volume }: Backup, now: number) => ({
  ...volumeFacts(volume),
  ...place,
  type: guestTypeOf(volume),
  age_hours: volume.ctime === undefined ? undefined : ageInHours(volume.ctime, now),
});
