import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { chooseAddress } from '../../src/tools/agent/chosen-address.js';
import { hostNames, iniInventory, yamlInventory } from '../../src/tools/agent/inventory-text.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  simulator = await startSimulator({});
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const ask = async (args: Record<string, unknown>) => session.call('proxmox-register-vm-as-host', args);
const guest = (vmid: number) => simulator.cluster('production').state.guests.find((one) => one.vmid === vmid);

describe('proxmox-register-vm-as-host', () => {
  it('writes the real address of a VM', async () => {
    const { data, isError } = await ask({ vmid: 100, ssh_user: 'ops', ssh_private_key_path: '~/.ssh/id ed25519' });
    expect(isError).toBe(false);
    const address = guest(100)?.agent?.interfaces[1]?.addresses[0]?.split('/')[0];
    expect(data.result).toEqual({
      inventory: [
        '[proxmox]',
        `prod-web-1 ansible_host=${address}`,
        '',
        '[proxmox:vars]',
        'ansible_user=ops',
        "ansible_ssh_private_key_file='~/.ssh/id ed25519'",
        '',
      ].join('\n'),
      hosts: [{ host: 'prod-web-1', vmid: 100, node: 'pve1', address, interface: 'eth0' }],
      without_address: [],
    });
  });

  it('lists what has no address as such, and why', async () => {
    const { result } = (await ask({ tag: 'prod', cluster: 'production', format: 'yaml', group: 'prod' })).data;
    expect(result.hosts.map(({ host }: { host: string }) => host)).toEqual(
      expect.arrayContaining(['prod-web-1', 'prod-web-2', 'prod-redis']),
    );
    expect(result.without_address).toContainEqual({ vmid: 102, name: 'prod-web-3', reason: 'status stopped' });
    expect(result.inventory).not.toContain('prod-web-3');
    expect(result.inventory.split('\n').slice(0, 4)).toEqual([
      'prod:',
      '  vars:',
      '    ansible_user: "root"',
      '  hosts:',
    ]);
    const silent = (await ask({ vmid: 122 })).data.result;
    expect(silent).toMatchObject({ hosts: [], without_address: [{ reason: 'guest agent: not running' }] });
  });

  it.each([
    ['prod-web-*', ['prod-web-1', 'prod-web-2']],
    ['*redis', ['prod-redis']],
    ['prod-w*-1', ['prod-web-1']],
    ['PROD-REDIS', ['prod-redis']],
    ['web', []],
  ])('takes the guests whose name is %s', async (name, expected) => {
    const { result } = (await ask({ name, cluster: 'production' })).data;
    expect(result.hosts.map(({ host }: { host: string }) => host)).toEqual(expected);
  });

  it('takes the interface that is preferred, and none instead of another', async () => {
    const interfaces = guest(101)?.agent?.interfaces ?? [];
    interfaces.push({ name: 'wg0', mac: '', addresses: ['10.99.0.1/24'] });
    const { result } = (await ask({ vmid: 101, prefer_interface: 'wg0' })).data;
    expect(result.hosts[0]).toMatchObject({ address: '10.99.0.1', interface: 'wg0' });
    expect((await ask({ vmid: 101 })).data.result.hosts[0].interface).toBe('eth0');
    const none = (await ask({ vmid: 101, prefer_interface: 'eth7' })).data.result;
    expect(none.without_address[0].reason).toBe('none on that interface');
  });

  it('lets no guest write lines of its own', async () => {
    const vm = guest(101);
    if (vm === undefined) throw new Error('no guest 101');
    vm.config.name = 'x\n[all:vars]\nansible_user=evil';
    const { result } = (await ask({ vmid: 101 })).data;
    vm.config.name = 'prod-web-2';
    expect(result.inventory).not.toContain('evil');
    expect(result.hosts[0].host).toBe('guest-101');
  });

  it('refuses arguments that could write lines, and a guest that is not there', async () => {
    for (const args of [{ ssh_user: 'a b' }, { ssh_private_key_path: "/x' y" }, { group: 'a]\n[b' }]) {
      const { data } = await ask({ vmid: 100, ...args });
      expect(data.error.code).toBe('INVALID_ARGUMENTS');
    }
    expect((await ask({ vmid: 199 })).data.error.code).toBe('REFUSED');
  });

  it('says which privilege is missing to ask the agents', async () => {
    const secret = simulator.cluster('production').addToken('few@pve!only', { '/': ['VM.Audit'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'few@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-register-vm-as-host', { vmid: 100 });
    await limited.close();
    expect(data.result.without_address[0].reason).toBe('guest agent: no privilege');
  });
});

describe('an inventory', () => {
  const names = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'A', 'proxmox', 'all', 'web:1')));

  it('has one line a host and each name once, whatever guests are called', () => {
    fc.assert(
      fc.property(names, (given) => {
        const guests = given.map((name, at) => ({ vmid: 100 + at, name }));
        const hosts = hostNames(guests, 'proxmox').map((name) => ({ name, address: '10.0.0.1' }));
        expect(new Set(hosts.map(({ name }) => name.toLowerCase())).size).toBe(hosts.length);
        const access = { group: 'proxmox', user: 'root' };
        const lines = iniInventory(hosts, access).split('\n');
        expect(lines).toHaveLength(hosts.length + 5);
        for (const line of lines.slice(1, hosts.length + 1))
          expect(line).toMatch(/^[A-Za-z0-9][\w.-]* ansible_host=10\.0\.0\.1$/);
        expect(yamlInventory(hosts, access).split('\n')).toHaveLength(hosts.length + 5);
      }),
    );
  });

  it('has no address that nobody outside reaches', () => {
    const one = (name: string, ...addresses: string[]) => ({ name, mac: `m-${name}`, addresses });
    const inside = [one('docker0', '172.17.0.1/16'), one('eth9', '169.254.3.4/16', 'fe80::1%eth9/64')];
    expect(chooseAddress(inside, {})).toBeUndefined();
    const more = [...inside, one('eth1', '10.1.0.1/24'), one('eth0', '2001:db8::5/64', '10.0.0.5/24')];
    expect(chooseAddress(more, {})?.address).toBe('10.1.0.1');
    expect(chooseAddress(more, { mac: 'M-ETH0' })?.address).toBe('10.0.0.5');
    expect(chooseAddress([one('eth0', '10.0.0.5; rm/24')], {})).toBeUndefined();
  });
});
