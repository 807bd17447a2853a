import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RawServer, startRawServer } from '../pve/raw-server.js';
import { type Session, startSession } from '../support/session.js';

// What the simulator does not do: a list of active tasks that holds ended ones, and a node nobody has heard of yet.

const started = 1_780_000_000;
const nodes = [
  { node: 'pve1', status: 'online' },
  { node: 'pve2', status: 'unknown' },
];
/** 300 tasks, newest first, of which every hundredth is still running. */
const tasks = Array.from({ length: 300 }, (_, at) => ({
  upid: `UPID:pve1:${String(at).padStart(8, '0')}:00000000:00000000:qmstart:100:root@pam:`,
  node: 'pve1',
  type: 'qmstart',
  id: '100',
  user: 'root@pam',
  starttime: started - at,
  ...(at % 100 === 99 ? { status: 'RUNNING' } : { status: 'OK', endtime: started }),
}));

function answerTo(target: string): object {
  const { pathname, searchParams } = new URL(target, 'http://pve');
  if (pathname === '/api2/json/nodes') return { data: nodes };
  if (!pathname.endsWith('/tasks')) return { data: pathname.endsWith('/permissions') ? {} : [] };
  const from = Number(searchParams.get('start') ?? 0);
  return { data: tasks.slice(from, from + Number(searchParams.get('limit'))), total: tasks.length };
}

let server: RawServer;
let session: Session;

beforeAll(async () => {
  server = await startRawServer((response, { target }) => response.end(JSON.stringify(answerTo(target))));
  session = await startSession({
    PROXMOX_API_URL: server.url,
    PROXMOX_TOKEN_ID: 'mcp@pve!test',
    PROXMOX_TOKEN_SECRET: '11111111-2222-3333-4444-555555555555',
  });
});

afterAll(async () => {
  await session?.close();
  await server?.close();
});

it('reads on where the server gives rows that do not fit, and comes to an end', async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const args = { status: 'running', limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const { data } = await session.call('proxmox-list-tasks', args);
    seen.push(...data.items.map(({ upid }: { upid: string }) => upid));
    cursor = data.next_cursor;
    pages += 1;
  } while (cursor !== undefined && pages < 10);
  expect(seen).toEqual([99, 199, 299].map((at) => tasks[at]?.upid));
  expect(pages).toBe(2);
});

it('calls a node what it is, whose tasks are missing', async () => {
  const { data } = await session.call('proxmox-list-tasks', {});
  expect(data.notes).toEqual(['The tasks of these nodes are missing: pve2 (unknown).']);
});
