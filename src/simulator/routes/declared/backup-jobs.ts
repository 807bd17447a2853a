import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  all: { type: 'boolean' },
  bwlimit: { type: 'integer', min: 0 },
  comment: { type: 'string', maxLength: 512 },
  compress: { type: 'string', enum: ['0', '1', 'gzip', 'lzo', 'zstd'] },
  delete: { type: 'string', format: 'pve-configid-list' },
  dow: { type: 'string', format: 'pve-day-of-week-list', requires: 'starttime' },
  dumpdir: { type: 'string' },
  enabled: { type: 'boolean' },
  exclude: { type: 'string', format: 'pve-vmid-list' },
  'exclude-path': { type: 'array', items: { type: 'string' } },
  fleecing: { type: 'string', format: 'backup-fleecing' },
  id: { type: 'string', format: 'pve-configid' },
  'id#2': { type: 'string', maxLength: 50, pattern: '\\S+' },
  ionice: { type: 'integer', min: 0, max: 8 },
  lockwait: { type: 'integer', min: 0 },
  mailnotification: { type: 'string', enum: ['always', 'failure'] },
  mailto: { type: 'string', format: 'email-or-username-list' },
  maxfiles: { type: 'integer', min: 1, until: '8.4' },
  mode: { type: 'string', enum: ['snapshot', 'suspend', 'stop'] },
  node: { type: 'string', format: 'pve-node' },
  'notes-template': { type: 'string', maxLength: 1024, requires: 'storage' },
  'notification-mode': { type: 'string', enum: ['auto', 'legacy-sendmail', 'notification-system'] },
  'notification-policy': { type: 'string', enum: ['always', 'failure', 'never'], until: '8.4' },
  'notification-target': { type: 'string', format: 'pve-configid', until: '8.4' },
  'pbs-change-detection-mode': { type: 'string', enum: ['legacy', 'data', 'metadata'] },
  performance: { type: 'string', format: 'backup-performance' },
  pigz: { type: 'integer' },
  pool: { type: 'string' },
  protected: { type: 'boolean', requires: 'storage' },
  'prune-backups': { type: 'string', format: 'prune-backups' },
  quiet: { type: 'boolean' },
  remove: { type: 'boolean' },
  'repeat-missed': { type: 'boolean' },
  schedule: { type: 'string', maxLength: 128, format: 'pve-calendar-event' },
  script: { type: 'string' },
  starttime: { type: 'string', pattern: '\\d{1,2}:\\d{1,2}' },
  stdexcludes: { type: 'boolean' },
  stop: { type: 'boolean' },
  stopwait: { type: 'integer', min: 0 },
  storage: { type: 'string', format: 'pve-storage-id' },
  tmpdir: { type: 'string' },
  vmid: { type: 'string', format: 'pve-vmid-list' },
  zstd: { type: 'integer' },
};

const named = (names: string) => parametersOf(specs, names);

export const backupJobsDeclarations: Readonly<Record<string, Declaration>> = {
  'POST /cluster/backup': {
    params: named(`
      all? bwlimit? comment? compress? dow? dumpdir? enabled? exclude? exclude-path? fleecing? id? ionice?
      lockwait? mailnotification? mailto? mode? node? notes-template? notification-mode?
      pbs-change-detection-mode? performance? pigz? pool? protected? prune-backups? quiet? remove?
      repeat-missed? schedule? script? starttime? stdexcludes? stop? stopwait? storage? tmpdir? vmid? zstd?
      maxfiles? notification-policy? notification-target?`),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/backup/{id}': { params: named('id#2'), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'PUT /cluster/backup/{id}': {
    params: named(`
      all? bwlimit? comment? compress? delete? dow? dumpdir? enabled? exclude? exclude-path? fleecing? id#2
      ionice? lockwait? mailnotification? mailto? mode? node? notes-template? notification-mode?
      pbs-change-detection-mode? performance? pigz? pool? protected? prune-backups? quiet? remove?
      repeat-missed? schedule? script? starttime? stdexcludes? stop? stopwait? storage? tmpdir? vmid? zstd?
      maxfiles? notification-policy? notification-target?`),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'DELETE /cluster/backup/{id}': { params: named('id#2'), permission: { path: '/', privileges: ['Sys.Modify'] } },
  'GET /cluster/backup/{id}/included_volumes': {
    params: named('id#2'),
    permission: { path: '/', privileges: ['Sys.Audit'] },
  },
};
