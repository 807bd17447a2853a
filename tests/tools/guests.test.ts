import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Answer, type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let narrow: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
  session = await startSession(simulator.env());
  const secret = simulator.cluster('production').addToken('few@pve!mcp', {
    '/vms/107': ['VM.Audit'],
    '/vms/120': ['VM.Audit'],
  });
  narrow = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_production_TOKEN_ID: 'few@pve!mcp',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
});

afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

afterAll(async () => {
  await Promise.all([session?.close(), narrow?.close()]);
  await simulator?.close();
});

const guestsOf = (cluster: string) => simulator.cluster(cluster).state.guests.toSorted((a, b) => a.vmid - b.vmid);
const nameOf = ({ config }: { config: Record<string, string | number> }) => config.name ?? config.hostname;
const tagsOf = ({ config }: { config: Record<string, string | number> }) => String(config.tags ?? '').split(';');

function guestOf(cluster: string, vmid: number) {
  const guest = guestsOf(cluster).find((one) => one.vmid === vmid);
  if (guest === undefined) throw new Error(`no guest ${vmid}`);
  return guest;
}

const vmidsOf = (entry: Answer['data']) => entry.items.map(({ vmid }: { vmid: number }) => vmid);
const list = async (tool: string, args: object = {}) =>
  (await session.call(tool, { cluster: 'production', ...args })).data;
const part = (text: unknown, pattern: RegExp) => pattern.exec(String(text))?.[1] ?? '';

it.each([
  ['proxmox-list-vms', 'qemu'],
  ['proxmox-list-lxc', 'lxc'],
])('%s lists its kind and no other', async (tool, type) => {
  const data = await list(tool);
  const expected = guestsOf('production').filter((guest) => guest.type === type);
  expect(data).toMatchObject({ cluster: 'production', via: 'explicit', total: expected.length });
  expect(vmidsOf(data)).toEqual(expected.map(({ vmid }) => vmid));
  for (const [at, guest] of expected.entries()) {
    const { name, node, status, tags, template, pool } = data.items[at];
    expect({ name, node, tags }).toEqual({ name: nameOf(guest), node: guest.node, tags: tagsOf(guest) });
    expect(status).toBe(guest.status === 'running' ? (guest.qmpstatus ?? 'running') : 'stopped');
    expect(template).toBe(guest.config.template === 1 ? true : undefined);
    const home = simulator.cluster('production').state.pools.find(({ vmids }) => vmids.includes(guest.vmid));
    expect(pool).toBe(home?.poolid);
  }
});

it('narrows a list by node, status, tag, pool and search', async () => {
  const vms = guestsOf('production').filter(({ type }) => type === 'qemu');
  const those = (fits: (guest: (typeof vms)[number]) => boolean) => vms.filter(fits).map(({ vmid }) => vmid);
  const found = async (args: object) => vmidsOf(await list('proxmox-list-vms', args));
  expect(await found({ node: 'pve2' })).toEqual(those(({ node }) => node === 'pve2'));
  expect(await found({ status: 'stopped' })).toEqual(those(({ status }) => status === 'stopped'));
  expect(await found({ status: 'paused' })).toEqual(those(({ qmpstatus }) => qmpstatus === 'paused'));
  expect(await found({ tag: 'K8S' })).toEqual(those((guest) => tagsOf(guest).includes('k8s')));
  expect(await found({ pool: 'ci', node: 'pve1' })).toEqual([121]);
  expect(await found({ search: 'WEB' })).toEqual(those((guest) => String(nameOf(guest)).includes('web')));
  expect(await found({ search: '103' })).toEqual([103]);
  expect(await found({ search: 'postgres' })).toEqual([103, 104]);
});

it('pages and picks fields', async () => {
  const first = await list('proxmox-list-vms', { limit: 5, fields: ['vmid'] });
  expect(first.items).toEqual(vmidsOf(first).map((vmid: number) => ({ vmid })));
  const rest = await list('proxmox-list-vms', { limit: 1000, cursor: first.next_cursor });
  expect([...vmidsOf(first), ...vmidsOf(rest)]).toEqual(
    guestsOf('production')
      .filter(({ type }) => type === 'qemu')
      .map(({ vmid }) => vmid),
  );
});

it('says that a guest of the other kind fits', async () => {
  const vms = await list('proxmox-list-vms', { search: 'prod-redis' });
  expect(vms).toMatchObject({ items: [], notes: [expect.stringContaining('proxmox-list-lxc')] });
  const none = await list('proxmox-list-lxc', { search: 'no-such-guest' });
  expect(none.notes).toEqual([`None of the ${guestsOf('production').length} guests seen fits.`]);
});

