import { afterEach, describe, expect, it } from 'vitest';
import { startSession } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const tool = 'proxmox-dr-report';
const target_cluster = 'disaster-recovery';
const cluster = (name: string) => world.simulator.cluster(name);
const storage = (of: string, name: string) => {
  const found = cluster(of).state.storages.find((one) => one.storage === name);
  if (found === undefined) throw new Error(`no storage ${name}`);
  return found;
};
const volumeOf = (vmid: number, name: string) => {
  const found = storage(target_cluster, name).volumes.findLast((one) => one.vmid === vmid);
  if (found === undefined) throw new Error('no backup');
  return found;
};

async function report(args: Record<string, unknown> = {}) {
  const { data, isError, text } = await world.call(tool, { limit: 500, ...args });
  if (isError) throw new Error(text);
  const rows: Record<string, any>[] = data.items;
  const notes: string[] = data.notes;
  const row = (vmid: number, of = 'production') => rows.find((one) => one.cluster === of && one.vmid === vmid);
  return { rows, notes, row, total: data.total };
}

afterEach(() => {
  for (const one of world.simulator.clusters) one.setFault(undefined);
});

describe('the copies of each guest elsewhere', () => {
  it('are none, stale or fresh, the worst first, each guest once and counted by cluster', async () => {
    await world.result('proxmox-cross-cluster-backup', { vmid: 145, target_cluster, storage: 'pbs-offsite' });
    const { rows, notes, row, total } = await report();
    expect(row(145)).toMatchObject({
      ...{ state: 'ok', recognised: 'VMID, name and cluster', seen_by: [target_cluster], copies: 1 },
      ...{ copy: volumeOf(145, 'pbs-offsite').volid, where: 'pbs 10.10.0.6:offsite/exchange' },
      size: volumeOf(145, 'pbs-offsite').size,
    });
    expect(row(145)?.age_hours).toBeLessThan(1);
    expect(row(101)).toMatchObject({ state: 'stale', recognised: 'VMID and name' });
    expect(row(105)).toMatchObject({ state: 'stale', type: 'lxc', age_hours: expect.any(Number) });
    expect(row(100)).toMatchObject({ state: 'none', copies: 0 });
    const order = ['none', 'stale', 'unknown', 'ok'];
    const ranks = rows.map(({ state }) => order.indexOf(state));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    const guests = world.simulator.clusters.flatMap(({ state }) =>
      state.guests.filter((one) => one.config.template !== 1),
    );
    expect(total).toBe(guests.length);
    const own = guests.filter((one) => cluster('production').state.guests.includes(one)).length;
    expect(notes).toContain(`production: ${own} guests; none ${own - 3}, stale 2, unknown 0, ok 1.`);
    expect(notes).toContainEqual(expect.stringMatching(/^\d templates are left out/));
  });

  it('are fresh for as long as one says, of the clusters that one names', async () => {
    const { rows, row } = await report({
      max_age_hours: 200,
      cluster: 'production,disaster-recovery',
      of: 'production',
    });
    expect(row(101)).toMatchObject({ state: 'ok' });
    expect(new Set(rows.map((one) => one.cluster))).toEqual(new Set(['production']));
    const page = await world.call(tool, { limit: 5 });
    expect(page.data.items).toHaveLength(5);
    expect(page.data.next_cursor).toEqual(expect.any(String));
  });

  it.each([
    [{ cluster: 'production' }, 'cluster'],
    [{ of: 'elsewhere' }, 'of'],
    [{ max_age_hours: 0 }, 'max_age_hours'],
  ])('are not told for %j', async (args, argument) => {
    expect(await world.error(tool, args)).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
  });

  it('name the twins: a restored one by what a restore keeps, others by their name', async () => {
    const args = { vmid: 146, target_cluster, storage: 'transfer', restore: true };
    const { standby } = await world.result('proxmox-cross-cluster-backup', args);
    const { row } = await report();
    expect(row(146)?.standby).toEqual([
      expect.stringMatching(`^${standby.vmid} on ${target_cluster}, stopped \\(same name, MACs`),
    ]);
    expect(row(standby.vmid, target_cluster)).toMatchObject({
      state: 'unknown',
      why: expect.stringContaining('how old its data are is not known'),
      standby: [expect.stringMatching(/^146 on production/)],
    });
    expect(row(140)).toMatchObject({
      state: 'none',
      standby: expect.arrayContaining(['940 on disaster-recovery, running (same name)']),
    });
  });
});

