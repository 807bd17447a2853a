import { describe, expect, it } from 'vitest';
import { startSession } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const both = { cluster: 'production', target_cluster: 'staging' };

async function compare(args: Record<string, unknown> = {}) {
  const { data, isError, text } = await world.call('proxmox-compare-clusters', { ...both, limit: 1000, ...args });
  if (isError) throw new Error(text);
  return { rows: data.items as Record<string, any>[], notes: (data.notes ?? []).join('\n') as string };
}

const state = (cluster: string) => world.simulator.cluster(cluster).state;

const swapped = ({ source, target, only_on, ...rest }: Record<string, any>) => ({
  ...rest,
  ...(source === undefined ? {} : { target: source }),
  ...(target === undefined ? {} : { source: target }),
  ...(only_on === undefined ? {} : { only_on }),
});

describe('two clusters', () => {
  it('differ in what the simulated ones differ in, and in nothing else of it', async () => {
    const { rows, notes } = await compare({ what: 'storage,versions,roles' });
    expect(rows).toEqual([
      { area: 'storage', name: 'nfs-shared', key: 'server', source: '10.20.0.5', target: '10.30.0.5' },
      { area: 'storage', name: 'pbs-backup', key: 'server', source: '10.20.0.6', target: '10.30.0.6' },
      { area: 'storage', name: 'pbs-offsite', only_on: 'production' },
      { area: 'storage', name: 'transfer', only_on: 'production' },
      { area: 'versions', name: 'Proxmox VE', key: 'nodes_run', source: ['9.2.3'], target: ['8.4.5'] },
      { area: 'versions', name: 'Proxmox VE', key: 'release', source: '9.2', target: '8.4' },
    ]);
    expect(notes).toContain('The same on both: storage 2, roles 1, versions 0.');
    expect(world.writes()).toBe(0);
  });

  it('have the same differences the other way round', async () => {
    const there = await compare();
    const back = await compare({ cluster: 'staging', target_cluster: 'production' });
    expect(back.rows).toEqual(there.rows.map(swapped));
    expect(there.rows.length).toBeGreaterThan(5);
  });

  it('has templates and files by their names, on whatever storage', async () => {
    const shared = state('production').storages.find(({ storage }) => storage === 'nfs-shared');
    shared?.volumes.push({ volid: 'nfs-shared:iso/only.iso', content: 'iso', format: 'iso', size: 7, ctime: 1 });
    const guests = state('production').guests.filter(({ config }) => config.name === 'debian-12-template');
    const [first] = guests;
    if (first === undefined) throw new Error('no template');
    const second = { ...first, vmid: 9999 };
    state('production').guests.push(second);
    const { rows } = await compare({ what: 'templates' });
    state('production').guests.splice(state('production').guests.indexOf(second), 1);
    expect(rows).toContainEqual({ area: 'templates', name: 'VM debian-12-template (2)', only_on: 'production' });
    expect(rows).toContainEqual({ area: 'templates', name: 'ISO only.iso', only_on: 'production' });
    expect(rows.filter(({ name }) => name === 'VM debian-12-template')).toEqual([]);
  });

  it('has bridges by their names over all nodes', async () => {
    const [first] = state('production').nodes;
    const bridge = first?.networks.find(({ iface }) => iface === 'vmbr0');
    if (bridge === undefined) throw new Error('no bridge');
    bridge.options = { mtu: 9000 };
    const { rows, notes } = await compare({ what: 'network' });
    bridge.options = {};
    expect(rows).toEqual([
      { area: 'network', name: 'bridge ovsbr0', only_on: 'staging' },
      { area: 'network', name: 'bridge vmbr0', key: 'mtu', source: '1500 | 9000', target: '1500' },
    ]);
    expect(notes).toContain('bridges by name over all nodes');
  });

  it('has rules, in their order, sets, aliases and groups', async () => {
    const rule = (dport: string) => ({ type: 'in', action: 'ACCEPT', proto: 'tcp', dport, enable: 1 });
    state('production').configuration.securityGroups.push({
      group: 'web',
      rules: [rule('80'), rule('443'), rule('22')],
    });
    state('staging').configuration.securityGroups.push({
      group: 'web',
      comment: 'w',
      rules: [rule('443'), rule('80')],
    });
    const { rows } = await compare({ what: 'firewall' });
    expect(rows).toEqual([
      { area: 'firewall', name: 'group web', key: 'comment', target: 'w' },
      { area: 'firewall', name: 'group web', key: 'rules', source: ['IN ACCEPT -p tcp -dport 22'], target: [] },
      {
        area: 'firewall',
        name: 'group web',
        key: 'rules order',
        source: ['IN ACCEPT -p tcp -dport 80', 'IN ACCEPT -p tcp -dport 443'],
        target: ['IN ACCEPT -p tcp -dport 443', 'IN ACCEPT -p tcp -dport 80'],
      },
    ]);
  });

  it('takes what is not set for its default, and an alias in any case for the same', async () => {
    for (const [name, alias, options] of [
      ['production', 'Office', { policy_in: 'DROP', enable: 1, log_ratelimit: 'enable=1' }],
      ['staging', 'OFFICE', { enable: 1 }],
    ] as const) {
      const aliases = [{ name: alias, cidr: '192.0.2.0/24' }];
      state(name).configuration.firewall.cluster = { rules: [], ipsets: [], aliases, options };
      state(name).configuration.securityGroups = [];
    }
    const { rows, notes } = await compare({ what: 'firewall' });
    expect(rows).toEqual([{ area: 'firewall', name: 'datacenter', key: 'log_ratelimit', source: 'enable=1' }]);
    expect(notes).toContain('firewall 1');
  });

  it('names what one of them would not show', async () => {
    const cluster = world.simulator.cluster('staging');
    cluster.setFault({ kind: 'status', status: 403, reason: 'Permission check failed' }, { path: /\/firewall\// });
    const { rows, notes } = await compare({ what: 'firewall,roles' });
    cluster.setFault(undefined);
    expect(rows).toEqual([]);
    expect(notes).toContain('firewall: not compared: staging refused for want of a privilege.');
  });

  it('says what a token without the privilege may not see', async () => {
    const secret = world.simulator.cluster('staging').addToken('eyes@pve!few', { '/vms': ['PVEAuditor'] });
    const session = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_staging_TOKEN_ID: 'eyes@pve!few',
      PROXMOX_CLUSTER_staging_TOKEN_SECRET: secret,
    });
    const { data } = await session.call('proxmox-compare-clusters', { ...both, what: 'storage' });
    await session.close();
    expect(data.items).toContainEqual({ area: 'storage', name: 'local', only_on: 'production' });
    expect(data.notes.join()).toContain('storage: staging may have more: its token lacks Datastore.Audit');
  });

  it('is an error where one of them is gone', async () => {
    world.simulator.cluster('staging').setFault({ kind: 'unreachable' });
    const error = await world.error('proxmox-compare-clusters', both);
    world.simulator.cluster('staging').setFault(undefined);
    expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  });

  it.each([
    [{ cluster: 'production' }, 'target_cluster'],
    [{ target_cluster: 'staging' }, 'cluster'],
    [{ ...both, what: 'storage,colours' }, 'what'],
    [{ ...both, what: 'storage', vmid: 100 }, 'what'],
    [{ ...both, target_vmid: 200 }, 'vmid'],
  ])('%j is not enough, or too much', async (args, argument) => {
    const error = await world.error('proxmox-compare-clusters', args);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
  });
});

