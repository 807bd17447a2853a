import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

const confirm = true;
const cluster = 'production';
let simulator: Simulator;
let session: Session;
let before = 0;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;
const volumes = () => simulator.cluster(cluster).state.storages.flatMap((one) => one.volumes);
const guest = (vmid: number) => {
  const found = simulator.cluster(cluster).state.guests.find((one) => one.vmid === vmid);
  if (found === undefined) throw new Error(`no guest ${vmid}`);
  return found;
};

beforeEach(() => {
  before = writes();
});

describe('proxmox-delete-volume', () => {
  const volid = 'nfs-shared:iso/virtio-win-0.1.271.iso';
  const iso = { cluster, volid };

  it('shows what it would delete, then deletes it', async () => {
    const { data } = await session.call('proxmox-delete-volume', iso);
    expect(data.plan).toMatchObject({
      target: { storage: 'nfs-shared', volid },
      writes: [{ method: 'DELETE', path: expect.stringContaining('/storage/nfs-shared/content/nfs-shared') }],
    });
    expect(writes()).toBe(before);
    const done = await session.call('proxmox-delete-volume', { ...iso, confirm });
    expect(done.data.result).toMatchObject({ volid, size: 726_292_480, task: { state: 'ok' } });
    expect(volumes().some((one) => one.volid === volid)).toBe(false);
  });

  it('says so where there is none', async () => {
    const { data } = await session.call('proxmox-delete-volume', { cluster, volid: 'nfs-shared:iso/no.iso', confirm });
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('has no') });
    expect(writes()).toBe(before);
  });

  it.each([
    ['a disk', { scsi0: '' }],
    ['a detached disk', { unused3: 'DISK' }],
    ['a CD', { ide2: 'ISO,media=cdrom,size=3G' }],
  ])('refuses %s that a guest uses', async (_, line) => {
    const used = guest(103);
    const disk = String(used.config.scsi0).split(',')[0] ?? '';
    const image = 'nfs-shared:iso/ubuntu-24.04.2-live-server-amd64.iso';
    const { config } = used;
    const old = { ...config };
    const [key = '', value = ''] = Object.entries(line)[0] ?? [];
    if (value !== '') config[key] = value.replace('DISK', disk).replace('ISO', image);
    if (key === 'unused3') delete config.scsi0;
    const node = used.node;
    const args = { cluster, volid: key === 'ide2' ? image : disk, node, confirm };
    const { data } = await session.call('proxmox-delete-volume', args);
    for (const name of Object.keys(config)) if (!(name in old)) delete config[name];
    Object.assign(config, old);
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining(`103 (${key})`) });
    expect(writes()).toBe(before);
  });

  it('refuses what only a snapshot holds', async () => {
    const owner = guest(103);
    const storage = simulator.cluster(cluster).state.storages.find((one) => one.storage === 'local-lvm');
    const [snapshot] = owner.snapshots;
    if (storage === undefined || snapshot === undefined) throw new Error('no snapshot');
    const kept = 'local-lvm:vm-103-state-kept';
    snapshot.config.vmstate = kept;
    storage.volumes.push({
      volid: kept,
      content: 'images',
      format: 'raw',
      size: 1,
      ctime: 0,
      vmid: 103,
      node: owner.node,
    });
    const { data } = await session.call('proxmox-delete-volume', { cluster, volid: kept, node: owner.node, confirm });
    expect(data.error.message).toContain(`103 (vmstate of snapshot ${snapshot.name})`);
    delete snapshot.config.vmstate;
    const free = await session.call('proxmox-delete-volume', { cluster, volid: kept, node: owner.node, confirm });
    expect(free.data.result.task).toMatchObject({ state: 'ok' });
  });

  it('refuses a protected backup, and deletes one that is not', async () => {
    const backups = volumes().filter((one) => one.content === 'backup');
    const kept = backups.find((one) => one.protected);
    const free = backups.find((one) => !one.protected);
    const refused = await session.call('proxmox-delete-volume', { cluster, volid: kept?.volid, confirm });
    expect(refused.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('is protected') });
    expect(writes()).toBe(before);
    const done = await session.call('proxmox-delete-volume', { cluster, volid: free?.volid, confirm });
    expect(done.data.result.task).toMatchObject({ state: 'ok' });
  });

  it('does not guess where a configuration cannot be read', async () => {
    simulator
      .cluster(cluster)
      .setFault({ kind: 'status', status: 595, reason: 'No route to host' }, { path: /\/qemu\/103\/config/ });
    const volid = 'nfs-shared:iso/ubuntu-24.04.2-live-server-amd64.iso';
    const { data } = await session.call('proxmox-delete-volume', { cluster, volid, confirm });
    simulator.cluster(cluster).setFault(undefined);
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('guest 103') });
    expect(writes()).toBe(before);
  });

  it('is an error where its task fails', async () => {
    const path = /\/tasks\/.*status/;
    const volid = 'nfs-shared:iso/ubuntu-24.04.2-live-server-amd64.iso';
    simulator.cluster(cluster).setFault({ kind: 'status', status: 403, reason: 'Permission check failed' }, { path });
    const { data, isError } = await session.call('proxmox-delete-volume', { cluster, volid, confirm });
    simulator.cluster(cluster).setFault(undefined);
    expect(isError).toBe(true);
    expect(data.error.done).toMatchObject([{ method: 'DELETE', upid: expect.stringContaining(':imgdel:') }]);
  });

  it('needs a privilege, and names it', async () => {
    const secret = simulator.cluster(cluster).addToken('eyes@pve!del', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!del',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const volid = 'local:iso/debian-12.11.0-amd64-netinst.iso';
    const { data } = await limited.call('proxmox-delete-volume', { cluster, volid, node: 'pve1', confirm });
    await limited.close();
    expect(data.error).toMatchObject({
      code: 'PRIVILEGE_MISSING',
      message: expect.stringContaining('Datastore.Allocate'),
    });
  });

  it('deletes only on the node that is meant', async () => {
    const volid = 'local:iso/debian-12.11.0-amd64-netinst.iso';
    await session.call('proxmox-delete-volume', { cluster, volid, node: 'pve3', confirm });
    expect(
      volumes()
        .filter((one) => one.volid === volid)
        .map(({ node }) => node)
        .sort(),
    ).toEqual(['pve1', 'pve2']);
  });
});
