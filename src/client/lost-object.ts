import { z } from 'zod';
import { attempt } from '../pve/attempt.js';
import { endpoint } from '../pve/endpoint.js';
import { ApiError, type RequestError } from '../pve/errors.js';
import { methodOf } from '../pve/route.js';
import type { LostWrite } from './reconcile.js';

/** What reading again shows of a write. */
export type ObjectLook =
  /** As asked: set, there, or gone. */
  | { readonly state: 'done' }
  | { readonly state: 'not done'; readonly seen: readonly string[]; readonly missing: readonly string[] }
  | { readonly state: 'not told' }
  | { readonly state: 'unseen'; readonly error: RequestError };

/** Steer a write, and do not stay. */
const passing = new Set(['delete', 'digest', 'force', 'skiplock', 'background_delay', 'moveto', 'revert']);

/** By the last part of a path below which objects are made: the parameter that names the new one. */
const namedBy: Readonly<Record<string, string>> = {
  '/access/users': 'userid',
  '/access/groups': 'groupid',
  '/access/roles': 'roleid',
  '/pools': 'poolid',
  '/storage': 'storage',
  '/cluster/backup': 'id',
  '/cluster/firewall/groups': 'group',
  '/cluster/ha/groups': 'group',
  '/cluster/ha/resources': 'sid',
  '/cluster/ha/rules': 'rule',
  '/cluster/replication': 'id',
  '/cluster/mapping/pci': 'id',
  '/cluster/mapping/usb': 'id',
  '/cluster/notifications/matchers': 'name',
  '/cluster/sdn/zones': 'zone',
  '/cluster/sdn/vnets': 'vnet',
  '/nodes/{node}/network': 'iface',
};

const namedByEnd: readonly (readonly [RegExp, string])[] = [
  [/^\/cluster\/notifications\/endpoints\/\w+$/, 'name'],
  [/\/firewall\/(ipset|aliases)$/, 'name'],
  [/\/firewall\/ipset\/\{name\}$/, 'cidr'],
];

/** Reads the object of a write again, where the API says how in general. */
export async function lookAtObject(lost: LostWrite, signal: AbortSignal): Promise<ObjectLook> {
  const { route } = lost.endpoint;
  const where = route.slice(route.indexOf(' ') + 1);
  // What lies at a position is another thing as soon as one before it goes.
  if (methodOf(route) !== 'PUT' && where.endsWith('/{pos}')) return { state: 'not told' };
  // It adds a rule to a group that was there before.
  if (route === 'POST /cluster/firewall/groups/{group}') return { state: 'not told' };
  const name = nameIn(where, lost);
  const kind = methodOf(route);
  if (kind === 'PUT') return readBack(lost, where, signal);
  if (name !== undefined) return readRow(lost, where, name, signal);
  if (kind === 'DELETE') return where.endsWith('}') ? readGone(lost, where, signal) : { state: 'not told' };
  return where.endsWith('}') ? readThere(lost, where, signal) : { state: 'not told' };
}

function read({ client, path }: LostWrite, where: string, signal: AbortSignal) {
  const look = endpoint(`GET /${where.slice(1)}`, z.unknown());
  return attempt(client().send(look, path, {}, signal));
}

async function readBack(lost: LostWrite, where: string, signal: AbortSignal): Promise<ObjectLook> {
  const wanted = Object.entries(lost.params).filter(([name, value]) => value !== undefined && !passing.has(name));
  const unwanted = listed(lost.params.delete);
  if (wanted.length + unwanted.length === 0) return { state: 'not told' };
  const again = await read(lost, where, signal);
  if ('error' in again) return again.error instanceof ApiError ? { state: 'not told' } : unseen(again.error);
  const object = again.value.data;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return { state: 'not told' };
  const now = new Map<string, unknown>(Object.entries(object));
  const isSeen = ([name, value]: readonly [string, unknown]) => now.has(name) && sameValue(value, now.get(name));
  const done = [...wanted.filter(isSeen).map(([name]) => name), ...unwanted.filter((name) => !now.has(name))];
  const missing = [
    ...wanted.filter((one) => !isSeen(one)).map(([name]) => name),
    ...unwanted.filter((name) => now.has(name)),
  ];
  return missing.length === 0 ? { state: 'done' } : { state: 'not done', seen: done, missing };
}

