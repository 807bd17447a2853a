import type { ParameterSpec } from '../parameters.js';

export const node = { type: 'string', format: 'pve-node' } as const satisfies ParameterSpec;
export const vmid = {
  type: 'integer',
  format: 'pve-vmid',
  min: 100,
  max: 999_999_999,
} as const satisfies ParameterSpec;
export const storage = { type: 'string', format: 'pve-storage-id' } as const satisfies ParameterSpec;
export const upid = { type: 'string' } as const satisfies ParameterSpec;
export const flag = { type: 'boolean', optional: true } as const satisfies ParameterSpec;
export const optionalText = { type: 'string', optional: true } as const satisfies ParameterSpec;
export const count = { type: 'integer', optional: true, min: 0 } as const satisfies ParameterSpec;

export const vmAudit = { path: '/vms/{vmid}', privileges: ['VM.Audit'] } as const;
export const nodeAudit = { path: '/nodes/{node}', privileges: ['Sys.Audit'] } as const;
export const rootAudit = { path: '/', privileges: ['Sys.Audit'] } as const;
export const storageView = {
  path: '/storage/{storage}',
  privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'],
  any: true,
} as const;
