import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChainWriter } from '../../src/client/audit/chain-writer.js';
import { systemClock } from '../../src/pve/clock.js';
import { silentLog } from '../../src/pve/log.js';

export type Line = Record<string, any>;

export const newAuditFile = (): string => join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-audit-')), 'audit.jsonl');

/** What stands in an audit file; every line must be JSON. */
export const linesIn = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

export const eventsOf = (lines: readonly Line[]) => lines.map(({ event }) => event);

/** A chain of as many lines as there are texts, written as the server writes. */
export async function writeChain(file: string, texts: readonly string[], maxBytes = 1e9): Promise<void> {
  const writer = new ChainWriter({ file, maxBytes }, systemClock, silentLog);
  for (const text of texts) {
    const fields = { time: '2026-11-21T12:00:00.000Z', event: 'call', call: text, note: `what was done: ${text}` };
    await writer.append(JSON.stringify(fields));
  }
}
