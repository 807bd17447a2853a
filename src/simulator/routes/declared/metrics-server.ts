import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  'api-path-prefix': { type: 'string' },
  bucket: { type: 'string' },
  delete: { type: 'string', maxLength: 4096, format: 'pve-configid-list' },
  digest: { type: 'string', maxLength: 64 },
  disable: { type: 'boolean' },
  id: { type: 'string', format: 'pve-configid' },
  influxdbproto: { type: 'string', enum: ['udp', 'http', 'https'] },
  'max-body-size': { type: 'integer', min: 1 },
  mtu: { type: 'integer', min: 512, max: 65536 },
  organization: { type: 'string' },
  'otel-compression': { type: 'string', enum: ['none', 'gzip'], since: '9.2' },
  'otel-headers': { type: 'string', maxLength: 1024, since: '9.2' },
  'otel-max-body-size': { type: 'integer', min: 1024, since: '9.2' },
  'otel-path': { type: 'string', since: '9.2' },
  'otel-protocol': { type: 'string', enum: ['http', 'https'], since: '9.2' },
  'otel-resource-attributes': { type: 'string', maxLength: 1024, since: '9.2' },
  'otel-timeout': { type: 'integer', min: 1, max: 10, since: '9.2' },
  'otel-verify-ssl': { type: 'boolean', since: '9.2' },
  path: { type: 'string', format: 'graphite-path' },
  port: { type: 'integer', min: 1, max: 65536 },
  proto: { type: 'string', enum: ['udp', 'tcp'] },
  server: { type: 'string', format: 'address' },
  timeout: { type: 'integer', min: 0 },
  token: { type: 'string' },
  type: {
    type: 'string',
    enum: { '8.4': ['graphite', 'influxdb'], '9.2': ['graphite', 'influxdb', 'opentelemetry'] },
    format: 'pve-configid',
  },
  'verify-certificate': { type: 'boolean' },
};

const named = (names: string) => parametersOf(specs, names);

export const metricsServerDeclarations: Readonly<Record<string, Declaration>> = {
  'GET /cluster/metrics/server': { params: named(''), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'GET /cluster/metrics/server/{id}': { params: named('id'), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'POST /cluster/metrics/server/{id}': {
    params: named(`
      api-path-prefix? bucket? disable? id influxdbproto? max-body-size? mtu? organization? otel-compression?
      otel-headers? otel-max-body-size? otel-path? otel-protocol? otel-resource-attributes? otel-timeout?
      otel-verify-ssl? path? port proto? server timeout? token? type verify-certificate?`),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'PUT /cluster/metrics/server/{id}': {
    params: named(`
      api-path-prefix? bucket? delete? digest? disable? id influxdbproto? max-body-size? mtu? organization?
      otel-compression? otel-headers? otel-max-body-size? otel-path? otel-protocol? otel-resource-attributes?
      otel-timeout? otel-verify-ssl? path? port proto? server timeout? token? verify-certificate?`),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'DELETE /cluster/metrics/server/{id}': { params: named('id'), permission: { path: '/', privileges: ['Sys.Modify'] } },
};
