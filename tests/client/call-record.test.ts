import { expect, it } from 'vitest';
import { AuditError } from '../../src/client/audit/audit-error.js';
import { CallRecord, type RecordWriter } from '../../src/client/audit/call-record.js';
import { ChainWriter } from '../../src/client/audit/chain-writer.js';
import { verifyChain } from '../../src/client/audit/verify-chain.js';
import { systemClock } from '../../src/pve/clock.js';
import { silentLog } from '../../src/pve/log.js';
import { catalogue } from '../../src/tools/catalogue.js';
import type { Tool } from '../../src/tools/define.js';
import { type Line, newAuditFile } from '../support/audit-file.js';

const tools: readonly Tool[] = catalogue;
const [startVm] = tools.filter(({ name }) => name === 'proxmox-start-vm');

function recordWith(write: (fields: Line) => Promise<void>): CallRecord {
  const writer: RecordWriter = { now: () => 0, write, required: true, reads: false, complain: () => {} };
  if (startVm === undefined) throw new Error('no such tool');
  return new CallRecord(writer, startVm, {}, undefined);
}
const write = (path: string) => ({ method: 'POST' as const, path });
const full = new AuditError('/file', 'ENOSPC');

it('keeps the numbers of what is under way when another request could not be written down', async () => {
  const lines: Line[] = [];
  const record = recordWith(async (fields) => {
    if (fields.path === '/second') throw full;
    lines.push(fields);
  });
  const sending = ['/first', '/second', '/third'].map((path) => record.sending('c', write(path)));
  const [first, second, third] = await Promise.allSettled(sending);
  expect(second).toMatchObject({ status: 'rejected', reason: full });
  expect([first, third]).toMatchObject([{ value: 1 }, { value: 3 }]);
  record.answered(3, { upid: 'UPID:third' });
  record.answered(1, { upid: 'UPID:first' });
  expect(record.sent).toBe(2);
  await record.ended({ outcome: 'failed' });
  expect(lines.at(-1)?.requests).toEqual([
    { cluster: 'c', method: 'POST', path: '/first', upid: 'UPID:first' },
    { cluster: 'c', method: 'POST', path: '/third', upid: 'UPID:third' },
  ]);
});

it('leaves no call open that sent nothing, as it could not be flushed', async () => {
  const file = newAuditFile();
  const chain = new ChainWriter({ file, maxBytes: 1e9 }, systemClock, silentLog);
  const record = recordWith(async (fields) => {
    await chain.append(JSON.stringify({ time: '2026-11-21T12:00:00.000Z', ...fields }));
    if (fields.event === 'send') throw full;
  });
  await expect(record.sending('c', write('/first'))).rejects.toBe(full);
  await record.ended({ outcome: 'failed', code: 'AUDIT_UNWRITABLE' });
  expect(await verifyChain({ files: [file] })).toMatchObject({ whole: 3, broken: undefined, unended: [] });
});

it('writes no line of a call that was refused as one too many', async () => {
  const lines: Line[] = [];
  const record = recordWith(async (fields) => {
    lines.push(fields);
  });
  await record.ended({ outcome: 'refused', code: 'BUSY' });
  expect(lines).toEqual([]);
  await record.ended({ outcome: 'refused', code: 'REFUSED' });
  expect(lines).toMatchObject([{ event: 'call', code: 'REFUSED' }]);
});
