import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const confirm = true;
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

const exec = (args: Record<string, unknown>) => session.call('proxmox-guest-exec', { vmid: 100, confirm, ...args });

describe('proxmox-guest-exec', () => {
  it('runs a program with its arguments, and gives its output and exit code', async () => {
    const { data, isError } = await exec({ command: ['echo', 'größe', 'of $HOME; rm'] });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({
      vmid: 100,
      name: 'prod-web-1',
      node: 'pve1',
      pid: expect.any(Number),
      state: 'exited',
      exitcode: 0,
      stdout: 'größe of $HOME; rm\n',
      stderr: '',
    });
  });

  it('gives a program what stands in input, byte for byte', async () => {
    const { data } = await exec({ command: ['cat'], input: 'naïve – €\n' });
    expect(data.result.stdout).toBe('naïve – €\n');
  });

  it('tells a nonzero exit code as data', async () => {
    const { data, isError } = await exec({ command: ['cat', '/no/such'] });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ exitcode: 1, stderr: expect.stringContaining('No such file') });
  });

  it('says running with the pid when the time is up; its end is asked for, once', async () => {
    const { data, isError } = await exec({ command: ['sleep', '60'], timeout: 1 });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ state: 'running' });
    expect(data.notes[0]).toContain('proxmox-guest-exec-status');
    const { pid } = data.result;
    const running = await session.call('proxmox-guest-exec-status', { vmid: 100, pid });
    expect(running.data.result).toMatchObject({ pid, state: 'running' });
    await expect
      .poll(async () => (await session.call('proxmox-guest-exec-status', { vmid: 100, pid })).data.result.exitcode, {
        timeout: 8000,
        interval: 500,
      })
      .toBe(0);
    const gone = await session.call('proxmox-guest-exec-status', { vmid: 100, pid });
    expect(gone.data.error).toMatchObject({ code: 'PROXMOX_ERROR', proxmox_says: expect.stringContaining('PID') });
  });

  it('waits for one that takes a while', async () => {
    const { data } = await exec({ command: ['sh', '-c', 'sleep 20; echo done; exit 3'] });
    expect(data.result).toMatchObject({ state: 'exited', exitcode: 3, stdout: 'done\n' });
  });

  it('shows the start of much output, and how much there was', async () => {
    const { data } = await exec({ command: ['echo', 'x'.repeat(30_000)] });
    expect(data.result.stdout_characters).toBe(30_001);
    expect(data.result.stdout.length).toBeLessThanOrEqual(9000);
  });

  it('is only planned without confirm, and its standard input is not shown', async () => {
    const { data } = await session.call('proxmox-guest-exec', { vmid: 100, command: ['tee', '/x'], input: 'hunter2' });
    expect(data.plan).toMatchObject({
      target: { vmid: 100, name: 'prod-web-1' },
      writes: [
        {
          method: 'POST',
          path: '/nodes/pve1/qemu/100/agent/exec',
          parameters: { command: ['tee', '/x'], 'input-data': '[not shown]' },
        },
      ],
    });
    expect(writes()).toBe(before);
  });

  it.each([
    [146, 'is paused'],
    [102, 'is stopped'],
  ])('is refused for VM %i before anything is sent', async (vmid, why) => {
    const { data } = await session.call('proxmox-guest-exec', { vmid, command: ['true'] });
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining(why) });
    expect(writes()).toBe(before);
  });

  it('is refused to a VM whose configuration has no agent', async () => {
    const vm = simulator.cluster('production').state.guests.find(({ vmid }) => vmid === 101);
    delete vm?.config.agent;
    const { data } = await exec({ vmid: 101, command: ['true'] });
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('not switched on') });
    expect(writes()).toBe(before);
  });

  it('says that the agent does not answer, and that a program is missing', async () => {
    const silent = await exec({ vmid: 122, command: ['true'] });
    expect(silent.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('does not answer') });
    const missing = await exec({ command: ['nosuch'] });
    expect(missing.data.error).toMatchObject({ proxmox_says: expect.stringContaining('nosuch') });
  });

  it('takes a list and nothing else for a command', async () => {
    const line = await exec({ command: 'rm -rf /' });
    expect(line.data.error.code).toBe('INVALID_ARGUMENTS');
    const none = await exec({ command: [] });
    expect(none.data.error.code).toBe('INVALID_ARGUMENTS');
    expect(writes()).toBe(before);
  });

  it('loses sight of a program whose status cannot be read, and says that it was started', async () => {
    const cluster = simulator.cluster('production');
    cluster.setFault({ kind: 'status', status: 500, reason: 'got timeout' }, { path: /exec-status/ });
    const { data, isError } = await exec({ command: ['true'] });
    cluster.setFault(undefined);
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({ state: 'unknown', pid: expect.any(Number), why: '"got timeout"' });
    expect(writes()).toBe(before + 1);
  });

  it('needs a privilege, and names it', async () => {
    const secret = simulator.cluster('production').addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-guest-exec', { vmid: 100, command: ['id'], confirm });
    await limited.close();
    expect(data.error.message).toContain('VM.GuestAgent.Unrestricted');
  });
});
