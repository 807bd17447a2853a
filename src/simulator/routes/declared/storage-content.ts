import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  checksum: { type: 'string', requires: 'checksum-algorithm' },
  'checksum-algorithm': {
    type: 'string',
    enum: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
    requires: 'checksum',
  },
  compression: { type: 'string' },
  content: { type: 'string', enum: ['iso', 'vztmpl', 'import'], format: 'pve-storage-content' },
  delay: { type: 'integer', min: 1, max: 30 },
  filename: { type: 'string' },
  'filename#2': { type: 'string', maxLength: 255 },
  'filename#3': { type: 'string', minLength: 1, maxLength: 255 },
  format: { type: 'string', enum: ['raw', 'qcow2', 'subvol', 'vmdk'], requires: 'size' },
  'include-partitions': { type: 'boolean' },
  node: { type: 'string', format: 'pve-node' },
  notes: { type: 'string' },
  protected: { type: 'boolean' },
  'prune-backups': { type: 'string', format: 'prune-backups' },
  reference: {
    type: 'string',
    pattern:
      '^(?:(?:[a-zA-Z\\d]|[a-zA-Z\\d][a-zA-Z\\d-]*[a-zA-Z\\d])(?:\\.(?:[a-zA-Z\\d]|[a-zA-Z\\d][a-zA-Z\\d-]*[a-zA-Z\\d]))*(?::\\d+)?/)?[a-z\\d]+(?:(?:[._]|__|[-]*)[a-z\\d]+)*(?:/[a-z\\d]+(?:(?:[._]|__|[-]*)[a-z\\d]+)*)*:\\w[\\w.-]{0,127}$',
  },
  size: { type: 'string', pattern: '\\d+[MG]?' },
  skipsmart: { type: 'boolean' },
  storage: { type: 'string', format: 'pve-storage-id' },
  template: { type: 'string', maxLength: 255 },
  tmpfilename: { type: 'string', pattern: '/var/tmp/pveupload-[0-9a-f]+' },
  type: { type: 'string', enum: ['qemu', 'lxc'] },
  'type#2': { type: 'string', enum: ['unused', 'journal_disks'] },
  url: { type: 'string', pattern: 'https?://.*' },
  'verify-certificates': { type: 'boolean' },
  vmid: { type: 'integer', min: 100, max: 999999999, format: 'pve-vmid' },
  volume: { type: 'string' },
};

const named = (names: string) => parametersOf(specs, names);

export const storageContentDeclarations: Readonly<Record<string, Declaration>> = {
  'POST /nodes/{node}/storage/{storage}/content': {
    params: named('filename format? node size storage vmid'),
    permission: { path: '/storage/{storage}', privileges: ['Datastore.AllocateSpace'] },
  },
  'GET /nodes/{node}/storage/{storage}/content/{volume}': { params: named('node storage? volume'), permission: 'all' },
  'PUT /nodes/{node}/storage/{storage}/content/{volume}': {
    params: named('node notes? protected? storage? volume'),
    permission: 'all',
  },
  'DELETE /nodes/{node}/storage/{storage}/content/{volume}': {
    params: named('delay? node storage? volume'),
    permission: 'all',
  },
  'GET /nodes/{node}/storage/{storage}/prunebackups': {
    params: named('node prune-backups? storage type? vmid?'),
    permission: { path: '/storage/{storage}', privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'], any: true },
  },
  'DELETE /nodes/{node}/storage/{storage}/prunebackups': {
    params: named('node prune-backups? storage type? vmid?'),
    permission: 'all',
  },
  'POST /nodes/{node}/storage/{storage}/upload': {
    params: named('checksum? checksum-algorithm? content filename#2 node storage tmpfilename?'),
    permission: { path: '/storage/{storage}', privileges: ['Datastore.AllocateTemplate'] },
    proxied: false,
  },
  'POST /nodes/{node}/storage/{storage}/download-url': {
    params: named(
      'checksum? checksum-algorithm? compression? content filename#2 node storage url verify-certificates?',
    ),
    permission: {
      allOf: [
        { path: '/storage/{storage}', privileges: ['Datastore.AllocateTemplate'] },
        {
          anyOf: [
            { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
            { path: '/nodes/{node}', privileges: ['Sys.AccessNetwork'] },
          ],
        },
      ],
    },
  },
  'POST /nodes/{node}/storage/{storage}/oci-registry-pull': {
    params: named('filename#3? node reference storage'),
    permission: {
      allOf: [
        { path: '/storage/{storage}', privileges: ['Datastore.AllocateTemplate'] },
        { path: '/nodes/{node}', privileges: ['Sys.AccessNetwork'] },
      ],
    },
    since: '9.2',
  },
  'GET /nodes/{node}/query-url-metadata': {
    params: named('node url verify-certificates?'),
    permission: {
      anyOf: [
        { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
        { path: '/nodes/{node}', privileges: ['Sys.AccessNetwork'] },
      ],
    },
  },
  'GET /nodes/{node}/aplinfo': { params: named('node'), permission: 'all' },
  'POST /nodes/{node}/aplinfo': {
    params: named('node storage template'),
    permission: { path: '/storage/{storage}', privileges: ['Datastore.AllocateTemplate'] },
  },
  'GET /nodes/{node}/disks/list': {
    params: named('include-partitions? node skipsmart? type#2?'),
    permission: {
      anyOf: [
        { path: '/', privileges: ['Sys.Audit'] },
        { path: '/nodes/{node}', privileges: ['Sys.Audit'] },
      ],
    },
  },
};
