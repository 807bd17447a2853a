import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProxmoxClient } from '../../src/pve/client.js';
import { systemClock } from '../../src/pve/clock.js';
import { ApiError, CertificateError, ParameterError, TaskUnseenError } from '../../src/pve/errors.js';
import { taskLog, taskStatus } from '../../src/pve/task.js';
import type { TaskProgress } from '../../src/pve/task-progress.js';
import { type WaitOptions, waitForTask } from '../../src/pve/task-wait.js';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { clientFor, configFor, rejection, rejectionOf, sleepless } from './one-cluster.js';

let manual: ManualClock;
let clock: ReturnType<typeof sleepless>;
let simulator: Simulator;
let cluster: SimulatedCluster;
let client: ProxmoxClient;

beforeEach(async () => {
  manual = new ManualClock();
  clock = sleepless(manual);
  simulator = await startSimulator({ world: 'multi', clusters: 1, clock: manual, authDelayMs: 10 });
  cluster = simulator.cluster('production');
  client = clientFor(configFor(cluster), { clock });
});
afterEach(async () => {
  await client.close();
  await simulator.close();
});

const task = (exitstatus: string, log: string[], duration = 5) =>
  cluster.startTask({ node: 'pve1', type: 'vzdump', id: '100', duration, log, exitstatus });

const wait = (upid: string, options: Partial<WaitOptions> = {}, on = clock as Parameters<typeof waitForTask>[2]) =>
  waitForTask(
    { node: 'pve1', upid },
    {
      status: (path, params) => client.send(taskStatus, path, params),
      log: (path, params) => client.send(taskLog, path, params),
    },
    on,
    { timeout: 60, ...options },
  );

describe('waiting for a task', () => {
  it('ends when the task has, with its outcome, the time and the last lines', async () => {
    const result = await wait(task('OK', ['one', 'two', 'three', 'four', 'five', 'six']));
    expect(result).toEqual({
      state: 'ok',
      exitstatus: 'OK',
      waited: 5,
      log: ['three', 'four', 'five', 'six', 'TASK OK'],
    });
  });

  it('tells of warnings, with the lines that warn', async () => {
    const warning = 'WARN: Systemd 252 detected. You may need to enable nesting.';
    const result = await wait(task('WARNINGS: 1', ['extracting archive', warning, 'a', 'b', 'c', 'd', 'e']));
    expect(result).toMatchObject({ state: 'warnings', exitstatus: 'WARNINGS: 1' });
    expect(result.log).toEqual(['extracting archive', warning, 'a', 'b', 'c', 'd', 'e', 'TASK WARNINGS: 1']);
  });

  it('tells of a failure, with the last 20 lines', async () => {
    const lines = Array.from({ length: 60 }, (_, at) => `line ${at + 1}`);
    const result = await wait(task('job errors', lines));
    expect(result).toMatchObject({ state: 'failed', exitstatus: 'job errors' });
    expect(result.log).toHaveLength(20);
    expect(result.log.slice(0, 2)).toEqual(['line 42', 'line 43']);
    expect(result.log.at(-1)).toBe('TASK ERROR: job errors');
  });

  it('has the last lines of a long log too', async () => {
    const lines = Array.from({ length: 3500 }, (_, at) => `line ${at + 1}`);
    const upid = task('job errors', lines, 1);
    manual.advance(2);
    const result = await wait(upid);
    expect(result.log).toHaveLength(20);
    expect(result.log.slice(-2)).toEqual(['line 3500', 'TASK ERROR: job errors']);
  });

  it('has the lines of a log that grew by thousands between two looks', async () => {
    const result = await wait(
      task(
        'OK',
        Array.from({ length: 9000 }, (_, at) => `line ${at + 1}`),
        3,
      ),
    );
    expect(result.log).toEqual(['line 8997', 'line 8998', 'line 8999', 'line 9000', 'TASK OK']);
  });

  it('tells that a task without an end has an unknown outcome', async () => {
    expect(await wait(task('unexpected status', ['half done']))).toMatchObject({
      state: 'unknown',
      exitstatus: 'unexpected status',
      log: ['half done'],
    });
  });

  it('is over at its time, with the task still running and no error', async () => {
    const result = await wait(task('OK', ['a', 'b', 'c', 'd'], 100), { timeout: 50 });
    expect(result).toEqual({ state: 'running', waited: 50, log: ['a', 'b'] });
  });

  it('looks once when there is no time to wait', async () => {
    expect(await wait(task('OK', []), { timeout: 0 })).toEqual({ state: 'running', waited: 0, log: [] });
    expect(clock.slept).toEqual([]);
  });

  it('looks four times in the first second, more seldom later, and never past its time', async () => {
    await wait(task('OK', [], 1000), { timeout: 71 });
    expect(clock.slept.slice(0, 4)).toEqual([250, 250, 250, 250]);
    expect(clock.slept.slice(4, 13)).toEqual(Array.from({ length: 9 }, () => 1000));
    expect(clock.slept.slice(13, 33)).toEqual(Array.from({ length: 20 }, () => 2500));
    expect(clock.slept.slice(33)).toEqual([5000, 5000, 1000]);
  });

  it('looks as often as it is told', async () => {
    await wait(task('OK', [], 30), { interval: 7 });
    expect(clock.slept).toEqual([7000, 7000, 7000, 7000, 7000]);
  });

  it('reads each line of the log once', async () => {
    await wait(task('OK', ['a', 'b', 'c', 'd', 'e'], 5));
    const starts = cluster.requests.filter(({ path }) => path.endsWith('/log')).map(({ params }) => params.start);
    expect(starts).toEqual(['0', '0', '0', '0', '0', '1', '2', '3', '4']);
  });

  it('tells how far the task is, line by line, in percent where the line gives it', async () => {
    const told: TaskProgress[] = [];
    const lines = [
      'INFO: status = running',
      'INFO:  25% (8.0 GiB of 32.0 GiB) in 11s',
      'INFO:  50% (16.0 GiB of 32.0 GiB) in 22s',
    ];
    await wait(task('OK', lines, 3), {
      onProgress: async (progress) => {
        told.push(progress);
      },
    });
    expect(told).toEqual([
      { message: 'INFO: status = running' },
      { percent: 25, done: 8 * 1024 ** 3, total: 32 * 1024 ** 3, message: 'INFO:  25% (8.0 GiB of 32.0 GiB) in 11s' },
      { message: 'TASK OK' },
    ]);
  });

  it('shows no line where the log is empty', async () => {
    const told: TaskProgress[] = [];
    const result = await wait(task('unexpected status', [], 3), {
      onProgress: async (progress) => {
        told.push(progress);
      },
    });
    expect(result.log).toEqual([]);
    expect(told).toEqual([]);
  });

  it('stops at once when its signal is aborted, and leaves the task alone', async () => {
    const upid = task('OK', [], 1000);
    const stop = new AbortController();
    const waiting = rejection(wait(upid, { signal: stop.signal }, systemClock));
    await expect.poll(() => cluster.requests.length).toBeGreaterThan(1);
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await waiting).toBe(reason);
    expect(cluster.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(cluster.state.tasks.find((one) => one.upid === upid)?.endtime).toBeUndefined();
  });
});

