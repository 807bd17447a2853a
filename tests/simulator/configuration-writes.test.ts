import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { row, rows, send } from './request.js';
import { Writing } from './writing.js';

let pve: Writing;

beforeEach(async () => {
  pve = await Writing.start();
});
afterEach(() => pve.close());

describe('access', () => {
  test('a token tells its secret once, and works', async () => {
    await pve.post('production', '/access/users', { userid: 'eve@pve', groups: 'admins' });
    const made = row(await pve.post('production', '/access/users/eve@pve/token/t1', { privsep: 0 }));
    expect(made).toMatchObject({ 'full-tokenid': 'eve@pve!t1' });
    const token = `eve@pve!t1=${made.value}`;
    expect((await send(pve.cluster('production'), '/version', { token })).status).toBe(200);
    expect(row(await pve.get('production', '/access/users/eve@pve/token/t1'))).not.toHaveProperty('value');
    const again = await pve.post('production', '/access/users/eve@pve/token/t1');
    expect(again.body.errors).toEqual({ tokenid: 'Token already exists.' });
    await pve.delete('production', '/access/users/eve@pve');
    expect((await send(pve.cluster('production'), '/version', { token })).status).toBe(401);
  });

  test('roles and groups', async () => {
    expect((await pve.post('production', '/access/roles', { roleid: 'PVEx' })).status).toBe(400);
    expect((await pve.post('production', '/access/roles', { roleid: 'R', privs: 'No.Such' })).reason).toContain(
      'No.Such',
    );
    await pve.post('production', '/access/roles', { roleid: 'R', privs: 'VM.Audit' });
    await pve.put('production', '/access/roles/R', { privs: 'VM.Console', append: 1 });
    expect(row(await pve.get('production', '/access/roles/R'))).toEqual({ 'VM.Audit': 1, 'VM.Console': 1 });
    const builtin = await pve.delete('production', '/access/roles/PVEAdmin');
    expect(builtin.reason).toBe("auto-generated role 'PVEAdmin' cannot be deleted");
    expect((await pve.put('production', '/access/users/nobody@pve', { comment: 'x' })).status).toBe(500);
  });
});

describe('firewall', () => {
  const path = '/nodes/pve1/qemu/100/firewall';
  const rule = (dport: number) =>
    pve.post('production', `${path}/rules`, { type: 'in', action: 'ACCEPT', proto: 'tcp', dport, pos: 5 });

  test('rules are inserted at the top, off, and moved by position', async () => {
    for (const port of [22, 80, 443]) expect((await rule(port)).data).toBeNull();
    const ports = async () => rows(await pve.get('production', `${path}/rules`)).map(({ dport }) => dport);
    expect(await ports()).toEqual(['443', '80', '22']);
    const [first] = rows(await pve.get('production', `${path}/rules`));
    expect(first).toMatchObject({ pos: 0, enable: 0 });
    await pve.put('production', `${path}/rules/0`, { moveto: 2, enable: 1 });
    expect(await ports()).toEqual(['80', '443', '22']);
    const stale = await pve.delete('production', `${path}/rules/0`, { digest: String(first?.digest) });
    expect(stale.reason).toContain('detected modified configuration');
    await pve.delete('production', `${path}/rules/0`);
    expect(await ports()).toEqual(['443', '22']);
  });

  test('a rule names what is there', async () => {
    const bad = await pve.post('production', `${path}/rules`, {
      type: 'in',
      action: 'ACCEPT',
      source: '+office',
      dport: 22,
    });
    expect(bad.body.errors).toEqual({ source: "no such ipset 'office'", proto: 'missing property' });
    await pve.post('production', '/cluster/firewall/ipset', { name: 'office' });
    await pve.post('production', '/cluster/firewall/ipset/office', { cidr: '10.0.0.0/24' });
    expect((await pve.delete('production', '/cluster/firewall/ipset/office')).reason).toContain('is not empty');
    const good = { type: 'in', action: 'ACCEPT', source: '+dc/office', proto: 'tcp', dport: 22 };
    expect((await pve.post('production', `${path}/rules`, good)).status).toBe(200);
    expect(rows(await pve.get('production', `${path}/refs`))).toMatchObject([{ ref: '+dc/office' }]);
    const entry = `/cluster/firewall/ipset/office/${encodeURIComponent('10.0.0.0/24')}`;
    expect((await pve.delete('production', entry)).status).toBe(200);
    await pve.post('production', '/cluster/firewall/groups', { group: 'web' });
    await pve.post('production', '/cluster/firewall/groups/web', { type: 'in', action: 'ACCEPT', macro: 'HTTP' });
    expect((await pve.delete('production', '/cluster/firewall/groups/web')).reason).toContain('is not empty');
    await pve.put('production', '/cluster/firewall/options', { enable: 1, policy_in: 'DROP' });
    expect(row(await pve.get('production', '/cluster/firewall/options'))).toMatchObject({
      enable: 1,
      policy_in: 'DROP',
    });
  });
});

