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
      ...(['VM.Migrate on /vms', 'VM.Allocate on /vms', 'Sys.Incoming on /', 'Sys.Audit on /'] as const),
      ...(['Datastore.AllocateSpace on /storage', 'SDN.Use on /sdn/zones'] as const),
    ],
    run: (context) => (context.input.via === 'backup' ? moveByBackup(context) : moveRemotely(context)),
  }),
];
