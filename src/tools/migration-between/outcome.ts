import type { TaskState } from '../../pve/task.js';

/** One side after a move, as it was read afresh; `there` is absent where it could not be read. */
export interface SideState {
  readonly there?: boolean | undefined;
  readonly status?: string | undefined;
  readonly lock?: string | undefined;
  /** Why it is not known. */
  readonly unread?: string | undefined;
}

export interface Ended {
  readonly type: 'qemu' | 'lxc';
  readonly vmid: number;
  readonly targetVmid: number;
  readonly cluster: string;
  readonly targetCluster: string;
  readonly node: string;
  readonly targetNode: string;
  readonly wasRunning: boolean;
  readonly deletes: boolean;
  readonly state: TaskState;
  readonly exitstatus?: string | undefined;
  readonly source: SideState;
  readonly target: SideState;
}

/** What has become of a guest, in plain words. */
export interface Verdict {
  readonly outcome: 'moved' | 'moved_with_problems' | 'not_moved' | 'unclear';
  readonly summary: string;
  readonly todo: readonly string[];
}

const tool = { qemu: 'qm', lxc: 'pct' } as const;
const stopTool = { qemu: 'proxmox-stop-vm', lxc: 'proxmox-stop-lxc' } as const;
const startTool = { qemu: 'proxmox-start-vm', lxc: 'proxmox-start-lxc' } as const;

/** Only what both sides show counts; what the task says of itself decides nothing but between two equal readings. */
export function judge(ended: Ended): Verdict {
  const { source, target } = ended;
  if (target.there === undefined) return unseen(ended, ended.targetCluster, target);
  if (target.there === false) return backAtSource(ended);
  if (source.there === undefined && target.lock !== undefined) return unseen(ended, ended.cluster, source);
  if (target.lock !== undefined) return halfway(ended);
  return isOn(source) && !isOn(target) ? leftAtTarget(ended) : atTarget(ended);
}

const isOn = ({ there, status }: SideState) => there === true && status !== undefined && status !== 'stopped';
const inWords = ({ there, status, lock, unread }: SideState) =>
  there === undefined
    ? `could not be read (${unread ?? 'no reason told'})`
    : there
      ? `${status ?? 'there'}${lock === undefined ? '' : `, locked (${lock})`}`
      : 'not there';

export const sidesInWords = ({ source, target, ...ended }: Ended) =>
  `At '${ended.cluster}' guest ${ended.vmid} is ${inWords(source)}; at '${ended.targetCluster}' guest ${ended.targetVmid} is ${inWords(target)}.`;

const unlock = ({ type }: Ended, vmid: number, node: string, cluster: string) =>
  `'${tool[type]} unlock ${vmid}' on node ${node} of '${cluster}', which only root@pam may`;

const wentWell = ({ state }: Ended) => state === 'ok' || state === 'warnings';

function unseen(ended: Ended, cluster: string, { unread }: SideState): Verdict {
  return {
    outcome: 'unclear',
    summary: `What has become of guest ${ended.vmid} is not known: '${cluster}' ${unread ?? 'could not be read'}. ${sidesInWords(ended)}`,
    todo: [`Look at '${cluster}' again before anything is started, deleted or moved.`],
  };
}

/** The guest on the other side is whole: its lock is gone. */
function atTarget(ended: Ended): Verdict {
  const { source, target, wasRunning, deletes, targetVmid, targetCluster, targetNode, type } = ended;
  const both = isOn(source) && isOn(target);
  const asleep = wasRunning && !isOn(target);
  const todo = [
    ...(both ? [`Both run, with the same disks' content and MACs: stop one at once (${stopTool[type]}).`] : []),
    ...(asleep && !isOn(source) ? [`It ran before: start it with ${startTool[type]} on '${targetCluster}'.`] : []),
    ...(target.status === 'paused' || target.status === 'inmigrate'
      ? [`It is ${target.status}: look at its console, and go on with proxmox-resume-vm.`]
      : []),
    ...keptSource(ended),
  ];
  const good = wentWell(ended) && !both && !asleep && (!deletes || source.there === false);
  return {
    outcome: good ? 'moved' : 'moved_with_problems',
    summary: `Guest ${targetVmid} is on node ${targetNode} of '${targetCluster}'. ${sidesInWords(ended)}`,
    todo,
  };
}

