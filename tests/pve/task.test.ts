import { describe, expect, it } from 'vitest';
import { taskOutcome } from '../../src/pve/task.js';
import { readProgress } from '../../src/pve/task-progress.js';

describe('the outcome of a task', () => {
  it.each([
    [{ status: 'running' }, { state: 'running' }],
    [{ status: 'running', exitstatus: 'OK' }, { state: 'running' }],
    [
      { status: 'stopped', exitstatus: 'OK' },
      { state: 'ok', exitstatus: 'OK' },
    ],
    [
      { status: 'stopped', exitstatus: 'WARNINGS: 3' },
      { state: 'warnings', exitstatus: 'WARNINGS: 3' },
    ],
    [
      { status: 'stopped', exitstatus: 'WARNINGS: no' },
      { state: 'failed', exitstatus: 'WARNINGS: no' },
    ],
    [
      { status: 'stopped', exitstatus: 'ok' },
      { state: 'failed', exitstatus: 'ok' },
    ],
    [
      { status: 'stopped', exitstatus: 'job errors' },
      { state: 'failed', exitstatus: 'job errors' },
    ],
    [
      { status: 'stopped', exitstatus: '' },
      { state: 'failed', exitstatus: '' },
    ],
    [
      { status: 'stopped', exitstatus: 'unexpected status' },
      { state: 'unknown', exitstatus: 'unexpected status' },
    ],
    [{ status: 'stopped' }, { state: 'unknown', exitstatus: 'unexpected status' }],
  ])('of %j is %j', (status, outcome) => {
    expect(taskOutcome(status)).toEqual(outcome);
  });
});

describe('how far a task is, by its log line', () => {
  it.each([
    ['transferred 1.2 GiB of 32.0 GiB (3.75%)', 3.75],
    ['drive-scsi0: transferred 1.2 GiB of 32.0 GiB (3.75%) in 12s, ready', 3.75],
    ['2026-01-01 10:00:00 drive-scsi0: transferred 16.0 GiB of 32.0 GiB (50.00%) in 1m 12s', 50],
    ['INFO:  12% (4.0 GiB of 32.0 GiB) in 33s, read: 120 MiB/s, write: 80 MiB/s', 12],
    ['INFO: 100% (32.0 GiB of 32.0 GiB) in 4m 3s, read: 120 MiB/s, write: 80 MiB/s', 100],
    ['progress 12% (read 4123456 bytes, duration 3 sec)', 12],
    [' 45056K ........ ........ ........ ........  12% 45.1M 60s', 12],
    ['2026-01-01 10:00:00 migration active, transferred 1.0 GiB of 4.0 GiB VM-state, 112.3 MiB/s', 25],
    ['2026-01-01 10:00:00 migration active, transferred 512.0 MiB of 4.0 GiB VM-state, 112.3 MiB/s', 12.5],
    ['2026-01-01 10:00:00 migration active, transferred 9.0 GiB of 4.0 GiB VM-state, 112.3 MiB/s', 99],
  ])('%s', (line, percent) => {
    expect(readProgress(line)).toEqual({ percent, message: line });
  });

  it.each([
    'create full clone of drive scsi0 (local-lvm:vm-100-disk-0)',
    'INFO: Starting Backup of VM 100 (qemu)',
    'INFO: status = running',
    'transferring 100% of nothing',
    '4194304000 bytes (4.2 GB, 3.9 GiB) copied, 21 s, 200 MB/s',
    'TASK OK',
    '',
  ])('%j says nothing of it', (line) => {
    expect(readProgress(line)).toEqual({ message: line });
  });

  it('never passes 100', () => {
    expect(readProgress('transferred 33.0 GiB of 32.0 GiB (103.12%)').percent).toBe(100);
  });
});
