import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ClusterRegistry, endpoint, type PolicyRule, parseEnv, requireConfig } from '../../src/index.js';
import type { Params } from '../../src/pve/params.js';
import { readAsked } from '../../src/pve/policy/asked.js';
import { decidedBy, guestsOf, namings } from '../../src/pve/policy/guests-of.js';
import { accessFor, operateRoutes } from '../../src/pve/policy/operate-routes.js';
import { permit } from '../../src/pve/policy/permit.js';
import { PolicyError } from '../../src/pve/policy/policy-error.js';
import type { GuestResource } from '../../src/pve/resources.js';
import type { Route } from '../../src/pve/route.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';

const guest = (vmid: number, more: Partial<GuestResource> = {}): GuestResource => ({
  type: 'qemu',
  vmid,
  node: 'pve1',
  template: false,
  ...more,
});
const world = [
  guest(100, { pool: 'web' }),
  guest(103, { pool: 'data', tags: 'db;keep' }),
  guest(104, { node: 'pve2' }),
];

const rule = (kind: 'allow_pools' | 'protect_tags', ...value: string[]): PolicyRule => ({ kind, value, from: 'V' });
const only100: PolicyRule = { kind: 'allow_vmids', value: [{ from: 100, to: 100 }], from: 'V' };
const operate: PolicyRule = { kind: 'access', value: 'operate', from: 'V' };
const keep = rule('protect_tags', 'keep');
/** A backup that leaves its guest and older ones alone. */
const added: Params = { mode: 'snapshot', remove: false };

/** Why a request is refused; nothing where it is allowed. */
async function refusal(one: PolicyRule, request: string, params: Params = {}): Promise<string | undefined> {
  const [method = '', path = ''] = request.split(' ');
  try {
    await permit([one], { cluster: 'c', method, path }, params, async () => world);
    return undefined;
  } catch (error) {
    if (error instanceof PolicyError) return error.why;
    throw error;
  }
}

