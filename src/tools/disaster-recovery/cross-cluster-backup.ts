import { attempt } from '../../pve/attempt.js';
import { toWord } from '../../pve/quoted.js';
import { ageInHours, isoTime } from '../../pve/time.js';
import { isPlanned, parseUpid } from '../../pve/upid.js';
import { startBackup } from '../backup/vzdump.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { type Copy, type CopyResult, type CopySides, copyCalls, copyInput, copyOutput } from './copy-calls.js';
import { type CopyPlan, planCopy } from './copy-plan.js';
import { archiveInLog, findArchive } from './new-archive.js';
import { originTemplate } from './origin-note.js';
import { restoreCopy } from './restore-copy.js';
import { type Ended, taskOf, waitFor } from './wait-for.js';

export default [
  defineTool({
    name: 'proxmox-cross-cluster-backup',
    title: 'Back up to another cluster',
    description: 'Back a guest up where another cluster sees it; with restore also make a standby there.',
    effect: 'write',
    scope: 'guest-between',
    toolset: 'federation',
    input: copyInput,
    output: copyOutput,
    calls: copyCalls,
    privileges: [
      'VM.Backup on /vms',
      'Datastore.AllocateSpace|Datastore.Allocate on /storage',
      'VM.Allocate on /vms',
      'Datastore.Audit on /storage',
    ],
    run: async (context) => {
      checkInput(context);
      const sides = { source: context.at(context.target.source), destination: context.at(context.target.destination) };
      const plan = await planCopy(context, sides);
      return copy(context, sides, plan);
    },
  }),
];

function checkInput({ input, secondsLeft }: Copy): void {
  const extra = (['target_vmid', 'target_storage', 'unique', 'start'] as const).find(
    (key) => input[key] !== undefined && input[key] !== false,
  );
  if (!input.restore && extra !== undefined)
    throw new InvalidInput({ argument: extra, message: "is for 'restore': true" });
  if (input.restore && secondsLeft() <= 0)
    throw new InvalidInput({ argument: 'wait', message: 'a restore begins when the backup is done: it takes waiting' });
}

async function copy(context: Copy, sides: CopySides, plan: CopyPlan): Promise<CopyResult> {
  const { target, input, offerUndo, nowLeft } = context;
  const { storage } = plan.shared;
  const there = target.destination.info.name;
  const head = {
    ...{ vmid: target.vmid, name: target.name, node: target.node, target_cluster: there },
    ...{ storage: storage.source, storage_there: storage.target, where: storage.where },
    ...(plan.warnings.length > 0 ? { warnings: [...plan.warnings] } : {}),
  };
  const { vmid, node } = target;
  const notes = originTemplate(target.source.info.name);
  const upid = await startBackup(sides.source.call.vzdump, node, { vmid, storage: storage.source, notes });
  nowLeft(`to see the backup from '${there}'${input.restore ? ', and its restore there' : ''}`);
  const ended = await waitFor(sides.source, upid, context.secondsLeft());
  if (ended.outcome !== 'ok') return { ...head, upid, ...notBackedUp(context, ended) };
  offerUndo(`Delete the new backup on ${storage.source} of '${target.source.info.name}': proxmox-delete-backup.`);
  const archive = await proof(context, sides, plan, upid);
  const proven = { ...head, ...archive.shown };
  const seen = `Guest ${target.vmid} is backed up on ${storage.where}, and '${there}' lists it as ${toWord(archive.volid)}.`;
  if (plan.standby === undefined) return { ...proven, upid, task: ended.task, outcome: 'backed_up', summary: seen };
  nowLeft(`the restore of ${toWord(archive.volid)} on '${there}'`);
  const made = await restoreCopy(context, sides.destination, {
    plan: plan.standby,
    node: plan.chosen.node,
    archive: archive.volid,
  });
  return { ...proven, ...made, summary: `${seen} ${made.summary}` };
}

function notBackedUp(
  { target, input }: Copy,
  ended: Ended,
): Pick<CopyResult, 'outcome' | 'summary' | 'todo' | 'task' | 'failed'> {
  const { source, destination } = target;
  const { outcome } = ended;
  const told = outcome === 'running' && ended.task === undefined ? {} : { task: taskOf(ended) };
  if (outcome === 'failed')
    return {
      ...{ ...told, outcome: 'backup_failed', failed: 1 },
      summary: `The backup of guest ${target.vmid} failed; nothing was done on '${destination.info.name}'.`,
    };
  const later = `Wait for it with proxmox-wait-task and cluster '${source.info.name}'; proxmox-list-backups with cluster '${destination.info.name}' and this VMID then shows whether it is seen there.`;
  const restore = target.type === 'qemu' ? 'proxmox-restore-vm' : 'proxmox-restore-lxc';
  return {
    ...{ ...told, outcome: 'running' },
    summary: `The backup of guest ${target.vmid} ${outcome === 'unseen' ? 'was begun, and its task can no longer be seen' : 'goes on'}; nothing was done on '${destination.info.name}' yet.`,
    todo: [later, ...(input.restore ? [`Restore it there then: ${restore}.`] : [])],
    ...(input.restore || outcome === 'unseen' ? { failed: 1 } : {}),
  };
}

/** The new backup as the other cluster lists it. */
async function proof({ target, now }: Copy, { source, destination }: CopySides, plan: CopyPlan, upid: string) {
  const { vmid, type } = target;
  const { storage } = plan.shared;
  const there = target.destination.info.name;
  if (isPlanned(upid)) return { volid: `${storage.target}:the new backup`, shown: {} };
  const log = await attempt(source.call.log({ node: parseUpid(upid)?.node ?? '', upid }, { start: 0, limit: 200 }));
  const name = 'error' in log ? undefined : archiveInLog(log.value.data.map(({ t }) => t));
  const place = { node: plan.chosen.node, storage: storage.target };
  const { data: volumes } = await destination.call.content(place, { content: 'backup', vmid });
  const found = findArchive(volumes, { name, type, vmid, since: now / 1000 });
  if (found === undefined)
    throw new Refused(
      `the backup was made${name === undefined ? '' : ` (${storage.source}:backup/${name})`}, but '${there}' does not list it on its storage '${storage.target}' (${storage.where})`,
      `See on a node of '${there}' whether ${storage.where} is mounted, and what proxmox-list-backups shows there.`,
    );
  return {
    volid: found.volid,
    shown: {
      ...{ archive: found.volid, size: found.size ?? found['approximate-size'] },
      ...(found.ctime === undefined ? {} : { ctime: isoTime(found.ctime), age_hours: ageInHours(found.ctime, now) }),
    },
  };
}
