import { z } from 'zod';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { disksOf, guestConfig } from '../../pve/guest-config.js';
import { guestStatus } from '../../pve/guest-status.js';
import { nodeStorages } from '../../pve/node-storage.js';
import { toWord } from '../../pve/quoted.js';
import { startedUpid } from '../../pve/upid.js';
import { configId, dnsName, nodeName, poolId, storageId } from '../arguments/names.js';
import { type Calls, type Context, defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { type GuestTarget, type Scope, vmid } from '../scope.js';
import { chooseStorage } from './choose-storage.js';
import { nextId, refuseTaken } from './free-vmid.js';
import { nameNotes } from './name-note.js';

const input = {
  full: z.boolean().optional().describe('false: linked'),
  storage: storageId.optional().describe("Else source's"),
  target_node: nodeName.optional().describe("Else source's"),
  new_vmid: vmid.optional().describe('Else next free'),
  snapname: configId(40).optional().describe('Clone this snapshot'),
  pool: poolId.optional().describe('Pool'),
  description: z.string().max(8192).optional().describe('Notes'),
};

const calls = {
  nextId,
  storages: nodeStorages,
  config: guestConfig,
  status: guestStatus,
  clone: endpoint('POST /nodes/{node}/{type}/{vmid}/clone', startedUpid),
};

const shared = {
  effect: 'write',
  toolset: 'guests',
  daily: true,
  placed: true,
  calls,
  privileges: ['VM.Clone on /vms', 'VM.Allocate on /vms', 'Datastore.AllocateSpace on /storage'],
} as const;

interface CloneWish {
  readonly new_vmid?: number | undefined;
  readonly target_node?: string | undefined;
  readonly storage?: string | undefined;
  readonly format?: string | undefined;
  readonly full?: boolean | undefined;
  readonly snapname?: string | undefined;
  readonly pool?: string | undefined;
  readonly description?: string | undefined;
}

type CloneCalls = { readonly [K in keyof typeof calls]: Call<(typeof calls)[K]> };

async function refuseLinked(call: CloneCalls, source: GuestTarget, wish: CloneWish): Promise<void> {
  const message = 'goes with a full clone only: a linked one stays on the storage of its source';
  if (wish.storage !== undefined) throw new InvalidInput({ argument: 'storage', message });
  if (wish.format !== undefined) throw new InvalidInput({ argument: 'format', message });
  // Of one made within seconds, /cluster/resources does not tell yet.
  if (source.template !== true && (await call.status(source)).data.template !== true)
    throw new Refused(
      `${source.vmid} is no template, and only templates have linked clones`,
      "Leave 'full' out, or make it a template first.",
    );
}

/** Proxmox clones to another node only what that node sees as well. */
async function refuseLocal(call: CloneCalls, source: GuestTarget, { target_node, snapname }: CloneWish) {
  if (target_node === undefined || target_node === source.node) return;
  const { data: config } = await call.config(source, { snapshot: snapname });
  const { data: storages } = await call.storages(source, { enabled: true });
  const local = new Set(storages.filter(({ shared }) => shared === false).map(({ storage }) => storage));
  const disks = disksOf(config).filter(({ storage }) => storage !== undefined && local.has(storage));
  if (disks.length === 0) return;
  throw new Refused(
    `${source.vmid} has disks that node '${target_node}' does not see: ${disks.map(({ disk, volid }) => `${disk} (${toWord(volid)})`).join(', ')}`,
    `Clone it on '${source.node}' and migrate the clone.`,
  );
}

/** All that can be said against it before it is sent. */
async function refuseSenseless(call: CloneCalls, source: GuestTarget, wish: CloneWish): Promise<void> {
  const { full = true, snapname, storage, target_node: target } = wish;
  if (!full) await refuseLinked(call, source, wish);
  if (full && source.type === 'lxc' && source.status === 'running' && snapname === undefined)
    throw new Refused(
      `container ${source.vmid} is running, and a full clone of a running one is made of a snapshot only`,
      "Name one as 'snapname' (proxmox-create-snapshot), or shut it down.",
    );
  await refuseTaken(call.nextId, wish.new_vmid);
  await refuseLocal(call, source, wish);
  if (storage === undefined) return;
  const content = source.type === 'qemu' ? 'images' : 'rootdir';
  await chooseStorage(call.storages, { node: source.node, target, content, asked: storage }, () => {});
}

const parametersOf = ({
  full = true,
  target_node: target,
  storage,
  format,
  snapname,
  pool,
  description,
}: CloneWish) => ({
  full,
  target,
  storage,
  format,
  snapname,
  pool,
  description,
});

/** Clones of one source that run at once fail: each holds its lock, and the next waits for that a second only. */
const turnOf = ({ vmid: id }: GuestTarget) => `clone of ${id}`;

type Queue = Pick<Context<Scope, z.ZodRawShape, Calls>, 'claimVmid' | 'startInTurn' | 'ledElsewhere' | 'note'>;

interface Named {
  readonly name?: string | undefined;
  readonly hostname?: string | undefined;
}

async function cloneInTurn(call: CloneCalls, source: GuestTarget, wish: CloneWish, name: Named, queue: Queue) {
  await refuseSenseless(call, source, wish);
  for (const said of nameNotes(queue, name.name ?? name.hostname)) queue.note(said);
  const node = wish.target_node ?? source.node;
  return queue.startInTurn(turnOf(source), () =>
    queue.claimVmid(wish.new_vmid, async (newid) => {
      const { data: upid } = await call.clone(source, { newid, ...name, ...parametersOf(wish) });
      return { vmid: newid, node, source_vmid: source.vmid, upid };
    }),
  );
}

export default [
  defineTool({
    ...shared,
    name: 'proxmox-clone-vm',
    title: 'Clone VM',
    description: 'Copy a VM or template; only templates have linked clones.',
    scope: 'source-vm',
    input: {
      name: dnsName.optional().describe('Of the clone'),
      ...input,
      format: z.enum(['raw', 'qcow2', 'vmdk']).optional().describe('Of its disks'),
    },
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      node: z.string(),
      source_vmid: z.number(),
      upid: z.string(),
    }),
    run: async ({ target, input: wish, call, ...queue }) => {
      const { name } = wish;
      return { name, ...(await cloneInTurn(call, target, wish, { name }, queue)) };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-clone-lxc',
    title: 'Clone container',
    description: 'Copy a container or template; if it runs, only with snapname.',
    scope: 'source-lxc',
    input: { hostname: dnsName.optional().describe('Of the clone'), ...input },
    output: z.object({
      vmid: z.number(),
      hostname: z.string().optional(),
      node: z.string(),
      source_vmid: z.number(),
      upid: z.string(),
    }),
    run: async ({ target, input: wish, call, ...queue }) => {
      const { hostname } = wish;
      return { hostname, ...(await cloneInTurn(call, target, wish, { hostname }, queue)) };
    },
  }),
];
