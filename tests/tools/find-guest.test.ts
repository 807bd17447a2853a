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
const part = (text: unknown, pattern: RegExp) => pattern.exec(String(text))?.[1] ?? '';

async function find(args: Record<string, unknown>, from = session): Promise<Answer['data'][]> {
  const { data } = await from.call('proxmox-find-guest', args);
  expect(data.via).toMatch(/^(all|explicit)$/);
  return data.clusters;
}

const hits = (entries: readonly Answer['data'][]) =>
  entries.flatMap(({ cluster, items }) =>
    items.map(({ vmid, matched }: { vmid: number; matched: string[] }) => [cluster, vmid, matched]),
  );

it('finds guests by name on every cluster, the exact one first', async () => {
  const entries = await find({ name: 'WEB' });
  const expected = simulator.clusters.flatMap(({ name }) =>
    guestsOf(name)
      .filter((guest) => String(nameOf(guest)).includes('web'))
      .map(({ vmid }) => [name, vmid, ['name']]),
  );
  expect(hits(entries)).toEqual(expected);
  const [production] = simulator.clusters;
  const last = guestsOf('production').at(-1);
  if (last === undefined || production === undefined) throw new Error('an empty world');
  last.config.name = 'web';
  const [first] = hits(await find({ name: 'web', cluster: 'production' }));
  expect(first).toEqual(['production', last.vmid, ['name']]);
  last.config.name = 'scanner';
});

it('finds guests by VMID and by tag, and by both', async () => {
  expect(hits(await find({ vmid: 202 }))).toEqual([['staging', 202, ['vmid']]]);
  const tagged = simulator.clusters.flatMap(({ name }) =>
    guestsOf(name)
      .filter((guest) => tagsOf(guest).includes('db'))
      .map(({ vmid }) => [name, vmid, ['tag']]),
  );
  expect(hits(await find({ tag: 'DB' }))).toEqual(tagged);
  expect(hits(await find({ tag: 'db', vmid: 103 }))).toEqual([['production', 103, ['vmid', 'tag']]]);
  expect(hits(await find({ tag: 'db', vmid: 105 }))).toEqual([]);
});

it('finds a guest by MAC however it is written', async () => {
  const mac = part(guestOf('production', 131).config.net0, /virtio=([^,]+)/);
  const bare = mac.replaceAll(':', '').toLowerCase();
  for (const written of [mac, mac.toLowerCase().replaceAll(':', '-'), bare, bare.replace(/(....)(?=.)/g, '$1.')])
    expect(hits(await find({ mac: written })), written).toEqual([['production', 131, ['net0 mac']]]);
  const container = part(guestOf('staging', 203).config.net0, /hwaddr=([^,]+)/);
  expect(hits(await find({ mac: container, tag: 'cache' }))).toEqual([['staging', 203, ['tag', 'net0 mac']]]);
});

it('finds a guest by an address: a container by its configuration, a VM by its agent or cloud-init', async () => {
  const container = part(guestOf('production', 108).config.net0, /,ip=([^,/]+)/);
  expect(hits(await find({ ip: container }))).toEqual([['production', 108, ['net0 ip']]]);
  const [ipv4 = '', ipv6 = ''] =
    guestOf('staging', 200).agent?.interfaces.find(({ name }) => name === 'eth0')?.addresses ?? [];
  const [v4 = ''] = ipv4.split('/');
  expect(hits(await find({ ip: v4 }))).toEqual([['staging', 200, ['agent eth0']]]);
  const [v6 = ''] = ipv6.split('/');
  const long = v6.toUpperCase().replace('::', ':0:0000:0:');
  expect(hits(await find({ ip: long }))).toEqual([['staging', 200, ['agent eth0']]]);
  guestOf('production', 102).config.ipconfig0 = 'ip=192.0.2.77/24,gw=192.0.2.1';
  expect(hits(await find({ ip: '192.0.2.77' }))).toEqual([['production', 102, ['net0 ip']]]);
  expect(hits(await find({ ip: v4, name: 'nothing-like-it' }))).toEqual([]);
});

it('counts what it could not search, by reason', async () => {
  const [production] = await find({ ip: '198.51.100.1', cluster: 'production' });
  const guests = guestsOf('production').filter(({ config }) => config.template !== 1);
  const off = guests.filter(({ status, qmpstatus }) => status !== 'running' || qmpstatus === 'paused');
  const silent = guests.filter((guest) => guest.type === 'qemu' && !off.includes(guest) && guest.agent === undefined);
  expect(production?.items).toEqual([]);
  expect(production?.notes[0]).toContain(`${off.length} not running`);
  expect(production?.notes[0]).toContain(`${silent.length} guest agent not running`);
  const [few] = await find({ ip: '198.51.100.1', cluster: 'production' }, narrow);
  expect(few?.notes[0]).toContain('1 token lacks VM.GuestAgent.Audit or VM.GuestAgent.Unrestricted');
});

