import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { clusterResources } from '../../pve/resources.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';
import { rrdRows } from './history.js';
import { readSamples, type Sample } from './series.js';

/** What is measured: a guest, a storage as one node sees it, or a node. */
export type Subject =
  | {
      readonly kind: 'guest';
      readonly type: 'qemu' | 'lxc';
      readonly vmid: number;
      readonly name: string | undefined;
      readonly node: string;
    }
  | { readonly kind: 'storage'; readonly storage: string; readonly node: string }
  | { readonly kind: 'node'; readonly node: string };

const word = z.string().optional();

export const subjectInput = {
  vmid: vmid.optional().describe('Guest, or its name'),
  name: word.describe('Exact name'),
  node: word.describe('Node'),
  storage: word.describe('Storage'),
};

export const subjectOutput = {
  kind: z.string(),
  vmid: z.number().optional(),
  name: z.string().optional(),
  storage: z.string().optional(),
  node: z.string(),
};

type Asked = z.output<z.ZodObject<typeof subjectInput>>;

export const subjectCalls = {
  resources: clusterResources,
  guest: endpoint('GET /nodes/{node}/{type}/{vmid}/rrddata', rrdRows),
  node: endpoint('GET /nodes/{node}/rrddata', rrdRows),
  storage: endpoint('GET /nodes/{node}/storage/{storage}/rrddata', rrdRows),
};

export const subjectPrivileges = [
  'VM.Audit on /vms',
  'Sys.Audit on /nodes',
  'Datastore.Audit|Datastore.AllocateSpace on /storage',
] as const;

type SubjectCalls = { readonly [K in keyof typeof subjectCalls]: Call<(typeof subjectCalls)[K]> };
type Resources = Awaited<ReturnType<SubjectCalls['resources']>>['data'];

function guestOf({ guests }: Resources, { vmid: id, name, node }: Asked): Subject {
  const fitting = guests.filter(
    (one) =>
      (id === undefined || one.vmid === id) &&
      (name === undefined || one.name === name) &&
      (node === undefined || one.node === node),
  );
  const [guest, ...others] = fitting;
  if (guest === undefined)
    throw new Refused('there is no such guest, or the token may not see it', 'Look for it with proxmox-find-guest.');
  if (others.length > 0)
    throw new Refused(
      `more than one guest has that name: ${fitting.map((one) => one.vmid).join(', ')}`,
      "Give 'vmid'.",
    );
  return { kind: 'guest', type: guest.type, vmid: guest.vmid, name: guest.name, node: guest.node };
}

function storageOf({ storages }: Resources, asked: Asked, storage: string): Subject {
  const fitting = storages
    .filter((one) => one.storage === storage && (asked.node === undefined || one.node === asked.node))
    .sort((a, b) => Number(b.status === 'available') - Number(a.status === 'available') || (a.node < b.node ? -1 : 1));
  const [first] = fitting;
  if (first === undefined)
    throw new Refused('there is no such storage there, or the token may not see it', 'See proxmox-list-storage.');
  return { kind: 'storage', storage, node: first.node };
}

/** The one that the arguments name. */
async function findSubject(asked: Asked, resources: SubjectCalls['resources']): Promise<Subject> {
  const { vmid: id, name, node, storage } = asked;
  const isGuest = id !== undefined || name !== undefined;
  if (!isGuest && storage === undefined && node === undefined)
    throw new InvalidInput({ argument: 'vmid', message: "give 'vmid' or 'name', 'storage', or 'node'" });
  if (isGuest && storage !== undefined)
    throw new InvalidInput({ argument: 'storage', message: 'one guest or one storage; make two calls' });
  const found = (await resources({})).data;
  if (isGuest) return guestOf(found, asked);
  if (storage !== undefined) return storageOf(found, asked, storage);
  if (node === undefined || !found.nodes.some((one) => one.node === node))
    throw new Refused(
      `there is no such node; there are ${found.nodes.map((one) => one.node).join(', ')}`,
      "Correct 'node'.",
    );
  return { kind: 'node', node };
}

/** What was measured of a subject. */
export interface Measured {
  readonly subject: Subject;
  read(timeframe: string, cf: 'AVERAGE' | 'MAX'): Promise<readonly Sample[]>;
}

export async function measured(asked: Asked, call: SubjectCalls): Promise<Measured> {
  const subject = await findSubject(asked, call.resources);
  const rows = (query: { timeframe: string; cf: string }) => {
    if (subject.kind === 'guest') return call.guest(subject, query);
    return subject.kind === 'storage' ? call.storage(subject, query) : call.node(subject, query);
  };
  return {
    subject,
    read: async (timeframe, cf) => readSamples((await rows({ timeframe, cf })).data),
  };
}

export function about(subject: Subject) {
  if (subject.kind === 'guest') {
    const { kind, vmid: id, name, node } = subject;
    return { kind, vmid: id, name, node };
  }
  return subject;
}
