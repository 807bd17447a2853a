import { beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/listen.js';
import { startSession } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const tool = 'proxmox-copy-template';
const both = { cluster: 'production', target_cluster: 'staging' };
const template = 'debian-12-standard_12.7-1_amd64.tar.zst';
const place = { storage: 'local', node: 'pve-stg2' };

const storageOf = (cluster: string, name = 'local') => {
  const found = world.simulator.cluster(cluster).state.storages.find(({ storage }) => storage === name);
  if (found === undefined) throw new Error(`no storage ${name}`);
  return found;
};
const namesOn = (cluster: string, name?: string) => storageOf(cluster, name).volumes.map(({ volid }) => volid);

beforeEach(() => {
  const there = storageOf('staging');
  there.volumes = there.volumes.filter(({ volid }) => !volid.includes('vztmpl') && !volid.includes('own'));
  const here = storageOf('production');
  here.volumes = here.volumes.filter(({ volid }) => !volid.includes('own'));
  const own = { ctime: 1, size: 1000, node: 'pve1' };
  here.volumes.push(
    { ...own, volid: 'local:iso/own.iso', content: 'iso', format: 'iso' },
    { ...own, volid: 'local:vztmpl/own.tar.zst', content: 'vztmpl', format: 'tzst' },
    { ...own, volid: 'local:vztmpl/debian-12-standard_12.0-own_amd64.tar.zst', content: 'vztmpl', format: 'tzst' },
  );
});

it('is told in the plan to be there already', async () => {
  await world.result(tool, { ...both, template, ...place });
  const { data } = await world.call(tool, { ...both, template, ...place, dry_run: true });
  expect(data).toMatchObject({ cluster: 'production', target_cluster: 'staging', plan: { writes: [] } });
  expect(data.plan.notes).toEqual([`staging has it already: local:vztmpl/${template}.`]);
});

describe('a container template of the index', () => {
  it('is fetched anew by the other cluster, and seen to have the same size', async () => {
    const plan = await world.plan(tool, { ...both, template, ...place, dry_run: true });
    expect(plan).toEqual([
      {
        cluster: 'staging',
        method: 'POST',
        path: '/nodes/pve-stg2/aplinfo',
        parameters: { storage: 'local', template },
      },
    ]);
    const { data, isError } = await world.call(tool, { ...both, template, ...place });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({
      volid: `local:vztmpl/${template}`,
      target_cluster: 'staging',
      fetched_from: 'appliances',
      task: { state: 'ok', upid: expect.stringMatching(/^UPID:pve-stg2:.*:download:/) },
      size: data.result.source_size,
      ...place,
    });
    expect(namesOn('staging')).toContain(`local:vztmpl/${template}`);
    const again = await world.result(tool, { ...both, template: `local:vztmpl/${template}` });
    expect(again).toMatchObject({ unchanged: 'it is there', ...place });
    expect(world.writes()).toBe(1);
  });

  it('is an error when its task cannot be watched: it may have failed', async () => {
    const cluster = world.simulator.cluster('staging');
    cluster.setFault({ kind: 'status', status: 403, reason: 'Permission check failed' }, { path: /\/tasks\// });
    const { data, isError } = await world.call(tool, { ...both, template, ...place });
    cluster.setFault(undefined);
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({ failed: 1, task: { state: 'unknown', upid: expect.stringMatching(/^UPID:/) } });
  });

  it('goes on when the time is up, and that is no error', async () => {
    const simulator = await startSimulator();
    const [, staging] = simulator.clusters;
    const local = staging?.state.storages.find(({ storage }) => storage === 'local');
    if (local !== undefined) local.volumes = [];
    const session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
    const { data, isError } = await session.call(tool, { ...both, template, ...place, timeout: 1 });
    await session.close();
    await simulator.close();
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ task: { state: 'running' } });
    expect(data.notes.join()).toContain('proxmox-wait-task with its upid and cluster staging');
  });
});

describe('what is not in the index', () => {
  it('is fetched from its URL, under its name, with its checksum', async () => {
    const args = {
      ...both,
      ...place,
      template: 'own.iso',
      url: 'https://example.org/a/b.iso?x',
      checksum: 'a'.repeat(64),
    };
    const { data } = await world.call(tool, args);
    expect(data.result).toMatchObject({ fetched_from: 'url', volid: 'local:iso/own.iso', task: { state: 'ok' } });
    expect(data.notes.join()).toContain('it is not the same');
    expect(namesOn('staging')).toContain('local:iso/own.iso');
    const known = await world.call(tool, args);
    expect(known.data.result).toMatchObject({ unchanged: 'it is there' });
    expect(known.data.notes.join()).toContain('another size there');
    expect(world.writes()).toBe(1);
  });

  it('is an error when its URL gives nothing, or something else', async () => {
    const missing = { ...both, ...place, template: 'own.iso', url: 'https://example.org/missing.iso' };
    const { data, isError } = await world.call(tool, missing);
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({
      failed: 1,
      task: { state: 'failed', exitstatus: expect.stringContaining('download failed') },
    });
    const other = await world.call(tool, { ...missing, url: 'https://example.org/o.iso', checksum: '0'.repeat(64) });
    expect(other.data.result.task.exitstatus).toContain('checksum mismatch');
    expect(namesOn('staging')).not.toContain('local:iso/own.iso');
  });

  it.each([
    ['own.iso', 'proxmox-upload-iso'],
    ['local:vztmpl/own.tar.zst', 'proxmox-upload-template'],
    ['debian-12-standard_12.0-own_amd64.tar.zst', `In the index is ${template}`],
  ])('%s is refused without one, with the ways that there are', async (name, way) => {
    const error = await world.error(tool, { ...both, ...place, template: name });
    expect(error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining(way) });
    expect(error.message).toContain('gives no file of a storage out again');
    expect(world.writes()).toBe(0);
  });

  it('is there already where both clusters have mounted the same', async () => {
    const shared = storageOf('production', 'transfer');
    shared.content.push('iso');
    const there = storageOf('disaster-recovery', 'transfer');
    there.content.push('iso');
    for (const storage of [shared, there])
      storage.volumes.push({ volid: 'transfer:iso/both.iso', content: 'iso', format: 'iso', size: 5, ctime: 1 });
    const result = await world.result(tool, { ...both, target_cluster: 'disaster-recovery', template: 'both.iso' });
    expect(result).toMatchObject({ unchanged: 'it is there', volid: 'transfer:iso/both.iso' });
    expect(world.writes()).toBe(0);
  });
});

