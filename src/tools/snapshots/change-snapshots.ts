import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { toWords } from '../../pve/quoted.js';
import { isoTime } from '../../pve/time.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { createSnapshot as create, guestSnapshots, deleteSnapshot as remove } from './snapshot-calls.js';
import { expiresDays, snapname, withExpiry } from './snapshot-name.js';

const shared = {
  toolset: 'snapshots',
  scope: 'guest',
  output: z.object({
    vmid: z.number(),
    name: z.string().optional(),
    node: z.string(),
    snapname: z.string(),
    upid: z.string(),
  }),
} as const;

const rollback = endpoint('POST /nodes/{node}/{type}/{vmid}/snapshot/{snapname}/rollback', startedUpid);

const about = ({ vmid, name, node }: GuestTarget, snapshot: string) => ({ vmid, name, node, snapname: snapshot });

type Snapshot = z.output<(typeof guestSnapshots)['data']>[number];

/** The snapshot of that name; `current` in the list is none. */
function named(name: string, snapshots: readonly Snapshot[]): Snapshot {
  const known = snapshots.filter((one) => one.name !== 'current');
  const found = known.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Refused(
    `the guest has no snapshot '${name}'`,
    `It has ${toWords(known.map((one) => one.name)) || 'none'}.`,
  );
}

const inWords = ({ name, snaptime, vmstate }: Snapshot) =>
  `Snapshot ${name}${snaptime === undefined ? '' : ` of ${isoTime(snaptime)}`}, ${vmstate ? 'with' : 'without'} memory.`;

export default [
  defineTool({
    ...shared,
    name: 'proxmox-create-snapshot',
    title: 'Create snapshot',
    description: 'Snapshot a VM or container.',
    effect: 'write',
    daily: true,
    input: {
      snapname,
      description: z.string().max(8192).optional().describe('Notes'),
      vmstate: z.boolean().optional().describe('Save memory; VMs only'),
      expires_days: expiresDays,
    },
    calls: { create },
    privileges: ['VM.Snapshot on /vms'],
    run: async ({ target, input, call, now }) => {
      if (input.vmstate && target.type === 'lxc')
        throw new InvalidInput({ argument: 'vmstate', message: 'a container has no memory to save; leave it out' });
      const name = withExpiry(input.snapname, input.expires_days, now);
      const { data } = await call.create(target, {
        snapname: name,
        description: input.description,
        vmstate: input.vmstate,
      });
      return { ...about(target, name), upid: data };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-snapshot',
    title: 'Delete snapshot',
    description: 'Delete a snapshot for good; force forgets it even if its disks stay.',
    effect: 'destroy',
    input: { snapname, force: z.boolean().optional().describe('Even if disks stay') },
    calls: { snapshots: guestSnapshots, remove },
    privileges: ['VM.Snapshot on /vms', 'VM.Audit on /vms'],
    run: async ({ target, input, call, outline }) => {
      outline(inWords(named(input.snapname, (await call.snapshots(target)).data)));
      const { data } = await call.remove({ ...target, snapname: input.snapname }, { force: input.force });
      return { ...about(target, input.snapname), upid: data };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-rollback-snapshot',
    title: 'Roll back',
    description: 'Set a guest back to a snapshot; all that was written since is lost.',
    effect: 'destroy',
    daily: true,
    input: { snapname, start: z.boolean().optional().describe('Start it after') },
    calls: { snapshots: guestSnapshots, rollback },
    privileges: ['VM.Snapshot|VM.Snapshot.Rollback on /vms', 'VM.Audit on /vms'],
    run: async ({ target, input, call, outline, note }) => {
      const snapshot = named(input.snapname, (await call.snapshots(target)).data);
      outline(`${inWords(snapshot)} All that was written since is lost.`);
      if (target.status !== 'stopped' && !snapshot.vmstate && !input.start)
        note('The guest runs, and the snapshot has no memory: it is stopped afterwards.');
      const { data } = await call.rollback({ ...target, snapname: input.snapname }, { start: input.start });
      return { ...about(target, input.snapname), upid: data };
    },
  }),
];
