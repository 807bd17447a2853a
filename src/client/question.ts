import type { ResultTool } from '../tools/define.js';
import { likenessOf } from './confirmed-gate.js';
import { plainText, quotedName, quotedText } from './question-text.js';
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
  /** Of those that are named in it, the ones that there are. */
  readonly guests: readonly NamedGuest[];
  /** What the call itself was given: text of no guest. */
  readonly given: ReadonlySet<string>;
}

const mostGuests = 40;
const mostRequests = 30;
const longestRequest = 480;

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

/** In full, as far as it is that of the call. */
export function questionOf(planned: Planned, facts: ReadonlyMap<string, string>): Question {
  const { title, description, name } = planned.tool;
  const requests = planned.writes.map((write, index) => `${index + 1}. ${requestLine(planned, write)}`);
  const more = requests.length - mostRequests;
  const text = [
    'A program asks to do this on Proxmox VE. Nothing of it is sent without your yes.',
    '',
    `${title}: ${description} (${name})`,
    ...[...facts].map(([label, value]) => `${label}: ${value}`),
    ...requests.slice(0, mostRequests),
    ...(more > 0 ? [`... and ${more} more requests, which are not shown here`] : []),
  ].join('\n');
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
  return typeof name === 'string' ? quotedName(name) : 'not known';
};

function guestLine(planned: Planned, isTarget: boolean): string | undefined {
  const { guests } = planned;
  if (guests.length === 0 || isTarget) return undefined;
  const several = clustersOf(planned).length > 1;
  const shown = guests
    .slice(0, mostGuests)
    .map((guest) => `${several ? `${guest.cluster} ` : ''}${guest.vmid} ${nameOf(guest)}`);
  const more = guests.length - mostGuests;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

function requestLine(planned: Planned, { cluster, method, path, parameters = {}, file }: Write): string {
  const telling = Object.entries(parameters).filter(([name]) => !/^(?:target-)?digest$/.test(name));
  const values = telling.map(([name, value]) => `${name}=${shownValue(planned.given, name, value)}`);
  const sent = file === undefined ? [] : [`file of ${file.size} bytes`];
  const request = quotedText([`${method} ${path}`, ...values, ...sent].join(' '), longestRequest);
  return cluster === undefined ? request : `${cluster}: ${request}`;
}

const freeText = /comment|description|note|tags|content|subject|message|label|mailto|info$/i;
/** What has no word in it that a guest could have written. */
const isPlain = (text: string) => /^[\w.:,;=/@+%~!*-]*$/.test(text);

/** Text that may be a guest's is told by its length alone. */
function shownValue(given: ReadonlySet<string>, name: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => shownValue(given, name, one)).join(', ')}]`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isMasked = text === '[not shown]';
  if (!isMasked && (freeText.test(name) || !(isPlain(text) || given.has(text)))) return `(${text.length} characters)`;
  return plainText(text);
}

/** What the two tell differently; `Requests` for anything in them. */
export function differences(shown: Planned, now: Planned): string[] {
  const before = factsOf(shown);
  const after = factsOf(now);
  const labels = [...new Set([...before.keys(), ...after.keys()])];
  const changed = labels.filter((label) => before.get(label) !== after.get(label));
  const isSame = shown.writes.map(likenessOf).join() === now.writes.map(likenessOf).join();
  return isSame || changed.includes('Requests') ? changed : [...changed, 'Requests'];
}