it('names the nodes or the statuses there are where none of that name is', async () => {
  const seen = `None of the ${guestsOf('production').length} guests seen fits.`;
  const none = await list('proxmox-list-vms', { node: 'pve99' });
  expect(none.notes).toEqual([seen, 'None is on that node; there are pve1, pve2, pve3.']);
  const misspelt = await list('proxmox-list-vms', { status: 'runing', node: 'pve1' });
  expect(misspelt.notes).toEqual([seen, 'None has that status; there are paused, running, stopped.']);
  const { data } = await session.call('proxmox-list-all-vms-from-all-clusters', { type: 'lxc', status: 'stoped' });
  for (const { notes } of data.clusters) expect(notes).toContainEqual(expect.stringContaining('there are '));
  const neither = await list('proxmox-list-vms', { node: 'pve1', status: 'running', search: 'no-such-guest' });
  expect(neither.notes).toEqual([seen]);
});

it.each(['proxmox-list-vms', 'proxmox-list-lxc', 'proxmox-list-all-vms-from-all-clusters'])(
  '%s does not know what guests do on a node that is away',
  async (tool) => {
    simulator.cluster('production').setFault({ kind: 'unreachable' }, { node: 'pve3' });
    const find = async (args: object) => {
      const data = await list(tool, args);
      return data.clusters?.[0] ?? data;
    };
    const all = await find({ limit: 1000 });
    for (const { node, status } of all.items) expect(status === 'unknown', node).toBe(node === 'pve3');
    const note = 'What the guests of these nodes do is not known, as the nodes are not online: pve3 (offline).';
    expect(all.notes).toEqual([note]);
    const running = await find({ status: 'running' });
    expect(running.items.filter(({ node }: { node: string }) => node === 'pve3')).toEqual([]);
    expect(running.notes).toEqual([note]);
    const unknown = await find({ status: 'unknown' });
    expect(unknown.total).toBe(all.items.filter(({ node }: { node: string }) => node === 'pve3').length);
    expect((await find({ node: 'pve1' })).notes).toBeUndefined();
  },
);

it('refuses an argument that it does not know', async () => {
  for (const tool of ['proxmox-list-vms', 'proxmox-list-lxc', 'proxmox-list-all-vms-from-all-clusters']) {
    const { data, isError } = await session.call(tool, { clsuter: 'staging' });
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'clsuter' }] });
  }
});

it('lists the guests of every cluster with their type, and a dead cluster costs one entry', async () => {
  simulator.cluster('staging').setFault({ kind: 'unreachable' });
  const args = { limit: 1000, fields: ['vmid', 'type'] };
  const { data, isError } = await session.call('proxmox-list-all-vms-from-all-clusters', args);
  expect(isError).toBe(false);
  const [production, staging, recovery] = data.clusters;
  expect(production.items).toEqual(guestsOf('production').map(({ vmid, type }) => ({ vmid, type })));
  expect(staging.error).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  expect(recovery.total).toBe(guestsOf('disaster-recovery').length);
  const lxc = await session.call('proxmox-list-all-vms-from-all-clusters', { ...args, type: 'lxc' });
  const containers = guestsOf('disaster-recovery').filter(({ type }) => type === 'lxc');
  expect(vmidsOf(lxc.data.clusters[2])).toEqual(containers.map(({ vmid }) => vmid));
});

it('describes a VM, with what the agent knows and what waits for a restart', async () => {
  const guest = guestOf('production', 103);
  const { data } = await session.call('proxmox-vm-info', { name: 'prod-db-1' });
  expect(data).toMatchObject({ cluster: 'production', via: 'pattern', by: 'prod-' });
  expect(data.result).toMatchObject({
    vmid: 103,
    name: 'prod-db-1',
    node: guest.node,
    status: 'running',
    tags: ['db', 'postgres', 'prod'],
    ha: { state: 'started' },
    description: String(guest.config.description).trim(),
    pending: ['cores'],
    agent: 'running',
  });
  expect(data.result.config).toMatchObject({ cores: guest.config.cores, cpu: guest.config.cpu });
  const mac = part(guest.config.net0, /virtio=([^,]+)/);
  expect(data.result.nics).toEqual([{ nic: 'net0', model: 'virtio', mac, bridge: 'vmbr0', firewall: true }]);
  expect(data.result.disks).toContainEqual({
    disk: 'scsi0',
    volid: 'local-lvm:vm-103-disk-0',
    storage: 'local-lvm',
    size: '400G',
    options: 'discard=on,iothread=1,ssd=1',
  });
  const told = guest.agent?.interfaces.filter(({ name }) => name !== 'lo');
  expect(data.result.addresses).toEqual(told?.map(({ name, mac, addresses }) => ({ name, mac, addresses })));
});

