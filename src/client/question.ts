import type { Params } from '../pve/params.js';
import type { ResultTool } from '../tools/define.js';
import { likenessOf } from './confirmed-gate.js';
import { NotConfirmedError } from './not-confirmed.js';
import { type Said, saidLines, samenessOf } from './question-notes.js';
import { requestLines } from './question-request.js';
import { nameInQuestion, quotedText, wholeQuestion } from './question-text.js';
import type { Write } from './write-gate.js';

/** What a person is asked before something is destroyed. */
export interface Question {
  readonly text: string;
  /** What is to be ticked. */
  readonly tick: string;
}

/** What came back. Only an accepted question with its box ticked is a yes. */
export interface Reply {
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly ticked: boolean;
}

/** Puts a question to the person who is served. When the signal is aborted, it is withdrawn. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Reply>;

/** A guest as it is now. */
export interface NamedGuest {
  readonly cluster: string;
  readonly vmid: number;
  readonly node: string;
  readonly name: string | undefined;
}

/** What a call would do, as far as a person has to know it. */
export interface Planned {
  readonly tool: ResultTool;
  readonly cluster: string;
  /** As a plan shows it. */
  readonly target: Readonly<Record<string, unknown>>;
  readonly writes: readonly Write[];
  /** The parameters of each as they would be sent, with what is masked. */
  readonly sent: ReadonlyMap<Write, Params>;
  /** What a plan would say of it beside them. */
  readonly said: Said;
  /** Of those that are named in it, the ones that there are. */
  readonly guests: readonly NamedGuest[];
  /** What the call itself was given: text of no guest. */
  readonly given: ReadonlySet<string>;
}

/** More than these nobody reads before he ticks. */
const mostGuests = 60;
const mostRequests = 60;

/** What the question says, line by line, each under its name. */
export function factsOf(planned: Planned): ReadonlyMap<string, string> {
  const { target, writes, guests } = planned;
  const place = { ...target, ...ownGuest(planned) };
  const text = (key: string) => {
    const value = Reflect.get(place, key);
    return typeof value === 'string' || typeof value === 'number' ? quotedText(String(value)) : undefined;
  };
  const clusters = clustersOf(planned);
  const lines: readonly (readonly [string, string | undefined])[] = [
    [clusters.length > 1 ? 'Clusters' : 'Cluster', clusters.join(', ')],
    ['Node', text('node')],
    ['Storage', text('storage')],
    ['Volume', text('volid')],
    ['VMID', text('vmid')],
    ['Name', 'vmid' in place ? nameOf(place) : undefined],
    ['Guests', guestLine(planned, guests.length === 1 && guests[0]?.vmid === target.vmid)],
    ['Requests', String(writes.length)],
  ];
  return new Map(lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/**
 * In full, as far as it is that of the call.
 * @throws {NotConfirmedError} where that does not fit into a question
 */
export function questionOf(planned: Planned, facts: ReadonlyMap<string, string>): Question {
  const { title, description, name } = planned.tool;
  const { writes, guests, sent, given, said } = planned;
  if (writes.length > mostRequests || guests.length > mostGuests) throw new NotConfirmedError('too much');
  const requests = writes.flatMap((write, index) => {
    const [request, ...texts] = requestLines({ write, params: sent.get(write) ?? {}, given });
    return [`${index + 1}. ${request}`, ...texts];
  });
  const text = wholeQuestion([
    'A program asks to do this on Proxmox VE. Nothing of it is sent without your yes.',
    '',
    `${title}: ${description} (${name})`,
    ...[...facts].map(([label, value]) => `${label}: ${value}`),
    ...saidLines(said),
    ...requests,
  ]);
  return { text, tick: `${title}: do it` };
}

function clustersOf({ cluster, target, writes }: Planned): string[] {
  const { clusters, source, destination } = target;
  const several: readonly unknown[] = Array.isArray(clusters) ? clusters : [source, destination];
  const named = several.filter((one): one is string => typeof one === 'string');
  const sentTo = writes.flatMap((write) => write.cluster ?? []);
  return [...new Set(named.length > 0 ? [...named, ...sentTo] : [cluster, ...sentTo])];
}

/** The guest that the call is about, as it is now. */
const ownGuest = ({ cluster, target, guests }: Planned) =>
  guests.find((guest) => guest.cluster === cluster && guest.vmid === target.vmid) ?? {};

const nameOf = (place: object) => {
  const name: unknown = Reflect.get(place, 'name');
  return typeof name === 'string' ? nameInQuestion(name) : 'not known';
};

function guestLine(planned: Planned, isTarget: boolean): string | undefined {
  const { guests } = planned;
  if (guests.length === 0 || isTarget) return undefined;
  const several = clustersOf(planned).length > 1;
  return guests.map((guest) => `${several ? `${guest.cluster} ` : ''}${guest.vmid} ${nameOf(guest)}`).join(', ');
}

/** What the two tell differently; `Requests` for anything in them, `Notes` for what is said beside them. */
export function differences(shown: Planned, now: Planned): string[] {
  const before = factsOf(shown);
  const after = factsOf(now);
  const labels = [...new Set([...before.keys(), ...after.keys()])];
  const changed = labels.filter((label) => before.get(label) !== after.get(label));
  const isSame = shown.writes.map(likenessOf).join() === now.writes.map(likenessOf).join();
  const requests = isSame || changed.includes('Requests') ? [] : ['Requests'];
  return [...changed, ...requests, ...(samenessOf(shown.said) === samenessOf(now.said) ? [] : ['Notes'])];
}
