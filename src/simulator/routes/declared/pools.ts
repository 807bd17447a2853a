import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  'allow-move': { type: 'boolean' },
  comment: { type: 'string' },
  delete: { type: 'boolean' },
  poolid: { type: 'string', format: 'pve-poolid' },
  storage: { type: 'string', format: 'pve-storage-id-list' },
  vms: { type: 'string', format: 'pve-vmid-list' },
};

const named = (names: string) => parametersOf(specs, names);

export const poolsDeclarations: Readonly<Record<string, Declaration>> = {
  'POST /pools': {
    params: named('comment? poolid'),
    permission: { path: '/pool/{poolid}', privileges: ['Pool.Allocate'] },
  },
  'PUT /pools': {
    params: named('allow-move? comment? delete? poolid storage? vms?'),
    permission: { path: '/pool/{poolid}', privileges: ['Pool.Allocate'] },
  },
  'DELETE /pools': { params: named('poolid'), permission: { path: '/pool/{poolid}', privileges: ['Pool.Allocate'] } },
  'PUT /pools/{poolid}': {
    params: named('allow-move? comment? delete? poolid storage? vms?'),
    permission: { path: '/pool/{poolid}', privileges: ['Pool.Allocate'] },
  },
  'DELETE /pools/{poolid}': {
    params: named('poolid'),
    permission: { path: '/pool/{poolid}', privileges: ['Pool.Allocate'] },
  },
};
