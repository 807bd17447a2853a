import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const state = () => simulator.cluster('production').state;
const guest = (vmid: number) => state().guests.find((one) => one.vmid === vmid);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;
const key = `ssh-ed25519 ${'A'.repeat(68)} me@home`;
const cluster = 'production';
const gib = 1024 ** 3;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('a new VM', () => {
  it('is made with what was left out chosen and told', async () => {
    const { data, isError } = await session.call('proxmox-create-vm', { name: 'prod-new-1', vlan: 20 });
    expect(isError).toBe(false);
    expect(data).toMatchObject({
      cluster: 'production',
      via: 'pattern',
      result: { name: 'prod-new-1', task: { state: 'ok' } },
    });
    const [storage, bridge] = data.notes;
    expect(storage).toBe("Storage 'nfs-shared': it holds images and has the most free space.");
    expect(bridge).toBe("Bridge 'vmbr0': it is the first of the node.");
    expect(guest(data.result.vmid)?.config).toMatchObject({
      cores: 2,
      memory: '2048',
      agent: '1',
      cpu: 'x86-64-v2-AES',
      scsihw: 'virtio-scsi-single',
      boot: 'order=scsi0;net0',
      scsi0: expect.stringContaining('size=20G'),
      net0: expect.stringMatching(/^virtio=.*bridge=vmbr0,firewall=1,tag=20/),
    });
    expect(writes()).toBe(before + 1);
  });

  it('takes a CD by its name, wherever it lies, as a CD', async () => {
    const args = { cluster, vmid: 900, iso: 'ubuntu-24.04', node: 'pve3', storage: 'local-lvm', disk_gb: 8 };
    const { data } = await session.call('proxmox-create-vm', args);
    expect(data.notes).toContain('iso: nfs-shared:iso/ubuntu-24.04.2-live-server-amd64.iso');
    expect(guest(900)).toMatchObject({
      node: 'pve3',
      config: {
        ide2: 'nfs-shared:iso/ubuntu-24.04.2-live-server-amd64.iso,media=cdrom',
        boot: 'order=scsi0;ide2;net0',
        scsi0: expect.stringMatching(/^local-lvm:.*size=8G/),
      },
    });
  });

  it('has what Windows 11 asks for', async () => {
    const iso = 'nfs-shared:iso/virtio-win-0.1.271.iso';
    const args = { cluster, ostype: 'win11', storage: 'nfs-shared', iso, dry_run: true };
    const { data } = await session.call('proxmox-create-vm', args);
    expect(data.plan.writes[0].parameters).toMatchObject({
      bios: 'ovmf',
      machine: 'q35',
      efidisk0: 'nfs-shared:1,efitype=4m,pre-enrolled-keys=1,format=qcow2',
      tpmstate0: 'nfs-shared:1,version=v2.0',
      sata0: 'nfs-shared:20,format=qcow2',
      ide2: `${iso},media=cdrom`,
      net0: 'e1000,bridge=vmbr0,firewall=1',
    });
    expect(writes()).toBe(before);
  });

  it('is made of a cloud image: copied, grown, then started; keys are in no plan', async () => {
    const image = {
      volid: 'local:import/debian-13.qcow2',
      content: 'import',
      format: 'qcow2',
      size: 3 * gib,
      ctime: 1,
    };
    for (const node of ['pve1', 'pve2', 'pve3'])
      state()
        .storages.find(({ storage }) => storage === 'local')
        ?.volumes.push({ ...image, node });
    const args = {
      cluster,
      vmid: 901,
      name: 'prod-cloud-1',
      import_from: 'debian-13.qcow2',
      disk_gb: 10,
      storage: 'local-lvm',
      ssh_public_keys: key,
      net_ip: '10.20.0.9/24',
      gateway: '10.20.0.1',
      start: true,
    };
    const { data: preview } = await session.call('proxmox-create-vm', { ...args, dry_run: true });
    expect(JSON.stringify(preview)).not.toContain('AAAA');
    expect(preview.plan.writes.map(({ path }: { path: string }) => path)).toEqual([
      expect.stringMatching(/qemu$/),
      expect.stringMatching(/qemu\/901\/resize$/),
      expect.stringMatching(/qemu\/901\/status\/start$/),
    ]);
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-create-vm', args);
    expect(data.result.task).toMatchObject({ state: 'ok' });
    expect(guest(901)).toMatchObject({
      status: 'running',
      config: {
        scsi0: expect.stringContaining('size=10G'),
        sshkeys: encodeURIComponent(key),
        ipconfig0: 'ip=10.20.0.9/24,gw=10.20.0.1',
        ide0: expect.stringContaining('cloudinit'),
      },
    });
    const shrunk = await session.call('proxmox-create-vm', { ...args, vmid: 902, disk_gb: 2 });
    expect(shrunk.data.error).toMatchObject({ message: expect.stringContaining('cannot shrink') });
  });

  it.each([
    [{ vmid: 100 }, 'VMID 100 is taken'],
    [{ storage: 'local' }, 'holds iso,vztmpl'],
    [{ storage: 'nowhere' }, "no storage 'nowhere'"],
    [{ bridge: 'vmbr77' }, "no bridge 'vmbr77'"],
    [{ iso: 'nothing.iso' }, "no iso named 'nothing.iso'"],
    [{ iso: 'local:iso/nothing.iso' }, 'does not exist'],
    [{ import_from: 'local:iso/debian-12.11.0-amd64-netinst.iso' }, 'is not of content import or images'],
  ])('%j is refused before anything is sent', async (args, why) => {
    const { data, isError } = await session.call('proxmox-create-vm', { cluster, ...args });
    expect(isError).toBe(true);
    expect(data.error.message).toContain(why);
    expect(data.error.next).toBeTruthy();
    expect(writes()).toBe(before);
  });

  it.each([
    { gateway: '10.0.0.1' },
    { net_ip: '10.0.0.5' },
    { net_ip: 'dhcp', gateway: '10.0.0.1' },
    { iso: 'a.iso,cache=none' },
  ])('%j is a bad argument', async (args) => {
    const { data } = await session.call('proxmox-create-vm', { cluster, ...args });
    expect(data.error.code).toBe('INVALID_ARGUMENTS');
    expect(writes()).toBe(before);
  });

  it('says what failed and what is left, when it could not be grown', async () => {
    const target = simulator.cluster(cluster);
    target.setFault({ kind: 'status', status: 500, reason: 'no space' }, { path: /\/resize$/, times: 1 });
    const args = { cluster, vmid: 903, import_from: 'local:import/debian-13.qcow2', disk_gb: 12, node: 'pve1' };
    const { data, isError } = await session.call('proxmox-create-vm', args);
    target.setFault(undefined);
    expect(isError).toBe(true);
    expect(data.error.done).toMatchObject([{ method: 'POST', upid: expect.stringContaining(':qmcreate:') }]);
    expect(JSON.stringify(data.error)).toContain('proxmox-delete-vm with vmid 903');
  });

  it('needs a privilege, and names it', async () => {
    const secret = simulator.cluster(cluster).addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-create-vm', { cluster });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING' });
  });
});

