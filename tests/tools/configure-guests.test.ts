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

const guest = (vmid: number, cluster = 'production') => {
  const found = simulator.cluster(cluster).state.guests.find((one) => one.vmid === vmid);
  if (found === undefined) throw new Error(`no guest ${vmid}`);
  return found;
};
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('configuring a VM', () => {
  it('sets keys and unsets others, and a stopped VM has them at once', async () => {
    const params = { cores: 6, memory: 12288, onboot: true, agent: '1,fstrim_cloned_disks=1', name: 'prod-web-3b' };
    const { data, isError } = await session.call('proxmox-configure-vm', { vmid: 102, params, delete: ['numa'] });
    expect(isError).toBe(false);
    expect(data.result).toEqual({
      vmid: 102,
      name: 'prod-web-3',
      node: 'pve3',
      set: ['cores', 'memory', 'onboot', 'agent', 'name'],
      unset: ['numa'],
      pending: [],
      needs_restart: false,
    });
    expect(guest(102).config).toMatchObject({ cores: 6, memory: '12288', onboot: 1, name: 'prod-web-3b' });
    expect(guest(102).config).not.toHaveProperty('numa');
    expect(writes()).toBe(before + 1);
    await session.call('proxmox-configure-vm', { vmid: 102, params: { name: 'prod-web-3' } });
  });

  it('says what waits for a restart of a running one', async () => {
    const { data } = await session.call('proxmox-configure-vm', { vmid: 101, params: { cores: 2, onboot: false } });
    expect(data.result.pending).toEqual([{ key: 'cores', current: '4', pending: '2' }]);
    expect(data.result.needs_restart).toBe(true);
    expect(guest(101)).toMatchObject({ config: { cores: 4, onboot: 0 }, pending: { cores: 2 } });
  });

  it('is shown before: the exact request, with the digest that was read and no secret', async () => {
    const args = { vmid: 102, params: { onboot: false, cipassword: 'hush-hush' }, dry_run: true };
    const { data, text } = await session.call('proxmox-configure-vm', args);
    expect(data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve3/qemu/102/config',
        parameters: {
          onboot: '0',
          cipassword: '[not shown]',
          digest: expect.stringMatching(/^[0-9a-f]{40}$/),
          background_delay: 5,
        },
      },
    ]);
    expect(text).not.toContain('hush-hush');
    expect(writes()).toBe(before);
  });

  it('keeps of a network card what was not named, its MAC among it, and says so', async () => {
    guest(102).config.net0 = 'virtio=BC:24:11:00:00:07,bridge=vmbr0,firewall=1,tag=30,queues=2';
    const args = { vmid: 102, params: { net0: 'e1000,bridge=vmbr0,queues=' } };
    const { data } = await session.call('proxmox-configure-vm', args);
    expect(guest(102).config.net0).toBe('e1000=BC:24:11:00:00:07,bridge=vmbr0,firewall=1,tag=30');
    expect(data.notes).toEqual(['net0: kept as it was: macaddr=BC:24:11:00:00:07, firewall=1, tag=30.']);
    await session.call('proxmox-configure-vm', { vmid: 102, params: { net0: 'tag=31' } });
    expect(guest(102).config.net0).toBe('e1000=BC:24:11:00:00:07,bridge=vmbr0,firewall=1,tag=31');
    const params = { net0: 'virtio=BC:24:11:00:00:0A,bridge=vmbr0,tag=,firewall=' };
    await session.call('proxmox-configure-vm', { vmid: 102, params });
    expect(guest(102).config.net0).toBe('virtio=BC:24:11:00:00:0A,bridge=vmbr0');
    const lacking = await session.call('proxmox-configure-vm', { vmid: 102, params: { net0: 'model=' } });
    expect(lacking.text).toContain("lacks 'model'");
  });

  it.each([
    ['agent', '1,fstrim_cloned_disks=1', true, '1,fstrim_cloned_disks=1'],
    ['cpu', 'host,flags=+aes', 'x86-64-v2-AES', 'x86-64-v2-AES,flags=+aes'],
    ['startup', 'order=2,up=30', 'down=60,up=', '2,down=60'],
    ['boot', 'cdn', 'order=scsi0', 'order=scsi0'],
    ['ipconfig0', 'ip=10.0.0.5/24,gw=10.0.0.1,ip6=auto', 'ip=dhcp', 'ip=dhcp,ip6=auto'],
    ['usb0', 'spice,usb3=1', 'mapping=stick', 'mapping=stick,usb3=1'],
    [
      'smbios1',
      'uuid=7f1c5a52-0000-4000-8000-000000000001,base64=1,sku=QQ==',
      'serial=12',
      'serial=12,uuid=7f1c5a52-0000-4000-8000-000000000001',
    ],
    ['ide2', 'local:iso/a.iso,media=cdrom,size=600M', 'none', 'none,media=cdrom'],
    ['ide2', 'none,media=cdrom', 'local-lvm:4', 'local-lvm:4'],
  ])('keeps the rest of %s that is %s', async (key, present, asked, sent) => {
    const { config } = guest(102);
    const was = config[key];
    config[key] = present;
    const args = { vmid: 102, params: { [key]: asked }, dry_run: true };
    const { data, text } = await session.call('proxmox-configure-vm', args);
    if (was === undefined) delete config[key];
    else config[key] = was;
    expect(data.plan?.writes, text).toMatchObject([{ parameters: { [key]: sent } }]);
  });

  it('changes options of a disk, adds one, and changes a CD, but takes no disk away', async () => {
    const scsi0 = String(guest(102).config.scsi0);
    const [volid] = scsi0.split(',');
    const storage = volid?.split(':')[0];
    guest(102).config.scsi0 = `${volid},size=32G,iothread=1,discard=on`;
    const params = { scsi0: `${volid},ssd=1,backup=0`, scsi1: `${storage}:4`, ide2: 'none,media=cdrom' };
    const { data } = await session.call('proxmox-configure-vm', { vmid: 102, params });
    expect(data.result.set).toEqual(['scsi0', 'scsi1', 'ide2']);
    expect(guest(102).config).toMatchObject({
      scsi0: expect.stringMatching(/backup=0.*discard=on.*iothread=1.*ssd=1/),
      scsi1: expect.stringContaining('size=4G'),
    });
    const sent = writes();
    const lost = await session.call('proxmox-configure-vm', { vmid: 102, params: { scsi0: `${storage}:8` } });
    expect(lost.isError).toBe(true);
    expect(lost.data.error).toMatchObject({
      message: expect.stringContaining(`scsi0 holds ${volid}`),
      next: expect.stringContaining('proxmox-move-disk'),
    });
    expect(writes()).toBe(sent);
  });

  it.each([
    ['vm', 102, 'unused0', 'proxmox-delete-disk'],
    ['vm', 102, 'scsi0', 'proxmox-detach-disk'],
    ['vm', 102, 'ide2', 'proxmox-detach-disk'],
    ['vm', 102, 'cdrom', 'proxmox-detach-disk'],
    ['vm', 102, 'efidisk0', 'proxmox-detach-disk'],
    ['vm', 102, 'tpmstate0', 'proxmox-detach-disk'],
    ['vm', 102, 'net0', 'proxmox-vm-nic-remove'],
    ['vm', 102, 'template', 'proxmox-template-vm'],
    ['lxc', 106, 'mp0', 'proxmox-detach-disk'],
    ['lxc', 106, 'rootfs', 'proxmox-detach-disk'],
    ['lxc', 106, 'net0', 'proxmox-lxc-nic-remove'],
    ['lxc', 106, 'template', 'proxmox-template-lxc'],
  ])('leaves it to a tool that asks to take from a %s %i its %s', async (kind, vmid, key, tool) => {
    const tools = `proxmox-configure-${kind}`;
    const removed = await session.call(tools, { vmid, delete: [key] });
    expect(removed.data.error.next, removed.text).toContain(tool);
    expect(writes()).toBe(before);
  });

  it.each([
    ['vm', 102],
    ['lxc', 106],
  ])('makes no template of a %s', async (kind, vmid) => {
    const { data } = await session.call(`proxmox-configure-${kind}`, { vmid, params: { template: true } });
    expect(data.error.next).toContain(`proxmox-template-${kind}`);
    expect(writes()).toBe(before);
  });

  it.each([
    ['vm', 102, 'scsi7', 'local-lvm:vm-100-disk-0', 'disk of guest 100'],
    ['vm', 102, 'scsi7', 'file=nfs-shared:100/vm-100-disk-0.qcow2,ssd=1', 'disk of guest 100'],
    ['vm', 102, 'scsi7', 'local-lvm:vm-102-disk-0', 'is attached as scsi0'],
    ['vm', 102, 'unused5', 'local-lvm:vm-100-disk-0', 'disk of guest 100'],
    ['lxc', 106, 'mp9', 'local-lvm:subvol-105-disk-0,mp=/x', 'disk of guest 105'],
  ])('gives a %s %i as %s no volume that is in use: %s', async (kind, vmid, key, value, why) => {
    const { data } = await session.call(`proxmox-configure-${kind}`, { vmid, params: { [key]: value } });
    expect(data.error?.message).toContain(why);
    expect(writes()).toBe(before);
  });

  it('gives a VM its own disk again, that of a linked clone too', async () => {
    const params = { scsi7: 'local-lvm:base-100-disk-0/vm-102-disk-7' };
    const { data } = await session.call('proxmox-configure-vm', { vmid: 102, params, dry_run: true });
    expect(data.plan.writes).toHaveLength(1);
  });

  it('tells every fault at once, and sends nothing', async () => {
    const params = { corse: 4, bios: 'uefi', net0: 'virtio,brigde=vmbr0', digest: 'x' };
    const { text, isError } = await session.call('proxmox-configure-vm', { vmid: 102, params, delete: ['scssi1'] });
    expect(isError).toBe(true);
    expect(JSON.parse(text).error.arguments).toEqual([
      { argument: 'params.corse', message: "no key of a VM; did you mean 'cores'?" },
      { argument: 'params.bios', message: 'takes one of seabios, ovmf' },
      { argument: 'params.net0', message: expect.stringContaining("'brigde' is no part of it; it has model, macaddr") },
      { argument: 'params.digest', message: 'not set here: it is sent by itself' },
      { argument: 'delete', message: "'scssi1': no key of a VM; did you mean 'scsi1'?" },
    ]);
    const empty = await session.call('proxmox-configure-vm', { vmid: 102 });
    expect(empty.text).toContain('nothing to change');
    const both = await session.call('proxmox-configure-vm', { vmid: 102, params: { numa: 1 }, delete: ['numa'] });
    expect(both.text).toContain("'numa' is to be set and unset at once");
    expect(writes()).toBe(before);
  });

  it.each([
    ['args', '-fw_cfg x'],
    ['hookscript', 'local:snippets/hook.pl'],
    ['usb0', 'host=1234:5678'],
    ['hostpci0', '0000:01:00.0'],
  ])('leaves %s to root@pam, and says why', async (key, value) => {
    const { data } = await session.call('proxmox-configure-vm', { vmid: 102, params: { [key]: value } });
    expect(data.error).toMatchObject({ message: expect.stringContaining('only root@pam himself') });
    expect(writes()).toBe(before);
  });

  it('asks the version where a key is not known to all', async () => {
    const done = await session.call('proxmox-configure-vm', { vmid: 102, params: { 'allow-ksm': false } });
    expect(done.isError).toBe(false);
    const old = await startSimulator({ version: '8.4' });
    const other = await startSession({ ...old.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
    const { text } = await other.call('proxmox-configure-vm', { vmid: 102, params: { 'allow-ksm': false } });
    await other.close();
    await old.close();
    expect(text).toContain('known from Proxmox VE 9 on; this cluster has 8');
  });

  it('is refused for a locked guest', async () => {
    const locked = await session.call('proxmox-configure-vm', { vmid: 104, params: { onboot: true } });
    expect(locked.isError).toBe(true);
    expect(locked.text).toContain('locked');
  });

  it('is refused where the configuration was changed meanwhile', async () => {
    const production = simulator.cluster('production');
    production.setFault({ kind: 'slow', ms: 500 }, { path: /\/config$/ });
    const seen = () => production.requests.filter(({ path }) => path.endsWith('/config')).length;
    const asked = seen();
    const pending = session.call('proxmox-configure-vm', { vmid: 102, params: { onboot: true } });
    await expect.poll(seen, { timeout: 5000, interval: 10 }).toBe(asked + 1);
    guest(102).config.cores = 5;
    const { isError, text } = await pending;
    production.setFault(undefined);
    expect(isError).toBe(true);
    expect(text).toContain('checksum mismatch');
  });

  it('is an error where the task fails', async () => {
    const params = { scsi5: 'local-lvm:vm-102-disk-9' };
    const { isError, text } = await session.call('proxmox-configure-vm', { vmid: 102, params });
    expect(isError).toBe(true);
    expect(text).toContain("volume 'local-lvm:vm-102-disk-9' does not exist");
  });

  it('needs a privilege for each key, and names it', async () => {
    const secret = simulator.cluster('production').addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-configure-vm', { vmid: 102, params: { cores: 2 } });
    const tags = await limited.call('proxmox-set-tags', { vmid: 102, add: ['x'] });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('VM.Config') });
    expect(tags.data.error).toMatchObject({ code: 'PRIVILEGE_MISSING' });
  });
});

