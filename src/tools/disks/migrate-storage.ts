import { z } from 'zod';
import { type Disk, disksOf, guestConfig } from '../../pve/guest-config.js';
import { storageResources } from '../../pve/resources.js';
import { storageId } from '../arguments/names.js';
import { countOutcomes, counts, outcome, runSteps } from '../bulk/run-steps.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { checkMovable, move, moveCalls } from './disk-move.js';
import { checkStorage } from './disk-storage.js';
import { inWords, isBind, isCdrom, isUnused, label } from './guest-disk.js';

/** Which disks go, and which stay although they are where the others go away from. */
function sortOut(disks: readonly Disk[], source: string | undefined, target: string) {
  const there = disks.filter(
    ({ storage }) => storage !== undefined && storage !== target && (source === undefined || storage === source),
  );
  const stays = (disk: Disk) => isCdrom(disk) || isUnused(disk) || isBind(disk);
  return { going: there.filter((disk) => !stays(disk)), staying: there.filter(stays) };
}

export default [
  defineTool({
    name: 'proxmox-migrate-storage',
    title: 'Move all disks',
    description: 'Move the disks of a guest to another storage; originals go unless kept.',
    effect: 'destroy',
    scope: 'guest',
    toolset: 'disks',
    waits: true,
    input: {
      target_storage: storageId.describe('Where to'),
      source_storage: storageId.optional().describe('Only from there'),
      online: z.boolean().optional().describe('false: not running'),
      preserve_source: z.boolean().optional().describe('Keep as unused'),
    },
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      node: z.string(),
      ...counts,
      rows: z.array(z.object({ disk: z.string(), from: z.string(), ...outcome })),
    }),
    calls: { config: guestConfig, storages: storageResources, ...moveCalls },
    privileges: ['VM.Config.Disk on /vms', 'VM.Audit on /vms', 'Datastore.AllocateSpace on /storage'],
    run: async (context) => {
      const { target, input, call, note, outline } = context;
      const { source_storage: source, target_storage: storage } = input;
      if (source === storage)
        throw new InvalidInput({ argument: 'source_storage', message: 'it is the target_storage too' });
      if (input.online === false && target.status === 'running')
        throw new Refused(`${label(target)} is running`, "Shut it down first, or leave out 'online'.");
      checkStorage(target, (await call.storages({}, { type: 'storage' })).data, storage);
      const { data } = await call.config(target);
      const { going, staying } = sortOut(disksOf(data), source, storage);
      if (going.length === 0)
        throw new Refused(
          `${label(target)} has no disk to move to ${storage}`,
          `It has ${disksOf(data).map(inWords).join(', ') || 'none'}.`,
        );
      for (const disk of going) checkMovable(target, disk);
      if (staying.length > 0) note(`These stay: ${staying.map(inWords).join(', ')}.`);
      outline(`These would move to ${storage}: ${going.map(inWords).join(', ')}.`);
      const steps = going.map(({ disk }) => ({
        label: disk,
        // Each move changes the configuration, and its digest with it.
        start: async () => {
          const digest = z.string().parse((await call.config(target)).data.digest);
          return move(call, target, disk, { storage, delete: !input.preserve_source, digest });
        },
      }));
      const outcomes = (await runSteps(context, [steps], { atOnce: 1, stopAtFailure: true })).flat();
      const rows = going.flatMap(({ disk, volid }, index) => {
        const became = outcomes[index];
        return became === undefined ? [] : [{ disk, from: volid, ...became }];
      });
      return { vmid: target.vmid, name: target.name, node: target.node, ...countOutcomes(rows), rows };
    },
  }),
];
