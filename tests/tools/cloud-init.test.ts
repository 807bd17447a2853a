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

const production = () => simulator.cluster('production');
const guest = (vmid: number) => {
  const found = production().state.guests.find((one) => one.vmid === vmid);
  if (found === undefined) throw new Error(`no guest ${vmid}`);
  return found;
};
const sent = () => production().requests.filter(({ method }) => method !== 'GET');

let before = 0;
beforeEach(() => {
  before = sent().length;
});

const keys = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJhc2U2NCtrZXk/x+y/z ops+1@example.com\nssh-rsa AAAAB3Nza dev';
const settings = {
  ciuser: 'admin',
  cipassword: 'correct horse',
  sshkeys: keys,
  ipconfig0: 'ip=10.10.0.5/24,gw=10.10.0.1',
  nameserver: '10.10.0.1',
  searchdomain: 'example.com',
  ciupgrade: false,
};

describe('cloud-init of a VM', () => {
  it('needs a drive, and is told so before anything is sent', async () => {
    const { data } = await session.call('proxmox-cloudinit-set', { vmid: 102, ciuser: 'admin' });
    expect(data.error).toMatchObject({
      message: expect.stringContaining('no cloud-init drive'),
      next: expect.stringContaining('add_drive'),
    });
    expect(sent()).toHaveLength(before);
  });

  it('is shown before, without secrets', async () => {
    const args = { vmid: 102, ...settings, add_drive: 'local-lvm', dry_run: true };
    const { data, text } = await session.call('proxmox-cloudinit-set', args);
    expect(data.plan.writes).toMatchObject([
      {
        method: 'POST',
        path: '/nodes/pve3/qemu/102/config',
        parameters: { ciuser: 'admin', cipassword: '[not shown]', sshkeys: '[not shown]', ide0: 'local-lvm:cloudinit' },
      },
      { method: 'PUT', path: '/nodes/pve3/qemu/102/cloudinit' },
    ]);
    expect(text).not.toContain('correct horse');
    expect(sent()).toHaveLength(before);
  });

  it('gets a drive and its settings in one request, and the drive is written anew', async () => {
    const args = { vmid: 102, ...settings, add_drive: 'local-lvm' };
    const { data, isError } = await session.call('proxmox-cloudinit-set', args);
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({ drive: 'ide0', regenerated: true, pending: [] });
    expect([...data.result.set].sort()).toEqual([...Object.keys(settings), 'ide0'].sort());
    expect(guest(102).config).toMatchObject({
      ide0: expect.stringContaining('cloudinit'),
      ciuser: 'admin',
      sshkeys: encodeURIComponent(keys),
      ciupgrade: 0,
    });
    expect(
      sent()
        .slice(before)
        .map(({ method }) => method),
    ).toEqual(['POST', 'PUT']);
  });

  it('shows what the guest will see, and no password', async () => {
    const { data, text } = await session.call('proxmox-cloudinit-get', { vmid: 102 });
    expect(data.result).toMatchObject({
      drive: { disk: 'ide0', volid: expect.stringContaining('cloudinit') },
      settings: { ciuser: 'admin', cipassword: '[not shown]', sshkeys: keys, ipconfig0: settings.ipconfig0 },
      pending: [],
      user: expect.stringContaining('password: [not shown]'),
      network: expect.stringContaining("address: '10.10.0.5/24'"),
      meta: expect.stringContaining('instance-id'),
    });
    expect(data.result.user).toContain('ssh_authorized_keys:');
    expect(text).not.toContain('$5$');
  });

  it('takes keys that are encoded already, other cards, and settings to unset', async () => {
    const args = {
      vmid: 102,
      sshkeys: encodeURIComponent(keys),
      ipconfigs: { ipconfig1: 'ip=dhcp' },
      delete: ['searchdomain', 'cipassword'],
      add_drive: 'local-lvm',
    };
    const { data } = await session.call('proxmox-cloudinit-set', args);
    expect(data.result).toMatchObject({ unset: ['searchdomain', 'cipassword'], drive: 'ide0' });
    expect(data.notes).toContain('It has a cloud-init drive; none was added.');
    expect(guest(102).config).toMatchObject({ sshkeys: encodeURIComponent(keys), ipconfig1: 'ip=dhcp' });
    expect(guest(102).config).not.toHaveProperty('searchdomain');
  });

  it('of a running one is read at its next boot', async () => {
    guest(101).config.ide2 = 'local-lvm:vm-101-cloudinit,media=cdrom';
    const { data } = await session.call('proxmox-cloudinit-set', { vmid: 101, ciuser: 'ops' });
    expect(data.result).toMatchObject({ regenerated: true });
    expect(data.notes).toContain('The running guest reads it at its next boot.');
    expect(guest(101).config.ciuser).toBe('ops');
  });

  it('is saved even where the drive cannot be written anew, and that is told', async () => {
    production().setFault({ kind: 'status', status: 501, reason: 'not implemented' }, { path: /\/cloudinit$/ });
    const { data, isError } = await session.call('proxmox-cloudinit-set', { vmid: 101, ciuser: 'root' });
    production().setFault(undefined);
    expect(isError).toBe(false);
    expect(data.result.regenerated).toBe(false);
    expect(data.notes).toContainEqual(expect.stringContaining('at its next start'));
  });

  it.each([
    [{ ipconfig0: 'ip=10.0.0.5' }, 'with its prefix'],
    [{ ipconfigs: { net1: 'ip=dhcp' } }, 'keys are ipconfig0 to ipconfig31'],
    [{ ipconfigs: { ipconfig32: 'ip=dhcp' } }, 'ipconfig0 to ipconfig31'],
    [{ sshkeys: 'ssh-rsa' }, 'line 1 is no public key'],
    [{ cipassword: '**********' }, 'the mask that readers get'],
    [{ delete: ['cores'] }, 'no setting of cloud-init'],
    [{ add_drive: 'a,b' }, 'name of a storage'],
    [{}, 'nothing to set'],
  ])('takes no %j', async (args, fault) => {
    const { text } = await session.call('proxmox-cloudinit-set', { vmid: 102, ...args });
    expect(text).toContain(fault);
    expect(sent()).toHaveLength(before);
  });

  it('is not lost to a disk set on its drive', async () => {
    const { text } = await session.call('proxmox-configure-vm', { vmid: 102, params: { ide0: 'none,media=cdrom' } });
    expect(text).toContain('would take that away');
  });

  it('says so where there is no drive to show', async () => {
    const { data } = await session.call('proxmox-cloudinit-get', { vmid: 103 });
    expect(data.notes).toContainEqual(expect.stringContaining('no cloud-init drive'));
  });
});
