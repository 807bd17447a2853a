import { createHash } from 'node:crypto';
import { died, parameterError } from '../pve-error.js';
import type { Call } from '../route.js';
import type { StorageState, VolumeState } from '../state.js';
import { storageOn } from '../storage.js';
import { fileTypes, findVolume, homeOf, pathOf, putVolume } from '../stored-volumes.js';
import { applianceNamed, applianceSize, appliances } from './appliances.js';
import type { Handler } from './declaration.js';

const endings: Readonly<Record<string, RegExp>> = {
  iso: /\.(iso|img)$/i,
  vztmpl: /\.tar(\.(gz|xz|zst|bz2))?$/i,
  import: /\.(ova|qcow2|raw|vmdk)$/i,
};

const mebibyte = 1024 ** 2;

function formatOf(content: string, file: string): string {
  if (content === 'iso') return 'iso';
  const ending = /\.([^.]+)$/.exec(file)?.[1] ?? '';
  return content === 'vztmpl' ? `t${ending === 'tar' ? '' : ending}` : ending;
}

function targetStorage(call: Call, content: string, verb: string): { storage: StorageState; node: string } {
  const { node } = call.cluster.node(call.params.text('node'));
  const name = call.params.text('storage');
  const storage = storageOn(call.cluster, name, node);
  if (!fileTypes.includes(storage.type)) {
    throw died(`can't ${verb} to storage type '${storage.type}', not a file based storage!`);
  }
  if (!storage.content.includes(content)) throw died(`storage '${name}' does not support '${content}' content`);
  return { storage, node };
}

function normalized(call: Call, content: string): string {
  const file = call.params
    .text('filename')
    .replace(/^.*[/\\]/, '')
    .replace(/\s/g, '_')
    .replace(/[^-a-zA-Z0-9_.]/g, '_');
  if (endings[content]?.test(file) !== true) throw parameterError({ filename: 'wrong file extension' });
  return file;
}

interface NewFile {
  readonly storage: StorageState;
  readonly node: string;
  readonly content: string;
  readonly file: string;
}

function volumeOf({ storage, node, content, file }: NewFile, size: number, ctime: number): VolumeState {
  const volid = `${storage.storage}:${content}/${file}`;
  return { volid, content, format: formatOf(content, file), size, ctime, node: homeOf(storage, node) };
}

const upload: Handler = (call) => {
  const { cluster, caller, params, upload: sent } = call;
  const content = params.text('content');
  const target = targetStorage(call, content, 'upload');
  const file = normalized(call, content);
  const temporary = params.optionalText('tmpfilename');
  if (sent === undefined || temporary === undefined) throw died('missing temporary file name');
  const { size } = sent;
  const algorithm = params.optionalText('checksum-algorithm');
  const got = algorithm === undefined ? undefined : sent.digestOf(algorithm);
  const expected = params.optionalText('checksum');
  const wrong = got !== expected?.toLowerCase() ? `checksum mismatch: got '${got}' expect '${expected}'` : undefined;
  return cluster.tasks.start({
    // the node that takes the request copies the file; the one in the path only gets it
    node: cluster.localNode.node,
    type: 'imgcopy',
    user: caller.authid,
    duration: 1 + Math.floor(size / (200 * mebibyte)),
    log: [
      `starting file import from: ${temporary}`,
      `target node: ${target.node}`,
      `target file: ${pathOf(target.storage, content, file)}`,
      `file size is: ${size}`,
      ...(algorithm === undefined ? [] : ['calculating checksum...', wrong ?? 'OK, checksum verified']),
      ...(wrong === undefined ? ['finished file import successfully'] : []),
    ],
    finish: (endtime) => {
      if (wrong !== undefined) return wrong;
      putVolume(target.storage, volumeOf({ ...target, content, file }, size, endtime));
      return 'OK';
    },
  }).upid;
};

/** The size of what the simulated internet has at an address: the same each time. */
function sizeBehind(url: string): number {
  const seed = createHash('sha1').update(url).digest().readUInt16BE(0);
  return (180 + (seed % 900)) * mebibyte;
}

function hostOf(url: string): string {
  return /^https?:\/\/([^/:]+)/.exec(url)?.[1] ?? '';
}

/** Names below `.invalid` never resolve; a path with `missing` in it is not found. */
function downloadFault(url: string): string | undefined {
  const host = hostOf(url);
  if (host.endsWith('.invalid')) return `download failed: wget: unable to resolve host address '${host}'`;
  return /missing/.test(url) ? 'download failed: exit code 8' : undefined;
}

