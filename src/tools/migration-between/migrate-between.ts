import { defineTool } from '../define.js';
import { moveByBackup } from './move-by-backup.js';
import { moveCalls, moveInput, moveOutput } from './move-calls.js';
import { moveRemotely } from './remote-move.js';

export default [
  defineTool({
    name: 'proxmox-migrate-vm-between-clusters',
    title: 'Migrate to another cluster',
    description: 'Move a VM or container to another cluster. The plan lists all that hinders it.',
    effect: 'destroy',
    scope: 'guest-between',
    toolset: 'federation',
    daily: true,
    input: moveInput,
    output: moveOutput,
    calls: moveCalls,
    privileges: [
      ...(['VM.Migrate on /vms', 'VM.Audit on /vms', 'VM.Allocate on /vms'] as const),
      ...(['VM.Config.CPU on /vms', 'VM.Config.Memory on /vms', 'VM.Config.Disk on /vms'] as const),
      ...(['VM.Config.CDROM on /vms', 'VM.Config.Cloudinit|VM.Config.Network on /vms'] as const),
      ...(['VM.Config.Network on /vms', 'VM.Config.HWType on /vms', 'VM.Config.Options on /vms'] as const),
      ...(['Sys.Incoming on /', 'Sys.Audit on /', 'SDN.Use on /sdn/zones'] as const),
      'Datastore.AllocateSpace on /storage',
    ],
    run: (context) => (context.input.via === 'backup' ? moveByBackup(context) : moveRemotely(context)),
  }),
];
