import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  affinity: { type: 'string', enum: ['positive', 'negative'] },
  'auto-rebalance': { type: 'boolean', since: '9.2' },
  comment: { type: 'string', maxLength: 4096 },
  delete: { type: 'string', maxLength: 4096, format: 'pve-configid-list' },
  digest: { type: 'string', maxLength: 64 },
  disable: { type: 'boolean' },
  failback: { type: 'boolean', since: '9.2' },
  group: { type: 'string', format: 'pve-configid' },
  max_relocate: { type: 'integer', min: 0 },
  max_restart: { type: 'integer', min: 0 },
  node: { type: 'string', format: 'pve-node' },
  nodes: { type: 'string', format: 'pve-ha-node-list' },
  'nodes#2': { type: 'string', format: 'pve-ha-group-node-list' },
  nofailback: { type: 'boolean' },
  purge: { type: 'boolean', since: '9.2' },
  resource: { type: 'string' },
  'resource-mode': { type: 'string', enum: ['freeze', 'ignore'] },
  resources: { type: 'string', format: 'pve-ha-resource-id-list' },
  restricted: { type: 'boolean' },
  rule: { type: 'string', format: 'pve-configid' },
  sid: { type: 'string', format: 'pve-ha-resource-or-vm-id' },
  state: { type: 'string', enum: ['started', 'stopped', 'enabled', 'disabled', 'ignored'] },
  strict: { type: 'boolean' },
  type: { type: 'string', enum: ['ct', 'vm'] },
  'type#2': { type: 'string', enum: ['group'] },
  'type#3': { type: 'string', enum: ['node-affinity', 'resource-affinity'] },
};

const named = (names: string) => parametersOf(specs, names);

export const haDeclarations: Readonly<Record<string, Declaration>> = {
  'GET /cluster/ha/resources': { params: named('type?'), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'POST /cluster/ha/resources': {
    params: named('auto-rebalance? comment? failback? group? max_relocate? max_restart? sid state? type?'),
    permission: { path: '/', privileges: ['Sys.Console'] },
  },
  'GET /cluster/ha/resources/{sid}': { params: named('sid'), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'PUT /cluster/ha/resources/{sid}': {
    params: named('auto-rebalance? comment? delete? digest? failback? group? max_relocate? max_restart? sid state?'),
    permission: { path: '/', privileges: ['Sys.Console'] },
  },
  'DELETE /cluster/ha/resources/{sid}': {
    params: named('purge? sid'),
    permission: { path: '/', privileges: ['Sys.Console'] },
  },
  'POST /cluster/ha/resources/{sid}/migrate': {
    params: named('node sid'),
    permission: { path: '/', privileges: ['Sys.Console'] },
  },
  'POST /cluster/ha/resources/{sid}/relocate': {
    params: named('node sid'),
    permission: { path: '/', privileges: ['Sys.Console'] },
  },
  'GET /cluster/ha/groups': { params: named(''), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'POST /cluster/ha/groups': {
    params: named('comment? group nodes nofailback? restricted? type#2?'),
    permission: { path: '/', privileges: ['Sys.Console'] },
    params84: named('comment? group nodes#2 nofailback? restricted? type#2?'),
  },
  'GET /cluster/ha/groups/{group}': { params: named('group'), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'PUT /cluster/ha/groups/{group}': {
    params: named('comment? delete? digest? group nodes? nofailback? restricted?'),
    permission: { path: '/', privileges: ['Sys.Console'] },
    params84: named('comment? delete? digest? group nodes#2? nofailback? restricted?'),
  },
  'DELETE /cluster/ha/groups/{group}': {
    params: named('group'),
    permission: { path: '/', privileges: ['Sys.Console'] },
  },
  'GET /cluster/ha/rules': {
    params: named('resource? type#3?'),
    permission: { path: '/', privileges: ['Sys.Audit'] },
    since: '9.2',
  },
  'POST /cluster/ha/rules': {
    params: named('affinity? comment? disable? nodes? resources rule strict? type#3'),
    permission: { path: '/', privileges: ['Sys.Console'] },
    since: '9.2',
  },
  'GET /cluster/ha/rules/{rule}': {
    params: named('rule'),
    permission: { path: '/', privileges: ['Sys.Audit'] },
    since: '9.2',
  },
  'PUT /cluster/ha/rules/{rule}': {
    params: named('affinity? comment? delete? digest? disable? nodes? resources? rule strict? type#3'),
    permission: { path: '/', privileges: ['Sys.Console'] },
    since: '9.2',
  },
  'DELETE /cluster/ha/rules/{rule}': {
    params: named('rule'),
    permission: { path: '/', privileges: ['Sys.Console'] },
    since: '9.2',
  },
  'GET /cluster/ha/status/manager_status': { params: named(''), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'POST /cluster/ha/status/arm-ha': {
    params: named(''),
    permission: { path: '/', privileges: ['Sys.Console'] },
    since: '9.2',
  },
  'POST /cluster/ha/status/disarm-ha': {
    params: named('resource-mode'),
    permission: { path: '/', privileges: ['Sys.Console'] },
    since: '9.2',
  },
};
