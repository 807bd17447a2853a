import { z } from 'zod';
import { checkValue } from '../../pve/config-keys/check-value.js';
import { properties } from '../../pve/config-keys/key-spec.js';
import { processor } from '../../pve/config-keys/vm-devices.js';
import { version } from '../../pve/discovery.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { nodeStorages } from '../../pve/node-storage.js';
import { storageContent } from '../../pve/storage.js';
import { startedUpid } from '../../pve/upid.js';
import { bridgeName, dnsName, poolId, storageId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';
import { chooseBridge, nodeBridges } from './choose-bridge.js';
import { chooseStorage } from './choose-storage.js';
import { findVolume, type VolumeCalls, type VolumeWish } from './find-volume.js';
import { nextId, refuseTaken } from './free-vmid.js';
import { gateway, netIp } from './guest-address.js';
import { nameNotes } from './name-note.js';
import { startNote } from './start-note.js';
import { diskOf, vmHardware } from './vm-hardware.js';

const word = z.string().min(1).max(256);
const gib = 1024 ** 3;

/** The disk has to grow, which only a disk that is there can. */
function growth(asked: number | undefined, image: { readonly size?: number | undefined } | undefined) {
  if (image === undefined || asked === undefined || image.size === asked * gib) return undefined;
  if (image.size !== undefined && image.size > asked * gib)
    throw new Refused(
      `the image holds ${Math.ceil(image.size / gib)} GiB and a disk cannot shrink to ${asked}`,
      "Name a larger 'disk_gb' or leave it out.",
    );
  return `${asked}G`;
}

/** The model that all x86-64 hosts of the last decade have; 7.4 does not know it. */
async function commonCpu(call: Call<typeof version>): Promise<string | undefined> {
  const { data } = await call({});
  return Number.parseInt(data.version, 10) >= 8 ? 'x86-64-v2-AES' : undefined;
}

interface PlaceWish {
  readonly node: string;
  readonly storage?: string | undefined;
  readonly bridge?: string | undefined;
  readonly iso?: string | undefined;
  readonly import_from?: string | undefined;
  readonly defaults: { readonly storage?: string; readonly bridge?: string };
}

/** Where its disk and its card go, and what they are fed from. */
async function choosePlaces(
  call: VolumeCalls & { readonly bridges: Call<typeof nodeBridges> },
  { node, defaults, ...wish }: PlaceWish,
  note: (text: string) => void,
) {
  const disks = { node, content: 'images', asked: wish.storage, preferred: defaults.storage } as const;
  const storage = await chooseStorage(call.storages, disks, note);
  const bridge = await chooseBridge(call.bridges, { node, asked: wish.bridge, preferred: defaults.bridge }, note);
  const find = async (argument: 'iso' | 'import_from', content: VolumeWish['content']) => {
    const asked = wish[argument];
    return asked === undefined ? undefined : findVolume(call, { node, argument, asked, content }, note);
  };
  const iso = (await find('iso', ['iso']))?.volid;
  return { storage, bridge, iso, image: await find('import_from', ['import', 'images']) };
}

/** A model, with its flags where they are wanted: `host,flags=+aes`. */
const cpuModel = word.superRefine((text, context) => {
  const checked = checkValue(properties(processor), text, undefined);
  if ('fault' in checked) context.addIssue({ code: 'custom', message: checked.fault });
});

export default [
  defineTool({
    name: 'proxmox-create-vm',
    title: 'Create VM',
    description: 'Create an empty VM, or one from a disk or cloud image (import_from).',
    effect: 'write',
    scope: 'creation',
    toolset: 'guests',
    daily: true,
    placed: true,
    input: {
      name: dnsName.optional().describe('Name'),
      memory_mb: z.int().min(16).max(16_777_216).optional().describe('MiB; default 2048'),
      disk_gb: z.int().min(1).max(131_072).optional().describe("GiB; 20 or image's"),
      iso: word.optional().describe('Volid or file name'),
      cores: z.int().min(1).max(1024).optional().describe('Per socket; default 2'),
      import_from: word.optional().describe('Volid or file name'),
      storage: storageId.optional().describe('For its disks'),
      bridge: bridgeName.optional().describe('Of its card'),
      ssh_public_keys: z.string().min(1).max(32_768).optional().describe('Cloud-init; 1 a line'),
      net_ip: netIp.describe('dhcp or CIDR'),
      vmid: vmid.optional().describe('Else next free'),
      sockets: z.int().min(1).max(16).optional().describe('Default 1'),
      cpu: cpuModel.optional().describe('Type, such as host'),
      vlan: z.int().min(1).max(4094).optional().describe('VLAN tag'),
      gateway: gateway.describe('With net_ip'),
      ostype: z.enum(['l26', 'win8', 'win10', 'win11', 'other']).optional().describe('Default l26: Linux'),
      bios: z.enum(['seabios', 'ovmf']).optional().describe('ovmf is UEFI'),
      tags: word.optional().describe('Comma-separated'),
      pool: poolId.optional().describe('Pool'),
      description: z.string().max(8192).optional().describe('Notes'),
      start: z.boolean().optional().describe('Start it'),
    },
    output: z.object({ vmid: z.number(), name: z.string().optional(), node: z.string(), upid: z.string() }),
    calls: {
      nextId,
      version,
      storages: nodeStorages,
      content: storageContent,
      bridges: nodeBridges,
      create: endpoint('POST /nodes/{node}/qemu', startedUpid),
      // 7.4 resizes before it answers, with null.
      resize: endpoint('PUT /nodes/{node}/qemu/{vmid}/resize', startedUpid.nullable()),
      start: endpoint('POST /nodes/{node}/qemu/{vmid}/status/start', startedUpid),
    },
    privileges: [
      'VM.Allocate on /vms',
      'VM.Config.Disk on /vms',
      'VM.Config.CPU on /vms',
      'VM.Config.Memory on /vms',
      'VM.Config.Network on /vms',
      'VM.Config.HWType on /vms',
      'VM.Config.Options on /vms',
      'Datastore.AllocateSpace on /storage',
      'SDN.Use on /sdn/zones/localnetwork',
    ],
    run: async ({ target: { node }, input, call, note, defaults, claimVmid, finish, ...on }) => {
      if (input.gateway !== undefined && input.net_ip === undefined)
        throw new InvalidInput({ argument: 'gateway', message: 'goes with net_ip' });
      await refuseTaken(call.nextId, input.vmid);
      for (const said of nameNotes(on, input.name)) note(said);
      const { name, tags, pool, description, start, ostype = 'l26', disk_gb = 20 } = input;
      const { image, ...places } = await choosePlaces(call, { ...input, node, defaults }, note);
      const size = growth(input.disk_gb, image);
      const settings = {
        name,
        cores: input.cores ?? 2,
        sockets: input.sockets,
        cpu: input.cpu ?? (await commonCpu(call.version)),
        memory: input.memory_mb ?? 2048,
        agent: '1',
        ...vmHardware({ ...input, ...places, ostype, disk_gb, image: image?.volid }),
        tags,
        pool,
        description,
        start: size === undefined ? start : undefined,
      };
      const made = await claimVmid(input.vmid, async (id) => {
        const { data } = await call.create({ node }, { vmid: id, ...settings });
        return { vmid: id, name, node, upid: data };
      });
      if (size === undefined && start) note(startNote('vm'));
      if (size === undefined) return made;
      on.offerUndo(`proxmox-delete-vm with vmid ${made.vmid}`);
      on.nowLeft(`grow its disk to ${disk_gb} GiB${start ? ', start it' : ''}`);
      await finish(made.upid);
      const grown = (await call.resize(made, { disk: diskOf({ ostype }), size })).data ?? made.upid;
      if (!start) return { ...made, upid: grown };
      on.nowLeft('start it');
      await finish(grown);
      return { ...made, upid: (await call.start(made)).data };
    },
  }),
];
