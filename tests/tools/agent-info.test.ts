import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  simulator = await startSimulator({});
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const confirm = true;
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;
const agent = () => simulator.cluster('production').state.guests.find(({ vmid }) => vmid === 100)?.agent;
const freeze = (action: string, more = {}) =>
  session.call('proxmox-guest-freeze', { vmid: 100, action, confirm, ...more });

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('proxmox-guest-agent-info', () => {
  const ask = async (what: string, vmid = 100) => (await session.call('proxmox-guest-agent-info', { vmid, what })).data;

  it.each([
    [
      'network',
      { rows: [{ name: 'eth0', addresses: [expect.stringMatching(/^10\./), expect.stringMatching(/^fe80/)] }] },
    ],
    ['os', { facts: { id: 'debian' } }],
    ['filesystems', { rows: [{ mountpoint: '/', type: 'ext4', total_bytes: expect.any(Number) }] }],
    ['users', { rows: [{ user: 'root', login_time: expect.stringMatching(/^20.*Z$/) }] }],
    ['hostname', { facts: { hostname: 'prod-web-1' } }],
    ['time', { facts: { time: expect.stringMatching(/^20.*Z$/) } }],
    ['timezone', { facts: { zone: 'UTC', offset_seconds: 0 } }],
    ['info', { facts: { version: '7.2.11', commands: expect.arrayContaining(['guest-exec']), disabled: [] } }],
    ['vcpus', { rows: [{ id: 0, online: true }, {}, {}, {}] }],
  ])('tells %s', async (what, expected) => {
    expect((await ask(what)).result).toMatchObject({ vmid: 100, name: 'prod-web-1', what, ...expected });
  });

  it('says why there is no agent', async () => {
    expect((await ask('os', 146)).error.message).toContain('not switched on');
    expect((await ask('os', 122)).error.message).toContain('does not answer');
    expect((await ask('os', 102)).error.message).toContain('not running');
    expect((await ask('shoes')).error.code).toBe('INVALID_ARGUMENTS');
  });

  it('names the privilege that is missing', async () => {
    const secret = simulator.cluster('production').addToken('few@pve!only', { '/': ['VM.Audit'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'few@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-guest-agent-info', { vmid: 100, what: 'os' });
    await limited.close();
    expect(data.error.message).toContain('VM.GuestAgent.Audit');
  });
});

describe('file systems of a VM', () => {
  it('are frozen when that is confirmed, and thawed', async () => {
    const plan = await freeze('freeze', { confirm: false });
    expect(plan.data.plan.writes).toEqual([{ method: 'POST', path: '/nodes/pve1/qemu/100/agent/fsfreeze-freeze' }]);
    expect(writes()).toBe(before);
    const frozen = await freeze('freeze');
    expect(frozen.data.result).toMatchObject({ action: 'freeze', filesystems: 1 });
    expect(frozen.data.notes[0]).toContain('thaw');
    expect(agent()?.frozen).toBe(true);
    const told = await session.call('proxmox-guest-agent-info', { vmid: 100, what: 'hostname' });
    expect(told.data.result.agent_error).toContain('disabled');
    const trim = await session.call('proxmox-guest-trim', { vmid: 100 });
    expect(trim.isError).toBe(true);
    expect(trim.data.result).toMatchObject({ failed: 1, agent_error: expect.stringContaining('disabled') });
    const thawed = await freeze('thaw');
    expect(thawed.data.result).toMatchObject({ action: 'thaw', filesystems: 1 });
    expect(agent()?.frozen).toBe(false);
  });

  it('are trimmed, and tell how much', async () => {
    const plan = await session.call('proxmox-guest-trim', { vmid: 100, dry_run: true });
    expect(plan.data.plan.writes).toEqual([{ method: 'POST', path: '/nodes/pve1/qemu/100/agent/fstrim' }]);
    const { data, isError } = await session.call('proxmox-guest-trim', { vmid: 100 });
    expect(isError).toBe(false);
    expect(data.result.filesystems).toEqual([{ path: '/', trimmed_bytes: 1_073_741_824 }]);
    expect(writes()).toBe(before + 1);
  });

  it('of a VM that is off are left alone', async () => {
    const { data } = await freeze('freeze', { vmid: 102 });
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('stopped') });
    expect(writes()).toBe(before);
  });
});