function progressLines(size: number): string[] {
  return Array.from({ length: 10 }, (_, at) => {
    const percent = (at + 1) * 10;
    const kib = Math.floor((size * percent) / 100 / 1024);
    const left = at === 9 ? '=9.8s' : ` ${9 - at}s`;
    return `${String(kib).padStart(7)}K ........ ........ ........ ........ ${String(percent).padStart(3)}% 45.1M${left}`;
  });
}

/** A checksum of all zeros is nobody's; any other of the right length is taken as that of the file. */
function checksumFault(algorithm: string | undefined, checksum: string | undefined): string | undefined {
  if (algorithm === undefined || checksum === undefined) return undefined;
  const real = createHash(algorithm).update('').digest('hex');
  if (checksum.length === real.length && /[^0]/.test(checksum)) return undefined;
  return `checksum mismatch: got '${real}' expect '${checksum}'`;
}

interface Download extends NewFile {
  readonly url: string;
  readonly size: number;
  readonly id: string;
  readonly fault: string | undefined;
}

function download(call: Call, from: Download): string {
  const { storage, content, file, url, size, node, fault } = from;
  const path = pathOf(storage, content, file);
  const volid = `${storage.storage}:${content}/${file}`;
  const before = findVolume(storage, volid, node) !== undefined ? 'refusing to override existing file' : undefined;
  const refusal = before === undefined ? downloadFault(url) : `${before} '${path}'`;
  const end = refusal ?? fault;
  return call.cluster.tasks.start({
    node,
    type: 'download',
    id: from.id,
    user: call.caller.authid,
    duration: refusal === undefined ? 10 : 1,
    log: [
      `downloading ${url} to ${path}`,
      ...(refusal === undefined ? [`--2026-- ${url}`, ...progressLines(size)] : []),
      ...(end === undefined ? [`download of '${url}' to '${path}' finished`] : []),
    ],
    finish: (endtime) => {
      if (end !== undefined) return end;
      putVolume(storage, volumeOf(from, size, endtime));
      return 'OK';
    },
  }).upid;
}

const downloadUrl: Handler = (call) => {
  const { params } = call;
  const content = params.text('content');
  const url = params.text('url');
  const compression = params.optionalText('compression');
  const target = targetStorage(call, content, 'upload');
  if (compression !== undefined && content !== 'iso') {
    throw parameterError({ compression: 'decompression not supported for this content type' });
  }
  const file = normalized(call, content);
  const fault = checksumFault(params.optionalText('checksum-algorithm'), params.optionalText('checksum'));
  return download(call, { ...target, content, file, url, size: sizeBehind(url), id: file, fault });
};

const urlMetadata: Handler = ({ params }) => {
  const url = params.text('url');
  const host = hostOf(url);
  if (host.endsWith('.invalid')) throw died(`invalid server response: '500 Can't connect to ${host}:443'`);
  if (/missing/.test(url)) throw died("invalid server response: '404 Not Found'");
  const filename = url.replace(/[?#].*$/, '').replace(/^.*\//, '');
  return { filename, size: sizeBehind(url), mimetype: 'application/octet-stream' };
};

const appliance: Handler = (call) => {
  const entry = applianceNamed(call.params.text('template'));
  if (entry === undefined) throw parameterError({ template: 'no such template' });
  const target = targetStorage(call, 'vztmpl', 'download');
  const { template: file, location: url } = entry;
  // its checksum is known: so a file that is there already is fine
  if (findVolume(target.storage, `${target.storage.storage}:vztmpl/${file}`, target.node) !== undefined) {
    const log = ['OK, got correct file already, no need to download'];
    const user = call.caller.authid;
    return call.cluster.tasks.start({ node: target.node, type: 'download', id: file, user, duration: 1, log }).upid;
  }
  return download(call, { ...target, content: 'vztmpl', file, url, size: applianceSize, id: file, fault: undefined });
};

const pullImage: Handler = (call) => {
  const reference = call.params.text('reference');
  const target = targetStorage(call, 'vztmpl', 'pull');
  const base = call.params.optionalText('filename') ?? reference.replace(/^.*\//, '').replace(':', '_');
  const file = base.endsWith('.tar') ? base : `${base}.tar`;
  const url = `docker://${reference}`;
  return download(call, { ...target, content: 'vztmpl', file, url, size: sizeBehind(url), id: file, fault: undefined });
};

const place = '/nodes/{node}/storage/{storage}';

export const storageFileHandlers: Readonly<Record<string, Handler>> = {
  [`POST ${place}/upload`]: upload,
  [`POST ${place}/download-url`]: downloadUrl,
  [`POST ${place}/oci-registry-pull`]: pullImage,
  'GET /nodes/{node}/query-url-metadata': urlMetadata,
  'GET /nodes/{node}/aplinfo': () => appliances,
  'POST /nodes/{node}/aplinfo': appliance,
};
