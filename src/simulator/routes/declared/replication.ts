import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  comment: { type: 'string', maxLength: 4096 },
  delete: { type: 'string', maxLength: 4096, format: 'pve-configid-list' },
  digest: { type: 'string', maxLength: 64 },
  disable: { type: 'boolean' },
  force: { type: 'boolean' },
  guest: { type: 'integer', min: 100, max: 999999999, format: 'pve-vmid' },
  id: { type: 'string', pattern: '[1-9][0-9]{2,8}-\\d{1,9}', format: 'pve-replication-job-id' },
  keep: { type: 'boolean' },
  limit: { type: 'integer', min: 0 },
  node: { type: 'string', format: 'pve-node' },
  rate: { type: 'number', min: 1 },
  remove_job: { type: 'string', enum: ['local', 'full'] },
  schedule: { type: 'string', maxLength: 128, format: 'pve-calendar-event' },
  source: { type: 'string', format: 'pve-node' },
  start: { type: 'integer', min: 0 },
  target: { type: 'string', format: 'pve-node' },
  type: { type: 'string', enum: ['local'] },
};

const named = (names: string) => parametersOf(specs, names);

export const replicationDeclarations: Readonly<Record<string, Declaration>> = {
  'GET /cluster/replication': { params: named(''), permission: 'all' },
  'POST /cluster/replication': {
    params: named('comment? disable? id rate? remove_job? schedule? source? target type'),
    permission: { '8.4': { path: '/storage', privileges: ['Datastore.Allocate'] }, '9.2': 'all' },
  },
  'GET /cluster/replication/{id}': { params: named('id'), permission: 'all' },
  'PUT /cluster/replication/{id}': {
    params: named('comment? delete? digest? disable? id rate? remove_job? schedule? source?'),
    permission: { '8.4': { path: '/storage', privileges: ['Datastore.Allocate'] }, '9.2': 'all' },
  },
  'DELETE /cluster/replication/{id}': {
    params: named('force? id keep?'),
    permission: { '8.4': { path: '/storage', privileges: ['Datastore.Allocate'] }, '9.2': 'all' },
  },
  'GET /nodes/{node}/replication': { params: named('guest? node'), permission: 'all' },
  'GET /nodes/{node}/replication/{id}/status': { params: named('id node'), permission: 'all' },
  'GET /nodes/{node}/replication/{id}/log': { params: named('id limit? node start?'), permission: 'all' },
  'POST /nodes/{node}/replication/{id}/schedule_now': {
    params: named('id node'),
    permission: { '8.4': { path: '/storage', privileges: ['Datastore.Allocate'] }, '9.2': 'all' },
  },
};
