import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { from, startTwo, type TwoClusters, to, tool } from './two-clusters.js';

let two: TwoClusters;
beforeAll(async () => {
  two = await startTwo();
});
afterAll(() => two.close());

const codes = (findings: { code: string }[] = []) => findings.map(({ code }) => code);

describe('a guest goes to another cluster', () => {
  it('shows what it would do, to whom and why, and sends nothing', async () => {
    expect(tool).toBe('proxmox-migrate-vm-between-clusters');
    const { data, isError } = await two.move({ vmid: 101, delete_source: true, bwlimit: 50_000 });
    expect(isError).toBe(false);
    expect(two.writes()).toEqual([]);
    expect(data.plan).toMatchObject({
      target: { vmid: 101, node: 'pve2', status: 'running', source: from, destination: to },
      target_node: 'pve-dr2: it has the most free memory',
      target_vmid: 905,
      how: 'while it runs',
      storage_map: [{ source: 'local-lvm', target: 'local-lvm', reason: 'same name and type (lvmthin)' }],
      bridge_map: [{ source: 'vmbr0', target: 'vmbr0', reason: 'same name' }],
      endpoint: expect.stringContaining("10.90.0.12:8006 (its address within cluster 'disaster-recovery')"),
      token: expect.stringContaining(
        'a token made for this move, mcp@pve!move-905, with no more than Administrator on /, PVESDNUser on /sdn/zones/localnetwork/vmbr0/20, PVEDatastoreUser on /storage/local-lvm, PVEVMAdmin on /vms/905 (not below it; a role with',
      ),
      source_afterwards: 'deleted once the guest is at the target',
    });
    expect(data.plan.token).toMatch(/deleted if this call sees the end of the move, else it lives until 20/);
    const [make, grant, ...rest] = data.plan.writes;
    const [migrate, drop] = rest.filter(({ path }: any) => path !== '/access/acl');
    expect(make).toMatchObject({ cluster: to, method: 'POST', parameters: { privsep: true } });
    expect(grant).toMatchObject({ cluster: to, method: 'PUT', path: '/access/acl' });
    expect(migrate).toEqual({
      cluster: from,
      method: 'POST',
      path: '/nodes/pve2/qemu/101/remote_migrate',
      parameters: {
        'target-endpoint': expect.stringMatching(
          /^host=10\.90\.0\.12,port=8006,apitoken=\[not shown\],fingerprint=(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/,
        ),
        'target-vmid': 905,
        'target-storage': 'local-lvm:local-lvm',
        'target-bridge': 'vmbr0:vmbr0',
        online: true,
        delete: true,
        bwlimit: 50_000,
      },
    });
    expect(drop).toMatchObject({ cluster: to, method: 'DELETE' });
    expect(data.plan.next).toContain("'confirm': true");
  });

  it('a stopped VM, whose source stays: stopped and locked', async () => {
    const macs = two.guest(102).config.net0;
    const { data, isError, text } = await two.moved({ vmid: 102 });
    expect(isError, text).toBe(false);
    expect(data.result).toMatchObject({
      vmid: 102,
      name: 'prod-web-3',
      node: 'pve3',
      target_cluster: to,
      outcome: 'moved',
      task: { state: 'ok' },
      storage_map: 'local-lvm:local-lvm',
      token: expect.stringMatching(/move-\d+, deleted again$/),
      todo: [
        expect.stringMatching(
          /MACs now exist twice.*'qm unlock 102' on node pve3 of 'production', which only root@pam/,
        ),
      ],
    });
    expect(two.guest(102)).toMatchObject({ status: 'stopped', config: { lock: 'migrate' } });
    const there = two.guest(data.result.target_vmid, to);
    expect(there).toMatchObject({ status: 'stopped', config: { name: 'prod-web-3', net0: macs } });
    expect(there.config.lock).toBeUndefined();
    expect(two.target.state.users.flatMap(({ tokens }) => tokens.map(({ tokenid }) => tokenid))).not.toContainEqual(
      expect.stringContaining('move-'),
    );
  });

  it('a running VM without a break, and the source is deleted where that was asked for', async () => {
    const { data, isError, text } = await two.moved({
      vmid: 101,
      delete_source: true,
      target_node: 'pve-dr1',
      target_vmid: 4101,
      bridge_map: 'vmbr0:vmbr1',
    });
    expect(isError, text).toBe(false);
    expect(data.result).toMatchObject({ outcome: 'moved', target_node: 'pve-dr1', target_vmid: 4101 });
    expect(data.result.todo).toBeUndefined();
    expect(two.guest(101)).toBeUndefined();
    expect(two.guest(4101, to)).toMatchObject({ node: 'pve-dr1', status: 'running' });
    expect(two.guest(4101, to).config.net0).toContain('bridge=vmbr1');
    const tunnel = two.target.state.tasks.find(({ type, id }) => type === 'qmtunnel' && id === '4101');
    expect(tunnel?.user).toBe('mcp@pve!move-4101');
  });

  it('a container by a stop and a start', async () => {
    const { data, isError, text } = await two.moved({ vmid: 141 });
    expect(isError, text).toBe(false);
    expect(data.result).toMatchObject({ outcome: 'moved', task: { state: 'ok' } });
    expect(two.guest(data.result.target_vmid, to)).toMatchObject({ type: 'lxc', status: 'running' });
    expect(two.guest(141)).toMatchObject({ status: 'stopped', config: { lock: 'migrate' } });
  });

  it('tells that it goes on when the time is up, with its UPID and the life of its token', async () => {
    const slow = await startTwo({}, 1);
    const { data, isError, text } = await slow.moved({ vmid: 102, timeout: 1 });
    expect(isError, text).toBe(false);
    expect(data.result).toMatchObject({
      upid: expect.stringMatching(/^UPID:pve3:.*:qmigrate:102:/),
      outcome: 'running',
      task: { state: 'running' },
      token: expect.stringMatching(/of cluster 'disaster-recovery' expires 20.*proxmox-delete-token/),
    });
    const token = slow.target.state.users.flatMap(({ tokens }) => tokens).find(({ tokenid }) => /^move-/.test(tokenid));
    const left = (token?.expire ?? 0) - Date.now() / 1000;
    expect(left).toBeGreaterThan(3600);
    expect(left).toBeLessThan(7 * 86_400);
    await slow.close();
  });

  it('only starts it where it is not to wait', async () => {
    const { data } = await two.moved({ vmid: 105, wait: false });
    expect(data.result).toMatchObject({ outcome: 'running', upid: expect.stringContaining('vzmigrate') });
    expect(data.result.task).toBeUndefined();
    expect(data.result.todo).toEqual([expect.stringMatching(/proxmox-wait-task with its upid and cluster '\w+'/)]);
  });

  it('refuses a VMID, a node and maps that cannot be, all at once', async () => {
    const before = two.writes().length;
    const { data, isError } = await two.moved({
      vmid: 103,
      target_vmid: 900,
      storage_map: 'local-lvm:nowhere',
      bridge_map: 'vmbr77',
    });
    expect(isError).toBe(true);
    expect(data.error.code).toBe('REFUSED');
    expect(codes(data.error.hard_stops)).toEqual(['vmid', 'ha', 'snapshots', 'storage', 'bridge']);
    const node = await two.move({ vmid: 103, target_node: 'pve9' });
    expect(codes(node.data.plan.hard_stops)).toEqual(['node', 'ha', 'snapshots']);
    expect(node.data.plan.hard_stops[0].message).toContain('online there: pve-dr1, pve-dr2');
    expect(two.writes()).toHaveLength(before);
  });

  it.each([
    ['storage_map', 'local-lvm=other'],
    ['storage_map', '1'],
    ['bridge_map', 'vmbr0:vmbr1:vmbr2'],
    ['bridge_map', 'vmbr0:a,vmbr0:b'],
    ['bwlimit', -1],
    ['target_vmid', 5],
  ])('takes no %s that reads %s', async (argument, value) => {
    const before = two.writes().length;
    const { data } = await two.moved({ vmid: 103, [argument]: value });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
    expect(two.writes()).toHaveLength(before);
  });
});

describe('where the source reaches the target', () => {
  it('is what the configuration says, else the address of exactly that node', async () => {
    const port = two.target.port;
    const other = await startTwo({
      PROXMOX_CLUSTER_disaster_recovery_REMOTE_HOST: `pve-dr1=192.0.2.9,pve-dr2=10.90.0.12:8006`,
    });
    const given = await other.move({ vmid: 102 });
    expect(given.data.plan.endpoint).toContain('10.90.0.12:8006 (PROXMOX_CLUSTER_disaster_recovery_REMOTE_HOST)');
    const wrong = await other.moved({ vmid: 102, target_node: 'pve-dr1' });
    expect(wrong.isError).toBe(true);
    expect(wrong.data.result).toMatchObject({
      outcome: 'not_begun',
      summary: expect.stringContaining("'production' cannot reach 192.0.2.9:8006. The guest is untouched."),
      proxmox_says: expect.stringContaining("Can't connect to 192.0.2.9:8006"),
      todo: [expect.stringContaining('set PROXMOX_CLUSTER_disaster_recovery_REMOTE_HOST')],
      token: expect.stringContaining('deleted again'),
    });
    expect(other.guest(102).config.lock).toBeUndefined();
    expect(other.target.state.users.flatMap(({ tokens }) => tokens.map(({ tokenid }) => tokenid))).not.toContain(
      'move-905',
    );
    await other.close();
    expect(port).toBeGreaterThan(0);
  });
});

describe('the VMID at the target', () => {
  it('is that of the source where it is free and no map gives it to another cluster', async () => {
    const unmapped = await startTwo({ PROXMOX_CLUSTER_VMID_MAP: '' });
    const same = await unmapped.move({ vmid: 102 });
    unmapped.target.state.guests.push({ ...unmapped.guest(102), node: 'pve-dr1' });
    const next = await unmapped.move({ vmid: 102 });
    await unmapped.close();
    expect(same.data.plan.target_vmid).toBe(102);
    expect(next.data.plan.target_vmid).not.toBe(102);
    expect(next.data.plan.refused).toBeUndefined();
  });
});

it('its token is bound to the least roles even where the own one is not, and takes no name that is there', async () => {
  const fresh = await startTwo();
  const user = fresh.target.state.users.find(({ userid }) => userid === 'mcp@pve');
  for (const token of user?.tokens ?? []) token.privsep = false;
  user?.tokens.push({ tokenid: 'move-905', secret: 'left by an earlier move', privsep: true, expire: 0 });
  fresh.target.state.roles.push({ roleid: 'Incoming', privileges: ['Sys.Incoming'] });
  const { data, text } = await fresh.move({ vmid: 102 });
  await fresh.close();
  const [make, grant, ...rest] = data.plan.writes;
  const next = rest.find(({ path }: any) => path !== '/access/acl');
  expect(grant.parameters).toMatchObject({ path: '/', propagate: false, roles: 'Incoming,PVEAuditor' });
  expect(make, text).toMatchObject({
    path: '/access/users/mcp%40pve/token/move-905-2',
    parameters: { privsep: true },
  });
  expect(next).toMatchObject({ cluster: from, method: 'POST' });
});

it('tells how far it is', async () => {
  const told: string[] = [];
  const slow = await startTwo({}, 5);
  const params = { name: tool, arguments: { vmid: 101, cluster: from, target_cluster: to, confirm: true } };
  await slow.session.client.callTool(params, undefined, {
    onprogress: ({ message, total }) => {
      if (total === 100) told.push(message ?? '');
    },
  });
  await slow.close();
  expect(told.some((line) => /drive-scsi0: transferred/.test(line))).toBe(true);
});

it('names the tokens that earlier moves have left', async () => {
  const fresh = await startTwo({}, 1);
  await fresh.moved({ vmid: 102, wait: false });
  const { data } = await fresh.move({ vmid: 105 });
  await fresh.close();
  expect(data.plan.notes).toContainEqual(
    expect.stringMatching(/tokens of earlier moves: mcp@pve!move-905 \(expires 20.*proxmox-delete-token/),
  );
});
