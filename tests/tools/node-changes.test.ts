import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, describe, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld();
const node = 'pve2';
/** What destroys and is about no guest names its cluster. */
const on = { node, cluster: 'production' };
const production = () => world.simulator.cluster('production');
const guestsOn = (name: string) => production().state.guests.filter((guest) => guest.node === name);

describe('services', () => {
  it('are listed with their state and restarted, with the outcome of the task', async () => {
    const { data } = await world.call('proxmox-list-services', { ...on, limit: 200 });
    expect(data.items.find((row: { service: string }) => row.service === 'pveproxy')).toMatchObject({
      state: 'running',
    });
    const args = { ...on, service: 'chrony', action: 'restart' };
    expect(await world.plan('proxmox-control-service', args)).toEqual([
      { method: 'POST', path: `/nodes/${node}/services/chrony/restart` },
    ]);
    const result = await world.result('proxmox-control-service', { ...args, confirm: true });
    expect(result.task).toMatchObject({ state: 'ok' });
  });

  it('stay when they are not known, or carry the API', async () => {
    const typo = await world.error('proxmox-control-service', {
      ...on,
      service: 'chronny',
      action: 'stop',
      confirm: true,
    });
    expect(typo.next).toContain('chrony');
    const proxy = await world.error('proxmox-control-service', {
      ...on,
      service: 'pveproxy',
      action: 'stop',
      confirm: true,
    });
    expect(proxy.code).toBe('REFUSED');
    expect(world.writes()).toBe(0);
  });
});

describe('updates', () => {
  it('are listed and refreshed', async () => {
    const { data } = await world.call('proxmox-list-updates', { node });
    expect(data.items[0]).toMatchObject({ package: expect.any(String), installed: expect.any(String) });
    expect(await world.plan('proxmox-refresh-updates', { ...on, dry_run: true })).toHaveLength(1);
    expect((await world.result('proxmox-refresh-updates', { node })).task).toMatchObject({ state: 'ok' });
  });
});

describe('settings of a node', () => {
  it('are shown together', async () => {
    const result = await world.result('proxmox-node-settings', { node: 'pve1' });
    expect(result).toMatchObject({ node: 'pve1', search: 'example.com', timezone: 'Europe/Vienna' });
    expect(result.hosts).toContain('pve1.example.com');
  });

  it('change where they are given and stay where they are not', async () => {
    const before = await world.result('proxmox-node-settings', { node });
    const dns = await world.result('proxmox-set-node-dns', { ...on, search: 'lab.example.com' });
    expect(dns).toMatchObject({ search: 'lab.example.com', dns1: before.dns[0] });
    const servers = ['192.0.2.53', '2001:db8::53'];
    await world.result('proxmox-set-node-dns', { ...on, servers });
    expect(await world.result('proxmox-node-settings', { node })).toMatchObject({
      search: 'lab.example.com',
      dns: servers,
    });
    const zone = await world.result('proxmox-set-node-timezone', { ...on, timezone: 'Asia/Tokyo' });
    expect(zone).toEqual({ node, timezone: 'Asia/Tokyo', before: 'Europe/Vienna' });
  });

  it('refuse what is no address, no time zone, and hosts without the node', async () => {
    expect(await world.error('proxmox-set-node-dns', { ...on, servers: ['dns'] })).toMatchObject({
      code: 'INVALID_ARGUMENTS',
    });
    const hosts = await world.error('proxmox-set-node-hosts', { ...on, hosts: '127.0.0.1 localhost', confirm: true });
    expect(JSON.stringify(hosts)).toContain("names the node 'pve2'");
    expect(world.writes()).toBe(0);
    const zone = await world.error('proxmox-set-node-timezone', { ...on, timezone: 'Mars/Base' });
    expect(JSON.stringify(zone)).toContain('Mars/Base');
  });

  it('replace the hosts file when that is confirmed', async () => {
    const hosts = '127.0.0.1 localhost\n192.0.2.2 pve2.example.com pve2\n';
    const [write] = await world.plan('proxmox-set-node-hosts', { ...on, hosts });
    expect(write).toMatchObject({ method: 'POST', path: `/nodes/${node}/hosts`, parameters: { data: hosts } });
    expect(await world.result('proxmox-set-node-hosts', { ...on, hosts, confirm: true })).toEqual({ node, hosts });
  });
});

