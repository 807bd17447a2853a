import { z } from 'zod';
import { guestConfig } from '../../pve/guest-config.js';
import { guestResources, storageResources } from '../../pve/resources.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
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
  storage: z.string().min(1).max(100).optional().describe('Where to'),
  format: z.enum(['raw', 'qcow2', 'vmdk']).optional().describe('VMs only'),
  delete_original: z.boolean().optional().describe('Else kept, unused'),
  bwlimit: z.int().min(0).optional().describe('KiB/s'),
  target_vmid: vmid.optional().describe('Or to this guest'),
  target_disk: diskName.optional().describe('Slot there'),
};

type Input = z.output<z.ZodObject<typeof inputs>>;

function checkInput({ storage, format, delete_original, target_vmid, target_disk }: Input, type: 'qemu' | 'lxc'): void {
  const to = storage === undefined ? target_vmid : storage;
  if (to === undefined || (storage !== undefined && target_vmid !== undefined))
    throw new InvalidInput({ argument: 'storage', message: "give either 'storage' or 'target_vmid'" });
  if (target_vmid === undefined && target_disk !== undefined)
    throw new InvalidInput({ argument: 'target_disk', message: "it goes with 'target_vmid'" });
  if (target_vmid !== undefined && (format !== undefined || delete_original !== undefined))
    throw new InvalidInput({ argument: 'target_vmid', message: 'the volume itself is handed over, not a copy' });
  if (type === 'lxc' && format !== undefined)
    throw new InvalidInput({ argument: 'format', message: 'volumes of containers are always raw' });
}

export default [
  defineTool({
    name: 'proxmox-move-disk',
    title: 'Move disk',
    description: 'Switch to a copy of a disk on another storage (VM: also live), or give it to a guest.',
    effect: 'write',
    scope: 'guest',
    toolset: 'disks',
    input: inputs,
    output,
    calls: { config: guestConfig, storages: storageResources, guests: guestResources, ...moveCalls },
    privileges: ['VM.Config.Disk on /vms', 'VM.Audit on /vms', 'Datastore.AllocateSpace on /storage'],
    run: async ({ target, input, call }) => {
      checkInput(input, target.type);
      const { data: config } = await call.config(target);
      const disk = diskNamed(target, config, input.disk);
      checkMovable(target, disk);
      const about = { vmid: target.vmid, name: target.name, node: target.node, disk: disk.disk, from: disk.volid };
      const digest = z.string().parse(config.digest);
      const { storage, format, bwlimit, target_vmid } = input;
      if (storage !== undefined) {
        checkStorage(target, (await call.storages({}, { type: 'storage' })).data, storage);
        if (disk.storage === storage && format === undefined)
          throw new Refused(`${inWords(disk)} is on ${storage}`, "Name another storage, or a 'format' to change to.");
        const params = { storage, format, delete: input.delete_original, bwlimit, digest };
        return { ...about, to: storage, upid: await move(call, target, disk.disk, params) };
      }
      const other = (await call.guests({}, { type: 'vm' })).data.find((guest) => guest.vmid === target_vmid);
      if (other === undefined || other.type !== target.type || other.node !== target.node || other.vmid === target.vmid)
        throw new Refused(
          `${label(target)} cannot hand a disk to ${target_vmid}`,
          'Only to another guest of the same kind on the same node.',
        );
      if (target.status === 'running' && !disk.disk.startsWith('unused'))
        throw new Refused(`${label(target)} is running`, 'Detach the disk or stop the guest first.');
      const slot = target.type === 'qemu' ? 'target-disk' : 'target-volume';
      const params = { 'target-vmid': target_vmid, [slot]: input.target_disk, bwlimit, digest };
      return { ...about, to: String(target_vmid), upid: await move(call, target, disk.disk, params) };
    },
  }),
];