describe('a guest and its twin', () => {
  it('is compared key by key, and part by part', async () => {
    const { rows, notes } = await compare({ name: 'prod-web-1', target_name: 'stg-web-1' });
    const keys = rows.map(({ key }) => key);
    expect(rows.every(({ area }) => area === 'guest')).toBe(true);
    expect(rows[0]?.name).toBe("'prod-web-1' (100) and 'stg-web-1' (200)");
    expect(keys).toContain('name');
    expect(rows.find(({ key }) => key === 'tags')).toMatchObject({ target: ['stg'] });
    expect(keys.filter((key) => /uuid|vmgenid|digest|meta|\.virtio$|volume/.test(key))).toEqual([]);
    expect(JSON.stringify(rows)).not.toMatch(/BC:24:11/);
    expect(notes).toContain('Not compared: MAC addresses');
  });

  it('is of the same name, unless another is named', async () => {
    const { rows, notes } = await compare({ vmid: 140, target_cluster: 'disaster-recovery' });
    expect(notes).toContain('(140) on production');
    expect(rows.length).toBeGreaterThan(0);
  });

  it('has no twin of that name', async () => {
    const error = await world.error('proxmox-compare-clusters', { ...both, name: 'prod-web-1' });
    expect(error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining('target_vmid') });
    const missing = await world.error('proxmox-compare-clusters', { ...both, name: 'nobody', target_vmid: 200 });
    expect(missing).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('production has no guest nobody'),
    });
    const other = await world.error('proxmox-compare-clusters', { ...both, name: 'prod-web-1', target_vmid: 203 });
    expect(other).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining("is a VM, and 'stg-redis' (203) a container"),
    });
  });

  it('is equal to a copy', async () => {
    const guest = state('production').guests.find(({ vmid }) => vmid === 100);
    const twin = state('staging').guests.find(({ vmid }) => vmid === 200);
    if (guest === undefined || twin === undefined) throw new Error('no such guests');
    const kept = twin.config;
    twin.config = {
      ...guest.config,
      net0: String(guest.config.net0).replace(/[0-9A-F:]{17}/, 'BC:24:11:AA:AA:AA'),
      smbios1: 'uuid=5b1a0f6e-5f0a-4f6e-9a53-111111111111',
    };
    const { rows } = await compare({ name: 'prod-web-1', target_vmid: 200 });
    twin.config = kept;
    expect(rows).toEqual([]);
  });
});
