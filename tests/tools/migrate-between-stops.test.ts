import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedCluster } from '../../src/simulator/listen.js';
import { startTwo, type TwoClusters } from './two-clusters.js';

let two: TwoClusters;
beforeAll(async () => {
  two = await startTwo();
});
afterAll(() => two.close());

const codes = (findings: { code: string }[] = []) => findings.map(({ code }) => code);

/** Gives back what was there before. */
function remember(cluster: SimulatedCluster): () => void {
  const { tasks: _, ...kept } = cluster.state;
  const before = structuredClone(kept);
  return () => Object.assign(cluster.state, before);
}

type Change = (at: { readonly guest: any; readonly source: any; readonly target: any }) => void;
type Case = readonly [code: string, vmid: number, says: RegExp, change: Change];

// 102 is a stopped VM, 101 a running one, 141 a running container, 105 a stopped one.
const cases: readonly Case[] = [
  ['ha', 102, /managed by HA/, ({ source }) => source.haResources.push({ sid: 'vm:102', state: 'started' })],
  [
    'replication',
    102,
    /replicated \(102-0\)/,
    ({ source }) => source.configuration.replication.push({ id: '102-0', settings: { target: 'pve1', type: 'local' } }),
  ],
  [
    'snapshots',
    102,
    /snapshots, which cannot go along: before/,
    ({ guest }) => guest.snapshots.push({ name: 'before', description: '', snaptime: 1, config: { ...guest.config } }),
  ],
  ['lock', 102, /locked \(backup\)/, ({ guest }) => Object.assign(guest.config, { lock: 'backup' })],
  ['template', 102, /is a template/, ({ guest }) => Object.assign(guest.config, { template: 1 })],
  [
    'linked_clone',
    102,
    /share their beginning with a template: scsi1/,
    ({ guest }) => Object.assign(guest.config, { scsi1: 'local-lvm:base-300-disk-0/vm-102-disk-9,size=4G' }),
  ],
  [
    'cd',
    102,
    /a CD is attached: ide2 \(local:iso\/x\.iso\)/,
    ({ guest }) => Object.assign(guest.config, { ide2: 'local:iso/x.iso,media=cdrom' }),
  ],
  ['cd', 102, /ide2 \(cdrom\)/, ({ guest }) => Object.assign(guest.config, { ide2: 'cdrom,media=cdrom' })],
  ['raw_path', 102, /\/dev\/sdz/, ({ guest }) => Object.assign(guest.config, { scsi5: '/dev/sdz,size=4G' })],
  [
    'passthrough',
    102,
    /hostpci0, usb1/,
    ({ guest }) => Object.assign(guest.config, { hostpci0: '0000:01:00.0', usb1: 'host=1-2' }),
  ],
  [
    'mapped_device',
    101,
    /cannot take along: usb0/,
    ({ guest }) => Object.assign(guest.config, { usb0: 'mapping=key' }),
  ],
  ['root_only', 102, /'args'.*only root@pam/, ({ guest }) => Object.assign(guest.config, { args: '-foo' })],
  ['passthrough', 102, /serial0/, ({ guest }) => Object.assign(guest.config, { serial0: '/dev/ttyS0' })],
  [
    'root_only',
    105,
    /'features'/,
    ({ guest }) => Object.assign(guest.config, { unprivileged: 1, features: 'nesting=1,fuse=1' }),
  ],
  ['root_only', 105, /'mp5'.*path/, ({ guest }) => Object.assign(guest.config, { mp5: '/srv/data,mp=/data' })],
  [
    'cpu',
    102,
    /no CPU model 'custom-fast'/,
    ({ guest, source }) => {
      guest.config.cpu = 'custom-fast,flags=+aes';
      source.configuration.cpuModels.push({ id: 'fast', settings: { 'reported-model': 'kvm64' } });
    },
  ],
  [
    'cpu',
    102,
    /another CPU model 'custom-fast'/,
    ({ guest, source, target }) => {
      guest.config.cpu = 'custom-fast';
      source.configuration.cpuModels.push({ id: 'fast', settings: { 'reported-model': 'kvm64' } });
      target.configuration.cpuModels.push({ id: 'fast', settings: { 'reported-model': 'host' } });
    },
  ],
  ['quorum', 102, /'production' has no quorum/, ({ source }) => Object.assign(source, { quorate: false })],
  ['quorum', 102, /'disaster-recovery' has no quorum/, ({ target }) => Object.assign(target, { quorate: false })],
  [
    'storage',
    102,
    /'local-lvm' has only 0 GiB left/,
    ({ target }) => {
      for (const one of target.storages) Object.assign(one, { used: 2 * one.total });
    },
  ],
  [
    'storage',
    102,
    /'local-lvm' holds no 'images'/,
    ({ target }) => {
      for (const one of target.storages) one.content = one.content.filter((kind: string) => kind !== 'images');
    },
  ],
  [
    'storage',
    105,
    /'local-lvm' holds no 'rootdir'/,
    ({ target }) => {
      for (const one of target.storages) one.content = one.content.filter((kind: string) => kind !== 'rootdir');
    },
  ],
  [
    'storage',
    102,
    /\(zfspool\) takes no 'raw' from a lvmthin storage/,
    ({ target }) => {
      target.storages = target.storages.filter(({ storage }: { storage: string }) => storage === 'local-lvm');
      Object.assign(target.storages[0], { type: 'zfspool', options: { pool: 'tank' } });
    },
  ],
  [
    'storage',
    102,
    /not available just now/,
    ({ target }) => {
      for (const one of target.storages) one.inactiveOn = target.nodes.map(({ node }: { node: string }) => node);
    },
  ],
  [
    'bridge',
    102,
    /has no bridge 'vmbr0'; there are/,
    ({ target }) => {
      for (const node of target.nodes)
        for (const network of node.networks)
          if (network.type === 'bridge') Object.assign(network, { iface: `x${network.iface}`, bridgeVlanAware: true });
    },
  ],
  [
    'node',
    102,
    /no node that is online/,
    ({ target }) => {
      for (const node of target.nodes) Object.assign(node, { online: false, offlineSince: 0 });
    },
  ],
];

