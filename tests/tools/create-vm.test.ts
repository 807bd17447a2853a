import { describe, expect, it } from 'vitest';
import { startSession } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const production = () => world.simulator.cluster('production');
const guest = (vmid: number) => production().state.guests.find((one) => one.vmid === vmid);
const key = `ssh-ed25519 ${'A'.repeat(68)} me@home`;
const cluster = 'production';
const gib = 1024 ** 3;

describe('a new VM', () => {
  it('is made with what was left out chosen and told', async () => {
    const { data, isError } = await world.call('proxmox-create-vm', { name: 'prod-new-1', vlan: 20 });
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
    expect(world.writes()).toBe(1);
  });

  it('takes a CD by its name, wherever it lies, as a CD', async () => {
    const args = { cluster, vmid: 900, iso: 'ubuntu-24.04', node: 'pve3', storage: 'local-lvm', disk_gb: 8 };
    const { data } = await world.call('proxmox-create-vm', args);
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
    const { data } = await world.call('proxmox-create-vm', args);
    expect(data.plan.writes[0].parameters).toMatchObject({
      bios: 'ovmf',
      machine: 'q35',
      efidisk0: 'nfs-shared:1,efitype=4m,pre-enrolled-keys=1,format=qcow2',
      tpmstate0: 'nfs-shared:1,version=v2.0',
      sata0: 'nfs-shared:20,format=qcow2',
      ide2: `${iso},media=cdrom`,
      net0: 'e1000,bridge=vmbr0,firewall=1',
    });
    expect(world.writes()).toBe(0);
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
      production()
        .state.storages.find(({ storage }) => storage === 'local')
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
    const { data: preview } = await world.call('proxmox-create-vm', { ...args, dry_run: true });
    expect(JSON.stringify(preview)).not.toContain('AAAA');
    expect(preview.plan.writes.map(({ path }: { path: string }) => path)).toEqual([
      expect.stringMatching(/qemu$/),
      expect.stringMatching(/qemu\/901\/resize$/),
      expect.stringMatching(/qemu\/901\/status\/start$/),
    ]);
    expect(world.writes()).toBe(0);
    const { data } = await world.call('proxmox-create-vm', args);
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
    const shrunk = await world.call('proxmox-create-vm', { ...args, vmid: 902, disk_gb: 2 });
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
    const { data, isError } = await world.call('proxmox-create-vm', { cluster, ...args });
    expect(isError).toBe(true);
    expect(data.error.message).toContain(why);
    expect(data.error.next).toBeTruthy();
    expect(world.writes()).toBe(0);
  });

  it.each([
    { gateway: '10.0.0.1' },
    { net_ip: '10.0.0.5' },
    { net_ip: 'dhcp', gateway: '10.0.0.1' },
    { iso: 'a.iso,cache=none' },
    { iso: 'local:iso/a.iso=none' },
    { iso: ';local:iso/a.iso' },
    { import_from: '-:import/a.qcow2' },
    { cpu: 'host\nflags=+aes' },
    { cpu: 'host;hidden=1' },
    { cpu: 'host,turbo=1' },
    { tags: 'a\0b' },
  ])('%j is a bad argument', async (args) => {
    const { data } = await world.call('proxmox-create-vm', { cluster, ...args });
    expect(data.error.code).toBe('INVALID_ARGUMENTS');
    expect(world.writes()).toBe(0);
  });

  it('says what failed and what is left, when it could not be grown', async () => {
    const target = world.simulator.cluster(cluster);
    target.setFault({ kind: 'status', status: 500, reason: 'no space' }, { path: /\/resize$/, times: 1 });
    const args = { cluster, vmid: 903, import_from: 'local:import/debian-13.qcow2', disk_gb: 12, node: 'pve1' };
    const { data, isError } = await world.call('proxmox-create-vm', args);
    target.setFault(undefined);
    expect(isError).toBe(true);
    expect(data.error.done).toMatchObject([{ method: 'POST', upid: expect.stringContaining(':qmcreate:') }]);
    expect(JSON.stringify(data.error)).toContain('proxmox-delete-vm with vmid 903');
  });

  it('needs a privilege, and names it', async () => {
    const secret = world.simulator.cluster(cluster).addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-create-vm', { cluster });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING' });
  });
});
