import type { SimulatedCluster } from '../../src/simulator/listen.js';
import { type Answer, row, rows, send } from './request.js';

export type Values = Readonly<Record<string, string | number | readonly string[]>>;

function encoded(values: Values): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    for (const one of typeof value === 'object' ? value : [value]) search.append(key, String(one));
  }
  return search.toString();
}

/** One call, as a client makes it: `POST /nodes/pve1/qemu` with its parameters. */
export function call(cluster: SimulatedCluster, what: string, values: Values = {}, token?: string): Promise<Answer> {
  const [method = 'GET', path = ''] = what.split(' ');
  const query = encoded(values);
  const inBody = method === 'POST' || method === 'PUT';
  return send(cluster, inBody || query === '' ? path : `${path}?${query}`, {
    method,
    ...(inBody ? { body: query } : {}),
    ...(token === undefined ? {} : { token }),
  });
}

/** The id of the task that a call started. */
export async function started(cluster: SimulatedCluster, what: string, values: Values = {}): Promise<string> {
  const answer = await call(cluster, what, values);
  if (typeof answer.data !== 'string') throw new Error(`${answer.status} ${answer.reason} ${answer.text}`);
  return answer.data;
}

function pathOf(upid: string): string {
  return `/nodes/${upid.split(':')[1]}/tasks/${encodeURIComponent(upid)}`;
}

export async function exitOf(cluster: SimulatedCluster, upid: string): Promise<unknown> {
  return row(await send(cluster, `${pathOf(upid)}/status`)).exitstatus;
}

export async function logOf(cluster: SimulatedCluster, upid: string): Promise<string[]> {
  return rows(await send(cluster, `${pathOf(upid)}/log?limit=0`)).map((line) => String(line.t));
}