describe('a look at a task that fails', () => {
  it.each([
    [595, 'No route to host'],
    [596, 'Connection timed out'],
    [599, 'Too many redirections'],
  ])('with %i is not the end of the task', async (status, reason) => {
    cluster.setFault({ kind: 'status', status, reason }, { times: 1, path: /\/status$/ });
    expect(await wait(task('OK', []))).toMatchObject({ state: 'ok' });
  });

  it('for want of a connection is not the end of the task', async () => {
    cluster.setFault({ kind: 'unreachable' }, { times: 3 });
    expect(await wait(task('OK', ['done']))).toMatchObject({ state: 'ok', log: ['done', 'TASK OK'] });
  });

  it('all the time is an error when the time is up: whether the task runs was never seen', async () => {
    const upid = task('OK', []);
    cluster.setFault({ kind: 'status', status: 595, reason: 'No route to host' });
    expect((await rejectionOf(wait(upid, { timeout: 20 }), ApiError)).status).toBe(595);
  });

  it('after the task was seen running leaves it at that', async () => {
    const upid = task('OK', []);
    cluster.setFault({ kind: 'status', status: 595, reason: 'No route to host' }, { path: /\/log$/ });
    expect(await wait(upid, { timeout: 1 })).toMatchObject({ state: 'running' });
  });

  it('until the time is up is an error, though the task was seen running at first', async () => {
    const upid = task('OK', [], 5);
    cluster.setFault({ kind: 'status', status: 595, reason: 'No route to host' }, { path: /\/status$/, skip: 1 });
    expect((await rejectionOf(wait(upid, { timeout: 40 }), TaskUnseenError)).seconds).toBeGreaterThan(10);
  });

  it('is taken once more where the log has used up the time', async () => {
    const upid = task('OK', [], 5);
    const timeout = (ms: number) => {
      const over = new AbortController();
      setTimeout(() => {
        manual.advance(ms / 1000);
        over.abort();
      }, 50);
      return over.signal;
    };
    cluster.setFault({ kind: 'hung' }, { path: /\/log$/ });
    expect(await wait(upid, { timeout: 20 }, { ...clock, timeout })).toMatchObject({ state: 'ok' });
  });

  it('for the certificate is an error at once', async () => {
    const upid = task('OK', []);
    cluster.setFault({ kind: 'certificate' });
    expect((await rejectionOf(wait(upid, { timeout: 20 }), CertificateError)).code).toBe('FINGERPRINT_MISMATCH');
  });

  it('is an error where looking again will not help', async () => {
    const gone = 'UPID:pve1:0000C350:0BEBC200:665B0000:qmstart:100:root@pam:';
    const error = await rejectionOf(wait(gone), ParameterError);
    expect(error.parameters).toEqual({ upid: 'no such task' });
    cluster.setFault({ kind: 'status', status: 403, reason: 'Permission check failed (/nodes/pve1, Sys.Audit)' });
    expect((await rejectionOf(wait(task('OK', [])), ApiError)).status).toBe(403);
  });
});
