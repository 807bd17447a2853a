import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { nodeVersion } from '../../src/pve/node-version.js';
import type { Tool } from '../../src/tools/define.js';
import { planted } from './hostile-values.js';

/** A request as it left. */
export interface Sent {
  readonly method: string;
  /** Below /api2/json, with its query, as it stands on the wire. */
  readonly target: string;
  /** A form, or the head of an upload. */
  readonly body: string;
  readonly isUpload: boolean;
}

interface Contract {
  check(verb: string, path: string, params: Record<string, string | string[]>): { faults: string[] };
}

/** What the server asks of itself to find a cluster, a guest, a node, a storage or a task; only reads. */
const ownReads = [
  'GET /version',
  'GET /nodes',
  'GET /storage',
  'GET /cluster/resources',
  'GET /cluster/status',
  'GET /cluster/ha/status/current',
  'GET /cluster/nextid',
  'GET /access/permissions',
  'GET /nodes/{node}/tasks',
  'GET /nodes/{node}/tasks/{upid}/status',
  'GET /nodes/{node}/tasks/{upid}/log',
  'GET /nodes/{node}/storage',
  'GET /nodes/{node}/{type}/{vmid}/config',
  'GET /nodes/{node}/{type}/{vmid}/status/current',
  'GET /nodes/{node}/certificates/info',
  nodeVersion.route,
];

/** Where these stand in a path, a slash may be part of them. */
const mayHoldSlash = new Set(['{volume}', '{cidr}']);

/** Whether a path is that of a route, each of its values one segment, before and after it is decoded. */
function isOf(route: string, method: string, path: string): boolean {
  const [verb, pattern = ''] = route.split(' ');
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (verb !== method || wanted.length !== given.length) return false;
  return wanted.every((part, index) => {
    const raw = given[index] ?? '';
    if (!part.startsWith('{')) return part === raw;
    return isOneSegment(raw, mayHoldSlash.has(part));
  });
}

function isOneSegment(raw: string, slashes: boolean): boolean {
  // encodeURIComponent leaves no more than these as they are.
  if (!/^(?:[\w.~!*'()-]|%[0-9A-F]{2})+$/.test(raw)) return false;
  const value = decodeURIComponent(raw);
  const segments = value.split('/');
  if (segments.length > 1 && !slashes) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return segments.every((one) => one !== '' && one !== '.' && one !== '..') && !/[\0-\x1f\x7f]/.test(value);
}

function formOf(text: string): Record<string, string | string[]> {
  const form = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) form.set(name, [...(form.get(name) ?? []), value]);
  return Object.fromEntries(
    [...form].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

/** The fields of an upload, as a server reads them that splits at the boundary. */
function fieldsOf(head: string): Record<string, string | string[]> {
  const [boundary = ''] = head.split('\r\n', 1);
  const fields: [string, string][] = [];
  for (const part of head.split(boundary).slice(1)) {
    const headers = part.slice(0, part.indexOf('\r\n\r\n'));
    for (const line of headers.split('\r\n').filter((one) => one !== ''))
      if (
        !/^content-(disposition: form-data; name="[\w-]+"(; filename="[^"]*")?|type: application\/octet-stream)$/i.test(
          line,
        )
      )
        fields.push([line, '']);
    const name = /name="([^"]*)"/.exec(headers)?.[1];
    const file = /filename="([^"]*)"/.exec(headers)?.[1];
    if (name !== undefined) fields.push([name, file ?? part.slice(part.indexOf('\r\n\r\n') + 4).replace(/\r\n$/, '')]);
  }
  return Object.fromEntries(fields);
}

/** Parameters that are made of keys and values; the contract knows more of them. */
const propertyStrings =
  /^(net|scsi|sata|ide|virtio|mp|unused|ipconfig|hostpci|usb|rng|numa|virtiofs)\d+$|^(rootfs|efidisk0|tpmstate0|agent|vga|cpu|startup|features|fleecing|prune-backups|boot|performance|target-endpoint|watchdog|dhcp-range|spice_enhancements|audio0|smbios1|cicustom)$/;

/** All text of a call's arguments. */
function textsOf(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > 4) return [];
  return Object.values(value).flatMap((one) => textsOf(one, depth + 1));
}

/** A key, or an item of a list, that nobody asked for: a property string that was itself the argument is as it was given. */
function plantedIn(params: Record<string, string | string[]>, given: ReadonlySet<string>): string[] {
  return Object.entries(params).flatMap(([name, value]) => {
    if (name.startsWith(planted)) return [`parameter ${name}`];
    if (!propertyStrings.test(name)) return [];
    const made = [value].flat().filter((one) => !given.has(one) || /[\0\n]/.test(one));
    // Inside a value a semicolon is no more than a part of it, but in the order of boot devices.
    const parts = made.flatMap((one) => one.split(name === 'boot' ? /[,;\0\n]/ : /[,\0\n]/));
    return parts.some((part) => part.trim().startsWith(planted)) ? [`${name} gained a key: ${value}`] : [];
  });
}

const contractFile = resolve(process.cwd(), '../shared/pve/contract.mjs');
const contracts = new Map<string, Contract>();

const hasContract = existsSync(contractFile);

export async function loadContracts(versions: readonly string[]): Promise<void> {
  if (!hasContract) return;
  const { loadContract } = await import(contractFile);
  for (const version of versions) contracts.set(version, loadContract(version));
}

/** Of what the contract finds, what a value must never bring about: another key, another parameter, another method. */
const structural = new RegExp(
  `not a parameter of|unknown key .*${planted}|given twice|given \\d+ times|no such method`,
  's',
);

/** No form may be larger: pveproxy takes no more (AnyEvent.pm, `max_body_size` of older versions). */
const largestForm = 512 * 1024;

export interface Judgement {
  readonly faults: readonly string[];
  /** Whether the server would refuse it for a value that it does not take. */
  readonly refused: readonly string[];
}

export function judge(tool: Tool, version: string, sent: Sent, args: unknown): Judgement {
  const [path = '', query = ''] = sent.target.split('?');
  const routes = Object.values(tool.calls).map(({ route }) => String(route));
  const faults: string[] = [];
  if (![...routes, ...ownReads].some((route) => isOf(route, sent.method, path)))
    faults.push(`not a route of the tool: ${sent.method} ${path}`);
  if (sent.target.split('?').length > 2 || sent.target.includes('#')) faults.push(`not one query: ${sent.target}`);
  if (!sent.isUpload && sent.body.length > largestForm) faults.push(`${sent.body.length} bytes of form`);
  const params = sent.isUpload ? fieldsOf(sent.body) : { ...formOf(query), ...formOf(sent.body) };
  const given = new Set(textsOf(args));
  faults.push(...plantedIn(params, given));
  const asked = Object.entries(params).filter(([, value]) => [value].flat().every((one) => given.has(one)));
  const found = contracts.get(version)?.check(sent.method, path, params).faults ?? [];
  const isStructural = (fault: string) =>
    structural.test(fault) && !asked.some(([name]) => fault.startsWith(`${name}: unknown key`));
  return {
    faults: [...faults, ...found.filter(isStructural)],
    refused: found.filter((fault) => !isStructural(fault)),
  };
}