describe('a request by hand', () => {
  it.each<[PolicyRule, string, Params]>([
    [only100, 'PUT /nodes/pve1/qemu/103/config', {}],
    [only100, 'PUT /nodes/pve1/qemu%2F103/config', {}],
    [only100, 'PUT /nodes/pve1/qemu/0100/config', {}],
    [only100, 'PUT /nodes/pve1/qemu/100/../103/config', {}],
    [only100, 'PUT /nodes/pve1/qemu/100/%2e%2e/103/config', {}],
    [only100, 'PUT /nodes/pve1/qemu//103/config', {}],
    [only100, 'POST /nodes/pve1/vzdump?vmid=103', { vmid: 100 }],
    [only100, 'POST /nodes/pve1/vzdump#x', { vmid: 100 }],
    [only100, 'POST /nodes/pve1/%E0%A4%A', { vmid: 100 }],
    [only100, 'POST /nodes/pve1/vzdump', { vmid: '100,103' }],
    [only100, 'POST /nodes/pve1/vzdump', { vmid: ['100', '103'] }],
    [only100, 'POST /nodes/pve1/vzdump', { vmid: 100, all: true }],
    [only100, 'POST /nodes/pve1/vzdump', { vmid: 100, all: 'on' }],
    [only100, 'POST /nodes/pve1/vzdump', { vmid: 100, pool: 'web' }],
    [only100, 'POST /nodes/pve1/vzdump', { vmid: 100, stop: 1 }],
    [only100, 'POST /nodes/pve1/vzdump', {}],
    [only100, 'POST /nodes/pve1/stopall', { vms: '100 103' }],
    [only100, 'POST /nodes/pve1/stopall', {}],
    [only100, 'POST /nodes/pve1/qemu/100/clone', { newid: 103 }],
    [only100, 'POST /nodes/pve1/qemu/100/move_disk', { disk: 'scsi0', 'target-vmid': 103 }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'local-lvm:vm-103-disk-0,size=8G' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'local:103/vm-100-disk-0.qcow2' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'a:0,import-from=local:103/vm-103-disk-0.raw' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'san:0.0.1.scsi-36001405' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'cache=none,file=local:mine/disk.raw' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { unused0: 'ceph:custom' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: '/dev/disk/by-id/ata-1,size=8G' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'local-lvm:0,import-from=ceph:custom' }],
    [only100, 'PUT /nodes/pve1/lxc/100/config', { mp0: '/etc,mp=/mnt' }],
    [only100, 'PUT /nodes/pve1/lxc/100/config', { mp0: 'volume=ceph:custom,mp=/mnt' }],
    [only100, 'POST /nodes/pve1/qemu', { vmid: 100, archive: 'ceph:custom' }],
    [rule('allow_pools', 'web'), 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'ceph:custom' }],
    [only100, 'POST /nodes/pve1/qemu', { vmid: 100, archive: 'local:backup/vzdump-qemu-103-2026_01_01-00_00_00.vma' }],
    [only100, 'POST /nodes/pve1/qemu', { vmid: 100, archive: 'pbs:backup/vm/103/2026-01-01T00:00:00Z', force: true }],
    [only100, 'DELETE /nodes/pve1/storage/local/content/local%3Abackup%2Fvzdump-qemu-103-2026_01_01-00_00_00.vma', {}],
    [only100, 'DELETE /nodes/pve1/storage/local/content/local%3Aiso%2Fdebian.iso', {}],
    [only100, 'DELETE /nodes/pve1/storage/local/prunebackups', {}],
    [only100, 'POST /cluster/ha/resources', { sid: 'vm:103' }],
    [only100, 'DELETE /cluster/ha/resources/103', {}],
    [only100, 'POST /cluster/ha/rules', { resources: 'vm:100,vm:103' }],
    [only100, 'PUT /cluster/ha/rules/mine', { resources: 'vm:100' }],
    [only100, 'POST /cluster/replication', { id: '103-0' }],
    [only100, 'POST /nodes/pve1/replication/103-0/schedule_now', {}],
    [only100, 'PUT /pools', { poolid: 'web', vms: '103' }],
    [only100, 'PUT /pools', { poolid: 'web', vms: '100', storage: 'local' }],
    [only100, 'PUT /access/acl', { path: '/vms/103' }],
    [only100, 'PUT /access/acl', { path: '/' }],
    [only100, 'POST /cluster/backup', { vmid: '100' }],
    [only100, 'GET /nodes/pve1/qemu/103/config', {}],
    [only100, 'GET /nodes/pve1/storage/local/file-restore/list', { volume: 'pbs:backup/vm/103/2026-01-01T00:00:00Z' }],
    [rule('allow_pools', 'web'), 'PUT /nodes/pve1/qemu/103/config', {}],
    [rule('allow_pools', 'web'), 'PUT /nodes/pve1/qemu/999/config', {}],
    [rule('allow_pools', 'we'), 'PUT /nodes/pve1/qemu/100/config', {}],
    [rule('allow_pools', 'web'), 'POST /nodes/pve1/qemu', { vmid: 200 }],
    [rule('allow_pools', 'web'), 'POST /nodes/pve1/qemu', { vmid: 200, pool: 'data' }],
    [rule('allow_pools', 'web'), 'POST /nodes/pve1/qemu', { vmid: 103, pool: 'web', force: true }],
    [rule('allow_pools', 'web'), 'POST /nodes/pve1/qemu', { vmid: 999, pool: 'web', force: true }],
    [rule('allow_pools', 'web'), 'PUT /pools', { poolid: 'data', vms: '100' }],
    [rule('allow_pools', 'web'), 'PUT /pools/data', { vms: '100' }],
    [keep, 'PUT /nodes/pve1/qemu/103/config', { tags: '' }],
    [keep, 'DELETE /nodes/pve1/qemu/103', {}],
    [keep, 'DELETE /nodes/pve1/qemu/999', {}],
    [keep, 'POST /nodes/pve1/stopall', {}],
    [keep, 'POST /nodes/localhost/stopall', {}],
    [keep, 'POST /nodes/pve1/status', { command: 'reboot' }],
    [keep, 'POST /cluster/bulk-action/guest/shutdown', {}],
    [keep, 'DELETE /nodes/pve2/storage/local/prunebackups', {}],
    [keep, 'POST /nodes/pve1/vzdump', { vmid: 103 }],
    [keep, 'POST /nodes/pve1/vzdump', { all: true }],
    [keep, 'POST /nodes/pve1/vzdump', { ...added, vmid: 103, mode: 'stop' }],
    [keep, 'POST /nodes/pve1/vzdump', { ...added, vmid: '100,103', mode: 'suspend' }],
    [keep, 'POST /nodes/pve1/vzdump', { ...added, vmid: 103, remove: '1' }],
    [keep, 'POST /nodes/pve1/vzdump', { ...added, vmid: 103, 'prune-backups': 'keep-last=1' }],
    [keep, 'POST /nodes/pve1/vzdump', { ...added, vmid: 100, stop: true }],
    [keep, 'POST /nodes/pve1/vzdump', { pool: 'data', mode: 'stop' }],
    [keep, 'POST /nodes/pve1/vzdump', { all: true, exclude: '100', mode: 'stop' }],
    [keep, 'POST /nodes/pve1/vzdump', { pool: 'data', exclude: '103', mode: 'stop' }],
    [keep, 'POST /cluster/backup', { vmid: 103, mode: 'stop', 'prune-backups': 'keep-last=1', schedule: 'daily' }],
    [keep, 'POST /cluster/backup', { ...added, all: true, 'prune-backups': 'keep-last=1' }],
    [keep, 'POST /cluster/backup', { pool: 'data' }],
    [keep, 'POST /cluster/backup', {}],
    [keep, 'PUT /cluster/backup/mine', { ...added, vmid: 103 }],
    [keep, 'PUT /cluster/backup/mine', { mode: 'stop' }],
    [keep, 'PUT /cluster/backup/mine', { exclude: '103' }],
    [keep, 'PUT /cluster/ha/rules/mine', { disable: true }],
    [keep, 'PUT /cluster/ha/rules/mine', { resources: 'vm:100' }],
    [keep, 'DELETE /cluster/ha/rules/mine', {}],
    [keep, 'PUT /cluster/ha/groups/mine', { nodes: 'pve2' }],
    [keep, 'POST /cluster/ha/status/disarm-ha', {}],
    [keep, 'POST /nodes/pve1/qemu', { vmid: 103, force: true }],
    [keep, 'POST /nodes/pve1/qemu', { vmid: 998, force: true }],
    [keep, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'local-lvm:vm-103-disk-0' }],
    [operate, 'POST /nodes/pve1/qemu/100/status/../config', {}],
    [operate, 'POST /nodes/pve1/status', { command: 'reboot' }],
    [operate, 'POST /nodes/pve1/qemu', { vmid: 200 }],
    [operate, 'DELETE /nodes/pve1/storage/local/content/local%3A100%2Fvm-100-disk-0.qcow2', {}],
    [operate, 'PUT /nodes/pve1/qemu/100/config', {}],
  ])('%o refuses %s %o', async (one, request, params) => {
    expect(await refusal(one, request, params)).toBeTypeOf('string');
  });

  it.each<[PolicyRule, string, Params]>([
    [only100, 'PUT /nodes/pve1/qemu/100/config', { description: 'was local-lvm:vm-103-disk-0' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'local:105/base-105-disk-0.qcow2/100/vm-100-disk-0.qcow2' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'zfs:base-105-disk-0/vm-100-disk-1,size=8G' }],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { ide2: 'local:iso/vm-103-tools.iso,media=cdrom' }],
    [
      only100,
      'PUT /nodes/pve1/qemu/100/config',
      { ide2: 'none,media=cdrom', cdrom: 'cdrom', net0: 'virtio=BC:24:11:00:00:01' },
    ],
    [
      only100,
      'PUT /nodes/pve1/qemu/100/config',
      { scsi1: 'local-lvm:32,ssd=1', ide3: 'local-lvm:cloudinit', efidisk0: 'a:0.5' },
    ],
    [only100, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'a:0,import-from=local:import/x.ova/disk.vmdk,format=raw' }],
    [
      only100,
      'PUT /nodes/pve1/qemu/100/config',
      { ide2: 'local-lvm:vm-100-cloudinit,media=cdrom', hookscript: 'a:snippets/x' },
    ],
    [
      only100,
      'POST /nodes/pve1/lxc',
      { vmid: 100, ostemplate: 'local:vztmpl/a.tar.zst', rootfs: 'zfs:8', mp0: 'zfs:4,mp=/data' },
    ],
    [only100, 'PUT /nodes/pve1/lxc/100/config', { mp0: 'zfs:subvol-100-disk-1,mp=/data/x,size=4G' }],
    [only100, 'GET /nodes/pve1/qemu/100/config', { scsi1: 'ceph:custom' }],
    [keep, 'PUT /nodes/pve1/qemu/100/config', { scsi1: 'ceph:custom' }],
    [only100, 'POST /nodes/pve1/vzdump', { vmid: 100, all: false }],
    [only100, 'POST /nodes/pve1/qemu/100/remote_migrate', { 'target-vmid': 500 }],
    [only100, 'DELETE /nodes/pve1/tasks/UPID:pve1:0000AAAA:00000001:5F000000:qmstart:100:root@pam:', {}],
    [only100, 'GET /cluster/resources', {}],
    [only100, 'GET /nodes/pve1/qemu', {}],
    [rule('allow_pools', 'web'), 'PUT /nodes/pve1/qemu/100/config', {}],
    [rule('allow_pools', 'web'), 'POST /nodes/pve1/qemu', { vmid: 200, pool: 'web/new' }],
    [rule('allow_pools', 'web'), 'POST /nodes/pve1/qemu/100/clone', { newid: 200, pool: 'web' }],
    [keep, 'POST /nodes/pve1/qemu/103/snapshot', { snapname: 'one' }],
    [keep, 'POST /nodes/pve1/vzdump', { ...added, all: true }],
    [keep, 'POST /nodes/pve1/vzdump', { ...added, vmid: 103, remove: '0' }],
    [keep, 'POST /nodes/pve1/vzdump', { vmid: 100, mode: 'stop' }],
    [keep, 'POST /nodes/pve1/vzdump', { pool: 'web', mode: 'stop' }],
    [keep, 'POST /nodes/pve1/vzdump', { all: true, exclude: '103', mode: 'stop' }],
    [keep, 'POST /cluster/backup', { ...added, vmid: 103, schedule: 'daily' }],
    [keep, 'POST /cluster/backup', { vmid: 100, mode: 'stop' }],
    [keep, 'POST /cluster/backup', { pool: 'web', mode: 'stop' }],
    [keep, 'PUT /cluster/backup/mine', { all: true, exclude: '103', mode: 'stop' }],
    [keep, 'PUT /cluster/backup/mine', { vmid: 100, mode: 'stop' }],
    [keep, 'DELETE /cluster/backup/mine', {}],
    [keep, 'POST /cluster/ha/rules', { resources: 'vm:100' }],
    [keep, 'POST /cluster/ha/groups', { nodes: 'pve2' }],
    [keep, 'POST /nodes/pve2/stopall', {}],
    [keep, 'POST /nodes/pve1/stopall', { vms: '100' }],
    [keep, 'POST /nodes/pve1/qemu', { vmid: 998, tags: 'keep' }],
    [keep, 'POST /nodes/pve1/qemu', { vmid: 998, archive: 'local:backup/vzdump-qemu-103-2026_01_01-00_00_00.vma' }],
    [keep, 'PUT /storage/local', {}],
    [operate, 'POST /nodes/pve1/lxc/100/status/reboot', {}],
    [operate, 'DELETE /nodes/pve1/storage/s/content/s%3Abackup%2Fvzdump-qemu-100-2026_01_01-00_00_00.vma', {}],
  ])('%o allows %s %o', async (one, request, params) => {
    expect(await refusal(one, request, params)).toBeUndefined();
  });

  it('whose path the server would split in another way is refused, whatever it is', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '%2e%2e', '%2E', '103', 'qemu', '%2F', '?', '#', '\\'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const asked = readAsked({ method: 'PUT', path: `/${parts.join('/')}` }, {});
        const segments = asked?.request.slice('PUT /'.length).split('/') ?? ['a'];
        expect(segments.filter((one) => one === '' || one === '.' || one === '..')).toEqual([]);
      }),
    );
  });
});