describe('a VMID that nobody named', () => {
  it('is another for each, also for two at once', async () => {
    const made = await Promise.all([1, 2, 3].map(() => session.call('proxmox-create-vm', { cluster, disk_gb: 1 })));
    expect(made.map(({ isError }) => isError)).toEqual([false, false, false]);
    const ids = made.map(({ data }) => data.result.vmid);
    expect(new Set(ids).size).toBe(3);
    expect(ids.map((id) => guest(id)?.type)).toEqual(['qemu', 'qemu', 'qemu']);
  });

  it('is looked for again where somebody else took it meanwhile', async () => {
    const target = simulator.cluster(cluster);
    const reason = "unable to create CT 147 - CT 147 already exists on node 'pve2'";
    target.setFault({ kind: 'status', status: 500, reason }, { path: /\/lxc$/, times: 1 });
    const args = { cluster, ostemplate: 'debian-12-standard' };
    const { data, isError } = await session.call('proxmox-create-lxc', args);
    target.setFault(undefined);
    expect(isError).toBe(false);
    expect(guest(data.result.vmid)?.type).toBe('lxc');
    expect(writes()).toBe(before + 2);
  });

  it('is not looked for without end, nor after another fault', async () => {
    const target = simulator.cluster(cluster);
    target.setFault({ kind: 'status', status: 500, reason: 'VM 1 already exists' }, { path: /\/qemu$/ });
    const taken = await session.call('proxmox-create-vm', { cluster });
    expect(taken.isError).toBe(true);
    expect(writes()).toBe(before + 5);
    target.setFault(undefined);
    target.setFault({ kind: 'status', status: 500, reason: 'no quorum' }, { path: /\/qemu$/ });
    await session.call('proxmox-create-vm', { cluster });
    target.setFault(undefined);
    expect(writes()).toBe(before + 6);
  });
});

