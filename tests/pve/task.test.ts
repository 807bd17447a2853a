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
  const mib = 1024 ** 2;
  const gib = 1024 ** 3;

  it.each([
    ['transferred 1.0 GiB of 32.0 GiB (3.12%)', { percent: 3.12, done: gib, total: 32 * gib }],
    [
      'drive-scsi0: transferred 1.0 GiB of 32.0 GiB (3.12%) in 12s, ready',
      { percent: 3.12, done: gib, total: 32 * gib },
    ],
    [
      '2026-01-01 10:00:00 drive-scsi0: transferred 16.0 GiB of 32.0 GiB (50.00%) in 1m 12s',
      { percent: 50, done: 16 * gib, total: 32 * gib },
    ],
    [
      'INFO:  12% (4.0 GiB of 32.0 GiB) in 33s, read: 120 MiB/s, write: 80 MiB/s',
      { percent: 12, done: 4 * gib, total: 32 * gib, rate: 120 * mib },
    ],
    [
      'INFO: 100% (32.0 GiB of 32.0 GiB) in 4m 3s, read: 0 B/s, write: 0 B/s',
      { percent: 100, done: 32 * gib, total: 32 * gib, rate: 0 },
    ],
    [
      '2026-01-01 10:00:00 migration active, transferred 1.0 GiB of 4.0 GiB VM-state, 112.0 MiB/s',
      { percent: 25, done: gib, total: 4 * gib, rate: 112 * mib },
    ],
    [
      '2026-01-01 10:00:00 migration active, transferred 512.0 MiB of 4.0 GiB VM-state, 112.0 MiB/s',
      { percent: 12.5, done: 512 * mib, total: 4 * gib, rate: 112 * mib },
    ],
    [
      '2026-01-01 10:00:00 migration active, transferred 9.0 GiB of 4.0 GiB VM-state, 112.0 MiB/s',
      { percent: 99, done: 9 * gib, total: 4 * gib, rate: 112 * mib },
    ],
    ['4194304000 bytes (4.2 GB, 3.9 GiB) copied, 21 s, 200 MB/s', { done: 4_194_304_000, rate: 200_000_000 }],
  ])('%s', (line, expected) => {
    expect(readProgress(line)).toEqual({ ...expected, message: line });
  });

  it.each([
    [
      'progress 12% (read 6291456 bytes, duration 3 sec)',
      { percent: 12, done: 6_291_456, rate: 2 * mib, message: '12% restored, 6.0 MiB read, 2.0 MiB/s' },
    ],
    [
      'progress 1% (read 4194304 bytes, zeroes = 2% (8388608 bytes), duration 0 sec)',
      { percent: 1, done: 4 * mib, message: '1% restored, 4.0 MiB read' },
    ],
    [
      ' 45056K ........ ........ ........ ........  12% 45.0M 60s',
      { percent: 12, done: 44 * mib, rate: 45 * mib, message: '12% downloaded, 44.0 MiB, 45.0 MiB/s, 60s left' },
    ],
    [
      '524288K ........ ........ ..              100% 2.00M=3.2s',
      { percent: 100, done: 512 * mib, rate: 2 * mib, message: '100% downloaded, 512.0 MiB, 2.0 MiB/s' },
    ],
  ])('%s, in words', (line, expected) => {
    expect(readProgress(line)).toEqual(expected);
  });

  it.each([
    'create full clone of drive scsi0 (local-lvm:vm-100-disk-0)',
    'INFO: Starting Backup of VM 100 (qemu)',
    'INFO: status = running',
    'transferring 100% of nothing',
    'TASK OK',
    '',
  ])('%j says nothing of it', (line) => {
    expect(readProgress(line)).toEqual({ message: line });
  });

  it('never passes 100', () => {
    expect(readProgress('transferred 33.0 GiB of 32.0 GiB (103.12%)').percent).toBe(100);
  });
});
