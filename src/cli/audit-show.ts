import { readLine } from '../client/audit/audit-line.js';
import { linesOf } from '../client/audit/verify-chain.js';
import { cleanText } from '../pve/clean-text.js';
import { table } from './table.js';

type Fields = Readonly<Record<string, unknown>>;

const most = 50;
const header = ['time', 'client', 'tool', 'cluster', 'target', 'outcome', 'ms'];

/** The last calls, the newest last: a row each, and one for each that has no end. */
export async function showAudit(files: readonly string[]): Promise<number> {
  const calls = new Map<string, Fields>();
  let count = 0;
  for await (const { bytes } of linesOf(files)) {
    const fields = readLine(bytes)?.fields;
    if (fields === undefined || typeof fields.call !== 'string') continue;
    if (!['begin', 'end', 'call'].includes(String(fields.event))) continue;
    if (!calls.has(fields.call)) count += 1;
    calls.set(fields.call, fields);
    const [oldest] = calls.keys();
    if (calls.size > most && oldest !== undefined) calls.delete(oldest);
  }
  process.stdout.write(`${table(header, [...calls.values()].map(rowOf))}\n`);
  const shown = count > calls.size ? `the last ${calls.size} of ${count} calls` : `${count} calls`;
  process.stdout.write(`\n${shown}; 'proxmox-mcp audit verify' says whether all is as it was written\n`);
  return 0;
}

function rowOf(fields: Fields): string[] {
  const { event, time, client, tool, clusters, target, outcome, code, ms, confirmed_by: by } = fields;
  const ended = event === 'begin' ? 'no end' : [outcome, code].filter(Boolean).join(' ');
  return [
    text(time),
    text(isRecord(client) ? client.name : ''),
    text(tool).replace(/^proxmox-/, ''),
    Array.isArray(clusters) ? clusters.map(text).join(',') : '',
    isRecord(target) ? targetOf(target) : '',
    by === undefined ? ended : `${ended} (confirmed by ${text(by)})`,
    text(ms),
  ];
}

const targetOf = ({ vmid, name, node, storage, volid }: Fields): string =>
  [vmid, name, volid ?? storage, node]
    .filter((part) => part !== undefined)
    .map(text)
    .join(' ');

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Names are a guest's own, and this is a terminal. */
const text = (value: unknown): string =>
  value === undefined ? '' : cleanText(String(value)).replace(/\s+/g, ' ').slice(0, 60);
