import { volumeNamed } from '../disk-volumes.js';
import { diskText, ownDisksOf, qemuDiskKeys, volumeKey } from '../disks.js';
import { isTemplate } from '../guest.js';
import { kindOf, refuseLocked } from '../guest-lock.js';
import { guestTask } from '../guest-task.js';
import { died } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState, GuestType } from '../state.js';
import { node, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

function refuse(call: Call, guest: GuestState): void {
  const kind = kindOf(guest);
  refuseLocked(call, guest);
  if (guest.snapshots.length > 0) throw died(`unable to create template, because ${kind} contains snapshots`);
  if (isTemplate(guest)) throw died("you can't convert a template to a template");
  if (guest.status === 'running') throw died(`you can't convert a ${kind} to template if ${kind} is running`);
}

/** Disks become bases; linked clones will stand on them. */
function convert(call: Call, guest: GuestState): void {
  for (const disk of ownDisksOf(guest)) {
    const base = disk.volid.replace(
      /([:/])(?:vm|subvol)(-\d+-disk-)/,
      guest.type === 'qemu' ? '$1base$2' : '$1basevol$2',
    );
    const volume = volumeNamed(call.cluster, disk.volid, guest.node);
    if (volume !== undefined) volume.volid = base;
    const properties = new Map(disk.properties);
    properties.set(volumeKey(guest.type), base);
    guest.config[disk.key] = diskText(guest.type, properties);
  }
  guest.config.template = 1;
}

function template(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    refuse(call, guest);
    const upid = guestTask(call, {
      type: type === 'qemu' ? 'qmtemplate' : 'vztemplate',
      vmid: guest.vmid,
      node: guest.node,
      duration: 2,
      log: ownDisksOf(guest).map((disk) => `  Renamed "${disk.volid.split(':')[1]}"`),
      finish: () => {
        convert(call, guest);
        return undefined;
      },
    });
    // a container's task runs as well, but nobody is told its id
    return type === 'qemu' ? upid : null;
  };
}

const permission = { path: '/vms/{vmid}', privileges: ['VM.Allocate'] } as const;

export const guestTemplateRoutes: readonly Route[] = [
  {
    route: 'POST /nodes/{node}/qemu/{vmid}/template',
    params: { node, vmid, disk: { type: 'string', optional: true, enum: qemuDiskKeys } },
    permission,
    handler: template('qemu'),
  },
  {
    route: 'POST /nodes/{node}/lxc/{vmid}/template',
    params: { node, vmid },
    permission,
    handler: template('lxc'),
  },
];
