import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
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

it('lists the disks of a node with their health and what uses them', async () => {
  const { data } = await session.call('proxmox-list-disks', { cluster: 'production', node: 'pve1' });
  expect(data.items).toEqual([
    {
      devpath: '/dev/nvme0n1',
      type: 'nvme',
      size: 2e12,
      model: 'SAMSUNG MZQL21T9HCJR-00A07',
      serial: expect.any(String),
      wwn: expect.any(String),
      health: 'PASSED',
      wearout_percent: 2,
      used: 'LVM',
    },
    expect.objectContaining({ devpath: '/dev/nvme1n1', wearout_percent: 2 }),
  ]);
});

it('lists those that are free', async () => {
  const args = { cluster: 'production', node: 'pve1', unused: true };
  const { data } = await session.call('proxmox-list-disks', args);
  expect(data.items).toMatchObject([{ devpath: '/dev/nvme1n1' }]);
  expect(data.items[0]).not.toHaveProperty('used');
});

it('tells what the token lacks', async () => {
  const secret = simulator.cluster('production').addToken('no@pve!disks', {});
  const limited = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_TOKEN_ID: 'no@pve!disks',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
  const { data } = await limited.call('proxmox-list-disks', { cluster: 'production', node: 'pve1' });
  await limited.close();
  expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING' });
});
