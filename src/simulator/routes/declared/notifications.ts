import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  author: { type: 'string' },
  body: { type: 'string' },
  comment: { type: 'string' },
  delete: { type: 'array', items: { type: 'string', format: 'pve-configid' } },
  digest: { type: 'string', maxLength: 64 },
  disable: { type: 'boolean' },
  'from-address': { type: 'string' },
  header: { type: 'array', items: { type: 'string' } },
  'invert-match': { type: 'boolean' },
  mailto: { type: 'array', items: { type: 'string', format: 'email-or-username' } },
  'mailto-user': { type: 'array', items: { type: 'string', format: 'pve-userid' } },
  'match-calendar': { type: 'array', items: { type: 'string' } },
  'match-field': { type: 'array', items: { type: 'string' } },
  'match-severity': { type: 'array', items: { type: 'string' } },
  method: { type: 'string', enum: ['post', 'put', 'get'] },
  mode: { type: 'string', enum: ['insecure', 'starttls', 'tls'] },
  'mode#2': { type: 'string', enum: ['all', 'any'] },
  name: { type: 'string', format: 'pve-configid' },
  password: { type: 'string' },
  port: { type: 'integer' },
  secret: { type: 'array', items: { type: 'string' } },
  server: { type: 'string' },
  target: { type: 'array', items: { type: 'string', format: 'pve-configid' } },
  token: { type: 'string' },
  url: { type: 'string' },
  username: { type: 'string' },
};

const named = (names: string) => parametersOf(specs, names);

export const notificationsDeclarations: Readonly<Record<string, Declaration>> = {
  'GET /cluster/notifications/targets': {
    params: named(''),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Use'] },
      ],
    },
  },
  'POST /cluster/notifications/targets/{name}/test': {
    params: named('name'),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Use'] },
      ],
    },
  },
  'GET /cluster/notifications/endpoints': { params: named(''), permission: 'all' },
  'GET /cluster/notifications/endpoints/gotify': {
    params: named(''),
    permission: { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
  },
  'POST /cluster/notifications/endpoints/gotify': {
    params: named('comment? disable? name server token'),
    permission: {
      allOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        {
          anyOf: [
            { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
            { path: '/', privileges: ['Sys.AccessNetwork'] },
          ],
        },
      ],
    },
  },
  'GET /cluster/notifications/endpoints/gotify/{name}': {
    params: named('name'),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
      ],
    },
  },
  'PUT /cluster/notifications/endpoints/gotify/{name}': {
    params: named('comment? delete? digest? disable? name server? token?'),
    permission: {
      allOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        {
          anyOf: [
            { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
            { path: '/', privileges: ['Sys.AccessNetwork'] },
          ],
        },
      ],
    },
  },
  'DELETE /cluster/notifications/endpoints/gotify/{name}': {
    params: named('name'),
    permission: { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
  },
  'GET /cluster/notifications/endpoints/sendmail': {
    params: named(''),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
      ],
    },
  },
  'POST /cluster/notifications/endpoints/sendmail': {
    params: named('author? comment? disable? from-address? mailto? mailto-user? name'),
    permission: {
      allOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        {
          anyOf: [
            { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
            { path: '/', privileges: ['Sys.AccessNetwork'] },
          ],
        },
      ],
    },
  },
  'GET /cluster/notifications/endpoints/sendmail/{name}': {
    params: named('name'),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
      ],
    },
  },
  'PUT /cluster/notifications/endpoints/sendmail/{name}': {
    params: named('author? comment? delete? digest? disable? from-address? mailto? mailto-user? name'),
    permission: {
      allOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        {
          anyOf: [
            { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
            { path: '/', privileges: ['Sys.AccessNetwork'] },
          ],
        },
      ],
    },
  },
  'DELETE /cluster/notifications/endpoints/sendmail/{name}': {
    params: named('name'),
    permission: { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
  },
  'GET /cluster/notifications/endpoints/smtp': {
    params: named(''),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
      ],
    },
  },
  'POST /cluster/notifications/endpoints/smtp': {
    params: named(`
      author? comment? disable? from-address mailto? mailto-user? mode? name password? port? server username?`),
    permission: {
      allOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        {
          anyOf: [
            { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
            { path: '/', privileges: ['Sys.AccessNetwork'] },
          ],
        },
      ],
    },
  },
  'GET /cluster/notifications/endpoints/smtp/{name}': {
    params: named('name'),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
      ],
    },
  },
  'PUT /cluster/notifications/endpoints/smtp/{name}': {
    params: named(`
      author? comment? delete? digest? disable? from-address? mailto? mailto-user? mode? name password? port?
      server? username?`),
    permission: {
      allOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        {
          anyOf: [
            { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
            { path: '/', privileges: ['Sys.AccessNetwork'] },
          ],
        },
      ],
    },
  },
  'DELETE /cluster/notifications/endpoints/smtp/{name}': {
    params: named('name'),
    permission: { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
  },
  'GET /cluster/notifications/endpoints/webhook': {
    params: named(''),
    permission: { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
  },
  'POST /cluster/notifications/endpoints/webhook': {
    params: named('body? comment? disable? header? method name secret? url'),
    permission: {
      allOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        {
          anyOf: [
            { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
            { path: '/', privileges: ['Sys.AccessNetwork'] },
          ],
        },
      ],
    },
  },
  'GET /cluster/notifications/endpoints/webhook/{name}': {
    params: named('name'),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
      ],
    },
  },
  'PUT /cluster/notifications/endpoints/webhook/{name}': {
    params: named('body? comment? delete? digest? disable? header? method? name secret? url?'),
    permission: {
      allOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        {
          anyOf: [
            { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
            { path: '/', privileges: ['Sys.AccessNetwork'] },
          ],
        },
      ],
    },
  },
  'DELETE /cluster/notifications/endpoints/webhook/{name}': {
    params: named('name'),
    permission: { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
  },
  'GET /cluster/notifications/matchers': {
    params: named(''),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Use'] },
      ],
    },
  },
  'POST /cluster/notifications/matchers': {
    params: named('comment? disable? invert-match? match-calendar? match-field? match-severity? mode#2? name target?'),
    permission: { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
  },
  'GET /cluster/notifications/matchers/{name}': {
    params: named('name'),
    permission: {
      anyOf: [
        { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
        { path: '/mapping/notifications', privileges: ['Mapping.Audit'] },
      ],
    },
  },
  'PUT /cluster/notifications/matchers/{name}': {
    params: named(`
      comment? delete? digest? disable? invert-match? match-calendar? match-field? match-severity? mode#2? name
      target?`),
    permission: { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
  },
  'DELETE /cluster/notifications/matchers/{name}': {
    params: named('name'),
    permission: { path: '/mapping/notifications', privileges: ['Mapping.Modify'] },
  },
};