describe('what is not known is never none', () => {
  it('of a cluster that does not answer, and of its guests where others have it in the notes', async () => {
    cluster('production').setFault({ kind: 'unreachable' });
    const { rows, notes, row } = await report();
    expect(rows.filter(({ state }) => state === 'none')).toEqual([]);
    expect(notes).toContainEqual(expect.stringMatching(/^production: could not be asked, it could not be reached/));
    expect(rows).toContainEqual(
      expect.objectContaining({ cluster: 'production', state: 'unknown', why: expect.any(String) }),
    );
    expect(row(145)).toMatchObject({
      ...{ name: 'legacy-erp', type: 'qemu', state: 'unknown', seen_by: [target_cluster] },
      ...{ copy: volumeOf(145, 'pbs-offsite').volid, why: 'its cluster could not be asked' },
    });
  });

  it('of the cluster that holds the copies', async () => {
    cluster(target_cluster).setFault({ kind: 'unreachable' });
    const { rows, row } = await report();
    expect(rows.filter(({ state }) => state !== 'unknown')).toEqual([]);
    expect(row(145)?.why).toContain('disaster-recovery (could not be reached)');
  });

  it('of a storage that cannot be read', async () => {
    cluster(target_cluster).setFault(
      { kind: 'status', status: 500, reason: 'no' },
      { path: /storage\/transfer\/content/ },
    );
    const { row, notes } = await report();
    expect(row(100)).toMatchObject({
      state: 'unknown',
      why: 'not seen: storage transfer of disaster-recovery (gave an error)',
    });
    expect(row(145)).toMatchObject({ state: 'ok' });
    expect(notes).toContain('Not read: storage transfer of disaster-recovery gave an error.');
  });

  it('of backups that a token may not see, which Proxmox leaves out without a word', async () => {
    const secret = cluster(target_cluster).addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_disaster_recovery_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_disaster_recovery_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call(tool, { limit: 500, of: 'production' });
    await limited.close();
    const states = new Set(data.items.map(({ state }: { state: string }) => state));
    expect(states).toEqual(new Set(['unknown']));
    expect(data.items[0].why).toContain('its token needs Datastore.Allocate there');
  });
});

describe('a VMID that two clusters use', () => {
  const collide = async (notes: string | undefined) => {
    const other = cluster(target_cluster).state.guests.find(({ vmid }) => vmid === 931);
    const archive = volumeOf(105, 'transfer');
    if (other === undefined) throw new Error('no guest');
    const before = archive.notes;
    other.vmid = 105;
    Object.assign(archive, { notes });
    const { row } = await report();
    other.vmid = 931;
    Object.assign(archive, { notes: before });
    return row(105);
  };

  it('makes a backup without a word about its guest uncertain', async () => {
    expect(await collide(undefined)).toMatchObject({
      state: 'unknown',
      recognised: "the VMID alone, and 'dns-dr' of disaster-recovery has it too",
      copies: 0,
    });
  });

  it('is told apart by the notes', async () => {
    expect(await collide('prod-redis, nightly')).toMatchObject({ state: 'stale', recognised: 'VMID and name' });
    expect(await collide('dns-dr')).toMatchObject({ state: 'none' });
    expect(await collide('prod-redis | cluster disaster-recovery')).toMatchObject({ state: 'none' });
  });
});

describe('one cluster under two names', () => {
  const again = async (args: Record<string, unknown>) => {
    const env: Record<string, string> = world.simulator.env();
    const twice = Object.entries(env).flatMap(([key, value]) =>
      key.startsWith('PROXMOX_CLUSTER_production_') ? [[key.replace('production', 'prodagain'), value]] : [],
    );
    const session = await startSession({
      ...env,
      ...Object.fromEntries(twice),
      PROXMOX_CLUSTERS: `${env.PROXMOX_CLUSTERS},prodagain`,
    });
    const answer = await session.call(tool, { limit: 500, ...args });
    await session.close();
    return answer;
  };

  it('has no copy elsewhere in what the other name lists', async () => {
    const { data } = await again({});
    expect(data.notes).toContain('prodagain is another name of production, and was not asked again.');
    expect(data.items.filter((one: Record<string, unknown>) => one.cluster === 'prodagain')).toEqual([]);
    const { data: other } = await again({ of: 'prodagain' });
    expect(other.items.find(({ vmid }: { vmid: number }) => vmid === 100)).toMatchObject({ state: 'none' });
  });

  it('is not two', async () => {
    const { data } = await again({ cluster: 'production,prodagain' });
    expect(data.error).toMatchObject({ code: 'REFUSED' });
  });
});