describe('what a node tells of itself', () => {
  it('is its log, the last lines first asked for', async () => {
    const { data } = await world.call('proxmox-node-log', { ...on, lines: 2 });
    expect(data.items.length).toBeLessThanOrEqual(2);
    const all = await world.call('proxmox-node-log', { ...on, service: 'pvedaemon', lines: 1 });
    const whole = await world.call('proxmox-node-log', { ...on, service: 'pvedaemon', lines: 1000, limit: 1000 });
    expect(all.data.items).toEqual(whole.data.items.slice(-1));
  });

  it('is its log since a time, which a node reads in its own zone', async () => {
    const { timezone } = await world.result('proxmox-node-settings', { node: 'pve1' });
    expect(timezone).toBe('Europe/Vienna');
    const since = '2026-01-01T00:00:00Z';
    const before = production().requests.length;
    await world.call('proxmox-node-log', { node: 'pve1', service: 'pvedaemon', since });
    const asked = production()
      .requests.slice(before)
      .filter(({ path }) => path.includes('/syslog'));
    const offset = new Date().toLocaleString('en', { timeZone: 'Europe/Vienna', timeZoneName: 'longOffset' });
    const hours = /GMT\+0(\d)/.exec(offset)?.[1];
    expect(JSON.stringify(asked)).toMatch(new RegExp(`2026-01-01[ +]0${hours}(:|%3A)00`));
    const whole = await world.error('proxmox-node-log', { node: 'pve1', since: '2020-01-01T00:00:00Z' });
    expect(JSON.stringify(whole)).toContain('at most 24 h ago');
  });

  it('is its subscription without the key, its certificates, and that it has no Ceph', async () => {
    const subscription = await world.result('proxmox-node-subscription', { node });
    expect(subscription.status).toMatch(/^(active|notfound)$/);
    expect(JSON.stringify(subscription)).not.toMatch(/pve\d[a-z]-/);
    const { data } = await world.call('proxmox-list-certificates', { node });
    expect(data.items.map((row: { filename: string }) => row.filename)).toEqual(['pve-root-ca.pem', 'pve-ssl.pem']);
    expect(data.items[1].days_left).toBeGreaterThan(0);
    expect(await world.result('proxmox-ceph-status', {})).toMatchObject({
      ceph: false,
      reason: expect.stringContaining('ceph'),
    });
  });
});

describe("a certificate of one's own", () => {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-certificate-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('is taken from files, the key shown nowhere, and not over another unless that is meant', async () => {
    const made = await generate([{ name: 'commonName', value: 'pve2.example.com' }]);
    const args = {
      ...on,
      certificate_file: file('cert.pem', made.cert),
      key_file: file('key.pem', made.private),
    };
    const plan = await world.plan('proxmox-set-certificate', args);
    expect(plan).toMatchObject([{ path: `/nodes/${node}/certificates/custom`, parameters: { key: '[not shown]' } }]);
    expect(JSON.stringify(plan)).not.toContain('PRIVATE KEY');
    const done = await world.result('proxmox-set-certificate', { ...args, confirm: true });
    expect(done).toMatchObject({
      filename: 'pveproxy-ssl.pem',
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}/),
    });
    const { data } = await world.call('proxmox-list-certificates', { node });
    expect(data.items.map((row: { fingerprint: string }) => row.fingerprint)).toContain(done.fingerprint);
    const again = await world.error('proxmox-set-certificate', { ...args, confirm: true });
    expect(JSON.stringify(again)).toContain('force');
    const { key_file: _, ...renewed } = args;
    await world.result('proxmox-set-certificate', { ...renewed, force: true, confirm: true });
  });

  it('is refused where a file is not what it should be', async () => {
    const text = file('notes.txt', 'no certificate');
    const error = await world.error('proxmox-set-certificate', { ...on, certificate_file: text, confirm: true });
    expect(error.arguments).toEqual([{ argument: 'certificate_file', message: 'is no such PEM file' }]);
    const lost = { ...on, certificate_file: join(folder, 'none.pem'), confirm: true };
    expect((await world.error('proxmox-set-certificate', lost)).code).toBe('INVALID_ARGUMENTS');
    expect(world.writes()).toBe(0);
  });
});

describe('a certificate', () => {
  it('is ordered where domains are set, and refused where there are none', async () => {
    const done = await world.result('proxmox-order-certificate', { ...on, force: true, confirm: true });
    expect(done.task).toMatchObject({ state: 'ok' });
    expect(await world.plan('proxmox-order-certificate', { ...on, renew: true })).toMatchObject([{ method: 'PUT' }]);
    await world.result('proxmox-node-settings', { node: 'pve1' });
    const settings = production().state.configuration.nodes.pve1;
    if (settings === undefined) throw new Error('no settings of pve1');
    settings.options = {};
    const none = await world.error('proxmox-order-certificate', { ...on, node: 'pve1', confirm: true });
    expect(none.message).toContain('no ACME domains');
    expect(world.writes()).toBe(1);
  });
});

