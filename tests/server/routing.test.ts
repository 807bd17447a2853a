import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 10 });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});
afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

const asked = () => simulator.clusters.map(({ name, requests }) => [name, requests.length] as const);

describe('which cluster a call goes to', () => {
  it('takes the one that is named', async () => {
    const { data } = await session.call('proxmox-list-vms', { cluster: 'staging' });
    expect(data).toMatchObject({ cluster: 'staging', via: 'explicit' });
  });

  it("else goes by the guest's name", async () => {
    const { data } = await session.call('proxmox-vm-info', { name: 'stg-web-1' });
    expect(data).toMatchObject({ cluster: 'staging', via: 'pattern', by: 'stg-' });
  });

  it('else by its VMID', async () => {
    const [guest] = simulator.cluster('staging').state.guests.filter(({ type }) => type === 'qemu');
    const { data } = await session.call('proxmox-vm-info', { vmid: guest?.vmid });
    expect(data).toMatchObject({ cluster: 'staging', via: 'vmid', by: '200-299' });
  });

  it('else takes the default', async () => {
    const { data } = await session.call('proxmox-list-nodes');
    expect(data).toMatchObject({ cluster: 'production', via: 'default' });
  });

  it.each(['stagin', 'Production', 'production,nowhere', 'production,', ' ', 'al'])(
    'refuses the cluster %j and asks none',
    async (cluster) => {
      const before = asked();
      const { data, isError } = await session.call('proxmox-list-nodes', { cluster });
      expect(isError).toBe(true);
      expect(data.error.code).toBe('CLUSTER_NOT_FOUND');
      expect(data.error.known).toEqual(['production', 'staging', 'disaster-recovery']);
      expect(asked()).toEqual(before);
    },
  );

  it.each([{ clsuter: 'staging' }, { Cluster: 'staging' }, { cluster_name: 'staging' }])(
    'refuses the misspelt argument in %j and asks none',
    async (args) => {
      const before = asked();
      const { data, isError } = await session.call('proxmox-list-nodes', args);
      expect(isError).toBe(true);
      expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: Object.keys(args)[0] }] });
      expect(asked()).toEqual(before);
    },
  );

  it('refuses a cluster of the wrong type, and takes null as not given', async () => {
    expect((await session.call('proxmox-list-nodes', { cluster: 5 })).data.error.code).toBe('INVALID_ARGUMENTS');
    expect((await session.call('proxmox-list-nodes', { cluster: null })).data.via).toBe('default');
  });

  it('remembers nothing from one call to the next', async () => {
    await session.call('proxmox-list-nodes', { cluster: 'disaster-recovery' });
    expect((await session.call('proxmox-list-nodes')).data.cluster).toBe('production');
  });

  it('says where a guest is that the chosen cluster does not have', async () => {
    const [guest] = simulator.cluster('staging').state.guests.filter(({ type }) => type === 'qemu');
    const name = guest?.config.name;
    const wrong = await session.call('proxmox-vm-info', { vmid: 150, name });
    expect(wrong.isError).toBe(true);
    expect(wrong.data.error.code).toBe('GUEST_NOT_FOUND');
    const { data } = await session.call('proxmox-vm-info', { vmid: 250 });
    expect(data.error).toMatchObject({ code: 'GUEST_NOT_FOUND', asked: { vmid: 250 } });
  });
});

describe('reads over several clusters', () => {
  it.each([
    ['all', 'all', ['production', 'staging', 'disaster-recovery']],
    ['core', 'group', ['production', 'staging']],
    ['group:core', 'group', ['production', 'staging']],
    ['region:eu-central', 'region', ['production', 'staging']],
    ['eu-north', 'region', ['disaster-recovery']],
    ['tier:staging', 'tier', ['staging']],
    ['tier:production,eu-north', 'list', ['production', 'disaster-recovery']],
    ['disaster-recovery,production', 'list', ['production', 'disaster-recovery']],
    ['backup,staging', 'list', ['staging', 'disaster-recovery']],
  ])('give one entry a cluster for %s', async (cluster, via, names) => {
    const { data } = await session.call('proxmox-list-nodes', { cluster });
    expect(data).toMatchObject({ cluster, via });
    expect(data.clusters.map((entry: { cluster: string }) => entry.cluster)).toEqual(names);
  });

  it.each(['all', 'core', 'region:eu-north', 'tier:staging', 'eu-central', 'production,staging'])(
    'have %s, which what changes something does not take',
    async (cluster) => {
      const { isError, data } = await session.call('proxmox-start-vm', { vmid: 102, cluster });
      expect(isError).toBe(true);
      expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS' });
      expect(JSON.stringify(data)).toMatch(/takes one cluster: call it once for each of [a-z-]+/);
      if (cluster === 'core') expect(JSON.stringify(data)).toContain('each of production, staging');
    },
  );

  it('cost one entry with its reason for a dead cluster', async () => {
    simulator.cluster('staging').setFault({ kind: 'unreachable' });
    const { data, isError } = await session.call('proxmox-list-nodes', { cluster: 'all' });
    expect(isError).toBe(false);
    expect(data.clusters.map((entry: { error?: { code: string } }) => entry.error?.code)).toEqual([
      undefined,
      'CLUSTER_UNREACHABLE',
      undefined,
    ]);
    expect(data.clusters[1].error).toMatchObject({ reason: 'ECONNREFUSED' });
    simulator.cluster('staging').setFault(undefined);
    const again = await session.call('proxmox-list-nodes', { cluster: 'all' });
    expect(again.data.clusters[1]).toMatchObject({ cluster: 'staging', total: 2 });
  });

  it('are an error when every cluster failed', async () => {
    for (const cluster of simulator.clusters) cluster.setFault({ kind: 'status', status: 500, reason: 'out of order' });
    const { isError, data } = await session.call('proxmox-list-nodes', { cluster: 'all' });
    expect(isError).toBe(true);
    expect(data.clusters[0].error).toMatchObject({ code: 'PROXMOX_ERROR', proxmox_says: 'out of order' });
  });

  it('page through every guest of every cluster once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const args = { cluster: 'all', limit: 7, ...(cursor === undefined ? {} : { cursor }) };
      const { data } = await session.call('proxmox-list-vms', args);
      for (const entry of data.clusters) for (const { vmid } of entry.items) seen.push(`${entry.cluster}/${vmid}`);
      cursor = data.next_cursor;
    } while (cursor !== undefined);
    const expected = simulator.clusters.flatMap(({ name, state }) =>
      state.guests.filter(({ type }) => type === 'qemu').map(({ vmid }) => `${name}/${vmid}`),
    );
    expect(seen.sort()).toEqual(expected.sort());
  });
});