describe('what keeps a guest from going to another cluster', () => {
  it.each(cases)('%s of %i: %s is told before anything is sent', async (code, vmid, says, change) => {
    const undo = [remember(two.source), remember(two.target)];
    const before = two.writes().length;
    change({ guest: two.guest(vmid), source: two.source.state, target: two.target.state });
    // `state` brings the cluster up to the clock; nothing else is changed by it.
    const plan = await two.move({ vmid });
    const refused = await two.moved({ vmid });
    for (const back of undo) back();
    expect(plan.isError, plan.text).toBe(false);
    expect(plan.data.plan.writes).toEqual([]);
    const stop = plan.data.plan.hard_stops.find((one: any) => one.code === code && says.test(one.message));
    expect(stop, plan.text).toBeDefined();
    expect(refused.isError).toBe(true);
    expect(refused.data.error).toMatchObject({ code: 'REFUSED', hard_stops: plan.data.plan.hard_stops });
    expect(refused.data.error.message).toMatch(says);
    expect(two.writes()).toHaveLength(before);
  });

  it('tells all of it at once', async () => {
    const undo = [remember(two.source), remember(two.target)];
    Object.assign(two.guest(101).config, { lock: 'backup', args: '-x', ide2: 'local:iso/x.iso,media=cdrom' });
    two.source.state.haResources.push({ sid: 'vm:101', state: 'started' });
    two.target.state.quorate = false;
    const { data } = await two.move({ vmid: 101, online: false, storage_map: 'elsewhere', bridge_map: 'nowhere' });
    for (const back of undo) back();
    expect(codes(data.plan.hard_stops)).toEqual([
      ...['ha', 'lock', 'running', 'cd', 'root_only', 'quorum', 'storage', 'bridge'],
    ]);
    expect(data.plan.refused).toContain('8 things keep guest 101');
  });

  it('names changes that wait for a restart, which are left behind', async () => {
    const undo = remember(two.source);
    two.guest(101).pending.cores = 8;
    const { data } = await two.move({ vmid: 101 });
    undo();
    expect(data.plan.warnings).toContainEqual(
      expect.objectContaining({ code: 'pending', message: expect.stringContaining('cores') }),
    );
    expect(data.plan.writes.length).toBeGreaterThan(0);
  });

  it('knows two names of one cluster', async () => {
    const { data } = await two.session.call('proxmox-migrate-vm-between-clusters', {
      vmid: 102,
      cluster: 'production',
      target_cluster: 'production',
    });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'target_cluster' }] });
    const twice = await startTwo({
      PROXMOX_CLUSTER_disaster_recovery_API_URL: two.source.url,
      PROXMOX_CLUSTER_disaster_recovery_TOKEN_ID: two.source.tokenId,
      PROXMOX_CLUSTER_disaster_recovery_TOKEN_SECRET: two.source.tokenSecret,
      PROXMOX_CLUSTER_disaster_recovery_FINGERPRINT: two.source.fingerprint ?? '',
      PROXMOX_CLUSTER_production_API_URL: two.source.url,
      PROXMOX_CLUSTER_production_FINGERPRINT: two.source.fingerprint ?? '',
    });
    const same = await twice.move({ vmid: 102 });
    await twice.close();
    expect(same.data.error.arguments).toEqual([
      { argument: 'target_cluster', message: expect.stringContaining('two names of one cluster') },
    ]);
  });
});

