import { z } from 'zod';
import { isCloudInitVolume } from '../../pve/cloud-init.js';
import { checkValue } from '../../pve/config-keys/check-value.js';
import { findKey } from '../../pve/config-keys/find-key.js';
import { disksOf, type GuestConfig } from '../../pve/guest-config.js';
import { toWord } from '../../pve/quoted.js';
import { storageResources } from '../../pve/resources.js';
import { storageId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { type Attachment, checkAttachment, volumeMeant } from './attached-volume.js';
import { changeConfig, changed, configCalls, readConfig, takenKeys } from './config-change.js';
import { chooseStorage } from './disk-storage.js';
import { isImage } from './foreign-volume.js';
import { freeCdSlot, freeSlot } from './free-slot.js';
import { isCdrom, label } from './guest-disk.js';
import { written } from './written.js';

const inputs = {
  size_gb: z.number().min(0.001).max(131_072).optional().describe('New disk, GiB'),
  storage: storageId.optional().describe('Of a new disk'),
  volid: written(/^(?:none|unused\d{1,3}|[A-Za-z][\w.-]*:[^\s,=]+)$/, 'a volid, unusedN, or none')
    .optional()
    .describe('Volume, unusedN, ISO'),
  slot: written(/^(?:ide|sata|scsi|virtio|mp)\d{0,3}$/, 'as scsi or scsi1')
    .optional()
    .describe('As scsi1 or virtio'),
  options: written(/^[a-z_]+=[^,\s=]+(?:,[a-z_]+=[^,\s=]+)*$/, 'as discard=on,ssd=1')
    .optional()
    .describe('As discard=on,ssd=1'),
  mp: written(/^\/[^,\s]*$/, 'an absolute path')
    .optional()
    .describe('Container path'),
};

/** @throws {Refused} where something else is in the slot */
function slotFor(target: GuestTarget, config: GuestConfig, taken: ReadonlySet<string>, input: Input): string {
  const image = isImage(input.volid);
  const usual = target.type === 'lxc' ? 'mp' : image ? undefined : 'scsi';
  const asked = input.slot ?? usual;
  if (asked === undefined) return freeCdSlot(taken);
  if ((target.type === 'lxc') !== asked.startsWith('mp'))
    throw new InvalidInput({ argument: 'slot', message: `no slot of a ${target.type === 'lxc' ? 'container' : 'VM'}` });
  if (!/\d$/.test(asked)) return freeSlot(asked, taken);
  const drive = disksOf(config).find(({ disk }) => disk === asked);
  if (drive !== undefined && isCloudInitVolume(drive.volid))
    throw new Refused(
      `${label(target)} has its cloud-init drive at ${asked}`,
      'Leave out the slot, or take the drive away with proxmox-detach-disk first.',
    );
  // Into a drive that is there another image can be put.
  if (!taken.has(asked) || (image && drive !== undefined && isCdrom(drive))) return asked;
  throw new Refused(`${label(target)} has something at ${asked}`, 'Leave out the number for the next free slot.');
}

/** The volume is checked already; of the options Proxmox takes each only with certain values. */
function checkedLine({ type }: GuestTarget, slot: string, line: string): string {
  const spec = findKey(type, slot);
  const checked = spec === undefined ? { fault: `there is no ${slot}` } : checkValue(spec, line, undefined);
  if ('fault' in checked) throw new InvalidInput({ argument: 'options', message: checked.fault });
  return checked.wire;
}

type Input = Attachment & { readonly slot?: string | undefined };

export default [
  defineTool({
    name: 'proxmox-attach-disk',
    title: 'Attach disk',
    description: 'Give a guest a new disk, an existing volume or an ISO (volid none: empty drive).',
    effect: 'write',
    scope: 'guest',
    toolset: 'disks',
    input: inputs,
    output: z.object({ ...changed, disk: z.string(), value: z.string().optional() }),
    calls: { ...configCalls, storages: storageResources },
    privileges: ['VM.Config.Disk|VM.Config.CDROM on /vms', 'VM.Audit on /vms', 'Datastore.AllocateSpace on /storage'],
    run: async (context) => {
      const { target, input, call, note, defaults } = context;
      checkAttachment(target, input);
      if (input.storage !== undefined && input.size_gb === undefined)
        throw new InvalidInput({ argument: 'storage', message: "it goes with 'size_gb'; a volid names its own" });
      const { config, digest } = await readConfig(context);
      const slot = slotFor(target, config, await takenKeys(context), input);
      const what =
        input.volid === undefined
          ? `${chooseStorage(target, (await call.storages({}, { type: 'storage' })).data, input.storage, defaults.storage, note)}:${input.size_gb}`
          : volumeMeant(target, config, input.volid);
      const line = [
        what,
        isImage(input.volid) ? 'media=cdrom' : undefined,
        input.mp === undefined ? undefined : `mp=${input.mp}`,
        input.options,
      ].filter((part) => part !== undefined);
      const asked = checkedLine(target, slot, line.join(','));
      const { done, ended } = await changeConfig(
        context,
        { [slot]: asked, digest },
        [slot],
        `set ${slot}: ${toWord(asked)}`,
      );
      if (!ended) return { ...done, disk: slot };
      const { data: now } = await call.config(target);
      return { ...done, disk: slot, value: z.string().optional().parse(now[slot]) };
    },
  }),
];
