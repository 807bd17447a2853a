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

const at = (vmid: number) => ({ node: 'pve1', type: 'qemu', vmid });
const stopOf = (vmid: number): Write => ({ method: 'POST', path: `/nodes/pve1/qemu/${vmid}/status/stop` });

function gateOf(writes: readonly Write[], label?: string) {
  const done: Write[] = [];
  const gate = confirmedGate(recordingGate(done, label), label, { writes, cluster: 'production', vmid: 101 }, done);
  const send = async (...[to, path, params]: Parameters<typeof gate.before>) => {
    await gate.before(to, path, params);
    await gate.send(to, path, params);
  };
  return { done, send };
}

const refusal = (sent: Promise<void>) => rejectionOf(sent, NotConfirmedError);

describe('what was confirmed', () => {
  it('is let through, and goes on with the same guests', async () => {
    const { done, send } = gateOf([stopOf(101), stopOf(102)]);
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