describe('the node of what is made', () => {
  it('is the configured one, which is told by its defaults too', async () => {
    const configured = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_DEFAULT_NODE: 'pve2',
      PROXMOX_CLUSTER_production_DEFAULT_STORAGE: 'local',
      PROXMOX_CLUSTER_production_DEFAULT_BRIDGE: 'vmbr0',
    });
    const { data } = await configured.call('proxmox-create-vm', { cluster, dry_run: true });
    await configured.close();
    expect(data.plan.writes[0].path).toBe('/nodes/pve2/qemu');
    expect(data.plan.notes).toEqual([
      "Storage 'nfs-shared': it holds images and has the most free space; the default 'local' does not fit.",
      "Bridge 'vmbr0': it is the configured default.",
    ]);
  });

  it('must be there', async () => {
    const { data } = await session.call('proxmox-create-vm', { cluster, node: 'pve9' });
    expect(data.error.code).toBe('NODE_NOT_FOUND');
    expect(writes()).toBe(before);
  });
});

describe('a new container', () => {
  it('is unprivileged, with nesting, and its keys go as they are', async () => {
    const args = {
      cluster,
      vmid: 910,
      hostname: 'prod-ct-1',
      ostemplate: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
      net_ip: '10.20.0.8/24',
      gateway: '10.20.0.1',
      ssh_public_keys: key,
      tags: 'b,a',
      swap_mb: 0,
      vlan: 20,
      start: true,
    };
    const { data: preview } = await session.call('proxmox-create-lxc', { ...args, dry_run: true });
    expect(preview.plan.writes[0].parameters).toMatchObject({
      unprivileged: true,
      features: 'nesting=1',
      'ssh-public-keys': '[not shown]',
    });
    expect(writes()).toBe(before);
    const { data, isError } = await session.call('proxmox-create-lxc', args);
    expect(isError).toBe(false);
    expect(data.result.task.state).toBe('ok');
    expect(guest(910)).toMatchObject({
      type: 'lxc',
      status: 'running',
      config: {
        hostname: 'prod-ct-1',
        cores: 2,
        memory: 1024,
        swap: 0,
        tags: 'a;b',
        unprivileged: 1,
        rootfs: expect.stringMatching(/^local-lvm:.*size=8G/),
        net0: expect.stringMatching(/bridge=vmbr0.*gw=10\.20\.0\.1.*ip=10\.20\.0\.8\/24.*tag=20/),
      },
    });
  });

  it.each([
    [{ features: 'nesting=1,keyctl=1' }, 'only root@pam itself can set keyctl'],
    [{ features: 'nesting=perhaps' }, 'nesting=1 or nesting=0'],
    [{ features: 'nesting=1', unprivileged: false }, 'no API token'],
    [{ password: 'secret' }, 'not an argument'],
  ])('%j is a bad argument', async (args, why) => {
    const { data, text } = await session.call('proxmox-create-lxc', { cluster, ostemplate: 'debian-12', ...args });
    expect(data.error.code).toBe('INVALID_ARGUMENTS');
    expect(text).toContain(why);
    expect(writes()).toBe(before);
  });

  it('is made of a template that is there', async () => {
    const { data } = await session.call('proxmox-create-lxc', { cluster, ostemplate: 'alpine' });
    expect(data.error).toMatchObject({
      message: expect.stringContaining("no vztmpl named 'alpine'"),
      next: expect.stringContaining('debian-12-standard'),
    });
    expect(writes()).toBe(before);
  });

  it('is an error when the task fails, with the reason', async () => {
    const target = simulator.cluster(cluster);
    // What cannot be listed may still be there.
    target.setFault(
      { kind: 'status', status: 403, reason: 'Permission check failed' },
      { path: /\/content$/, times: 1 },
    );
    const args = { cluster, ostemplate: 'local:vztmpl/gone.tar.zst' };
    const { data, isError } = await session.call('proxmox-create-lxc', args);
    target.setFault(undefined);
    expect(isError).toBe(true);
    expect(data.result.task).toMatchObject({ state: 'failed', exitstatus: expect.stringContaining('gone.tar.zst') });
    expect(guest(data.result.vmid)).toBeUndefined();
  });

  it('has no features where none are wanted', async () => {
    const args = { cluster, ostemplate: 'debian-12', features: 'nesting=0', dry_run: true };
    const { data } = await session.call('proxmox-create-lxc', args);
    expect(data.plan.writes[0].parameters).not.toHaveProperty('features');
  });
});