describe('the library', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());

  it('sends nothing that a rule refuses, not even through its bare client', async () => {
    const env = { ...simulator.env(), PROXMOX_CLUSTER_production_ACCESS: 'read' };
    const registry = new ClusterRegistry(requireConfig(parseEnv(env)));
    const { requests } = simulator.cluster('production');
    const before = requests.length;
    const start: Route = 'POST /nodes/pve3/qemu/102/status/start';
    await expect(registry.getClient('production').send(endpoint(start, z.unknown()), {})).rejects.toMatchObject({
      name: 'PolicyError',
      cluster: 'production',
      rule: 'access',
      variable: 'PROXMOX_CLUSTER_production_ACCESS',
      method: 'POST',
      path: '/nodes/pve3/qemu/102/status/start',
    });
    expect(requests.length).toBe(before);
    await registry.close();
  });
});

interface ContractMethod {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, { readonly format?: unknown }>>;
}

const contractFile = resolve(process.cwd(), '../shared/pve/contract.mjs');

describe.runIf(existsSync(contractFile))('held against the official contract', () => {
  let methods: ContractMethod[] = [];
  beforeAll(async () => {
    const { loadContract } = await import(contractFile);
    methods = ['8.4.5', '9.2.3'].flatMap((version) => loadContract(version).methods);
  });
  /** A request of a method, its values filled with what their names stand for. */
  const sampleOf = ({ method, path }: ContractMethod) =>
    `${method} ${path
      .replace('{vmid}', '100')
      .replace('{volume}', 'local:backup/vzdump-qemu-100-x.vma')
      .replace('{sid}', 'vm:100')
      .replace('{id}', '100-0')
      .replace('{upid}', 'UPID:pve1:0000AAAA:00000001:5F000000:qmstart:100:root@pam:')
      .replace(/\{(\w+)\}/g, '$1')}`;

  it('operate is power, snapshots and backups, and each of its routes is one', () => {
    const allowed = new Set(
      methods.filter((one) => accessFor(sampleOf(one)) === 'operate').map(({ method, path }) => `${method} ${path}`),
    );
    expect([...allowed].sort()).toMatchInlineSnapshot(`
      [
        "DELETE /nodes/{node}/lxc/{vmid}/snapshot/{snapname}",
        "DELETE /nodes/{node}/qemu/{vmid}/snapshot/{snapname}",
        "DELETE /nodes/{node}/storage/{storage}/content/{volume}",
        "DELETE /nodes/{node}/storage/{storage}/prunebackups",
        "POST /cluster/bulk-action/guest/shutdown",
        "POST /cluster/bulk-action/guest/start",
        "POST /cluster/bulk-action/guest/suspend",
        "POST /nodes/{node}/lxc/{vmid}/snapshot",
        "POST /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback",
        "POST /nodes/{node}/lxc/{vmid}/status/reboot",
        "POST /nodes/{node}/lxc/{vmid}/status/resume",
        "POST /nodes/{node}/lxc/{vmid}/status/shutdown",
        "POST /nodes/{node}/lxc/{vmid}/status/start",
        "POST /nodes/{node}/lxc/{vmid}/status/stop",
        "POST /nodes/{node}/lxc/{vmid}/status/suspend",
        "POST /nodes/{node}/qemu/{vmid}/snapshot",
        "POST /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback",
        "POST /nodes/{node}/qemu/{vmid}/status/reboot",
        "POST /nodes/{node}/qemu/{vmid}/status/reset",
        "POST /nodes/{node}/qemu/{vmid}/status/resume",
        "POST /nodes/{node}/qemu/{vmid}/status/shutdown",
        "POST /nodes/{node}/qemu/{vmid}/status/start",
        "POST /nodes/{node}/qemu/{vmid}/status/stop",
        "POST /nodes/{node}/qemu/{vmid}/status/suspend",
        "POST /nodes/{node}/startall",
        "POST /nodes/{node}/stopall",
        "POST /nodes/{node}/suspendall",
        "POST /nodes/{node}/vzdump",
        "PUT /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config",
        "PUT /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config",
        "PUT /nodes/{node}/storage/{storage}/content/{volume}",
      ]
    `);
    expect(operateRoutes.length).toBeGreaterThan(0);
  });

  it('every write that names a guest is known to be about it', () => {
    const formats = /vmid|ha-resource|replication-job/;
    const missed = methods
      .filter(({ method }) => method !== 'GET')
      .filter((one) => {
        const naming = Object.entries(one.params)
          .filter(([name, { format }]) => !one.path.includes(`{${name}}`) && formats.test(String(format)))
          .map(([name]) => name);
        const isInPath = /\{(?:vmid|sid)\}|replication\/\{id\}/.test(one.path);
        if (naming.length === 0 && !isInPath) return false;
        const value = (name: string) =>
          name === 'id' ? '100-0' : name === 'newid' || name === 'target-vmid' ? '101' : '100';
        const params = Object.fromEntries(naming.map((name) => [name, value(name)]));
        const { named, made } = guestsOf({ request: sampleOf(one), params });
        return !named.includes(100) && made !== 100;
      })
      .map(({ method, path }) => `${method} ${path}`);
    // Addresses that the network gives out: nothing is done to the guest.
    expect([...new Set(missed)].sort()).toEqual(['PUT /cluster/sdn/vnets/{vnet}/ips']);
    expect(namings.length).toBeGreaterThan(0);
  });

  it('what its path decides is decided by it alone', () => {
    expect(decidedBy('DELETE /nodes/{node}/{type}/{vmid}')).toEqual(['vmid']);
    expect(decidedBy('POST /nodes/{node}/vzdump')).toBeUndefined();
    expect(decidedBy('POST /nodes/{node}/{type}')).toBeUndefined();
    expect(decidedBy('DELETE /storage/{storage}')).toEqual([]);
  });
});