describe('what is refused', () => {
  it('is a guest that is a template, with the ways that there are', async () => {
    const error = await world.error(tool, { ...both, template: 'ubuntu-2404-template' });
    expect(error).toMatchObject({
      code: 'REFUSED',
      next: expect.stringContaining('proxmox-migrate-vm-between-clusters'),
    });
  });

  it('is what is not there', async () => {
    const error = await world.error(tool, { ...both, template: 'nothing.iso' });
    expect(error.message).toContain("production has no ISO image or container template 'nothing.iso'");
  });

  it('is a file that does not fit', async () => {
    const own = storageOf('production').volumes.find(({ volid }) => volid === 'local:iso/own.iso');
    if (own === undefined) throw new Error('no ISO');
    own.size = 10 ** 15;
    const error = await world.error(tool, { ...both, ...place, template: 'own.iso', url: 'https://example.org/b.iso' });
    expect(error.message).toContain('free');
    expect(world.writes()).toBe(0);
  });

  it.each([
    [{ ...both, template: 'own.iso', checksum: 'ab' }, 'checksum'],
    [{ ...both, template: 'own.iso', url: 'https://example.org/b.iso', checksum: 'ab' }, 'checksum'],
    [{ ...both, template: 'own.iso', url: 'ftp://example.org/b.iso' }, 'url'],
    [{ ...both, template, storage: 'local-lvm' }, 'storage'],
    [{ ...both, template, storage: 'local' }, 'node'],
  ])('%j: the arguments do not fit', async (args, argument) => {
    const error = await world.error(tool, args);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
    expect(world.writes()).toBe(0);
  });

  it.each(['production', 'staging'])('is all, where %s is gone', async (gone) => {
    world.simulator.cluster(gone).setFault({ kind: 'unreachable' });
    const error = await world.error(tool, { ...both, ...place, template });
    world.simulator.cluster(gone).setFault(undefined);
    expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE', cluster: gone });
  });

  it('is what the token may not do there, and the privilege is named', async () => {
    const secret = world.simulator.cluster('staging').addToken('eyes@pve!look', { '/': ['PVEAuditor'] });
    const session = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_staging_TOKEN_ID: 'eyes@pve!look',
      PROXMOX_CLUSTER_staging_TOKEN_SECRET: secret,
    });
    const { data } = await session.call(tool, { ...both, ...place, template });
    await session.close();
    expect(data.error).toMatchObject({
      code: 'PRIVILEGE_MISSING',
      cluster: 'staging',
      message: expect.stringContaining('Datastore.AllocateTemplate'),
    });
  });
});
