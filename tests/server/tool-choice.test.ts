import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isMeant } from '../../src/config/tool-rule.js';
import { chooseTools } from '../../src/server/tool-choice.js';
import { offerTools } from '../../src/server/tool-list.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { catalogue } from '../../src/tools/catalogue.js';
import { toolsets } from '../../src/tools/toolsets.js';
import { runCommand } from '../cli/run-command.js';
import { startSession } from '../support/session.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

async function offered(env: Record<string, string>): Promise<string[]> {
  const session = await startSession({ ...simulator.env(), PROXMOX_TOOLSETS: '', ...env });
  const { tools } = await session.client.listTools();
  await session.close();
  return tools.map(({ name }) => name);
}

const ofToolset = (toolset: string) => catalogue.filter((tool) => tool.toolset === toolset).map(({ name }) => name);

describe('the tools that are offered', () => {
  it('are those of the set default when nothing is said, 40 at most', async () => {
    const names = await offered({});
    const daily = offerTools(true).filter((offer) => offer.daily);
    expect(names).toEqual(daily.map(({ name }) => name));
    expect(names).toContain('proxmox-list-vms');
    expect(names.length).toBeLessThanOrEqual(40);
  });

  it('are those of the toolsets that are named', async () => {
    expect(await offered({ PROXMOX_TOOLSETS: 'tasks, metrics' })).toEqual(
      [...ofToolset('tasks'), ...ofToolset('metrics')].sort(),
    );
    expect((await offered({ PROXMOX_TOOLSETS: 'all' })).length).toBe(catalogue.length);
  });

  it('are those that are named themselves, beside the toolsets', async () => {
    expect(await offered({ PROXMOX_TOOLS: 'reset-vm,proxmox-list-roles' })).toEqual([
      'proxmox-list-roles',
      'proxmox-reset-vm',
    ]);
    const beside = await offered({ PROXMOX_TOOLSETS: 'tasks', PROXMOX_TOOLS: 'proxmox-list-roles' });
    expect(beside).toEqual([...ofToolset('tasks'), 'proxmox-list-roles'].sort());
  });

  it('are none that are excluded, and none that change something when nothing may be changed', async () => {
    const names = await offered({ PROXMOX_TOOLSETS: 'guests', PROXMOX_EXCLUDE_TOOLS: 'delete-*,proxmox-list-vms' });
    expect(names).not.toContain('proxmox-list-vms');
    expect(names.filter((name) => name.includes('delete'))).toEqual([]);
    const reads = await offered({ PROXMOX_TOOLSETS: 'guests', PROXMOX_READ_ONLY: 'true' });
    expect(reads).not.toContain('proxmox-start-vm');
    expect(reads).toContain('proxmox-list-vms');
  });
});

describe('a tool that is not offered', () => {
  it('cannot be called, and the error says what would offer it', async () => {
    const session = await startSession({ ...simulator.env(), PROXMOX_TOOLSETS: 'default' });
    const before = simulator.clusters.flatMap(({ requests }) => requests).length;
    await expect(session.call('proxmox-reset-vm', { vmid: 100, confirm: true })).rejects.toThrow(
      'proxmox-reset-vm is off: the user can switch it on with PROXMOX_TOOLSETS=default,guests',
    );
    await expect(session.call('proxmox-no-such-tool', {})).rejects.toThrow('Unknown tool: proxmox-no-such-tool');
    await expect(session.call('proxmox-delete-vmm', {})).rejects.toThrow("did you mean 'proxmox-delete-vm'?");
    expect(simulator.clusters.flatMap(({ requests }) => requests).length).toBe(before);
    await session.close();
  });

  it('is said to be excluded where it is', async () => {
    const session = await startSession({ ...simulator.env(), PROXMOX_EXCLUDE_TOOLS: 'delete-vm' });
    await expect(session.call('proxmox-delete-vm', { vmid: 100 })).rejects.toThrow('PROXMOX_EXCLUDE_TOOLS names it');
    await session.close();
    const env = { ...simulator.env(), PROXMOX_EXCLUDE_TOOLS: 'delete-vm' };
    const { code, stderr } = await runCommand(['call', 'delete-vm', '{"vmid":100}'], env);
    expect(code).toBe(2);
    expect(stderr).toContain('PROXMOX_EXCLUDE_TOOLS names proxmox-delete-vm');
  });
});

describe('a name that is not known', () => {
  it.each([
    [{ PROXMOX_TOOLSETS: 'default,netwrok' }, "'netwrok' (did you mean 'network'?); there are default, all, access"],
    [{ PROXMOX_TOOLS: 'proxmox-list-vm' }, "did you mean 'proxmox-list-vms'?"],
    [{ PROXMOX_EXCLUDE_TOOLS: 'nothing-*' }, "has 'nothing-*', which fits no tool"],
    [{ PROXMOX_EXCLUDE_TOOLS: 'nothing-at-all' }, 'there are proxmox-'],
  ])('is a fault of the configuration that lists the known: %j', async (env, said) => {
    const session = await startSession({ ...simulator.env(), PROXMOX_TOOLSETS: 'default', ...env });
    const { isError, text } = await session.call('proxmox-list-nodes', {});
    expect(isError).toBe(true);
    expect(text).toContain(said);
    await session.close();
  });
});

describe('the choice', () => {
  const offers = offerTools(true);
  const filled = Object.keys(toolsets).filter((set) => ofToolset(set).length > 0);
  const sets = fc.subarray([...filled, 'default', 'all']);
  const names = fc.subarray(catalogue.map(({ name }) => name));

  it('never offers what is excluded, nor a write when nothing may be changed', () => {
    fc.assert(
      fc.property(sets, names, names, fc.boolean(), (chosen, tools, exclude, readOnly) => {
        const { offers: given, faults } = chooseTools(offers, { toolsets: chosen, tools, exclude }, { readOnly });
        expect(faults).toEqual([]);
        for (const { name, toolset, daily } of given) {
          expect(exclude).not.toContain(name);
          if (readOnly) expect(catalogue.find((tool) => tool.name === name)?.effect).toBe('read');
          const inSet = chosen.includes('all') || chosen.includes(toolset) || (daily && chosen.includes('default'));
          expect(inSet || tools.some((one) => one === name)).toBe(true);
        }
      }),
    );
  });

  it('takes a name as it is written, whatever characters it holds', () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        const meant = isMeant(written, { name: 'proxmox-list-vms' });
        if (!written.includes('*')) expect(meant).toBe(written === 'proxmox-list-vms' || written === 'list-vms');
      }),
    );
  });
});
