import { isTemplate, lockOf } from '../guest.js';
import { turnOff, turnOn } from '../guest-running.js';
import { splitList } from '../parameter-format.js';
import { forbidden } from '../pve-error.js';
import type { Call } from '../route.js';
import type { GuestState } from '../state.js';
import type { Handler } from './declaration.js';

function chosen({ cluster, caller, params }: Call): GuestState[] {
  const { node } = cluster.node(params.text('node'));
  const vmids = splitList(params.optionalText('vms') ?? '').map(Number);
  const closed = vmids.find((vmid) => !caller.permissions.has(`/vms/${vmid}`, 'VM.PowerMgmt'));
  if (closed !== undefined) throw forbidden(`/vms/${closed}, VM.PowerMgmt`);
  if (vmids.length === 0 && !caller.permissions.has('/', 'VM.PowerMgmt')) throw forbidden('/, VM.PowerMgmt');
  return cluster.state.guests.filter(
    (guest) => guest.node === node && (vmids.length === 0 || vmids.includes(guest.vmid)) && !isTemplate(guest),
  );
}

/** One task for all, and one for each guest. */
function bulk(call: Call, verb: 'start' | 'stop', guests: readonly GuestState[]): string {
  const { cluster, caller, params } = call;
  const { node } = cluster.node(params.text('node'));
  const title = (guest: GuestState) => `${guest.type === 'qemu' ? 'VM' : 'CT'} ${guest.vmid}`;
  const each = (guest: GuestState) =>
    cluster.tasks.start({
      node,
      type: `${guest.type === 'qemu' ? 'qm' : 'vz'}${verb === 'start' ? 'start' : 'shutdown'}`,
      id: String(guest.vmid),
      user: caller.authid,
      duration: verb === 'start' ? 2 : 8,
      log: [],
      finish: (endtime) => {
        if (lockOf(guest) !== undefined) return `${title(guest).slice(0, 2)} is locked (${lockOf(guest)})`;
        if (verb === 'start') turnOn(guest, endtime);
        else turnOff(guest);
        return 'OK';
      },
    });
  for (const guest of guests) each(guest);
  return cluster.tasks.start({
    node,
    type: `${verb}all`,
    user: caller.authid,
    duration: guests.length === 0 ? 0 : verb === 'start' ? 3 : 9,
    log: guests.map((guest) => `${verb === 'start' ? 'Starting' : 'Stopping'} ${title(guest)}`),
  }).upid;
}

const startAll: Handler = (call) => {
  const all = call.params.flag('force');
  const guests = chosen(call).filter((guest) => guest.status === 'stopped');
  // without force only those start that would at boot, named or not
  return bulk(call, 'start', all ? guests : guests.filter((guest) => String(guest.config.onboot ?? 0) === '1'));
};

const stopAll: Handler = (call) =>
  bulk(
    call,
    'stop',
    chosen(call).filter((guest) => guest.status === 'running'),
  );

export const nodeBulkHandlers: Readonly<Record<string, Handler>> = {
  'POST /nodes/{node}/startall': startAll,
  'POST /nodes/{node}/stopall': stopAll,
};
