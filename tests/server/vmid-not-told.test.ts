import { expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld();

it('takes no other VMID because a server could not say whether the one is free', async () => {
  const there = world.simulator.cluster('disaster-recovery');
  const move = { vmid: 141, cluster: 'production', target_cluster: 'disaster-recovery', dry_run: true };
  const free = await world.call('proxmox-migrate-vm-between-clusters', move);
  expect(free.data.plan.target_vmid).toBe(905);
  there.setFault({ kind: 'status', status: 503, reason: 'Service Unavailable' }, { path: /nextid/, skip: 1, times: 1 });
  const error = await world.error('proxmox-migrate-vm-between-clusters', move);
  expect(JSON.stringify(error)).toContain('nextid');
  expect(world.writes()).toBe(0);
});
