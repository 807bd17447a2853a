import { z } from 'zod';
import { type Disk, disksOf } from '../../pve/guest-config.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { type Changing, changeConfig, changed, configCalls, readConfig } from './config-change.js';
import { diskName, diskNamed, inBootOrder, inWords, isCdrom, isUnused, label } from './guest-disk.js';

const shared = {
  effect: 'destroy',
  scope: 'guest',
  toolset: 'disks',
  calls: configCalls,
  privileges: ['VM.Config.Disk|VM.Config.CDROM on /vms', 'VM.Audit on /vms'],
} as const;

/** Where a volume went that was detached. */
async function keptAs({ call, target }: Changing, volid: string): Promise<string | undefined> {
  const { data } = await call.config(target);
  return disksOf(data).find((disk) => isUnused(disk) && disk.volid === volid)?.disk;
}

function checkInUse(changing: Changing, { disk }: Disk): void {
  if (disk === 'rootfs')
    throw new Refused(`${label(changing.target)} cannot be without its rootfs`, 'proxmox-move-disk moves it.');
}

export default [
  defineTool({
    ...shared,
    name: 'proxmox-detach-disk',
    title: 'Detach disk',
    description: 'Take a disk or CD drive from a guest; its data stays, called unusedN.',
    input: { disk: diskName.describe('As scsi1, mp0') },
    output: z.object({ ...changed, disk: z.string(), volid: z.string(), kept_as: z.string().optional() }),
    run: async (context) => {
      const { target, input, note, outline } = context;
      const { config, digest } = await readConfig(context);
      const disk = diskNamed(target, config, input.disk);
      if (isUnused(disk))
        throw new Refused(`${inWords(disk)} is detached`, 'proxmox-delete-disk deletes its data for good.');
      checkInUse(context, disk);
      outline(`Detached would be ${inWords(disk)}.`);
      if (inBootOrder(config, disk.disk)) note(`${label(target)} is told to boot from ${disk.disk}.`);
      const asked = `detach ${inWords(disk)}`;
      const { done, ended } = await changeConfig(context, { delete: disk.disk, digest }, [disk.disk], asked);
      const kept = isCdrom(disk) || !ended ? undefined : await keptAs(context, disk.volid);
      return { ...done, disk: disk.disk, volid: disk.volid, kept_as: kept };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-disk',
    title: 'Delete disk',
    description: 'Delete a disk and its data for good; of a container only a detached one.',
    input: { disk: diskName.describe('As unused0, scsi1') },
    output: z.object({ ...changed, disk: z.string(), deleted: z.string().optional() }),
    run: async (context) => {
      const { target, input, note, outline } = context;
      const { config, digest } = await readConfig(context);
      const disk = diskNamed(target, config, input.disk);
      checkInUse(context, disk);
      if (isCdrom(disk)) throw new Refused(`${inWords(disk)} is a CD drive`, 'proxmox-detach-disk takes it away.');
      // Only a VM's configuration knows `force`; of a container the volume would stay.
      if (target.type === 'lxc' && !isUnused(disk))
        throw new Refused(
          `${inWords(disk)} is in use`,
          'Take it away with proxmox-detach-disk first, then delete the unused one.',
        );
      outline(`Deleted with its data would be ${inWords(disk)}.`);
      if (inBootOrder(config, disk.disk)) note(`${label(target)} is told to boot from ${disk.disk}.`);
      const force = target.type === 'qemu' ? { force: true } : {};
      const asked = `delete ${inWords(disk)}`;
      const change = { delete: disk.disk, ...force, digest };
      const { done, inEffect } = await changeConfig(context, change, [disk.disk], asked);
      return { ...done, disk: disk.disk, deleted: inEffect ? disk.volid : undefined };
    },
  }),
];