/** Without deletion the source stays, stopped and locked (qemu-server, QemuMigrate.pm, phase3_cleanup). */
function keptSource(ended: Ended): string[] {
  const { source, vmid, node, cluster, deletes } = ended;
  if (source.there === false) return [];
  if (source.there === undefined)
    return [`Look whether guest ${vmid} is still on '${cluster}': that could not be read.`];
  const kept = deletes ? 'was to be deleted and is still there' : 'is kept';
  const locked =
    source.lock === undefined
      ? ''
      : ` It is locked; to delete or start it, first ${unlock(ended, vmid, node, cluster)}.`;
  return [`The source ${kept}: its MACs now exist twice, so do not start it beside the other.${locked}`];
}

/** Something of the guest is on the other side, and locked: it was not finished there. */
function halfway(ended: Ended): Verdict {
  const { source, target, targetVmid, targetNode, targetCluster, type, vmid, node, cluster } = ended;
  const freeTarget = unlock(ended, targetVmid, targetNode, targetCluster);
  if (!isOn(source) && isOn(target) && target.status !== 'inmigrate')
    return {
      outcome: 'moved_with_problems',
      summary: `Guest ${targetVmid} runs on '${targetCluster}', but its lock was not taken off. ${sidesInWords(ended)}`,
      todo: [`Take the lock off: ${freeTarget}.`, ...keptSource(ended)],
    };
  if (source.there === false)
    return {
      outcome: 'moved_with_problems',
      summary: `Guest ${targetVmid} is on '${targetCluster}' alone, locked. ${sidesInWords(ended)}`,
      todo: [`Take the lock off: ${freeTarget}. Then look at it, and start it.`],
    };
  const finished = !isOn(source) && (ended.exitstatus === 'migration problems' || wentWell(ended));
  return {
    outcome: finished ? 'unclear' : 'not_moved',
    summary: `${finished ? 'The move came to an end with problems' : 'The move broke off'}; the source has all its disks, and what is on '${targetCluster}' ${finished ? 'may be whole' : 'is not whole'}. ${sidesInWords(ended)}`,
    todo: [
      ...(source.lock === undefined ? [] : [`The source is locked: ${unlock(ended, vmid, node, cluster)}.`]),
      ...(finished
        ? [`Look at both before one is started: the newer state is where it ran last. Never run both.`]
        : isOn(source) || !ended.wasRunning
          ? []
          : [`Then start it there again: ${startTool[type]} on '${cluster}'.`]),
      `${finished ? 'If the source is used on, d' : 'D'}elete what is left on '${targetCluster}': ${freeTarget}, then '${tool[type]} destroy ${targetVmid}'.`,
    ],
  };
}

/** It runs on where it was, and what is on the other side is not locked. */
function leftAtTarget(ended: Ended): Verdict {
  const { vmid, cluster, targetVmid, targetCluster, type } = ended;
  const remove = type === 'qemu' ? 'proxmox-delete-vm' : 'proxmox-delete-lxc';
  return {
    outcome: 'not_moved',
    summary: `Guest ${vmid} was not moved and runs on '${cluster}'; something of it is left on '${targetCluster}'. ${sidesInWords(ended)}`,
    todo: [`Look at guest ${targetVmid} of '${targetCluster}', and delete it with ${remove}.`],
  };
}

/** Nothing of it is on the other side. */
function backAtSource(ended: Ended): Verdict {
  const { source, type, vmid, node, cluster, wasRunning } = ended;
  if (source.there !== true)
    return {
      outcome: 'unclear',
      summary: `Guest ${vmid} is not seen on either side. ${sidesInWords(ended)}`,
      todo: ['Look for it with proxmox-find-guest and in the log of the task; delete nothing.'],
    };
  const asBefore = isOn(source) === wasRunning && source.lock === undefined;
  return {
    outcome: 'not_moved',
    summary: `Guest ${vmid} was not moved and is ${asBefore ? 'as it was' : 'still'} on '${cluster}'. ${sidesInWords(ended)}`,
    todo: [
      ...(source.lock === undefined ? [] : [`It is locked: ${unlock(ended, vmid, node, cluster)}.`]),
      ...(wasRunning && !isOn(source) ? [`It ran before: start it with ${startTool[type]} on '${cluster}'.`] : []),
    ],
  };
}
