import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

const gib = 1024 ** 3;
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

const node = (name: string, cluster = 'production') => {
  const found = simulator.cluster(cluster).state.nodes.find((one) => one.node === name);
  if (found === undefined) throw new Error(`no node ${name}`);
  return found;
};
const writes = () => simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));
/** Of the nodes of production, the one with nearly nothing to do. */
function makeIdle(name: string): () => void {
  const kept = simulator.cluster('production').state.nodes.map((one) => ({ one, used: one.memoryUsed, cpu: one.cpu }));
  for (const { one } of kept) {
    one.memoryUsed = one.node === name ? 20 * gib : one.memory * 0.9;
    one.cpu = one.node === name ? 0.01 : 0.9;
  }
  return () => {
    for (const { one, used, cpu } of kept) Object.assign(one, { memoryUsed: used, cpu });
  };
}

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0)) await one();
});

/** A server of its own: one that has met a cluster in vain does not ask it for a while. */
async function withoutStaging(): Promise<Session> {
  const staging = simulator.cluster('staging');
  staging.setFault({ kind: 'unreachable' });
  const alone = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  undo.push(
    () => staging.setFault(undefined),
    () => alone.close(),
  );
  return alone;
}

describe('proxmox-recommend-placement', () => {
  it('names the best place of all clusters with figures, and what was ruled out', async () => {
    undo.push(makeIdle('pve2'));
    const { data, isError } = await session.call('proxmox-recommend-placement', {
      cores: 4,
      memory_mb: 8192,
      disk_gb: 40,
      tier: 'production',
    });
    expect(isError).toBe(false);
    const { best, runners_up: others, excluded } = data.result;
    expect(best).toMatchObject({ cluster: 'production', node: 'pve2', storage: expect.any(String) });
    expect(best.why[0]).toMatch(/^memory [\d.]+ of 512.0 GiB free \(used [\d.]+, promised to running guests [\d.]+\)$/);
    expect(best.why[1]).toMatch(/^CPU \d+ % of 64 busy, \d+ promised$/);
    expect(best.why[2]).toMatch(/storage .* GiB free/);
    expect(others.length).toBeGreaterThan(0);
    expect(others.every(({ score }: { score: number }) => score <= best.score)).toBe(true);
    expect(excluded).toContainEqual({ cluster: 'staging', why: expect.stringContaining('its tier is') });
    expect(writes()).toEqual([]);
  });

  it('keeps apart and together by tag', async () => {
    const { state } = simulator.cluster('production');
    const where = (tag: string) =>
      new Set(
        state.guests
          .filter(({ config }) =>
            String(config.tags ?? '')
              .split(';')
              .includes(tag),
          )
          .map((one) => one.node),
      );
    const apart = await session.call('proxmox-recommend-placement', { cluster: 'production', apart_tag: 'postgres' });
    expect(where('postgres').has(apart.data.result.best.node)).toBe(false);
    expect(apart.data.result.excluded[0].why).toContain('tagged postgres are there');
    const near = await session.call('proxmox-recommend-placement', { near_tag: 'postgres' });
    expect(near.data.result.best.cluster).toBe('production');
    expect(where('postgres').has(near.data.result.best.node)).toBe(true);
  });

  it('says why it fits nowhere', async () => {
    node('pve1').maintenance = true;
    undo.push(() => {
      node('pve1').maintenance = false;
    });
    const { data } = await session.call('proxmox-recommend-placement', {
      cluster: 'production',
      kind: 'lxc',
      memory_mb: 4_000_000,
    });
    expect(data.result).toMatchObject({ runners_up: [], fitting: 0 });
    expect(data.result.best).toBeUndefined();
    expect(data.result.excluded).toEqual([
      { cluster: 'production', node: 'pve1', why: 'the node is in maintenance' },
      { cluster: 'production', node: 'pve2', why: expect.stringContaining('3906.3 GiB of memory are asked for') },
      { cluster: 'production', node: 'pve3', why: expect.stringContaining('GiB of memory are asked for') },
    ]);
  });

  it('says which figures the token may not see', async () => {
    const secret = simulator.cluster('production').addToken('eyes@pve!guests', { '/vms': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!guests',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    undo.push(() => limited.close());
    const { data } = await limited.call('proxmox-recommend-placement', { cluster: 'production' });
    expect(data.result.excluded[0].why).toBe('its memory is not shown to this token (Sys.Audit on /nodes)');
    expect(data.notes[0]).toContain('It fits nowhere');
  });

  it('counts a cluster that is configured under two names once', async () => {
    const env = simulator.env();
    const copied = Object.entries(env).flatMap(([name, value]) =>
      name.startsWith('PROXMOX_CLUSTER_production_') ? [[name.replace('production', 'again'), value]] : [],
    );
    const double = await startSession({
      ...env,
      ...Object.fromEntries(copied),
      PROXMOX_CLUSTERS: `${env.PROXMOX_CLUSTERS},again`,
      PROXMOX_CLUSTER_VALIDATION: 'false',
    });
    undo.push(() => double.close());
    // What a cluster is, its last check has found.
    await double.call('proxmox-cluster-health', { cluster: 'all' });
    const { data } = await double.call('proxmox-recommend-placement', { cluster: 'production,again' });
    expect(data.result.excluded).toContainEqual({ cluster: 'again', why: 'it is production by another name' });
    expect(data.result.fitting).toBe(3);
  });

  it('costs one line a cluster that does not answer, one without quorum and a node that is away', async () => {
    const alone = await withoutStaging();
    simulator.cluster('disaster-recovery').state.quorate = false;
    node('pve3').online = false;
    undo.push(() => {
      simulator.cluster('disaster-recovery').state.quorate = true;
      node('pve3').online = true;
    });
    const { data, isError } = await alone.call('proxmox-recommend-placement');
    expect(isError).toBe(false);
    expect(data.result.best.cluster).toBe('production');
    expect(data.result.excluded).toEqual([
      { cluster: 'staging', why: 'it could not be reached' },
      { cluster: 'disaster-recovery', why: 'the cluster has no quorum' },
      { cluster: 'production', node: 'pve3', why: 'the node is offline' },
    ]);
    expect(data.notes).toEqual(['Not judged, as it did not answer: staging.']);
  });
});

describe("cluster 'auto'", () => {
  it('makes a VM where it ranks first, and the plan says so', async () => {
    undo.push(makeIdle('pve3'));
    const args = { cluster: 'auto', name: 'placed-1', memory_mb: 4096, disk_gb: 10 };
    const plan = await session.call('proxmox-create-vm', { ...args, dry_run: true });
    expect(plan.data).toMatchObject({
      cluster: 'production',
      via: 'auto',
      by: expect.stringMatching(/^pve3, .*: memory/),
    });
    expect(plan.data.plan.writes).toMatchObject([{ method: 'POST', path: '/nodes/pve3/qemu' }]);
    expect(writes()).toEqual([]);
    const { data, isError } = await session.call('proxmox-create-vm', args);
    expect(isError).toBe(false);
    expect(data).toMatchObject({ cluster: 'production', via: 'auto', result: { node: 'pve3', task: { state: 'ok' } } });
    const made = simulator.cluster('production').state.guests.find(({ vmid }) => vmid === data.result.vmid);
    expect(made).toMatchObject({ node: 'pve3', config: { name: 'placed-1' } });
  });

  it('keeps to a node and a storage that are given', async () => {
    undo.push(makeIdle('pve3'));
    const args = { cluster: 'auto', node: 'pve1', storage: 'local-lvm', memory_mb: 1024, dry_run: true };
    const { data } = await session.call('proxmox-create-vm', args);
    expect(data.plan.writes[0]).toMatchObject({
      path: '/nodes/pve1/qemu',
      parameters: { scsi0: expect.stringContaining('local-lvm:') },
    });
  });

  it('makes a container only where its template is', async () => {
    const templates = simulator.clusters.map(({ name, state }) => ({
      name,
      volids: state.storages.flatMap(({ volumes }) => volumes.filter(({ content }) => content === 'vztmpl')),
    }));
    const [{ volids } = { volids: [] }] = templates.filter((one) => one.volids.length > 0);
    const ostemplate = String(volids[0]?.volid).replace(/^.*\//, '');
    const { data, isError } = await session.call('proxmox-create-lxc', {
      cluster: 'auto',
      ostemplate,
      hostname: 'placed-2',
    });
    expect(isError).toBe(false);
    expect(data).toMatchObject({ via: 'auto', result: { task: { state: 'ok' } } });
    const none = await session.call('proxmox-create-lxc', { cluster: 'auto', ostemplate: 'nothing.tar.zst' });
    expect(none.isError).toBe(true);
    expect(none.text).toContain('no place fits');
    expect(none.text).toContain("no vztmpl named 'nothing.tar.zst'");
  });

  it('leaves out a cluster that does not answer, and says it', async () => {
    const alone = await withoutStaging();
    const { data } = await alone.call('proxmox-create-vm', { cluster: 'auto', dry_run: true });
    expect(data.by).toContain('not asked: staging: it could not be reached');
  });

  it('says of a file that no place has what there is instead', async () => {
    const { isError, data } = await session.call('proxmox-create-vm', { cluster: 'auto', iso: 'nothing.iso' });
    expect(isError).toBe(true);
    expect(data.error.message).toMatch(/production\/pve\d: iso: no iso named 'nothing.iso' .*There is .*\.iso/);
    expect(data.error.next).toContain('Correct what the places lack');
  });

  it('says why no place fits, and sends nothing', async () => {
    const before = writes().length;
    const { data, isError } = await session.call('proxmox-create-vm', { cluster: 'auto', memory_mb: 8_000_000 });
    expect(isError).toBe(true);
    expect(data.error.message).toContain('no place fits');
    expect(data.error.message).toContain('production/pve1');
    expect(writes()).toHaveLength(before);
  });

  it('clones on the cluster that has the source, of the size of the source', async () => {
    const { data, isError } = await session.call('proxmox-clone-vm', {
      cluster: 'auto',
      source_name: 'prod-web-3',
      name: 'placed-3',
    });
    expect(isError).toBe(false);
    expect(data).toMatchObject({
      cluster: 'production',
      via: 'auto',
      result: { source_vmid: 102, task: { state: 'ok' } },
    });
    const missing = await session.call('proxmox-clone-lxc', { cluster: 'auto', source_name: 'prod-web-3' });
    expect(missing.data.error).toMatchObject({ code: 'GUEST_NOT_FOUND', next: expect.stringContaining('It is a VM') });
  });

  it('takes no guess where a VMID is another guest on each cluster', async () => {
    const [stranger] = simulator.cluster('staging').state.guests.filter(({ vmid }) => vmid === 200);
    if (stranger === undefined) throw new Error('no VM 200');
    stranger.vmid = 103;
    undo.push(() => {
      stranger.vmid = 200;
    });
    const args = { cluster: 'auto', source_vmid: 103, dry_run: true };
    const { data } = await session.call('proxmox-clone-vm', args);
    expect(data.error).toMatchObject({
      code: 'AMBIGUOUS_CLUSTER',
      message: expect.stringContaining(
        "VMID 103 is prod-db-1 on production, stg-web-1 on staging: give 'source_name' too",
      ),
    });
    const named = await session.call('proxmox-clone-vm', { ...args, source_name: 'prod-db-1' });
    expect(named.data).toMatchObject({ cluster: 'production', via: 'auto' });
  });

  it('leaves a linked clone on the storage of its template, on a node that sees it', async () => {
    const args = { cluster: 'auto', source_name: 'debian-12-template', full: false, dry_run: true };
    const anywhere = await session.call('proxmox-clone-vm', args);
    expect(anywhere.data).toMatchObject({ via: 'auto', plan: { writes: [{ method: 'POST' }] } });
    const { data } = await session.call('proxmox-clone-vm', { ...args, source_vmid: 110 });
    const [write] = data.plan.writes;
    expect(write.path).toBe('/nodes/pve1/qemu/110/clone');
    expect(write.parameters.storage).toBeUndefined();
    expect(write.parameters.target).toMatch(/^pve/);
    const full = await session.call('proxmox-clone-vm', { ...args, source_vmid: 110, full: true });
    expect(full.data.plan.writes[0].parameters.storage).toBeDefined();
  });

  it('says that a source is nowhere, and which clusters could not be asked', async () => {
    const alone = await withoutStaging();
    const { data } = await alone.call('proxmox-clone-vm', { cluster: 'auto', source_name: 'nobody' });
    expect(data.error.code).toBe('GUEST_NOT_FOUND');
    expect(JSON.stringify(data.error)).toContain('staging');
    expect(data.error.message).toBe('No cluster that answered has such a VM, or the token may not see it.');
  });

  it('is for these tools alone, and says which', async () => {
    const { data } = await session.call('proxmox-start-vm', { cluster: 'auto', vmid: 102 });
    expect(data.error.arguments).toEqual([
      {
        argument: 'cluster',
        message: "'auto' is for what creates or clones a guest; name a cluster here",
      },
    ]);
    for (const tool of ['proxmox-list-vms', 'proxmox-list-nodes', 'proxmox-recommend-placement']) {
      const refused = await session.call(tool, { cluster: 'auto' });
      expect(refused.data.error.code).toBe('INVALID_ARGUMENTS');
    }
  });
});

describe('a single cluster', () => {
  it("ignores 'auto' as it ignores any", async () => {
    const one = await startSimulator({ world: 'single' });
    const alone = await startSession({ ...one.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
    const { data, isError } = await alone.call('proxmox-create-vm', { cluster: 'auto', dry_run: true });
    const found = await alone.call('proxmox-recommend-placement', { disk_gb: 5 });
    await alone.close();
    await one.close();
    expect(isError).toBe(false);
    expect(data).toMatchObject({ via: 'only' });
    expect(found.data.result.best.why.length).toBe(3);
  });
});