describe('HA', () => {
  test('9 has rules, 8 has groups', async () => {
    expect((await pve.get('production', '/cluster/ha/groups')).reason).toContain('have been migrated to rules');
    expect((await pve.get('staging', '/cluster/ha/rules')).status).toBe(501);
    expect(rows(await pve.get('staging', '/cluster/ha/groups'))).toMatchObject([{ group: 'both' }]);
    expect((await pve.delete('staging', '/cluster/ha/groups/both')).reason).toContain("used by service 'vm:202'");
    const rule = { rule: 'home', type: 'node-affinity', resources: 'vm:100', nodes: 'pve1' };
    expect((await pve.post('production', '/cluster/ha/rules', rule)).reason).toContain('unmanaged resource');
  });

  test('a resource is followed and moved later', async () => {
    expect((await pve.post('production', '/cluster/ha/resources', { sid: 'vm:999' })).status).toBe(500);
    await pve.post('production', '/cluster/ha/resources', { sid: '102', state: 'started' });
    pve.clock.advance(6);
    expect(row(await pve.get('production', '/nodes/pve3/qemu/102/status/current')).status).toBe('running');
    const moved = await pve.post('production', '/cluster/ha/resources/vm:102/migrate', { node: 'pve1' });
    expect(moved.data).toMatchObject({ sid: 'vm:102', 'requested-node': 'pve1' });
    pve.clock.advance(6);
    expect(row(await pve.get('production', '/nodes/pve3/qemu/102/config')).lock).toBe('migrate');
    pve.clock.advance(10);
    expect((await pve.get('production', '/nodes/pve1/qemu/102/status/current')).status).toBe(200);
  });

  test('replication needs ZFS', async () => {
    const refused = await pve.post('production', '/cluster/replication', {
      id: '100-0',
      type: 'local',
      target: 'pve2',
    });
    expect(refused.reason).toMatch(/^missing replicate feature on volume/);
    for (const storage of pve.cluster('production').state.storages) {
      if (storage.storage === 'local-lvm') storage.type = 'zfspool';
    }
    await pve.post('production', '/cluster/replication', { id: '100-0', type: 'local', target: 'pve2' });
    await pve.post('production', '/nodes/pve1/replication/100-0/schedule_now');
    pve.clock.advance(5);
    expect(rows(await pve.get('production', '/nodes/pve1/replication'))).toMatchObject([
      { fail_count: 0, duration: 3.4 },
    ]);
    await pve.delete('production', '/cluster/replication/100-0');
    expect(rows(await pve.get('production', '/cluster/replication'))).toMatchObject([{ remove_job: 'full' }]);
    pve.clock.advance(61);
    expect(rows(await pve.get('production', '/cluster/replication'))).toEqual([]);
  });
});

