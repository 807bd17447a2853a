import { expect, it } from 'vitest';
import { useWorld } from '../support/world.js';

const world = useWorld();
const sure = { cluster: 'production', confirm: true };
const guest = (vmid: number) => {
  const found = world.simulator.cluster('production').state.guests.find((one) => one.vmid === vmid);
  if (found === undefined) throw new Error(`no guest ${vmid}`);
  return found;
};

/** Runs a call, and does something to a guest once its first request was sent. */
async function meanwhile(tool: string, args: Record<string, unknown>, change: () => void) {
  const pending = world.call(tool, { ...sure, at_once: 1, ...args });
  while (world.writes() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  change();
  return pending;
}

const snapshot = (vmid: number, name: string) =>
  guest(vmid).snapshots.push({ name, description: '', snaptime: 1_700_000_000, config: {} });

it('is not done to a guest that has another name by then; the others go on', async () => {
  for (const vmid of [103, 106, 115]) guest(vmid).config.tags = 'trio';
  for (const vmid of [103, 106, 115]) guest(vmid).status = 'running';
  const { data, isError } = await meanwhile('proxmox-bulk-power', { action: 'stop', tag: 'trio' }, () => {
    guest(106).config[guest(106).type === 'qemu' ? 'name' : 'hostname'] = 'another';
  });
  expect(isError).toBe(true);
  expect(data.result).toMatchObject({
    ok: 2,
    failed: 1,
    rows: [
      { vmid: 103, outcome: 'ok' },
      { vmid: 106, outcome: 'failed', why: expect.stringContaining("not what was listed but 'another' on") },
      { vmid: 115, outcome: 'ok' },
    ],
  });
  expect(guest(106).status).toBe('running');
  expect(world.writes()).toBe(2);
});

it.each([
  ['proxmox-bulk-delete-snapshot', { snapname: 'old-exp20240101', tag: 'pair' }],
  ['proxmox-expire-snapshots', {}],
])('%s leaves the snapshot of a guest that is on another node by then', async (tool, args) => {
  for (const vmid of [100, 102]) {
    guest(vmid).config.tags = 'pair';
    snapshot(vmid, 'old-exp20240101');
  }
  const { node } = guest(102);
  const { data, isError } = await meanwhile(tool, args, () => {
    guest(102).node = 'pve2';
  });
  guest(102).node = node;
  expect(isError).toBe(true);
  expect(data.result.rows).toMatchObject([
    { vmid: 100, outcome: 'ok' },
    { vmid: 102, outcome: 'failed', why: expect.stringContaining('on pve2') },
  ]);
  expect(guest(102).snapshots.map(({ name }) => name)).toContain('old-exp20240101');
  guest(102).snapshots = [];
});

it('is not done to a guest that is gone by then', async () => {
  for (const vmid of [101, 102]) guest(vmid).config.tags = 'two';
  for (const vmid of [101, 102]) guest(vmid).status = 'running';
  const { data } = await meanwhile('proxmox-bulk-power', { action: 'stop', tag: 'two' }, () => {
    const { state } = world.simulator.cluster('production');
    state.guests = state.guests.filter(({ vmid }) => vmid !== 102);
  });
  expect(data.result.rows[1]).toMatchObject({ outcome: 'failed', why: expect.stringContaining('is gone') });
  expect(world.writes()).toBe(1);
});
