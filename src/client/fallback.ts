import { ClusterConnectionError } from '../clusters/errors.js';
import { CertificateError } from '../pve/errors.js';
import type { Tool } from '../tools/define.js';
import type { Scope } from '../tools/scope.js';
import { guestHints } from './choose.js';
import { describeError } from './describe-error.js';
import type { Arguments } from './input.js';
import type { Body, Entry } from './outcome.js';
import type { Start } from './page.js';

const clusterWide: ReadonlySet<Scope> = new Set(['fleet', 'cluster']);

/** What is of one cluster alone: the same VMID, address, node or storage of another is something else. */
const ofOneCluster = ['vmid', 'ip', 'mac', 'search', 'node', 'storage', 'volid', 'upid'];

/** Whether another cluster may answer: it is asked of a cluster as a whole, and changes nothing. */
export function mayFallBack(tool: Tool, { own, shared }: Arguments): boolean {
  const given: Record<string, unknown> = { ...own, ...shared };
  const named =
    guestHints(tool, shared).name !== undefined || ofOneCluster.some((argument) => given[argument] !== undefined);
  return tool.effect === 'read' && clusterWide.has(tool.scope) && !named;
}

interface Asking {
  /** The cluster that may answer in its place. */
  readonly fallback: string | undefined;
  /** The clusters that this call asks; one that answers in place of another is added. */
  readonly asked: Set<string>;
  ask(cluster: string): Promise<Entry>;
}

/** What a cluster gave, or while it cannot be reached its fallback, which then says so. */
export async function answerOf(start: Start, { fallback, asked, ask }: Asking): Promise<Entry> {
  const { cluster, answeredBy, offset } = start;
  if (answeredBy !== undefined) {
    const entry = await ask(answeredBy);
    if ('error' in entry) return { cluster, answeredBy, error: entry.error, offset };
    return inPlaceOf(cluster, answeredBy, entry.body, 'As the page before');
  }
  const entry = await ask(cluster);
  if (fallback === undefined || !('error' in entry) || !isUnreachable(entry.error)) return entry;
  const { cause } = entry.error;
  const without = (why: string): Entry => ({ ...entry, error: new ClusterConnectionError(cause, why) });
  if (offset > 0) return without(`'${fallback}' did not answer in its place, as the pages before are not from there`);
  if (asked.has(fallback)) return without(`'${fallback}' did not answer in its place, as this call asks it anyway`);
  asked.add(fallback);
  const second = await ask(fallback);
  if ('error' in second)
    return without(`'${fallback}' could not answer in its place: ${describeError(second.error).message}`);
  return inPlaceOf(cluster, fallback, second.body, `Cluster '${cluster}' cannot be reached (${cause.message})`);
}

/** A certificate that is refused is a fault to be mended, or an attack: nothing may hide it. */
const isUnreachable = (error: Error): error is ClusterConnectionError =>
  error instanceof ClusterConnectionError && !(error.cause instanceof CertificateError);

function inPlaceOf(cluster: string, fallback: string, body: Body, why: string): Entry {
  const note = `${why}: this is of its fallback '${fallback}', and says nothing about '${cluster}'. To act on what it shows, name '${fallback}'.`;
  if (body.kind === 'plan') return { cluster, body };
  return { cluster, answeredBy: fallback, body: { ...body, notes: [note, ...(body.notes ?? [])] } };
}
