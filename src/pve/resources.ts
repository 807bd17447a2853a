import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { toldName } from './told-names.js';

// `/cluster/resources` is what nearly every call reads first and has a row for each guest of the cluster, so its rows
// are read by hand: a schema with a coercion for each field takes several times as long.

/** What `/cluster/resources` says of a guest. Statistics are up to 10 s old; placement, lock and tags are live. */
export interface GuestResource {
  readonly type: 'qemu' | 'lxc';
  readonly vmid: number;
  readonly node: string;
  /** Absent, as the numbers are, for a guest made within the last seconds. */
  readonly name?: string | undefined;
  /** Of a VM the QMP state: `running`, `stopped`, `paused`, ...; `unknown` once its node is gone for five minutes. */
  readonly status?: string | undefined;
  readonly template: boolean;
  /** Separated by `;`. */
  readonly tags?: string | undefined;
  readonly pool?: string | undefined;
  readonly lock?: string | undefined;
  readonly hastate?: string | undefined;
  readonly cpu?: number | undefined;
  readonly maxcpu?: number | undefined;
  readonly mem?: number | undefined;
  readonly maxmem?: number | undefined;
  readonly disk?: number | undefined;
  readonly maxdisk?: number | undefined;
  readonly uptime?: number | undefined;
}

/** A node, listed for everybody; its numbers only with `Sys.Audit` on it. */
export interface NodeResource {
  readonly node: string;
  readonly status?: string | undefined;
  /** `maintenance` where the HA manager keeps it free of guests. */
  readonly hastate?: string | undefined;
  readonly cpu?: number | undefined;
  readonly maxcpu?: number | undefined;
  readonly mem?: number | undefined;
  readonly maxmem?: number | undefined;
}

/** A storage on one node; a shared one has a row for each node. */
export interface StorageResource {
  readonly storage: string;
  readonly node: string;
  readonly plugintype?: string | undefined;
  readonly content?: string | undefined;
  readonly status?: string | undefined;
  readonly shared: boolean;
  readonly disk?: number | undefined;
  readonly maxdisk?: number | undefined;
}

type Row = Readonly<Record<string, unknown>>;

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

const textOf = (value: unknown) =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;

function nameOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : toldName(text);
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const read = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  return Number.isNaN(read) ? undefined : read;
}

const flagOf = (value: unknown) => value === 1 || value === '1' || value === true;

function guestOf(row: Row): GuestResource | undefined {
  const { type } = row;
  const vmid = numberOf(row.vmid);
  if ((type !== 'qemu' && type !== 'lxc') || typeof row.node !== 'string' || vmid === undefined) return undefined;
  return {
    type,
    vmid,
    node: toldName(row.node),
    name: nameOf(row.name),
    status: nameOf(row.status),
    template: flagOf(row.template),
    tags: textOf(row.tags),
    pool: nameOf(row.pool),
    lock: nameOf(row.lock),
    hastate: nameOf(row.hastate),
    cpu: numberOf(row.cpu),
    maxcpu: numberOf(row.maxcpu),
    mem: numberOf(row.mem),
    maxmem: numberOf(row.maxmem),
    disk: numberOf(row.disk),
    maxdisk: numberOf(row.maxdisk),
    uptime: numberOf(row.uptime),
  };
}

function nodeOf(row: Row): NodeResource | undefined {
  if (row.type !== 'node' || typeof row.node !== 'string') return undefined;
  return {
    node: toldName(row.node),
    status: nameOf(row.status),
    hastate: nameOf(row.hastate),
    cpu: numberOf(row.cpu),
    maxcpu: numberOf(row.maxcpu),
    mem: numberOf(row.mem),
    maxmem: numberOf(row.maxmem),
  };
}

function storageOf(row: Row): StorageResource | undefined {
  if (row.type !== 'storage' || typeof row.node !== 'string' || typeof row.storage !== 'string') return undefined;
  return {
    storage: toldName(row.storage),
    node: toldName(row.node),
    plugintype: nameOf(row.plugintype),
    content: textOf(row.content),
    status: nameOf(row.status),
    shared: flagOf(row.shared),
    disk: numberOf(row.disk),
    maxdisk: numberOf(row.maxdisk),
  };
}

const rows = z.custom<readonly unknown[]>(Array.isArray, 'expected array');

/** What is read of the rows; those that are of another kind are left out. */
function readEach<T>(found: readonly unknown[], read: (row: Row) => T | undefined): T[] {
  const kept: T[] = [];
  for (const row of found) {
    const one = isRow(row) ? read(row) : undefined;
    if (one !== undefined) kept.push(one);
  }
  return kept;
}

/** All guests of a cluster, VMs and containers alike: the server knows no `type=lxc`. Needs `type: 'vm'`. */
export const guestResources = endpoint(
  'GET /cluster/resources',
  rows.transform((found) => readEach(found, guestOf)),
);

/** The storages of a cluster, but for those that are disabled. Needs `type: 'storage'`. */
export const storageResources = endpoint(
  'GET /cluster/resources',
  rows.transform((found) => readEach(found, storageOf)),
);

/** Guests, nodes and storages of a cluster in one call; pools and networks are left out. Needs no `type`. */
export const clusterResources = endpoint(
  'GET /cluster/resources',
  rows.transform((found) => ({
    guests: readEach(found, guestOf),
    nodes: readEach(found, nodeOf),
    storages: readEach(found, storageOf),
  })),
);
