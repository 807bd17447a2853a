import { z } from 'zod';
import { configText, type Disk, guestConfig } from '../../pve/guest-config.js';
import { guestStatus } from '../../pve/guest-status.js';
import { nameOrNone } from '../../pve/quoted.js';
import { guestResources, storageResources } from '../../pve/resources.js';
import { startedUpid } from '../../pve/upid.js';
import { bwlimit } from '../arguments/bandwidth.js';
import { storageId } from '../arguments/names.js';
import { type Context, defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';
import { checkMovable, move, moveCalls } from './disk-move.js';
import { checkStorage } from './disk-storage.js';
import { diskName, diskNamed, inWords, label } from './guest-disk.js';

const output = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  disk: z.string(),
  from: z.string(),
  to: z.string(),
  upid: startedUpid,
});

const inputs = {
  disk: diskName.describe('As scsi0, mp0'),
  storage: storageId.optional().describe('Where to'),
  format: z.enum(['raw', 'qcow2', 'vmdk']).optional().describe('VMs only'),
  delete_original: z.boolean().optional().describe('Else kept, unused'),
  bwlimit,
  target_vmid: vmid.optional().describe('Or to this guest'),
  target_disk: diskName.optional().describe('Slot there'),
};

type Input = z.output<z.ZodObject<typeof inputs>>;

/** The storage or the guest that it goes to. */
function checkInput(
  { storage, format, delete_original, target_vmid, target_disk }: Input,
  type: 'qemu' | 'lxc',
): string | number {
  const to = storage === undefined ? target_vmid : storage;
  if (to === undefined || (storage !== undefined && target_vmid !== undefined))
    throw new InvalidInput({ argument: 'storage', message: "give either 'storage' or 'target_vmid'" });
  if (target_vmid === undefined && target_disk !== undefined)
    throw new InvalidInput({ argument: 'target_disk', message: "it goes with 'target_vmid'" });
  if (target_vmid !== undefined && (format !== undefined || delete_original !== undefined))
    throw new InvalidInput({ argument: 'target_vmid', message: 'the volume itself is handed over, not a copy' });
  if (type === 'lxc' && format !== undefined)
    throw new InvalidInput({ argument: 'format', message: 'volumes of containers are always raw' });
  return to;
}

const calls = {
  config: guestConfig,
  storages: storageResources,
  status: guestStatus,
  guests: guestResources,
  ...moveCalls,
};
type Moving = Pick<Context<'guest', typeof inputs, typeof calls>, 'target' | 'input' | 'call' | 'outline'>;

/** To another storage; the guest works on with the copy. */
async function toStorage({ target, input, call, outline }: Moving, disk: Disk, storage: string, digest: string) {
  const { format, bwlimit, delete_original } = input;
  checkStorage(target, (await call.storages({}, { type: 'storage' })).data, storage);
  if (disk.storage === storage && format === undefined)
    throw new Refused(`${inWords(disk)} is on ${storage}`, "Name another storage, or a 'format' to change to.");
  outline(
    `Moved to ${storage} would be ${inWords(disk)}; the original is ${delete_original ? 'deleted' : 'kept as an unused disk'}.`,
  );
  return move(call, target, disk.disk, { storage, format, delete: delete_original, bwlimit, digest });
}

/** To another guest, which has it from then on. */
async function toGuest({ target, input, call, outline }: Moving, disk: Disk, vmid: number, digest: string) {
  const { bwlimit, target_disk } = input;
  const other = (await call.guests({}, { type: 'vm' })).data.find((guest) => guest.vmid === vmid);
  if (other === undefined || other.type !== target.type || other.node !== target.node || other.vmid === target.vmid)
    throw new Refused(
      `${label(target)} cannot hand a disk to ${vmid}`,
      'Only to another guest of the same kind on the same node.',
    );
  if (target.status === 'running' && !disk.disk.startsWith('unused'))
    throw new Refused(`${label(target)} is running`, 'Detach the disk or stop the guest first.');
  const there = { node: other.node, type: other.type, vmid };
  const [{ data: now }, { data: config }] = await Promise.all([call.status(there), call.config(there)]);
  const slot = target_disk ?? disk.disk;
  if (config[slot] !== undefined)
    throw new Refused(`${label(there)} has something at ${slot}`, "Name a free one in 'target_disk'.");
  const whom = `${label(there)} (${nameOrNone(now.name)}, ${now.status})`;
  outline(`${label(target)} would lose ${inWords(disk)} to ${whom}, which gets it as ${slot}.`);
  const name = target.type === 'qemu' ? 'target-disk' : 'target-volume';
  return move(call, target, disk.disk, {
    'target-vmid': vmid,
    [name]: target_disk,
    'target-digest': configText(config.digest),
    bwlimit,
    digest,
  });
}

export default [
  defineTool({
    name: 'proxmox-move-disk',
    title: 'Move disk',
    description: 'Switch to a copy of a disk on another storage (VM: also live), or give it to a guest.',
    effect: 'destroy',
    scope: 'guest',
    toolset: 'disks',
    input: inputs,
    output,
    calls,
    privileges: ['VM.Config.Disk on /vms', 'VM.Audit on /vms', 'Datastore.AllocateSpace on /storage'],
    run: async (context) => {
      const { target, input, call } = context;
      const to = checkInput(input, target.type);
      const { data: config } = await call.config(target);
      const disk = diskNamed(target, config, input.disk);
      checkMovable(target, disk);
      const digest = z.string().parse(config.digest);
      const upid = await (typeof to === 'string'
        ? toStorage(context, disk, to, digest)
        : toGuest(context, disk, to, digest));
      const { vmid, name, node } = target;
      return { vmid, name, node, disk: disk.disk, from: disk.volid, to: String(to), upid };
    },
  }),
];
