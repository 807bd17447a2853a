import type { IncomingMessage } from 'node:http';
import type { ApiRequest } from './api.js';
import { plainReply, type Reply } from './reply.js';
import { type MultipartForm, readMultipart } from './upload.js';

const prefix = '/api2/json';
const maximumBody = 512 * 1024;

/** What cannot be understood is answered at once, below the API. */
export type ReadRequest = { readonly request: ApiRequest } | { readonly refusal: Reply };

function refuse(status: number, reason: string): ReadRequest {
  return { refusal: plainReply(status, reason) };
}

function add(params: Map<string, string[]>, name: string, value: string): void {
  const values = params.get(name);
  if (values === undefined) params.set(name, [value]);
  else values.push(value);
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** PVE's own parser: pairs split at `&` and `;`, and a value ends at its second raw `=`. */
function decodeForm(text: string): Map<string, string[]> {
  const params = new Map<string, string[]>();
  for (const pair of text.split(/[&;]/)) {
    if (pair === '') continue;
    const [name = '', value = ''] = pair.split('=');
    add(params, decode(name), decode(value));
  }
  return params;
}

function jsonText(value: unknown): string {
  // the schema takes JSON's true and false as 1 and 0
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function decodeJson(text: string): Map<string, string[]> | undefined {
  const params = new Map<string, string[]>();
  if (text === '') return params;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    for (const [name, value] of Object.entries(parsed)) {
      for (const item of Array.isArray(value) ? value : [value]) add(params, name, jsonText(item));
    }
    return params;
  } catch {
    return undefined;
  }
}

/** Of all paths only this one takes files, and bodies of any length. */
function uploadBoundary(incoming: IncomingMessage): string | undefined {
  const { method, url = '' } = incoming;
  if (method !== 'POST' || !/^[^?]*\/storage\/[^/]+\/upload(\?|$)/.test(url)) return undefined;
  const found = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(incoming.headers['content-type'] ?? '');
  return found?.[1];
}

async function readUpload(incoming: IncomingMessage, boundary: string): Promise<MultipartForm> {
  const form = await readMultipart(incoming, boundary);
  const fields = new Map(form.fields);
  if (form.file !== undefined) fields.set('tmpfilename', [`/var/tmp/pveupload-${form.file.digestOf('md5')}`]);
  return { fields, file: form.file };
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > maximumBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function bodyParameters(contentType: string | undefined, body: string): Map<string, string[]> | undefined {
  const kind = contentType?.split(';')[0]?.trim().toLowerCase();
  return kind === 'application/json' ? decodeJson(body) : decodeForm(body);
}

function headerRefusal(incoming: IncomingMessage): ReadRequest | undefined {
  const { method = '' } = incoming;
  if (!['GET', 'POST', 'PUT', 'DELETE'].includes(method)) return refuse(501, `method '${method}' not available`);
  if (incoming.headers['transfer-encoding'] !== undefined) {
    return refuse(501, 'chunked transfer encoding not supported');
  }
  const length = Number(incoming.headers['content-length'] ?? 0);
  if (length === 0) return undefined;
  if (method === 'GET' || method === 'DELETE') return refuse(501, `Unexpected content for method '${method}'`);
  if (uploadBoundary(incoming) !== undefined) return undefined;
  if (length > maximumBody) return refuse(501, 'for data too large');
  const contentType = incoming.headers['content-type'];
  const kind = contentType?.split(';')[0]?.trim().toLowerCase();
  if (kind === undefined || kind === 'application/x-www-form-urlencoded' || kind === 'application/json')
    return undefined;
  return refuse(506, `upload 'Content-Type '${contentType}' not implemented`);
}

/** The path below /api2/json, or why there is none. */
export function apiPath(url: string): string | undefined {
  const path = url.split('?')[0] ?? '';
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return undefined;
  try {
    return decodeURIComponent(path.slice(prefix.length)) || '/';
  } catch {
    return undefined;
  }
}

function pathRefusal(url: string): ReadRequest {
  const path = url.split('?')[0] ?? '';
  const formatter = /^\/api2\/([^/]+)/.exec(path)?.[1];
  return formatter === undefined || formatter === 'json'
    ? refuse(500, `no such file '${path}'`)
    : refuse(501, `no such uri '${path}'`);
}

export async function readRequest(incoming: IncomingMessage): Promise<ReadRequest> {
  const refusal = headerRefusal(incoming);
  if (refusal !== undefined) return refusal;
  const url = incoming.url ?? '/';
  const path = apiPath(url);
  if (path === undefined) return pathRefusal(url);
  const boundary = uploadBoundary(incoming);
  const form = boundary === undefined ? undefined : await readUpload(incoming, boundary);
  const body = form === undefined ? await readBody(incoming) : '';
  const sent =
    form?.fields ?? (body === undefined ? undefined : bodyParameters(incoming.headers['content-type'], body));
  if (sent === undefined) return refuse(501, 'for data too large');
  const params = new Map([...sent].map(([name, values]) => [name, [...values]]));
  const query = url.indexOf('?');
  // what the query says wins over the body
  if (query >= 0) for (const [name, values] of decodeForm(url.slice(query + 1))) params.set(name, values);
  const { authorization, cookie } = incoming.headers;
  const credentials = { authorization, cookie };
  return { request: { method: incoming.method ?? 'GET', path, params, credentials, upload: form?.file } };
}
