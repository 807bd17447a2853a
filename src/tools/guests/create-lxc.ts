import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { nodeStorages } from '../../pve/node-storage.js';
import { parseProperties, propertyFlag } from '../../pve/property-string.js';
import { storageContent } from '../../pve/storage.js';
import { startedUpid } from '../../pve/upid.js';
import { bridgeName, containerName, poolId, storageId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { vmid } from '../scope.js';
import { chooseBridge, nodeBridges } from './choose-bridge.js';
import { chooseStorage } from './choose-storage.js';
import { findVolume } from './find-volume.js';
import { nextId, refuseTaken } from './free-vmid.js';
import { addressLine, gateway, netIp } from './guest-address.js';
import { nameNotes } from './name-note.js';
import { startNote } from './start-note.js';

const word = z.string().min(1).max(256);

/**
 * Newer systemd needs nesting, and an unprivileged container gets it in the web interface too. Every other feature is
 * for root@pam alone, which no token is; an empty value is refused as well (pve-container, check_ct_modify_config_perm).
 */
function featuresOf(asked: string | undefined, unprivileged: boolean): string | undefined {
  const parts = parseProperties(asked ?? (unprivileged ? 'nesting=1' : ''), 'nesting');
  const others = [...parts.keys()].filter((key) => key !== 'nesting');
  const refuse = (message: string) => new InvalidInput({ argument: 'features', message });
  if (others.length > 0)
    throw refuse(`only root@pam itself can set ${others.join(', ')}, no API token; nesting=1 is what a token may set`);
  const nesting = parts.size === 0 ? false : propertyFlag(parts.get('nesting'));
  if (nesting === undefined) throw refuse('nesting=1 or nesting=0');
  if (nesting && !unprivileged) throw refuse('no API token can set features of a privileged container');
  return nesting ? 'nesting=1' : undefined;
}

export default [
  defineTool({
    name: 'proxmox-create-lxc',
    title: 'Create container',
    description: 'Create a container from a template; no password: give ssh_public_keys.',
    effect: 'write',
    scope: 'creation',
    toolset: 'guests',
    daily: true,
    placed: true,
    input: {
      ostemplate: word.describe('Volid or file name'),
      hostname: containerName.optional().describe('Name'),
      ssh_public_keys: z.string().min(1).max(32_768).optional().describe("Root's; one a line"),
      memory_mb: z.int().min(16).max(16_777_216).optional().describe('MiB; default 1024'),
      rootfs_gb: z.int().min(1).max(131_072).optional().describe('GiB; default 8'),
      cores: z.int().min(1).max(8192).optional().describe('Default 2'),
      net_ip: netIp.describe('CIDR; default dhcp'),
      gateway: gateway.describe('With net_ip'),
      storage: storageId.optional().describe('For its root disk'),
      vmid: vmid.optional().describe('Else next free'),
      swap_mb: z.int().min(0).max(16_777_216).optional().describe('MiB; default 512'),
      bridge: bridgeName.optional().describe('Of its card'),
      vlan: z.int().min(1).max(4094).optional().describe('VLAN tag'),
      unprivileged: z.boolean().optional().describe('Default true'),
      features: z.string().max(256).optional().describe('Only nesting=1 or 0'),
      tags: word.optional().describe('Comma-separated'),
      pool: poolId.optional().describe('Pool'),
      start: z.boolean().optional().describe('Start it'),
    },
    output: z.object({ vmid: z.number(), hostname: z.string().optional(), node: z.string(), upid: z.string() }),
    calls: {
      nextId,
      storages: nodeStorages,
      content: storageContent,
      bridges: nodeBridges,
      create: endpoint('POST /nodes/{node}/lxc', startedUpid),
    },
    privileges: [
      'VM.Allocate on /vms',
      'VM.Config.Disk on /vms',
      'VM.Config.CPU on /vms',
      'VM.Config.Memory on /vms',
      'VM.Config.Network on /vms',
      'VM.Config.Options on /vms',
      'Datastore.AllocateSpace on /storage',
      'SDN.Use on /sdn/zones/localnetwork',
    ],
    run: async ({ target: { node }, input, call, note, defaults, claimVmid, ledElsewhere }) => {
      const unprivileged = input.unprivileged ?? true;
      const features = featuresOf(input.features, unprivileged);
      const address = addressLine(input.net_ip ?? 'dhcp', input.gateway);
      await refuseTaken(call.nextId, input.vmid);
      const wish = { node, content: 'rootdir', asked: input.storage, preferred: defaults.storage } as const;
      const { storage } = await chooseStorage(call.storages, wish, note);
      const bridge = await chooseBridge(call.bridges, { node, asked: input.bridge, preferred: defaults.bridge }, note);
      const template = { node, argument: 'ostemplate', asked: input.ostemplate, content: ['vztmpl'] } as const;
      const { volid: ostemplate } = await findVolume(call, template, note);
      const tag = input.vlan === undefined ? '' : `,tag=${input.vlan}`;
      if (input.start) note(startNote('lxc'));
      for (const said of nameNotes({ ledElsewhere }, input.hostname)) note(said);
      return claimVmid(input.vmid, async (id) => {
        const { data } = await call.create(
          { node },
          {
            vmid: id,
            hostname: input.hostname,
            ostemplate,
            cores: input.cores ?? 2,
            memory: input.memory_mb ?? 1024,
            swap: input.swap_mb,
            // Where it is left out, the server takes 'local', which holds no root disks.
            rootfs: `${storage}:${input.rootfs_gb ?? 8}`,
            net0: `name=eth0,bridge=${bridge},firewall=1,${address}${tag}`,
            // Its default is not the same in 8.4 and 9.
            unprivileged,
            features,
            'ssh-public-keys': input.ssh_public_keys?.trim(),
            tags: input.tags,
            pool: input.pool,
            start: input.start,
          },
        );
        return { vmid: id, hostname: input.hostname, node, upid: data };
      });
    },
  }),
];