describe('a token that lacks privileges', () => {
  const limited = (cluster: 'production' | 'disaster_recovery', roles: Record<string, string[]>) => {
    const of = cluster === 'production' ? two.source : two.target;
    const secret = of.addToken('narrow@pve!one', roles);
    return {
      PROXMOX_CLUSTER_production_API_URL: two.source.url,
      PROXMOX_CLUSTER_production_FINGERPRINT: two.source.fingerprint ?? '',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: two.source.tokenSecret,
      PROXMOX_CLUSTER_disaster_recovery_API_URL: two.target.url,
      PROXMOX_CLUSTER_disaster_recovery_FINGERPRINT: two.target.fingerprint ?? '',
      PROXMOX_CLUSTER_disaster_recovery_TOKEN_SECRET: two.target.tokenSecret,
      [`PROXMOX_CLUSTER_${cluster}_TOKEN_ID`]: 'narrow@pve!one',
      [`PROXMOX_CLUSTER_${cluster}_TOKEN_SECRET`]: secret,
    };
  };

  it('at the target: each is a stop, with the line that grants it', async () => {
    const narrow = await startTwo(limited('disaster_recovery', { '/': ['PVEAuditor'] }));
    const before = two.writes().length;
    const { data } = await narrow.moved({ vmid: 102 });
    await narrow.close();
    const stops = data.error.hard_stops.filter(({ code }: { code: string }) => code === 'privilege');
    const lines = stops.flatMap(({ pveum }: { pveum: string[] }) => pveum);
    expect(stops.map(({ message }: { message: string }) => / lacks (.*?), (?:to|for) /.exec(message)?.[1])).toEqual([
      expect.stringMatching(/^VM\.Allocate, .*VM\.Config\.CPU,.* on \/vms$/),
      'Sys.Incoming on /',
      'Datastore.AllocateSpace on /storage/local-lvm',
      'SDN.Use on /sdn/zones/localnetwork/vmbr0/20',
    ]);
    expect(stops[0].fix).toContain("for the token's user, where he lacks it too");
    // Of a VMID that the next call may not get, and one line a path.
    expect(lines.filter((line: string) => line.includes('/vms'))).toEqual([
      "pveum acl modify /vms --tokens 'narrow@pve!one' --roles PVEVMAdmin",
    ]);
    expect(lines).toContain("pveum role add MCP-Sys.Incoming --privs 'Sys.Incoming'");
    expect(lines).toContain(
      "pveum acl modify / --users 'narrow@pve' --tokens 'narrow@pve!one' --roles MCP-Sys.Incoming",
    );
    expect(lines).toContain("pveum acl modify /storage/local-lvm --tokens 'narrow@pve!one' --roles PVEDatastoreUser");
    expect(two.writes()).toHaveLength(before);
  });

  it('at the source, and more of it where the source is to be deleted', async () => {
    const narrow = await startTwo(limited('production', { '/': ['PVEAuditor'] }));
    const { data } = await narrow.move({ vmid: 102, delete_source: true });
    await narrow.close();
    expect(data.plan.hard_stops).toEqual([
      expect.objectContaining({ message: expect.stringContaining('VM.Migrate, VM.Allocate on /vms/102') }),
    ]);
  });

  it('uses the own token where it may make none, and says so', async () => {
    const mover = ['PVEVMAdmin', 'PVEDatastoreUser', 'PVESDNUser', 'PVEAuditor'];
    two.target.state.roles.push({ roleid: 'Incoming', privileges: ['Sys.Incoming'] });
    const narrow = await startTwo(limited('disaster_recovery', { '/': [...mover, 'Incoming'] }));
    const { data } = await narrow.move({ vmid: 102 });
    expect(data.plan.token).toContain("the cluster's own token narrow@pve!one: it lacks User.Modify on /access/groups");
    expect(data.plan.writes.map(({ method, cluster }: any) => `${method} ${cluster}`)).toEqual(['POST production']);
    const done = await narrow.moved({ vmid: 102 });
    await narrow.close();
    expect(done.isError, done.text).toBe(false);
    expect(done.data.result).toMatchObject({ outcome: 'moved', token: "narrow@pve!one, the cluster's own" });
  });
});
