import { describe, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld();
const node = 'pve1';
const confirm = true;
/** What destroys and is about no guest names its cluster. */
const cluster = 'production';
const settings = () => world.simulator.cluster('production').state.configuration;

describe('devices', () => {
  it('are listed with the path and id that a mapping takes', async () => {
    const pci = await world.call('proxmox-list-hardware', { node });
    expect(pci.data.items[0]).toMatchObject({ path: '0000:01:00.0', id: '10de:2204', iommugroup: 14 });
    const usb = await world.call('proxmox-list-hardware', { node, kind: 'usb' });
    expect(usb.data.items).toMatchObject([{ path: '1-2', id: '0951:1666' }]);
  });

  it('are mapped, the mapping changed and deleted', async () => {
    const entry = 'node=pve1,path=0000:01:00.0,id=10de:2204';
    const args = { kind: 'pci', id: 'gpu', entries: [entry] };
    expect(await world.plan('proxmox-set-mapping', { ...args, dry_run: true })).toMatchObject([
      { method: 'POST', path: '/cluster/mapping/pci', parameters: { id: 'gpu', map: [entry] } },
    ]);
    expect(await world.result('proxmox-set-mapping', args)).toEqual({ kind: 'pci', id: 'gpu', created: true });
    const more = [entry, entry.replace('pve1', 'pve2')];
    expect(await world.result('proxmox-set-mapping', { ...args, entries: more })).toMatchObject({
      created: false,
      before: [entry],
    });
    const { data } = await world.call('proxmox-list-mappings', { kind: 'pci' });
    expect(data.items).toMatchObject([{ id: 'gpu', map: more }]);
    expect(await world.plan('proxmox-delete-mapping', { cluster, kind: 'pci', id: 'gpu' })).toHaveLength(1);
    await world.result('proxmox-delete-mapping', { cluster, kind: 'pci', id: 'gpu', confirm });
    expect(settings().pciMappings).toEqual([]);
  });

  it.each([
    ['node=pve1,path=0000:01:00.0', 'has no id'],
    ['path=0000:01:00.0,id=10de:2204', 'has no node'],
    ['node=pve1,path=1-2,id=10de:2204', 'path is not one of pci'],
    ['node=pve1,path=0000:01:00.0,id=10de:2204,evil=1', "'evil' is not known"],
  ])('are not mapped by %s', async (entry, said) => {
    const error = await world.error('proxmox-set-mapping', { kind: 'pci', id: 'gpu', entries: [entry] });
    expect(JSON.stringify(error)).toContain(said);
    expect(world.writes()).toBe(0);
  });

  it('that are not mapped cannot be unmapped', async () => {
    expect(await world.error('proxmox-delete-mapping', { cluster, kind: 'usb', id: 'none', confirm })).toMatchObject({
      code: 'REFUSED',
    });
  });
});

describe('metric servers', () => {
  it('are created, changed and deleted, and the token is never shown', async () => {
    const args = { id: 'influx', type: 'influxdb', server: 'metrics.example.com', port: 8086, token: 'hush-hush' };
    const plan = await world.plan('proxmox-set-metric-server', { ...args, dry_run: true });
    expect(JSON.stringify(plan)).not.toContain('hush-hush');
    expect(await world.result('proxmox-set-metric-server', args)).toEqual({ id: 'influx', created: true });
    await world.result('proxmox-set-metric-server', { id: 'influx', disable: true });
    const list = await world.call('proxmox-list-metric-servers', {});
    expect(list.data.items).toEqual([
      { id: 'influx', type: 'influxdb', server: 'metrics.example.com', port: 8086, disable: true },
    ]);
    expect(list.text).not.toContain('hush-hush');
    expect(await world.plan('proxmox-delete-metric-server', { cluster, id: 'influx' })).toHaveLength(1);
    await world.result('proxmox-delete-metric-server', { cluster, id: 'influx', confirm });
    expect(settings().metricServers).toEqual([]);
  });

  it('need what makes one, and a protocol that the type has', async () => {
    expect(JSON.stringify(await world.error('proxmox-set-metric-server', { id: 'a1', type: 'graphite' }))).toContain(
      'a new one needs',
    );
    const wrong = { id: 'a1', type: 'graphite', server: 'a.example.com', port: 1, protocol: 'https' };
    expect(JSON.stringify(await world.error('proxmox-set-metric-server', wrong))).toContain('graphite takes udp, tcp');
    expect(world.writes()).toBe(0);
  });
});

describe('notifications', () => {
  const chat = { name: 'chat', type: 'webhook', url: 'https://chat.example.com/hook' };

  it('have targets that are made, tried, changed and deleted', async () => {
    const args = { ...chat, headers: { 'X-Key': 'a' }, body: 'Hi' };
    expect(await world.plan('proxmox-set-notification-target', { ...args, dry_run: true })).toMatchObject([
      { parameters: { name: 'chat', method: 'post', header: ['name=X-Key,value=[not shown]'], body: 'SGk=' } },
    ]);
    expect(await world.result('proxmox-set-notification-target', args)).toEqual({ name: 'chat', created: true });
    expect(await world.result('proxmox-test-notification', { name: 'chat' })).toEqual({ name: 'chat', sent: true });
    await world.result('proxmox-set-notification-target', { name: 'chat', type: 'webhook', comment: 'team' });
    const { data } = await world.call('proxmox-list-notifications', {});
    expect(data.items.find((row: { name: string }) => row.name === 'chat')).toMatchObject({
      kind: 'target',
      type: 'webhook',
      comment: 'team',
    });
    await world.result('proxmox-delete-notification', { cluster, kind: 'target', name: 'chat', confirm });
    expect(settings().notificationEndpoints.some(({ id }) => id === 'chat')).toBe(false);
  });

  it('take credentials as secrets, which no plan shows, and not as headers', async () => {
    const open = { ...chat, headers: { Authorization: 'Bearer hush-hush' } };
    const error = await world.error('proxmox-set-notification-target', open);
    expect(JSON.stringify(error)).toContain("give it in 'secrets'");
    expect(world.writes()).toBe(0);
    const args = {
      ...chat,
      name: 'vault',
      headers: { Authorization: 'Bearer {{ secrets.token }}' },
      secrets: { token: 'hush-hush' },
    };
    const plan = await world.plan('proxmox-set-notification-target', { ...args, dry_run: true });
    expect(plan).toMatchObject([{ parameters: { secret: ['[not shown]'] } }]);
    expect(JSON.stringify(plan)).not.toContain('aHVzaC1odXNo');
    await world.result('proxmox-set-notification-target', args);
    expect(settings().notificationEndpoints.find(({ id }) => id === 'vault')?.settings.secret).toEqual([
      'name=token,value=aHVzaC1odXNo',
    ]);
    expect((await world.call('proxmox-list-notifications', {})).text).not.toContain('aHVzaC1odXNo');
    await world.result('proxmox-delete-notification', { cluster, kind: 'target', name: 'vault', confirm });
  });

  it('have matchers that say what goes where', async () => {
    await world.result('proxmox-set-notification-target', chat);
    const args = { name: 'backups', targets: ['chat'], events: ['exact:type=vzdump'], severities: ['error'] };
    expect(await world.result('proxmox-set-notification-matcher', args)).toEqual({ name: 'backups', created: true });
    const { data } = await world.call('proxmox-list-notifications', {});
    expect(data.items.find((row: { name: string }) => row.name === 'backups')).toMatchObject({
      targets: ['chat'],
      match: ['exact:type=vzdump', 'severity:error'],
    });
    const used = await world.error('proxmox-delete-notification', { cluster, kind: 'target', name: 'chat', confirm });
    expect(JSON.stringify(used)).toContain('backups');
    expect(await world.plan('proxmox-delete-notification', { cluster, kind: 'matcher', name: 'backups' })).toHaveLength(
      1,
    );
    await world.result('proxmox-delete-notification', { cluster, kind: 'matcher', name: 'backups', confirm });
  });

  it('are refused with what is wrong, and nothing is sent', async () => {
    const cases: [string, object, string][] = [
      [
        'proxmox-set-notification-target',
        { name: 'mail', type: 'smtp', server: 'a.example.com' },
        'a new smtp needs it',
      ],
      ['proxmox-set-notification-target', { ...chat, name: 'other', port: 1 }, 'is not for webhook'],
      ['proxmox-set-notification-matcher', { name: 'm1', targets: ['nowhere'] }, "there is no 'nowhere'"],
      ['proxmox-set-notification-matcher', { name: 'm1', events: ['type=vzdump'] }, 'exact:field=value'],
      ['proxmox-delete-notification', { cluster, kind: 'matcher', name: 'none', confirm }, 'no notification matcher'],
    ];
    for (const [tool, args, said] of cases)
      expect(JSON.stringify(await world.error(tool, { ...args }))).toContain(said);
    expect(world.writes()).toBe(0);
  });

  it('that cannot be delivered say why', async () => {
    const lost = { name: 'lost', type: 'gotify', url: 'https://gotify.invalid', secret: 'abc' };
    await world.result('proxmox-set-notification-target', lost);
    expect(JSON.stringify(await world.error('proxmox-test-notification', { name: 'lost' }))).toContain(
      'failed to lookup',
    );
  });
});
