import type { WaitResult } from '../../pve/task-wait.js';

const logTells = 'proxmox-task-log tells of which guest';

/** Why a backup did not end well: its status is 'job errors', whatever they are, and its log tells them. */
export function reasonOfEnd({ exitstatus = '', log }: Pick<WaitResult, 'exitstatus' | 'log'>): string {
  const errors = log.filter((line) => line.startsWith('ERROR: '));
  return [exitstatus, ...(errors.length > 0 ? errors : [logTells])].join('; ');
}
