import { readLine } from '../client/audit/audit-line.js';
import { linesOf } from '../client/audit/verify-chain.js';
import { cleanText } from '../pve/clean-text.js';
import { chosenIn, clustersOf, type Fields, type Filter, isFields, outcomeOf } from './audit-filter.js';
import { type Asked, targetText } from './audit-target.js';
import { counted } from './doctor-finding.js';
import { table } from './table.js';

const most = 50;
const header = ['time', 'client', 'tool', 'cluster', 'target', 'outcome', 'ms'];

/** A call, by the last line that tells of the whole of it. */
interface Shown {
  readonly fields: Fields;
  /** That line as it stands. */
  readonly line: Buffer;
  readonly requests: readonly Asked[];
}

/** What was read beside the calls that are shown. */
interface Counts {
  calls: number;
  fitting: number;
  gaps: number;
  /** That are none of an audit. */
  others: number;
  readonly clusters: Set<string>;
}

/** The last calls that fit, a row each, and those that have no end; as JSON all of them, each as its line stands. */
export async function showAudit(files: readonly string[], filter: Filter, asJson: boolean): Promise<number> {
  const counts: Counts = { calls: 0, fitting: 0, gaps: 0, others: 0, clusters: new Set() };
  const shown: Shown[] = [];
  for await (const call of callsIn(files, counts)) {
    if (!filter(call.fields)) continue;
    counts.fitting += 1;
    if (asJson) await write(`${call.line}\n`);
    else shown.push(call);
    // Those without an end come last, and are no newer for that.
    if (shown.length > most && call.fields.event !== 'begin') shown.shift();
  }
  if (asJson) return 0;
  const last = shown.toSorted((a, b) => (text(a.fields.time) < text(b.fields.time) ? -1 : 1)).slice(-most);
  if (last.length > 0) await write(`${table(header, last.map(rowOf))}\n\n`);
  await write(`${summary(counts)}; 'proxmox-mcp audit verify' says whether all is as it was written\n`);
  return 0;
}

/** Each call when it ended, and at last those that did not. */
async function* callsIn(files: readonly string[], counts: Counts): AsyncGenerator<Shown> {
  const open = new Map<string, Shown>();
  for await (const { bytes } of linesOf(files)) {
    const fields = readLine(bytes)?.fields;
    if (fields === undefined) counts.others += 1;
    if (fields?.event === 'gap') counts.gaps += 1;
    if (typeof fields?.call !== 'string') continue;
    const { call, event } = fields;
    const begun = open.get(call);
    if (event === 'begin') open.set(call, { fields, line: Buffer.from(bytes), requests: [] });
    if (event === 'send' && begun !== undefined)
      open.set(call, { ...begun, requests: [...begun.requests, ...askedIn([fields])] });
    if (event !== 'end' && event !== 'call') continue;
    open.delete(call);
    note(fields, counts);
    const sent = begun === undefined || begun.requests.length === 0 ? askedIn(fields.requests) : begun.requests;
    yield { fields, line: bytes, requests: sent.length > 0 ? sent : askedIn(fields.planned) };
  }
  for (const one of open.values()) {
    note(one.fields, counts);
    yield one;
  }
}

function note(fields: Fields, counts: Counts): void {
  counts.calls += 1;
  for (const name of clustersOf(fields)) if (counts.clusters.size < most) counts.clusters.add(name);
}

/** A bulk call has many; the first tell what it is about. */
function askedIn(requests: unknown): Asked[] {
  if (!Array.isArray(requests)) return [];
  return requests.flatMap((request: unknown): Asked[] => {
    if (!isFields(request) || typeof request.method !== 'string' || typeof request.path !== 'string') return [];
    const { method, path, parameters } = request;
    return [{ method, path, ...(isFields(parameters) ? { parameters } : {}) }];
  });
}

function summary({ calls, fitting, gaps, others, clusters }: Counts): string {
  const names = [...clusters].map((name) => text(name)).join(', ');
  const count = fitting > most ? `the last ${most} of ${counted(fitting, 'call')}` : counted(fitting, 'call');
  return [
    fitting === calls ? count : `${count} of ${calls} that are there`,
    ...(fitting === 0 && names !== '' ? [`clusters in it: ${names}`] : []),
    ...(gaps > 0 ? [`${counted(gaps, 'gap')}: some lines could not be written`] : []),
    ...(others > 0 ? [`${counted(others, 'line')} could not be read`] : []),
  ].join('; ');
}

function rowOf({ fields, requests }: Shown): string[] {
  const { event, time, client, tool, code, ms, confirmed_by: by } = fields;
  const ended = event === 'begin' ? 'no end' : [outcomeOf(fields), code].filter(Boolean).join(' ');
  return [
    text(time),
    text(isFields(client) ? client.name : ''),
    text(tool).replace(/^proxmox-/, ''),
    text(
      chosenIn(fields)
        .map((name) => text(name))
        .join(','),
    ),
    text(targetText(fields, requests), 120),
    text(by === undefined ? ended : `${ended} (confirmed by ${by})`, 120),
    text(ms),
  ];
}

/** Names are a guest's own, and this is a terminal. */
const text = (value: unknown, longest = 60): string =>
  value === undefined ? '' : cleanText(String(value)).replace(/\s+/g, ' ').slice(0, longest);

/** Whoever reads slowly is waited for; one who has gone is told of by the stream. */
const write = (text: string) => new Promise<void>((done) => process.stdout.write(text, () => done()));
