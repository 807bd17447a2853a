import { describe, expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld();
const production = () => world.simulator.cluster('production');
const guest = (vmid: number) => production().state.guests.find((one) => one.vmid === vmid);
const key = `ssh-ed25519 ${'A'.repeat(68)} me@home`;
const cluster = 'production';

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
    const { data: preview } = await world.call('proxmox-create-lxc', { ...args, dry_run: true });
    expect(preview.plan.writes[0].parameters).toMatchObject({
      unprivileged: true,
      features: 'nesting=1',
      'ssh-public-keys': '[not shown]',
    });
    expect(world.writes()).toBe(0);
    const { data, isError } = await world.call('proxmox-create-lxc', args);
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
    const { data, text } = await world.call('proxmox-create-lxc', { cluster, ostemplate: 'debian-12', ...args });
    expect(data.error.code).toBe('INVALID_ARGUMENTS');
    expect(text).toContain(why);
    expect(world.writes()).toBe(0);
  });

  it('is made of a template that is there', async () => {
    const { data } = await world.call('proxmox-create-lxc', { cluster, ostemplate: 'alpine' });
    expect(data.error).toMatchObject({
      message: expect.stringContaining("no vztmpl named 'alpine'"),
      next: expect.stringContaining('debian-12-standard'),
    });
    expect(world.writes()).toBe(0);
  });

  it('is an error when the task fails, with the reason', async () => {
    const target = world.simulator.cluster(cluster);
    // What cannot be listed may still be there.
    target.setFault(
      { kind: 'status', status: 403, reason: 'Permission check failed' },
      { path: /\/content$/, times: 1 },
    );
    const args = { cluster, ostemplate: 'local:vztmpl/gone.tar.zst' };
    const { data, isError } = await world.call('proxmox-create-lxc', args);
    target.setFault(undefined);
    expect(isError).toBe(true);
    expect(data.result.task).toMatchObject({ state: 'failed', exitstatus: expect.stringContaining('gone.tar.zst') });
    expect(guest(data.result.vmid)).toBeUndefined();
  });

  it('has no features where none are wanted', async () => {
    const args = { cluster, ostemplate: 'debian-12', features: 'nesting=0', dry_run: true };
    const { data } = await world.call('proxmox-create-lxc', args);
    expect(data.plan.writes[0].parameters).not.toHaveProperty('features');
  });
});
