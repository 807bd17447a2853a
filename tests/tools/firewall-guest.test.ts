import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const configuration = () => simulator.cluster('production').state.configuration;
const rulesOf = (vmid: number) => configuration().firewall[`guest/${vmid}`]?.rules ?? [];
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

const ssh = { type: 'in', action: 'ACCEPT', proto: 'tcp', dport: 22, comment: 'ssh' };
const rest = { type: 'IN', action: 'drop', enable: false };

describe('the firewall of a VM', () => {
  it('gets its rules in the order given, switched on, before it is switched on itself', async () => {
    const args = { vmid: 101, enable: true, rules: [ssh, rest] };
    const { data } = await session.call('proxmox-vm-firewall-set', args);
    expect(data.plan.writes).toMatchObject([
      { method: 'POST', path: '/nodes/pve2/qemu/101/firewall/rules', parameters: { action: 'DROP', enable: false } },
      { method: 'POST', parameters: { type: 'in', action: 'ACCEPT', proto: 'tcp', dport: '22', enable: true } },
      { method: 'PUT', path: '/nodes/pve2/qemu/101/firewall/options', parameters: { enable: true } },
    ]);
    expect(data.plan.notes.join()).toContain('datacenter firewall is off');
    expect(writes()).toBe(before);
    const done = await session.call('proxmox-vm-firewall-set', { ...args, confirm: true });
    expect(done.data.result).toEqual({ vmid: 101, name: 'prod-web-2', node: 'pve2', enable: true, rules_added: 2 });
    const { data: got } = await session.call('proxmox-vm-firewall-get', { vmid: 101 });
    expect(got.result).toMatchObject({
      enable: true,
      policy_in: 'DROP',
      rules: [
        { pos: 0, enable: true, action: 'ACCEPT', dport: '22', comment: 'ssh' },
        { pos: 1, enable: false, action: 'DROP' },
      ],
    });
    expect(got.notes).toEqual([expect.stringContaining('The datacenter firewall is off')]);
  });

  it('says which network cards it does not reach', async () => {
    const vm = simulator.cluster('production').state.guests.find(({ vmid }) => vmid === 103);
    if (vm) vm.config.net0 = String(vm.config.net0).replace(',firewall=1', '');
    const { data } = await session.call('proxmox-vm-firewall-get', { vmid: 103 });
    expect(data.notes.join()).toContain('net0: without firewall=1');
    expect(data.notes.join()).toContain('The firewall of guest 103 itself is off');
  });

  it.each([
    [{ vmid: 103 }, 'enable'],
    [{ vmid: 103, rules: [{ type: 'in', action: 'LET' }] }, 'rules.0.action'],
    [{ vmid: 103, rules: [{ action: 'ACCEPT' }] }, 'rules.0.type'],
    [{ vmid: 103, rules: [ssh, { ...ssh, proto: null }] }, 'rules.1.proto'],
    [{ vmid: 103, rules: [{ ...ssh, port: 3 }] }, 'rules.0'],
  ])('sends nothing for %j', async (args, argument) => {
    const { data } = await session.call('proxmox-vm-firewall-set', { ...args, confirm: true });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
    expect(writes()).toBe(before);
  });

  it('is not changed without the privilege', async () => {
    const secret = simulator.cluster('production').addToken('eyes@pve!fw', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!fw',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-vm-firewall-set', { vmid: 103, enable: true, confirm: true });
    await limited.close();
    expect(data.error).toMatchObject({
      code: 'PRIVILEGE_MISSING',
      message: expect.stringContaining('VM.Config.Network'),
    });
  });

  it('gets no rules into a list that somebody else changes meanwhile', async () => {
    const production = simulator.cluster('production');
    const theirs = { type: 'in', action: 'DROP', comment: 'theirs' };
    production.state.configuration.firewall['guest/107'] = { rules: [theirs], options: {}, aliases: [], ipsets: [] };
    production.setFault({ kind: 'slow', ms: 100 }, { path: /107\/firewall\/rules/ });
    const guest = production.state.guests.find(({ vmid }) => vmid === 107);
    const tool = guest?.type === 'lxc' ? 'proxmox-lxc-firewall-set' : 'proxmox-vm-firewall-set';
    const pending = session.call(tool, { vmid: 107, rules: [ssh, ssh, ssh], confirm: true });
    await expect.poll(writes).toBeGreaterThan(before);
    rulesOf(107).push({ ...theirs, comment: 'more' });
    const { data, isError } = await pending;
    production.setFault(undefined);
    expect(isError).toBe(true);
    expect(JSON.stringify(data.error)).toMatch(/somebody else changed these rules|detected modified configuration/);
    expect(rulesOf(107).length).toBeLessThan(5);
  });

  it('says what was done where a later rule is refused', async () => {
    const rules = [{ type: 'group', action: 'nosuch' }, ssh];
    const { data, isError } = await session.call('proxmox-vm-firewall-set', { vmid: 103, rules, confirm: true });
    expect(isError).toBe(true);
    expect(data.error.done).toHaveLength(1);
    expect(data.error.undo.join()).toContain('proxmox-firewall-delete-rule');
    expect(rulesOf(103)).toHaveLength(1);
  });
});

describe('the firewall of a container', () => {
  it('is set and shown alike', async () => {
    const preview = await session.call('proxmox-lxc-firewall-set', { vmid: 105, enable: false, dry_run: true });
    expect(preview.data.plan.writes).toMatchObject([{ method: 'PUT', path: expect.stringContaining('/lxc/105/') }]);
    await session.call('proxmox-lxc-firewall-set', { vmid: 105, rules: [ssh], confirm: true });
    const { data } = await session.call('proxmox-lxc-firewall-get', { vmid: 105 });
    expect(data.result).toMatchObject({ enable: false, rules: [{ pos: 0, enable: true, dport: '22' }] });
  });
});
