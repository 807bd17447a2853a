import { quoted } from '../../pve/quoted.js';
import type { WaitResult } from '../../pve/task-wait.js';

interface End extends Pick<WaitResult, 'log'> {
  readonly exitstatus?: string | undefined;
}

const logTells = 'proxmox-task-log tells of which guest';

/** Why a backup did not end well: its status is 'job errors', whatever they are, and its log tells them. */
export function reasonOfEnd({ exitstatus = '', log }: End): string {
  const errors = log.filter((line) => line.startsWith('ERROR: '));
  return [quoted(exitstatus), ...(errors.length > 0 ? errors.map((line) => quoted(line)) : [logTells])].join('; ');
}
