import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { guestStatus } from '../../pve/guest-status.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';

const snapshots = endpoint('GET /nodes/{node}/{type}/{vmid}/snapshot', z.array(z.object({ name: z.string() })));

const shared = {
  effect: 'destroy',
  toolset: 'guests',
  input: {},
  output: z.object({
    vmid: z.number(),
    name: z.string().optional(),
    node: z.string(),
    upid: z.string().optional(),
    /** Why nothing was sent. */
    unchanged: z.string().optional(),
  }),
  privileges: ['VM.Allocate on /vms'],
} as const;

const about = ({ vmid, name, node }: GuestTarget) => ({ vmid, name, node });

interface Looks {
  readonly status: Call<typeof guestStatus>;
  readonly snapshots: Call<typeof snapshots>;
}

/** A template's disks are read-only bases: nothing may run on them, and no snapshot stand on them. */
async function isTemplate(call: Looks, target: GuestTarget): Promise<boolean> {
  // Asked of its node: of a guest made within seconds, /cluster/resources knows neither state nor kind.
  const { data: now } = await call.status(target);
  if (now.template) return true;
  const kind = target.type === 'qemu' ? 'vm' : 'lxc';
  if (now.status !== 'stopped')
    throw new Refused(
      `${target.vmid} is ${now.status}, and only a stopped guest becomes a template`,
      `Shut it down first: proxmox-shutdown-${kind}.`,
    );
  const names = (await call.snapshots(target)).data.map(({ name }) => name).filter((name) => name !== 'current');
  if (names.length > 0)
    throw new Refused(
      `${target.vmid} has snapshots, and a template can have none: ${names.join(', ')}`,
      'Delete them first (proxmox-delete-snapshot), or make the template of a full clone.',
    );
  return false;
}

const converting = endpoint('GET /nodes/{node}/tasks', z.array(z.object({ upid: z.string() })));

/** The tasks that have made templates of a container, as far as the token may see them. */
async function conversions(call: Call<typeof converting>, { node, vmid }: GuestTarget): Promise<readonly string[]> {
  const listed = await attempt(call({ node }, { vmid, typefilter: 'vztemplate', source: 'all' }));
  return 'error' in listed ? [] : listed.value.data.map(({ upid }) => upid);
}

export default [
  defineTool({
    ...shared,
    name: 'proxmox-template-vm',
    title: 'VM to template',
    description: 'Turn a stopped VM into a template for good; it can never start again.',
    scope: 'vm',
    calls: {
      status: guestStatus,
      snapshots,
      convert: endpoint('POST /nodes/{node}/qemu/{vmid}/template', startedUpid),
    },
    run: async ({ target, call }) => {
      if (await isTemplate(call, target)) return { ...about(target), unchanged: 'it is a template' };
      return { ...about(target), upid: (await call.convert(target)).data };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-template-lxc',
    title: 'Container to template',
    description: 'Turn a stopped container into a template for good; it can never start again.',
    scope: 'lxc',
    calls: {
      status: guestStatus,
      snapshots,
      converting,
      convert: endpoint('POST /nodes/{node}/lxc/{vmid}/template', z.null()),
    },
    run: async ({ target, call, note }) => {
      if (await isTemplate(call, target)) return { ...about(target), unchanged: 'it is a template' };
      const before = await conversions(call.converting, target);
      await call.convert(target);
      // Its task runs, but the answer does not name it (pve-container, API2/LXC.pm, template).
      const upid = (await conversions(call.converting, target)).find((one) => !before.includes(one));
      if (upid === undefined)
        note('Proxmox does not name the task of this; proxmox-lxc-info tells when it is a template.');
      return { ...about(target), upid };
    },
  }),
];