it('goes on without a node and without a cluster that does not answer', async () => {
  simulator.cluster('production').setFault({ kind: 'unreachable' }, { node: 'pve3' });
  simulator.cluster('disaster-recovery').setFault({ kind: 'unreachable' });
  const container = part(guestOf('production', 108).config.net0, /,ip=([^,/]+)/);
  const [production, , recovery] = await find({ ip: container });
  expect(vmidsOf(production ?? {})).toEqual([108]);
  const away = guestsOf('production').filter(({ node }) => node === 'pve3').length;
  expect(production?.notes[0]).toContain(`${away} on node pve3, which is offline`);
  expect(recovery?.error).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
});

const requestsTo = (node: string) =>
  simulator.cluster('production').requests.filter(({ path }) => path.startsWith(`/nodes/${node}/`)).length;

it('does not wait for a node that hangs, and counts its guests as not searched', async () => {
  simulator.cluster('production').setFault({ kind: 'hung' }, { node: 'pve2' });
  const before = requestsTo('pve2');
  const container = part(guestOf('production', 108).config.net0, /,ip=([^,/]+)/);
  const [production] = await find({ ip: container, cluster: 'production' });
  const away = guestsOf('production').filter(({ node }) => node === 'pve2').length;
  expect(production?.notes[0]).toContain(`${away} on node pve2, which is offline`);
  expect(requestsTo('pve2')).toBe(before);
}, 10_000);

it('asks a node no more that once gave no answer', async () => {
  const timeout = { kind: 'status', status: 596, reason: 'Connection timed out' } as const;
  const guests = guestsOf('production').filter(({ node }) => node === 'pve2');
  simulator.cluster('production').setFault(timeout, { path: /^\/nodes\/pve2\// });
  const { length } = simulator.cluster('production').requests;
  const [production] = await find({ mac: '00:11:22:33:44:55', cluster: 'production' });
  expect(production?.notes[0]).toContain(`${guests.length} on node pve2, which does not answer`);
  // What was under way at the same time is all that was asked, each up to three times.
  const asked = simulator.cluster('production').requests.slice(length);
  const paths = new Set(asked.map(({ path }) => path).filter((path) => path.startsWith('/nodes/pve2/')));
  expect(paths.size).toBeLessThan(guests.length);
});

it('says what it could not read in the words of what happened', async () => {
  const fault = { kind: 'status', status: 500, reason: 'got timeout' } as const;
  simulator.cluster('production').setFault(fault, { path: /\/agent\// });
  const [production] = await find({ ip: '198.51.100.1', cluster: 'production' });
  expect(production?.notes[0]).toContain('interfaces: the node gave an error');
  expect(production?.notes[0]).not.toContain('guest agent not running');
});

it('does not pass on the last word of a node that is away', async () => {
  simulator.cluster('production').setFault({ kind: 'unreachable' }, { node: 'pve3' });
  const guest = guestsOf('production').find(({ node }) => node === 'pve3');
  const [production] = await find({ vmid: guest?.vmid, cluster: 'production' });
  expect(production?.items).toMatchObject([{ vmid: guest?.vmid, status: 'unknown' }]);
  expect(production?.notes).toEqual([expect.stringContaining('pve3 (offline)')]);
});

it('tells how far a search is', async () => {
  const told: number[] = [];
  await session.client.callTool(
    { name: 'proxmox-find-guest', arguments: { ip: '198.51.100.2', cluster: 'production' } },
    undefined,
    { onprogress: ({ progress }) => told.push(progress) },
  );
  expect(told.at(-1)).toBe(guestsOf('production').length);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
});

it('asks for something to look for, in a form that can be read', async () => {
  const empty = await session.call('proxmox-find-guest', { cluster: 'production' });
  expect(empty.isError).toBe(true);
  expect(empty.data.error).toMatchObject({
    code: 'INVALID_ARGUMENTS',
    arguments: [{ message: expect.stringContaining('name, vmid, tag, ip, mac') }],
  });
  for (const bad of [{ ip: '10.0.0.256' }, { ip: '1::2::3' }, { mac: '00:11:22' }, { vmid: 1 }]) {
    const { data } = await session.call('proxmox-find-guest', bad);
    expect(data.error, JSON.stringify(bad)).toMatchObject({ code: 'INVALID_ARGUMENTS' });
  }
});
