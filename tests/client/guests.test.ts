import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AmbiguousGuestError, GuestNotFoundError, PlaceNotFoundError } from '../../src/clusters/errors.js';
import type { ClusterRegistry } from '../../src/clusters/registry.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { Refused } from '../../src/tools/refused.js';
import { registryOf } from '../clusters/simulated.js';
import { rejectionOf } from '../pve/one-cluster.js';
import { answer, asked, execute } from './library.js';

let simulator: Simulator;
let registry: ClusterRegistry;

const world =
  (name: 'multi' | 'twins', env: Record<string, string> = {}) =>
  async () => {
    simulator = await startSimulator({ world: name, authDelayMs: 10 });
    registry = registryOf(simulator, env);
  };
const end = async () => {
  await registry.close();
  await simulator.close();
};
const guest = (cluster: string, vmid: number) => {
  const found = simulator.cluster(cluster).state.guests.find((one) => one.vmid === vmid);
  if (found === undefined) throw new Error(`no guest ${vmid} on ${cluster}`);
  return found;
};
const snapshots = (given: object) => answer(registry, 'proxmox-list-snapshots', given);
const lastPath = (cluster: string) => simulator.cluster(cluster).requests.at(-1)?.path;

describe('a guest is found on the cluster that was chosen', () => {
  beforeEach(world('twins'));
  afterEach(end);

  it('by its VMID, and is asked on the node it is on', async () => {
    await snapshots({ cluster: 'west', vmid: 101 });
    expect(lastPath('west')).toBe('/nodes/pve2/qemu/101/snapshot');
    expect(simulator.cluster('east').requests).toEqual([]);
  });

  it('by its name, VM or container', async () => {
    await snapshots({ cluster: 'west', name: 'cache' });
    expect(lastPath('west')).toBe('/nodes/pve1/lxc/102/snapshot');
  });

  it('by both, when they are those of one guest', async () => {
    await snapshots({ cluster: 'west', name: 'web', vmid: 100 });
    const error = await rejectionOf(snapshots({ cluster: 'west', name: 'web', vmid: 101 }), GuestNotFoundError);
    expect(error).toMatchObject({ cluster: 'west', guest: { vmid: 101, name: 'web' }, kind: 'guest' });
    expect(error.found).toMatchObject([
      { cluster: 'west', vmid: 100, name: 'web' },
      { cluster: 'west', vmid: 101, name: 'db' },
    ]);
  });

  it('by its whole name and no part of it', async () => {
    await rejectionOf(snapshots({ cluster: 'west', name: 'we' }), GuestNotFoundError);
    await rejectionOf(snapshots({ cluster: 'west', name: 'web.example' }), GuestNotFoundError);
  });

  it('by its name without regard to case, an exact one first', async () => {
    await snapshots({ cluster: 'west', name: 'Web' });
    expect(lastPath('west')).toBe('/nodes/pve1/qemu/100/snapshot');
    guest('west', 101).config.name = 'WEB';
    await snapshots({ cluster: 'west', name: 'WEB' });
    expect(lastPath('west')).toContain('/101/snapshot');
  });

  it('unless two have the name: both are told, and none is asked', async () => {
    guest('west', 101).config.name = 'web';
    const error = await rejectionOf(snapshots({ cluster: 'west', name: 'web' }), AmbiguousGuestError);
    expect(error.found).toEqual([
      { cluster: 'west', node: 'pve1', type: 'qemu', vmid: 100, name: 'web' },
      { cluster: 'west', node: 'pve2', type: 'qemu', vmid: 101, name: 'web' },
    ]);
    expect(asked(simulator)).toEqual(['west GET /cluster/resources']);
  });

  it('unless it is of the other kind: that it is there is told', async () => {
    const error = await rejectionOf(
      execute(registry, 'proxmox-vm-info', { cluster: 'west', vmid: 102 }),
      GuestNotFoundError,
    );
    expect(error).toMatchObject({
      kind: 'vm',
      found: [{ cluster: 'west', node: 'pve1', type: 'lxc', vmid: 102, name: 'cache' }],
    });
    await rejectionOf(execute(registry, 'proxmox-lxc-info', { cluster: 'west', vmid: 100 }), GuestNotFoundError);
  });

  it('unless it is on another node than was said', async () => {
    const error = await rejectionOf(snapshots({ cluster: 'west', vmid: 100, node: 'pve2' }), Refused);
    expect(error.message).toBe("Guest 100 is on node 'pve1', not on 'pve2'");
    expect(asked(simulator)).toEqual(['west GET /cluster/resources']);
    await snapshots({ cluster: 'west', vmid: 100, node: 'pve1' });
  });

  it('anew with each call: nothing is remembered of the call before', async () => {
    await snapshots({ cluster: 'west', name: 'web' });
    expect(lastPath('west')).toBe('/nodes/pve1/qemu/100/snapshot');
    guest('west', 100).node = 'pve2';
    guest('west', 103).config.name = 'web';
    await snapshots({ cluster: 'west', vmid: 100 });
    expect(lastPath('west')).toBe('/nodes/pve2/qemu/100/snapshot');
    await rejectionOf(snapshots({ cluster: 'west', name: 'web' }), AmbiguousGuestError);
    await snapshots({ vmid: 101 });
    expect(lastPath('east')).toBe('/nodes/pve2/qemu/101/snapshot');
  });
});