describe('configuring a container', () => {
  it('sets and unsets keys at once, and keeps the MAC', async () => {
    const mac = /hwaddr=([0-9A-F:]{17})/.exec(String(guest(106).config.net0))?.[1];
    guest(106).config.net0 = `${guest(106).config.net0},firewall=1`;
    const params = { cores: 3, swap: 256, hostname: 'queue', net0: 'name=eth0,bridge=vmbr0,ip=dhcp', onboot: 'no' };
    const { data } = await session.call('proxmox-configure-lxc', { vmid: 106, params, delete: ['cpulimit'] });
    expect(data.result).toMatchObject({ set: ['cores', 'swap', 'hostname', 'net0', 'onboot'], unset: ['cpulimit'] });
    expect(guest(106).config).toMatchObject({ cores: 3, hostname: 'queue', onboot: 0 });
    expect(guest(106).config.net0).toContain(`hwaddr=${mac}`);
    expect(guest(106).config.net0).toContain('firewall=1');
    await session.call('proxmox-configure-lxc', { vmid: 106, params: { hostname: 'prod-rabbitmq' } });
  });

  it('is shown before, and goes by PUT', async () => {
    const { data } = await session.call('proxmox-configure-lxc', { vmid: 106, params: { cores: 1 }, dry_run: true });
    expect(data.plan.writes).toMatchObject([{ method: 'PUT', path: '/nodes/pve3/lxc/106/config' }]);
    expect(writes()).toBe(before);
  });

  it.each([
    ['features', 'nesting=1,fuse=1', 'features other than nesting'],
    ['dev0', '/dev/fuse', "'dev0'"],
    ['mp0', '/srv/data,mp=/data', 'a path or a device of the node'],
  ])('leaves %s to root@pam', async (key, value, why) => {
    guest(106).config.unprivileged = 1;
    const { text } = await session.call('proxmox-configure-lxc', { vmid: 106, params: { [key]: value } });
    expect(text).toContain(why);
    expect(writes()).toBe(before);
  });

  it('names the key that a VM would have', async () => {
    const params = { name: 'x', scsi0: 'local-lvm:8', cores: true };
    const { text } = await session.call('proxmox-configure-lxc', { vmid: 106, params });
    expect(text).toContain("did you mean 'hostname'?");
    expect(text).toContain('only a VM has it');
    expect(text).toContain('takes a whole number from 1 to 8192, no boolean');
  });
});

