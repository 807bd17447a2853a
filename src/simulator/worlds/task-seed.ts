import type { SeededRandom } from '../random.js';
import type { GuestState, TaskState } from '../state.js';
import { formatUpid } from '../upid.js';

interface PastTask {
  readonly node: string;
  readonly type: string;
  readonly id?: string;
  readonly user?: string;
  /** Seconds before now. */
  readonly ago: number;
  readonly duration: number;
  readonly log: string[];
  readonly exitstatus?: string;
  readonly running?: boolean;
}

function taskOf(past: PastTask, now: number, random: SeededRandom): TaskState {
  const { node, type, id = '', user = 'root@pam', ago, duration, log, exitstatus = 'OK' } = past;
  const starttime = now - ago;
  const identity = {
    node,
    pid: random.integer(1_000, 900_000),
    pstart: random.integer(1e6, 4e9),
    starttime,
    type,
    id,
    user,
  };
  const endtime = past.running === true ? undefined : starttime + duration;
  return { upid: formatUpid(identity), ...identity, duration, log, exitstatus, endtime };
}

function backupLog(guest: GuestState, storage: string): string[] {
  const name = String(guest.config.name ?? guest.config.hostname);
  return [
    `INFO: starting new backup job: vzdump ${guest.vmid} --mode snapshot --storage ${storage}`,
    `INFO: Starting Backup of VM ${guest.vmid} (${guest.type})`,
    'INFO: status = running',
    `INFO: VM Name: ${name}`,
    'INFO: backup mode: snapshot',
    ...Array.from({ length: 50 }, (_, at) => {
      const done = ((at + 1) * 32) / 50;
      return `INFO: ${String((at + 1) * 2).padStart(3)}% (${done.toFixed(1)} GiB of 32.0 GiB) in ${(at + 1) * 11}s, read: 60.4 MiB/s, write: 58.9 MiB/s`;
    }),
    `INFO: Finished Backup of VM ${guest.vmid} (00:09:10)`,
    'INFO: Backup job finished successfully',
  ];
}

function nightly(node: string, guests: readonly GuestState[], storage: string, ago: number, fails: boolean): PastTask {
  const here = guests.filter((guest) => guest.node === node && guest.status === 'running').slice(0, 4);
  const lines = here.flatMap((guest, at) => {
    const start = `INFO: Starting Backup of VM ${guest.vmid} (${guest.type})`;
    if (fails && at === 1) {
      return [
        start,
        `ERROR: Backup of VM ${guest.vmid} failed - VM ${guest.vmid} qmp command 'backup' failed - got timeout`,
      ];
    }
    return [start, `INFO: Finished Backup of VM ${guest.vmid} (00:01:${20 + at})`];
  });
  const end = fails ? 'INFO: Backup job finished with errors' : 'INFO: Backup job finished successfully';
  const log = [`INFO: starting new backup job: vzdump --all 1 --mode snapshot --storage ${storage}`, ...lines, end];
  return { node, type: 'vzdump', ago, duration: 420, log, exitstatus: fails ? 'job errors' : 'OK' };
}

function ofGuest(guest: GuestState, at: number): PastTask {
  const prefix = guest.type === 'qemu' ? 'qm' : 'vz';
  const base = { node: guest.node, id: String(guest.vmid), ago: 86_400 + at * 5_400 };
  const kinds: PastTask[] = [
    { ...base, type: `${prefix}start`, duration: 3, log: [] },
    {
      ...base,
      type: `${prefix}snapshot`,
      duration: 9,
      log: ['saving VM state and RAM using storage'],
      user: 'alice@pve',
    },
    { ...base, type: `${prefix}shutdown`, duration: 60, log: [], exitstatus: 'VM quit/powerdown failed - got timeout' },
    {
      ...base,
      type: `${prefix}migrate`,
      duration: 2,
      log: ["ERROR: migration aborted (duration 00:00:02): can't connect"],
      exitstatus: 'migration aborted',
    },
    {
      ...base,
      type: 'vzcreate',
      duration: 21,
      log: ['extracting archive', 'WARN: Systemd 252 detected. You may need to enable nesting.'],
      exitstatus: 'WARNINGS: 1',
      user: 'mcp@pve!main',
    },
    { ...base, type: `${prefix}stop`, duration: 1, log: [], user: 'bob@pve!ci' },
  ];
  return kinds[at % kinds.length] ?? { ...base, type: `${prefix}start`, duration: 3, log: [] };
}

/** What happened on a cluster before the simulator was started, and the backup that still runs. */
export function tasksFor(
  nodes: readonly string[],
  guests: readonly GuestState[],
  storage: string,
  now: number,
  random: SeededRandom,
): TaskState[] {
  const past: PastTask[] = [];
  for (const [at, node] of nodes.entries()) {
    past.push(nightly(node, guests, storage, 36_000, at === 0), nightly(node, guests, storage, 36_000 + 86_400, false));
    past.push({
      node,
      type: 'aptupdate',
      ago: 50_000 + at,
      duration: 12,
      log: ['starting apt-get update', 'Reading package lists...'],
    });
    past.push({ node, type: 'startall', ago: 86_400 * 20, duration: 44, log: [], exitstatus: 'unexpected status' });
  }
  for (const [at, guest] of guests.slice(0, 12).entries()) past.push(ofGuest(guest, at));
  for (const guest of guests) {
    if (guest.config.lock !== 'backup') continue;
    past.push({
      node: guest.node,
      type: 'vzdump',
      id: String(guest.vmid),
      ago: 600,
      duration: 3_600,
      log: backupLog(guest, storage),
      running: true,
    });
  }
  return past.map((task) => taskOf(task, now, random)).sort((a, b) => a.starttime - b.starttime);
}
