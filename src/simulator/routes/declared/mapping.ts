import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  'check-node': { type: 'string', format: 'pve-node' },
  delete: { type: 'string', maxLength: 4096, format: 'pve-configid-list' },
  description: { type: 'string', maxLength: 4096 },
  digest: { type: 'string', maxLength: 64 },
  id: { type: 'string', format: 'pve-configid' },
  'live-migration-capable': { type: 'boolean' },
  map: {
    type: 'array',
    items: {
      type: 'string',
      format: {
        description: { type: 'string', optional: true, maxLength: 4096 },
        id: { type: 'string', pattern: '(?:^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$)' },
        iommugroup: { type: 'integer', optional: true },
        node: { type: 'string', format: 'pve-node' },
        path: {
          type: 'string',
          pattern:
            '(?:[a-f0-9]{4,}:[a-f0-9]{2}:[a-f0-9]{2}(?:.[a-f0-9])?;)*[a-f0-9]{4,}:[a-f0-9]{2}:[a-f0-9]{2}(?:.[a-f0-9])?',
        },
        'subsystem-id': { type: 'string', optional: true, pattern: '(?:^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$)' },
      },
    },
  },
  'map#2': {
    type: 'array',
    items: {
      type: 'string',
      format: {
        description: { type: 'string', optional: true, maxLength: 4096 },
        id: { type: 'string', pattern: '(?:^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$)' },
        node: { type: 'string', format: 'pve-node' },
        path: { type: 'string', optional: true, pattern: '(?:^(\\d+)\\-(\\d+(\\.\\d+)*)$)' },
      },
    },
  },
  mdev: { type: 'boolean' },
};

const named = (names: string) => parametersOf(specs, names);

export const mappingDeclarations: Readonly<Record<string, Declaration>> = {
  'GET /cluster/mapping/pci': { params: named('check-node?'), permission: 'all' },
  'POST /cluster/mapping/pci': {
    params: named('description? id live-migration-capable? map mdev?'),
    permission: { path: '/mapping/pci', privileges: ['Mapping.Modify'] },
  },
  'GET /cluster/mapping/pci/{id}': {
    params: named('id'),
    permission: {
      anyOf: [
        { path: '/mapping/pci/{id}', privileges: ['Mapping.Use'] },
        { path: '/mapping/pci/{id}', privileges: ['Mapping.Modify'] },
        { path: '/mapping/pci/{id}', privileges: ['Mapping.Audit'] },
      ],
    },
  },
  'PUT /cluster/mapping/pci/{id}': {
    params: named('delete? description? digest? id live-migration-capable? map? mdev?'),
    permission: { path: '/mapping/pci/{id}', privileges: ['Mapping.Modify'] },
  },
  'DELETE /cluster/mapping/pci/{id}': {
    params: named('id'),
    permission: { path: '/mapping/pci', privileges: ['Mapping.Modify'] },
  },
  'GET /cluster/mapping/usb': { params: named('check-node?'), permission: 'all' },
  'POST /cluster/mapping/usb': {
    params: named('description? id map#2'),
    permission: { path: '/mapping/usb', privileges: ['Mapping.Modify'] },
  },
  'GET /cluster/mapping/usb/{id}': {
    params: named('id'),
    permission: {
      anyOf: [
        { path: '/mapping/usb/{id}', privileges: ['Mapping.Audit'] },
        { path: '/mapping/usb/{id}', privileges: ['Mapping.Use'] },
        { path: '/mapping/usb/{id}', privileges: ['Mapping.Modify'] },
      ],
    },
  },
  'PUT /cluster/mapping/usb/{id}': {
    params: named('delete? description? digest? id map#2'),
    permission: { path: '/mapping/usb/{id}', privileges: ['Mapping.Modify'] },
  },
  'DELETE /cluster/mapping/usb/{id}': {
    params: named('id'),
    permission: { path: '/mapping/usb', privileges: ['Mapping.Modify'] },
  },
};