describe('pending changes', () => {
  it('are shown, without what is done', async () => {
    const { data } = await session.call('proxmox-pending-changes', { vmid: 103 });
    expect(data.result).toMatchObject({ vmid: 103, pending: [{ key: 'cores', current: '8', pending: '12' }] });
    const none = await session.call('proxmox-pending-changes', { vmid: 105 });
    expect(none.data.result.pending).toEqual([]);
  });

  it('are dropped by name or all', async () => {
    await session.call('proxmox-configure-vm', { vmid: 103, params: { memory: 65536 } });
    const preview = await session.call('proxmox-revert-pending', { vmid: 103, dry_run: true });
    expect(preview.data.plan.writes).toMatchObject([
      { method: 'PUT', path: '/nodes/pve1/qemu/103/config', parameters: { revert: 'cores,memory' } },
    ]);
    const one = await session.call('proxmox-revert-pending', { vmid: 103, keys: ['memory'] });
    expect(one.data.result).toMatchObject({
      reverted: [{ key: 'memory', current: '32768', pending: '65536' }],
      pending: [{ key: 'cores' }],
    });
    const wrong = await session.call('proxmox-revert-pending', { vmid: 103, keys: ['memory'] });
    expect(wrong.text).toContain('memory: nothing waits there; what waits: cores');
    const all = await session.call('proxmox-revert-pending', { vmid: 103 });
    expect(all.data.result.pending).toEqual([]);
    expect(guest(103).pending).toEqual({});
    const again = await session.call('proxmox-revert-pending', { vmid: 103 });
    expect(again.data.result).toMatchObject({ unchanged: 'nothing waits' });
  });
});