it('says in one word why a VM has no addresses', async () => {
  const agentOf = async (vmid: number, from = session) =>
    (await from.call('proxmox-vm-info', { cluster: 'production', vmid })).data.result;
  expect(await agentOf(132)).toMatchObject({ status: 'running', agent: 'not running' });
  expect(await agentOf(102)).toMatchObject({ status: 'stopped', agent: 'not running' });
  expect(await agentOf(145)).toMatchObject({ agent: 'not configured' });
  expect(await agentOf(120, narrow)).toMatchObject({ agent: 'no privilege', name: 'gitlab' });
  expect(await agentOf(145)).not.toHaveProperty('addresses');
});

it.each([
  [500, 'VM 103 is not running', 'not running'],
  [500, 'QEMU guest agent is not running', 'not running'],
  [500, 'No QEMU guest agent configured', 'not configured'],
  [500, 'got timeout', 'the node gave an error'],
  [401, 'no ticket', 'the node refused the token'],
  [596, 'Connection timed out', 'the node did not answer in time'],
  [595, 'No route to host', 'the node could not be reached'],
])('takes %i %s for what it is', async (status, reason, agent) => {
  simulator.cluster('production').setFault({ kind: 'status', status, reason }, { path: /\/(agent|interfaces)/ });
  const vm = await session.call('proxmox-vm-info', { cluster: 'production', vmid: 103 });
  expect(vm.data.result).toMatchObject({ agent });
});

it('takes an answer that cannot be read for what it is', async () => {
  simulator.cluster('production').setFault({ kind: 'garbage' }, { path: /\/interfaces/ });
  const { data } = await session.call('proxmox-lxc-info', { cluster: 'production', vmid: 107 });
  expect(data.result).toMatchObject({ no_addresses: 'the node gave an answer that cannot be read' });
});

it('masks a password and cuts a long description', async () => {
  const { config } = guestOf('production', 146);
  config.cipassword = 'hunter2';
  config.description = 'x'.repeat(5000);
  const { data, text } = await session.call('proxmox-vm-info', { cluster: 'production', vmid: 146 });
  expect(data.result.config.cipassword).toBe('**********');
  expect(text).not.toContain('hunter2');
  expect(data.result.description).toHaveLength(2001);
});

it.each([
  ['production', 107],
  ['staging', 203],
])('describes a container of %s with its addresses, 9.2 and 8.4 alike', async (cluster, vmid) => {
  const guest = guestOf(cluster, vmid);
  const { data } = await session.call('proxmox-lxc-info', { vmid });
  expect(data).toMatchObject({ cluster, via: 'vmid' });
  const ip = part(guest.config.net0, /,ip=([^,]+)/);
  const mac = part(guest.config.net0, /hwaddr=([^,]+)/);
  expect(data.result).toMatchObject({
    vmid,
    name: guest.config.hostname,
    status: 'running',
    disk: guest.load.disk,
    disks: [{ disk: 'rootfs', storage: 'local-lvm' }],
    nics: [{ nic: 'net0', name: 'eth0', mac, bridge: 'vmbr0', ip }],
    addresses: [{ name: 'eth0', mac: mac.toLowerCase(), addresses: [ip] }],
    pending: [],
  });
});

it('sends the wrong kind of guest to the tool for it', async () => {
  const vm = await session.call('proxmox-vm-info', { cluster: 'production', vmid: 107 });
  expect(vm.data.error).toMatchObject({ code: 'GUEST_NOT_FOUND', found: [{ type: 'lxc', vmid: 107 }] });
  const lxc = await session.call('proxmox-lxc-info', { cluster: 'production', vmid: 103 });
  expect(lxc.data.error).toMatchObject({ code: 'GUEST_NOT_FOUND', found: [{ type: 'qemu', vmid: 103 }] });
});

it.each([103, 144])('lists the snapshots of guest %i and which one the present comes from', async (vmid) => {
  const { snapshots } = guestOf('production', vmid);
  const { data } = await session.call('proxmox-list-snapshots', { vmid });
  expect(data).toMatchObject({ cluster: 'production', via: 'vmid', total: snapshots.length });
  expect(data.items).toEqual(
    snapshots.map(({ name, snaptime, parent, description }, at) => ({
      name,
      snaptime: new Date(snaptime * 1000).toISOString().replace('.000Z', 'Z'),
      ...(parent === undefined ? {} : { parent }),
      ...(vmid === 103 ? { vmstate: false } : {}),
      ...(at === snapshots.length - 1 ? { is_parent_of_current: true } : {}),
      description: description.trim(),
    })),
  );
});

it('refuses the snapshots of a guest that there is not, and says so', async () => {
  const { data } = await session.call('proxmox-list-snapshots', { cluster: 'production', vmid: 199 });
  expect(data.error).toMatchObject({ code: 'GUEST_NOT_FOUND', asked: { vmid: 199 } });
  const unnamed = await session.call('proxmox-list-snapshots', { cluster: 'production' });
  expect(unnamed.data.error).toMatchObject({ code: 'INVALID_ARGUMENTS' });
});
