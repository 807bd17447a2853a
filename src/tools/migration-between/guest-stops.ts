import { rootOnly } from '../../pve/config-keys/root-only.js';
import { configText, disksOf, type GuestConfig } from '../../pve/guest-config.js';
import { type GuestTask, lockAdvice } from '../../pve/guest-tasks.js';
import type { Waiting } from '../../pve/pending.js';
import { propertyFlag } from '../../pve/property-string.js';
import { toWord, toWords } from '../../pve/quoted.js';
import { customCpu, hasVncClipboard, mappingsOf, passedThrough } from './devices.js';
import { type Finding, type Findings, those } from './finding.js';
import { isImage, isLinkedClone } from './moved-volumes.js';

/** A guest as its own cluster tells it. */
export interface GuestFacts {
  readonly type: 'qemu' | 'lxc';
  readonly vmid: number;
  readonly node: string;
  readonly config: GuestConfig;
  readonly running: boolean;
  readonly lock?: string | undefined;
  /** What works on it just now. */
  readonly task?: GuestTask | undefined;
  readonly managed: boolean;
  readonly snapshots: readonly string[];
  /** Ids of its replication jobs. */
  readonly replication: readonly string[];
  readonly pending: readonly Waiting[];
  readonly template: boolean;
}

/** How a guest is to leave its cluster. */
interface Leave {
  readonly online: boolean | undefined;
  /** Whether nothing of it is to stay. */
  readonly deletes: boolean | undefined;
}

/** What of the guest itself keeps it from leaving its cluster. */
export function guestStops(guest: GuestFacts, leave: Leave): Findings {
  return {
    stops: [...stateStops(guest, leave), ...diskStops(guest), ...deviceStops(guest), ...rootOnlyStops(guest)],
    warnings: those(
      guest.pending.length > 0 && {
        code: 'pending',
        message: `changes that wait for a restart are not carried over: ${toWords(guest.pending.map(({ key }) => key))}`,
        fix: 'Restart it first, or take them back with proxmox-revert-pending.',
      },
    ),
  };
}

const restarts = { qemu: 'online', lxc: 'online (which restarts it)' } as const;

function stateStops(guest: GuestFacts, { online, deletes }: Leave): Finding[] {
  const { vmid, type, node, lock, task, snapshots, replication, config } = guest;
  return those(
    deletes === true &&
      propertyFlag(configText(config.protection)) === true && {
        code: 'protection',
        message: `guest ${vmid} has the flag 'protection', so it is not deleted here`,
        fix: "Leave delete_source out, or ask the user: proxmox-set-protection with 'on': false lifts the flag.",
      },
    guest.managed && {
      code: 'ha',
      message: `guest ${vmid} is managed by HA`,
      fix: 'Take it out: proxmox-ha-remove.',
    },
    replication.length > 0 && {
      code: 'replication',
      message: `guest ${vmid} is replicated (${toWords(replication)})`,
      fix: 'Delete the jobs: proxmox-delete-replication.',
    },
    snapshots.length > 0 && {
      code: 'snapshots',
      message: `guest ${vmid} has snapshots, which cannot go along: ${toWords(snapshots)}`,
      fix: 'Delete them: proxmox-delete-snapshot.',
    },
    task !== undefined && {
      code: 'task',
      message: `${toWord(task.type)} works on guest ${vmid} just now: ${toWord(task.upid)}`,
      fix: 'Wait for it with proxmox-wait-task, then look where the guest is before calling again.',
    },
    task === undefined &&
      lock !== undefined && {
        code: 'lock',
        message: `guest ${vmid} is locked (${lock})`,
        fix: lockAdvice({ type, vmid, node, lock }, undefined),
      },
    guest.template && {
      code: 'template',
      message: `guest ${vmid} is a template: base images cannot be moved`,
      fix: 'Move it by backup and restore (via: backup), or move a full clone.',
    },
    guest.running &&
      online === false && {
        code: 'running',
        message: `guest ${vmid} is running`,
        fix: `Shut it down first, or set ${restarts[type]}.`,
      },
  );
}

function diskStops({ config, type }: GuestFacts): Finding[] {
  const disks = disksOf(config);
  const named = (some: typeof disks) => some.map(({ disk, volid }) => `${disk} (${toWord(volid)})`).join(', ');
  const images = disks.filter(isImage);
  const linked = disks.filter(isLinkedClone);
  const raw = type === 'qemu' ? disks.filter(({ volid, media }) => volid.startsWith('/') && media !== 'cdrom') : [];
  return those(
    images.length > 0 && {
      code: 'cd',
      message: `a CD is attached: ${named(images)}`,
      fix: "Eject it: proxmox-configure-vm, with 'none,media=cdrom' for that drive.",
    },
    linked.length > 0 && {
      code: 'linked_clone',
      message: `disks that share their beginning with a template: ${named(linked)}`,
      fix: 'Move a full clone of it, or go by backup and restore (via: backup).',
    },
    raw.length > 0 && {
      code: 'raw_path',
      message: `disks that are devices or paths of the node: ${named(raw)}`,
      fix: 'Detach them first.',
    },
  );
}

function deviceStops({ config, running }: GuestFacts): Finding[] {
  const devices = passedThrough(config);
  const mapped = mappingsOf(config).map(({ key }) => key);
  return those(
    devices.length > 0 && {
      code: 'passthrough',
      message: `devices of the node: ${toWords(devices)}`,
      fix: 'Remove them from the configuration first.',
    },
    running &&
      mapped.length > 0 && {
        code: 'mapped_device',
        message: `mapped devices, which a running guest cannot take along: ${mapped.join(', ')}`,
        fix: 'Shut it down first.',
      },
    running &&
      hasVncClipboard(config) && {
        code: 'clipboard',
        message: 'a VM with the VNC clipboard cannot be moved while it runs',
        fix: 'Shut it down first, or take the clipboard out of its vga.',
      },
  );
}

/** These would only fail once the disks have been copied. */
function rootOnlyStops({ type, config }: GuestFacts): Finding[] {
  const unprivileged = propertyFlag(configText(config.unprivileged)) === true;
  return Object.entries(config).flatMap(([key, value]) => {
    const text = configText(value);
    if (text === undefined || key === 'lock' || /^(?:hostpci|usb|serial)\d+$/.test(key)) return [];
    const why = rootOnly(type, key, text, undefined, unprivileged);
    if (why === undefined) return [];
    return [
      {
        code: 'root_only',
        message: `'${toWord(key)}' cannot be put in place on the other side: ${why}`,
        fix: 'Have root@pam take it out first, and set it again afterwards.',
      },
    ];
  });
}

/** Whether the other side knows the CPU model of the administrator that a VM has. */
export type CpuVerdict = 'same' | 'other' | 'missing' | 'unknown';

export function cpuStops(config: GuestConfig, verdict: CpuVerdict): Findings {
  const model = customCpu(config);
  if (model === undefined || verdict === 'same') return { stops: [], warnings: [] };
  const fix = 'Have the same model defined there (/etc/pve/virtual-guest/cpu-models.conf), or choose another first.';
  if (verdict === 'unknown')
    return {
      stops: [],
      warnings: [
        { code: 'cpu', message: `whether the target has the CPU model '${toWord(model)}' could not be read`, fix },
      ],
    };
  const message =
    verdict === 'missing'
      ? `the target has no CPU model '${toWord(model)}'`
      : `the target has another CPU model '${toWord(model)}'`;
  return { stops: [{ code: 'cpu', message, fix }], warnings: [] };
}
