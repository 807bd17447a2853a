import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { type Disk, disksOf, guestConfig } from '../../pve/guest-config.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { bytesOf, diskName, diskNamed, inWords, isBind, isCdrom, isUnused, label } from './guest-disk.js';

// Up to 7.4 a VM's disk is resized before the answer, which is then null.
const resize = endpoint('PUT /nodes/{node}/{type}/{vmid}/resize', startedUpid.nullable());

interface Wanted {
  readonly grow_gb?: number | undefined;
  readonly size_gb?: number | undefined;
}

function oneDisk(target: GuestTarget, disks: readonly Disk[], tell: (text: string) => void): Disk {
  const sized = disks.filter(
    (disk) => !isCdrom(disk) && !isUnused(disk) && !isBind(disk) && !/^(?:efidisk|tpmstate)/.test(disk.disk),
  );
  const [only, ...others] = sized;
  if (only === undefined) throw new Refused(`${label(target)} has no disk that can grow`, 'Attach one first.');
  if (others.length > 0)
    throw new Refused(`${label(target)} has several disks`, `Name one with 'disk': ${sized.map(inWords).join(', ')}.`);
  tell(`Disk: ${only.disk}, the only one.`);
  return only;
}

/** @throws {Refused} where it would shrink */
function newSize({ disk, size }: Disk, { grow_gb, size_gb }: Wanted): string | undefined {
  if (grow_gb !== undefined) return `+${grow_gb}G`;
  const now = bytesOf(size);
  const wanted = (size_gb ?? 0) * 2 ** 30;
  if (now === wanted) return undefined;
  if (now !== undefined && wanted < now)
    throw new Refused(`${disk} has ${size}, and a disk never shrinks`, 'Move the data to a smaller disk instead.');
  return `${size_gb}G`;
}

const resizing = <const K extends 'vm' | 'lxc'>(kind: K, words: { title: string; description: string }) =>
  defineTool({
    ...words,
    name: `proxmox-resize-${kind}-disk`,
    effect: 'write',
    lasting: true,
    scope: kind,
    toolset: 'disks',
    daily: true,
    input: {
      disk: diskName.optional().describe('Default: only one'),
      grow_gb: z.int().min(1).max(65_536).optional().describe('GiB more'),
      size_gb: z.int().min(1).max(131_072).optional().describe('Or GiB in all'),
    },
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      node: z.string(),
      disk: z.string(),
      before: z.string().optional(),
      size: z.string().optional(),
      upid: z.string().optional(),
      unchanged: z.string().optional(),
    }),
    calls: { config: guestConfig, resize },
    privileges: ['VM.Config.Disk on /vms', 'VM.Audit on /vms'],
    run: async ({ target, input, call, note }) => {
      if ((input.grow_gb === undefined) === (input.size_gb === undefined))
        throw new InvalidInput({ argument: 'grow_gb', message: "give either 'grow_gb' or 'size_gb'" });
      const { data: config } = await call.config(target);
      const disk =
        input.disk === undefined ? oneDisk(target, disksOf(config), note) : diskNamed(target, config, input.disk);
      if (isCdrom(disk) || isUnused(disk) || isBind(disk))
        throw new Refused(`${inWords(disk)} cannot grow`, 'Name a disk that is in use.');
      const about = { vmid: target.vmid, name: target.name, node: target.node, disk: disk.disk, before: disk.size };
      const size = newSize(disk, input);
      if (size === undefined) return { ...about, unchanged: `it has ${disk.size}` };
      const { data } = await call.resize(target, { disk: disk.disk, size, digest: z.string().parse(config.digest) });
      return { ...about, size, upid: data ?? undefined };
    },
  });

export default [
  resizing('vm', {
    title: 'Grow VM disk',
    description: 'Grow a VM disk, also live; its partitions are grown inside the guest.',
  }),
  resizing('lxc', {
    title: 'Grow container disk',
    description: 'Grow a container disk with its file system.',
  }),
];