async function readGone(lost: LostWrite, where: string, signal: AbortSignal): Promise<ObjectLook> {
  const again = await read(lost, where, signal);
  if (!('error' in again)) return notDone;
  if (!(again.error instanceof ApiError)) return unseen(again.error);
  if (saysGone(again.error)) return { state: 'done' };
  // Some objects are listed only.
  const parent = where.slice(0, where.lastIndexOf('/'));
  const name = String(lost.path[where.slice(where.lastIndexOf('/') + 2, -1)]);
  const rows = rowsOf(await read(lost, parent, signal));
  if (rows === undefined) return { state: 'not told' };
  return rows.some((row) => Object.values(row).some((value) => String(value) === name)) ? notDone : { state: 'done' };
}

async function readThere(lost: LostWrite, where: string, signal: AbortSignal): Promise<ObjectLook> {
  const again = await read(lost, where, signal);
  if (!('error' in again)) return { state: 'done' };
  if (!(again.error instanceof ApiError)) return unseen(again.error);
  return saysGone(again.error) ? notDone : { state: 'not told' };
}

async function readRow(lost: LostWrite, where: string, name: string, signal: AbortSignal): Promise<ObjectLook> {
  const again = await read(lost, where, signal);
  const rows = rowsOf(again);
  if (rows === undefined) return 'error' in again ? unseen(again.error) : { state: 'not told' };
  const rowOf = (value: unknown) => rows.find((row) => String(row[name]) === String(value));
  const row = rowOf(lost.params[name]);
  const { rename, comment } = lost.params;
  if (rename === undefined)
    return (row !== undefined) === (methodOf(lost.endpoint.route) === 'POST') ? { state: 'done' } : notDone;
  // By its own name it gets another comment and is there in any case; without one, nothing tells that it lost its own.
  const isMoved = String(rename) !== String(lost.params[name]);
  if (!isMoved && comment === undefined) return { state: 'not told' };
  const isAsAsked =
    row !== undefined &&
    !(isMoved && rowOf(rename) !== undefined) &&
    (comment === undefined || sameValue(comment, row.comment ?? ''));
  return isAsAsked ? { state: 'done' } : notDone;
}

const notDone: ObjectLook = { state: 'not done', seen: [], missing: [] };
const unseen = (error: RequestError): ObjectLook => ({ state: 'unseen', error });

const saysGone = (error: ApiError) => error.status === 404 || /does not exist|no such|not found/i.test(error.reason);

function nameIn(where: string, { params }: LostWrite): string | undefined {
  const name = namedBy[where] ?? namedByEnd.find(([form]) => form.test(where))?.[1];
  return name === undefined || params[name] === undefined ? undefined : name;
}

function rowsOf(again: Awaited<ReturnType<typeof read>>): Record<string, unknown>[] | undefined {
  if ('error' in again || !Array.isArray(again.value.data)) return undefined;
  return again.value.data.flatMap((row: unknown) => (typeof row === 'object' && row !== null ? [{ ...row }] : []));
}

const listed = (value: unknown): string[] =>
  typeof value === 'string' ? value.split(/[,;\s]+/).filter(Boolean) : Array.isArray(value) ? value.map(String) : [];

/** Equal but for the order of the parts of a property string or a list, and for how a boolean is written. */
function sameValue(wanted: unknown, seen: unknown): boolean {
  const parts = (value: unknown) => {
    const plain = typeof value === 'boolean' ? Number(value) : Array.isArray(value) ? value.join(',') : value;
    return String(plain)
      .trim()
      .split(/[,;]/)
      .map((part) => part.trim())
      .sort()
      .join(',');
  };
  return parts(wanted) === parts(seen);
}
