import type { ClusterVariable } from './variables.js';

/** What the resources of a cluster cost. */
export const priceVariables = [
  {
    suffix: 'PRICE_VCPU',
    single: true,
    required: false,
    meaning: 'Price of a vCPU, for `proxmox-cost-report`, which needs this, the next two and `CURRENCY`; may be 0',
    default: 'none',
    example: '4.50',
  },
  {
    suffix: 'PRICE_MEMORY_GIB',
    single: true,
    required: false,
    meaning: 'Price of a GiB of memory',
    default: 'none',
    example: '2.20',
  },
  {
    suffix: 'PRICE_DISK_GIB',
    single: true,
    required: false,
    meaning: 'Price of a GiB of disk: one, or one for each storage, where `*` is every other one',
    default: 'none',
    example: 'local-lvm:0.08,nfs:0.03,*:0.05',
  },
  {
    suffix: 'PRICE_PER',
    single: true,
    required: false,
    meaning: 'What the prices are for: `month` or `hour`; a month counts 730 hours',
    default: 'month',
    example: 'month',
  },
  {
    suffix: 'CURRENCY',
    single: true,
    required: false,
    meaning: 'Currency of the prices, as ISO 4217 has it',
    default: 'none',
    example: 'EUR',
  },
] as const satisfies readonly ClusterVariable[];