describe('a guest that the chosen cluster does not have', () => {
  beforeEach(world('multi'));
  afterEach(end);

  const stgWeb = { cluster: 'staging', node: 'pve-stg1', type: 'qemu', vmid: 200, name: 'stg-web-1' };

  it('by default: where it is, is told', async () => {
    guest('staging', 200).config.name = 'unruly';
    const error = await rejectionOf(snapshots({ name: 'unruly' }), GuestNotFoundError);
    expect(error).toMatchObject({ cluster: 'production', found: [{ ...stgWeb, name: 'unruly' }], unasked: [] });
  });

  it('by pattern: where it is, is told', async () => {
    guest('staging', 200).config.name = 'prod-web-9';
    const error = await rejectionOf(snapshots({ name: 'prod-web-9' }), GuestNotFoundError);
    expect(error).toMatchObject({ cluster: 'production', found: [{ ...stgWeb, name: 'prod-web-9' }] });
  });

  it('by the VMID map: where it is, is told', async () => {
    guest('staging', 200).vmid = 199;
    const error = await rejectionOf(snapshots({ vmid: 199 }), GuestNotFoundError);
    expect(error).toMatchObject({ cluster: 'production', guest: { vmid: 199 }, found: [{ ...stgWeb, vmid: 199 }] });
  });

  it('by name: every cluster but it is asked, and those that gave no answer are told', async () => {
    simulator.cluster('disaster-recovery').setFault({ kind: 'unreachable' });
    const error = await rejectionOf(snapshots({ name: 'nowhere' }), GuestNotFoundError);
    expect(error).toMatchObject({ cluster: 'production', found: [], unasked: ['disaster-recovery'] });
    expect(asked(simulator)).toEqual(['production GET /cluster/resources', 'staging GET /cluster/resources']);
  });

  it('where the cluster was named is told where else it is, and not taken from there', async () => {
    const error = await rejectionOf(snapshots({ cluster: 'production', name: 'stg-web-1' }), GuestNotFoundError);
    expect(error).toMatchObject({
      cluster: 'production',
      found: [{ cluster: 'staging', name: 'stg-web-1' }],
      unasked: [],
    });
    expect(asked(simulator).filter((one) => !one.endsWith('GET /cluster/resources'))).toEqual([]);
  });

  it('over several clusters is an error of each that lacks it, beside the data of the one that has it', async () => {
    const { clusters } = await snapshots({ cluster: 'all', name: 'stg-db-1' });
    expect(clusters[1]).toMatchObject({ cluster: 'staging', total: 2 });
    expect(clusters[0].error).toBeInstanceOf(GuestNotFoundError);
    expect(clusters[2].error).toBeInstanceOf(GuestNotFoundError);
  });
});

describe('a node or storage', () => {
  beforeEach(world('multi', { PROXMOX_CLUSTER_staging_DEFAULT_NODE: 'pve-stg2' }));
  afterEach(end);

  const node = (given: object) => answer(registry, 'proxmox-node-status', given);

  it('is the one that was named, else the configured one', async () => {
    expect((await node({ cluster: 'staging', node: 'pve-stg1' })).result.node).toBe('pve-stg1');
    expect((await node({ cluster: 'staging' })).result.node).toBe('pve-stg2');
  });

  it('that is not there, or not told among several, is an error with those there are', async () => {
    const known = ['pve1', 'pve2', 'pve3'];
    expect(await rejectionOf(node({ node: 'pve9' }), PlaceNotFoundError)).toMatchObject({
      argument: 'node',
      asked: 'pve9',
      known,
    });
    expect(await rejectionOf(node({}), PlaceNotFoundError)).toMatchObject({ asked: undefined, known });
    const content = execute(registry, 'proxmox-storage-content', { storage: 'no-such' });
    expect(await rejectionOf(content, PlaceNotFoundError)).toMatchObject({
      argument: 'storage',
      asked: 'no-such',
      known: expect.arrayContaining(['local', 'local-lvm']),
    });
  });

  it('of a task is the one that its UPID names', async () => {
    const upid = simulator
      .cluster('staging')
      .startTask({ node: 'pve-stg1', type: 'vzdump', duration: 0, log: [], exitstatus: 'OK' });
    const { result } = await answer(registry, 'proxmox-task-status', { cluster: 'staging', upid, node: 'pve-stg2' });
    expect(result).toMatchObject({ node: 'pve-stg1', state: 'ok' });
    await expect(execute(registry, 'proxmox-task-status', { upid: 'UPID:x' })).rejects.toMatchObject({
      name: 'InvalidArgumentsError',
      faults: [{ argument: 'upid' }],
    });
  });
});