describe('network', () => {
  test('interfaces are staged, applied and reverted', async () => {
    const path = '/nodes/pve1/network';
    const bridge = { iface: 'vmbr9', type: 'bridge', cidr: '10.9.0.1/24', autostart: 1 };
    expect((await pve.post('production', path, bridge)).data).toBeNull();
    expect((await pve.post('production', path, bridge)).body.errors).toEqual({ iface: 'interface already exists' });
    expect((await pve.get('production', path)).body.changes).toContain('+iface vmbr9 inet static');
    await pve.delete('production', path);
    expect((await pve.get('production', path)).body).not.toHaveProperty('changes');
    await pve.post('production', path, bridge);
    expect(await pve.end('production', await pve.put('production', path))).toBe('OK');
    const answer = await pve.get('production', path);
    expect(answer.body).not.toHaveProperty('changes');
    expect(rows(answer).find(({ iface }) => iface === 'vmbr9')).toMatchObject({ address: '10.9.0.1', active: 1 });
  });

  test('SDN waits for its apply', async () => {
    await pve.post('production', '/cluster/sdn/zones', { zone: 'lab', type: 'simple' });
    const tagged = await pve.post('production', '/cluster/sdn/vnets', { vnet: 'net1', zone: 'lab', tag: 5 });
    expect(tagged.reason).toContain('not allowed on simple zone');
    await pve.post('production', '/cluster/sdn/vnets', { vnet: 'net1', zone: 'lab' });
    await pve.post('production', '/cluster/sdn/vnets/net1/subnets', { subnet: '10.8.0.0/24', type: 'subnet' });
    expect(rows(await pve.get('production', '/cluster/sdn/vnets/net1/subnets'))).toMatchObject([
      { subnet: 'lab-10.8.0.0-24' },
    ]);
    expect(rows(await pve.get('production', '/cluster/sdn/zones?pending=1'))).toMatchObject([{ state: 'new' }]);
    expect(rows(await pve.get('production', '/cluster/sdn/zones?running=1'))).toEqual([]);
    expect(await pve.end('production', await pve.put('production', '/cluster/sdn'))).toBe('OK');
    expect(rows(await pve.get('production', '/cluster/sdn/zones?running=1'))).toMatchObject([{ zone: 'lab' }]);
    expect((await pve.delete('production', '/cluster/sdn/zones/lab')).reason).toContain('is used by vnet');
  });
});

describe('nodes and the rest', () => {
  test('services stop and start by tasks', async () => {
    const path = '/nodes/pve1/services/cron';
    expect(await pve.end('production', await pve.post('production', `${path}/stop`))).toBe('OK');
    expect(row(await pve.get('production', `${path}/state`)).state).toBe('dead');
    expect(await pve.end('production', await pve.post('production', `${path}/start`))).toBe('OK');
    expect((await pve.get('production', '/nodes/pve1/ceph/status')).reason).toContain('ceph-mon');
    expect(await pve.end('production', await pve.post('production', '/nodes/pve1/stopall', { vms: 100 }))).toBe('OK');
    expect(row(await pve.get('production', '/nodes/pve1/qemu/100/status/current')).status).toBe('stopped');
  });

  test('mappings, metric servers and notifications', async () => {
    const map = 'node=pve1,path=0000:01:00.0,id=10de:2204';
    expect((await pve.post('production', '/cluster/mapping/pci', { id: 'gpu', map })).status).toBe(200);
    expect(rows(await pve.get('production', '/cluster/mapping/pci'))).toMatchObject([{ id: 'gpu', map: [map] }]);
    const influx = { type: 'influxdb', server: '10.0.0.7', port: 8086, token: 'secret' };
    expect((await pve.post('production', '/cluster/metrics/server/m1', influx)).status).toBe(200);
    expect((await pve.get('production', '/cluster/metrics/server/m1')).text).not.toContain('secret');
    const gotify = { name: 'phone', server: 'https://push.example.com', token: 'secret' };
    expect((await pve.post('production', '/cluster/notifications/endpoints/gotify', gotify)).status).toBe(200);
    expect(rows(await pve.get('production', '/cluster/notifications/targets'))).toMatchObject([
      { name: 'mail-to-root', type: 'sendmail', origin: 'builtin' },
      { name: 'phone', type: 'gotify' },
    ]);
    expect((await pve.get('production', '/cluster/notifications/endpoints/gotify/none')).status).toBe(404);
  });
});