describe('all guests of a node', () => {
  it('are stopped, started and moved, each with the outcome of the task', async () => {
    const vmids = [101];
    expect(await world.plan('proxmox-stop-all-guests', { ...on, vmids, grace: 30 })).toEqual([
      { method: 'POST', path: `/nodes/${node}/stopall`, parameters: { vms: '101', timeout: 30 } },
    ]);
    const stopped = await world.result('proxmox-stop-all-guests', { ...on, vmids, confirm: true });
    expect(stopped).toMatchObject({
      task: { state: 'ok' },
      rows: [{ vmid: 101, status: 'stopped', as_asked: true }],
      failed: 0,
    });
    expect(production().state.guests.find(({ vmid }) => vmid === 101)?.status).toBe('stopped');
    await world.result('proxmox-start-all-guests', { ...on, vmids, force: true });
    const args = { ...on, target_node: 'pve1', vmids, with_local_disks: true };
    expect(await world.plan('proxmox-migrate-all-guests', args)).toMatchObject([
      { path: `/nodes/${node}/migrateall`, parameters: { target: 'pve1', vms: '101', maxworkers: 1 } },
    ]);
    await world.result('proxmox-migrate-all-guests', { ...args, confirm: true });
    expect(guestsOn('pve1').map(({ vmid }) => vmid)).toContain(101);
  });

  it('are named in the plan, and in the result where they are not as asked', async () => {
    const locked = production().state.guests.find((guest) => guest.vmid === 104);
    const home = locked?.node;
    const there = { ...on, node: home, vmids: [104] };
    const { data } = await world.call('proxmox-stop-all-guests', { ...on, node: home });
    expect(data.plan.notes[0]).toMatch(/^Stops \d+ guests: .*104 /);
    const stopped = await world.call('proxmox-stop-all-guests', { ...there, confirm: true });
    expect(stopped.isError).toBe(true);
    expect(stopped.data.result).toMatchObject({
      task: { state: 'ok' },
      rows: [{ vmid: 104, status: 'running', as_asked: false }],
      failed: 1,
    });
    const quick = await world.call('proxmox-stop-all-guests', { ...there, confirm: true, wait: false });
    expect(quick.data.result).toMatchObject({ upid: expect.stringContaining('stopall') });
    expect(quick.data.notes.join(' ')).toContain('says nothing of the guests');
  });

  it('stay off without force where they do not start at boot, and are told', async () => {
    const guest = production().state.guests.find(({ vmid }) => vmid === 102);
    const { data } = await world.call('proxmox-start-all-guests', { ...on, node: guest?.node, vmids: [102] });
    expect(data.result).toMatchObject({ rows: [], failed: 0 });
    expect(data.notes.join(' ')).toContain('these stay off: 1 guests: 102');
    expect(guest?.status).toBe('stopped');
  });

  it('are on the node where they are named', async () => {
    const error = await world.error('proxmox-stop-all-guests', { ...on, vmids: [999], confirm: true });
    expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('999') });
    expect(world.writes()).toBe(0);
  });

  it('go nowhere that is not there', async () => {
    const error = await world.error('proxmox-migrate-all-guests', { ...on, target_node: 'pve9', confirm: true });
    expect(error.next).toContain('pve1');
    expect(world.writes()).toBe(0);
  });
});

describe('power of a node', () => {
  it('is not touched while guests run on it, unless that is meant', async () => {
    const refused = await world.error('proxmox-reboot-node', { ...on, node: 'pve3', confirm: true });
    expect(refused).toMatchObject({ code: 'REFUSED', next: expect.stringContaining('with_guests') });
    expect(world.writes()).toBe(0);
    expect(await world.plan('proxmox-reboot-node', { ...on, node: 'pve3', with_guests: true })).toEqual([
      { method: 'POST', path: '/nodes/pve3/status', parameters: { command: 'reboot' } },
    ]);
    const done = await world.result('proxmox-reboot-node', { ...on, node: 'pve3', with_guests: true, confirm: true });
    expect(done.running_guests.length).toBeGreaterThan(0);
  });

  it('is not touched while a guest is paused, whose memory would be lost', async () => {
    const guests = guestsOn('pve3');
    const kept = guests.map(({ status }) => status);
    for (const guest of guests) guest.status = 'stopped';
    const [paused] = guests.filter(({ type, config }) => type === 'qemu' && config.template === undefined);
    if (paused === undefined) throw new Error('no VM on pve3');
    Object.assign(paused, { status: 'running', qmpstatus: 'paused' });
    const refused = await world.error('proxmox-shutdown-node', { ...on, node: 'pve3', confirm: true });
    expect(refused).toMatchObject({ code: 'REFUSED', message: expect.stringContaining(`(${paused.vmid})`) });
    guests.forEach((guest, at) => {
      guest.status = kept[at] ?? 'stopped';
    });
    paused.qmpstatus = undefined;
  });

  it('is switched off, and on again by a packet; one that is on is not woken', async () => {
    expect(await world.error('proxmox-wake-node', { node })).toMatchObject({ code: 'REFUSED' });
    await world.result('proxmox-shutdown-node', { ...on, with_guests: true, confirm: true });
    await expect.poll(() => production().state.nodes.find((one) => one.node === node)?.online).toBe(false);
    expect(await world.result('proxmox-wake-node', { node })).toMatchObject({
      node,
      mac: expect.stringMatching(/^02:/),
    });
  });
});
