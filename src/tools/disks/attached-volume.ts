import { disksOf, type GuestConfig } from '../../pve/guest-config.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { isImage, refuseForeignVolume } from './foreign-volume.js';
import { inWords, label } from './guest-disk.js';

/** What is asked to be attached. */
export interface Attachment {
  readonly size_gb?: number | undefined;
  readonly volid?: string | undefined;
  readonly options?: string | undefined;
  readonly mp?: string | undefined;
}

const optionsOf = {
  qemu: /^(?:aio|backup|cache|detect_zeroes|discard|format|iothread|media|replicate|ro|rerror|serial|shared|snapshot|ssd|werror|wwn|(?:mbps|iops)[a-z_]*)$/,
  lxc: /^(?:acl|backup|mountoptions|quota|replicate|ro|shared)$/,
} as const;

/** @throws {InvalidInput} for what does not go together */
export function checkAttachment({ type }: GuestTarget, { size_gb, volid, options, mp }: Attachment): void {
  const fault = (argument: string, message: string) => new InvalidInput({ argument, message });
  if ((size_gb === undefined) === (volid === undefined)) throw fault('size_gb', "give either 'size_gb' or 'volid'");
  if (type === 'qemu' && mp !== undefined) throw fault('mp', 'a VM mounts its disks itself; leave it out');
  if (type === 'lxc' && mp === undefined) throw fault('mp', 'a container needs the path to mount it at');
  if (type === 'lxc' && isImage(volid)) throw fault('volid', 'a container has no CD drive');
  const unknown = (options ?? '')
    .split(',')
    .map((option) => option.split('=')[0] ?? '')
    .filter((key) => key !== '' && !optionsOf[type].test(key));
  if (unknown.length > 0) throw fault('options', `no option of a disk: ${unknown.join(', ')}`);
}

/** The volume that is meant by a volid or by the `unusedN` that holds it. */
export function volumeMeant(target: GuestTarget, config: GuestConfig, given: string): string {
  const disks = disksOf(config);
  const detached = disks.find(({ disk }) => disk === given);
  if (/^unused\d+$/.test(given) && detached === undefined)
    throw new Refused(`${label(target)} has no ${given}`, `It has ${disks.map(inWords).join(', ') || 'no disk'}.`);
  const volid = detached?.volid ?? given;
  refuseForeignVolume(target.vmid, config, volid);
  return volid;
}
