import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { confirmedGate } from '../../src/client/confirmed-gate.js';
import { NotConfirmedError } from '../../src/client/not-confirmed.js';
import { recordingGate, type Write } from '../../src/client/write-gate.js';
import { endpoint } from '../../src/pve/endpoint.js';
import { rejectionOf } from '../pve/one-cluster.js';

const stop = endpoint('POST /nodes/{node}/{type}/{vmid}/status/stop', z.string());
const remove = endpoint('DELETE /nodes/{node}/{type}/{vmid}', z.string());
const rule = endpoint('POST /cluster/firewall/rules', z.null());

const clone = endpoint('POST /nodes/{node}/{type}/{vmid}/clone', z.string());
const config = endpoint('PUT /nodes/{node}/{type}/{vmid}/config', z.null());
const dropVolume = endpoint('DELETE /nodes/{node}/storage/{storage}/content/{volume}', z.string());
const replicate = endpoint('POST /cluster/replication', z.null());
const grant = endpoint('PUT /access/acl', z.null());
const paramsSchema = z.record(z.string(), z.string());

const at = (vmid: number) => ({ node: 'pve1', type: 'qemu', vmid });
const stopOf = (vmid: number): Write => ({ method: 'POST', path: `/nodes/pve1/qemu/${vmid}/status/stop` });

function gateOf(writes: readonly Write[], label?: string) {
  const done: Write[] = [];
  const sent = new Map(writes.map((write) => [write, paramsSchema.parse(write.parameters ?? {})]));
  const confirmed = { writes, sent, cluster: 'production', vmid: 101 };
  const gate = confirmedGate(recordingGate(done, label), label, confirmed, done);
  const send = async (...[to, path, params]: Parameters<typeof gate.before>) => {
    await gate.before(to, path, params);
    await gate.send(to, path, params);
  };
  return { done, send };
}

const refusal = (sent: Promise<void>) => rejectionOf(sent, NotConfirmedError);

describe('what was confirmed', () => {
  it('is let through, and goes on with the same guests', async () => {
    const removal: Write = { method: 'DELETE', path: '/nodes/pve1/qemu/101' };
    const { done, send } = gateOf([stopOf(101), removal, stopOf(102)]);
    await send(stop, at(101), {});
    await send(remove, at(101), { purge: true });
    await send(stop, at(102), {});
    expect(done).toHaveLength(3);
  });

  it('does not begin with another request, nor with other parameters', async () => {
    const { done, send } = gateOf([stopOf(101)]);
    expect(await refusal(send(remove, at(101), {}))).toMatchObject({ why: 'changed', changed: ['Requests'] });
    expect(await refusal(send(stop, at(101), { skiplock: true }))).toMatchObject({ changed: ['Requests'] });
    expect(done).toEqual([]);
  });

  it('never reaches a guest that was not shown', async () => {
    const { done, send } = gateOf([stopOf(101)]);
    await send(stop, at(101), {});
    expect(await refusal(send(stop, at(102), {}))).toMatchObject({ why: 'changed', changed: ['Guests'] });
    expect(done).toHaveLength(1);
  });

  it('does not go on with a request that was not shown, though the guest was', async () => {
    const { done, send } = gateOf([stopOf(101)]);
    await send(stop, at(101), {});
    expect(await refusal(send(remove, at(101), {}))).toMatchObject({ changed: ['Requests'] });
    expect(done).toHaveLength(1);
  });

  it('goes on with a guest under another VMID, and another volume, where those are made on the way', async () => {
    const made = { method: 'POST', path: '/nodes/pve1/qemu/101/clone', parameters: { newid: '200' } };
    const set = { method: 'PUT', path: '/nodes/pve1/qemu/200/config' };
    const volume = { method: 'DELETE', path: '/nodes/pve1/storage/local/content/local%3A101%2Fvm-101-disk-0.raw' };
    const { done, send } = gateOf([stopOf(101), made, set, volume]);
    await send(stop, at(101), {});
    expect(await refusal(send(config, at(201), {}))).toMatchObject({ changed: ['Guests'] });
    await send(clone, at(101), { newid: '201' });
    await send(config, at(201), {});
    const place = { node: 'pve1', storage: 'local' };
    await send(dropVolume, { ...place, volume: 'local:101/vm-101-disk-1.raw' }, {});
    const other = send(dropVolume, { ...place, volume: 'local:102/vm-102-disk-1.raw' }, {});
    expect(await refusal(other)).toMatchObject({ changed: ['Guests'] });
    expect(done).toHaveLength(4);
  });

  it('knows a guest by a replication job, a volume and a path of rights, too', async () => {
    const { done, send } = gateOf([stopOf(101)]);
    const job = send(replicate, {}, { id: '102-0', target: 'pve2', type: 'local' });
    expect(await refusal(job)).toMatchObject({ changed: ['Guests'] });
    expect(await refusal(send(grant, {}, { path: '/vms/102' }))).toMatchObject({ changed: ['Guests'] });
    const disk = send(config, at(101), { scsi1: 'local-lvm:vm-102-disk-0' });
    expect(await refusal(disk)).toMatchObject({ changed: ['Guests'] });
    expect(done).toEqual([]);
  });

  it('is for the cluster that was shown with it', async () => {
    const { done, send } = gateOf([{ ...stopOf(102), cluster: 'staging' }], 'production');
    expect(await refusal(send(stop, at(102), {}))).toMatchObject({ changed: ['Guests'] });
    expect(done).toEqual([]);
  });

  it('may differ in the digest of a later step alone', async () => {
    const shown = { method: 'POST', path: '/cluster/firewall/rules', parameters: { action: 'ACCEPT', digest: 'a' } };
    const { done, send } = gateOf([shown]);
    expect(await refusal(send(rule, {}, { action: 'ACCEPT', digest: 'b' }))).toMatchObject({ why: 'changed' });
    await send(rule, {}, { action: 'ACCEPT', digest: 'a' });
    await send(rule, {}, { action: 'ACCEPT', digest: 'b' });
    expect(done).toHaveLength(2);
  });
});
