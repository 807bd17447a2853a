import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { registryOf, tokenEnv } from '../clusters/simulated.js';
import { answer } from './library.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 10 });
});
afterAll(() => simulator.close());

let tokens = 0;

/** The list of VMs as a token of these rights sees it. */
async function listVms(acl: Record<string, string[]>, given: object = {}) {
  tokens += 1;
  const tokenId = `viewer${tokens}@pve!mcp`;
  const secret = simulator.cluster('production').addToken(tokenId, acl);
  const registry = registryOf(simulator, tokenEnv('production', tokenId, secret));
  const found = await answer(registry, 'proxmox-list-vms', { cluster: 'production', ...given });
  await registry.close();
  const notes: string[] = found.notes ?? [];
  return { items: found.items, notes, tokenId };
}

describe('an empty list', () => {
  it('names the privilege that may be missing, and the line that grants it', async () => {
    const { items, notes, tokenId } = await listVms({ '/nodes': ['Sys.Audit'] });
    expect(items).toEqual([]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('the token lacks VM.Audit on /vms');
    expect(notes[0]).toContain(`pveum acl modify /vms --tokens '${tokenId}' --roles PVEAuditor`);
  });

  it('says that the token sees a part only', async () => {
    const { items, notes } = await listVms({ '/vms/100': ['VM.Audit'] }, { node: 'pve2' });
    expect(items).toEqual([]);
    expect(notes.join('\n')).toContain('the token has VM.Audit only on parts of /vms');
  });

  it('says nothing of privileges when the token has them', async () => {
    const { items, notes } = await listVms({ '/vms': ['VM.Audit'] }, { search: 'no-such-guest' });
    expect(items).toEqual([]);
    expect(notes.join('\n')).not.toContain('privilege');
  });

  it('is not asked about when it is not empty', async () => {
    const before = simulator.cluster('production').requests.length;
    const { items, notes } = await listVms({ '/vms/100': ['VM.Audit'] });
    expect(items.map(({ vmid }: { vmid: number }) => vmid)).toEqual([100]);
    expect(notes).toEqual([]);
    const paths = simulator
      .cluster('production')
      .requests.slice(before)
      .map(({ path }) => path);
    expect(paths).toEqual(['/cluster/resources']);
  });

  it('stays an answer when the privileges cannot be read', async () => {
    simulator.cluster('production').setFault({ kind: 'status', status: 500, reason: 'no' }, { path: /permissions/ });
    const { items, notes } = await listVms({ '/nodes': ['Sys.Audit'] });
    simulator.cluster('production').setFault(undefined);
    expect(items).toEqual([]);
    expect(notes).toEqual([]);
  });
});
