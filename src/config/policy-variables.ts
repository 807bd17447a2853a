import type { ClusterVariable } from './variables.js';

/** What may be done on a cluster, whatever its token may. */
export const policyVariables = [
  {
    suffix: 'ACCESS',
    single: true,
    required: false,
    meaning:
      'What may be done: `read` changes nothing, `operate` is power, snapshots and backups of guests, `full` everything ([policy](policy.md))',
    default: 'full',
    example: 'operate',
  },
  {
    suffix: 'ALLOW_TOOLS',
    single: true,
    required: false,
    meaning: 'Tools that may be used, and no others; `*` stands for anything',
    default: 'all',
    example: 'proxmox-list-*,proxmox-vm-info',
  },
  {
    suffix: 'DENY_TOOLS',
    single: true,
    required: false,
    meaning: 'Tools that may not be used; `*` stands for anything',
    default: 'none',
    example: 'proxmox-delete-*',
  },
  {
    suffix: 'ALLOW_VMIDS',
    single: true,
    required: false,
    meaning: 'VMIDs of the guests that may be read in detail and changed; nothing else may be changed then',
    default: 'all',
    example: '100-199,500',
  },
  {
    suffix: 'ALLOW_POOLS',
    single: true,
    required: false,
    meaning:
      'Pools whose guests may be read in detail and changed, those within them included; nothing else may be changed then',
    default: 'all',
    example: 'web,customers/acme',
  },
  {
    suffix: 'PROTECT_TAGS',
    single: true,
    required: false,
    meaning: 'Guests with one of these tags are not changed, but for backups and new snapshots',
    default: 'none',
    example: 'production,keep',
  },
  {
    suffix: 'ROLE',
    single: true,
    required: false,
    meaning: 'Role of `PROXMOX_ROLES_FILE`, whose rules hold beside these',
    default: 'none',
    example: 'operators',
  },
] as const satisfies readonly ClusterVariable[];

export const globalPolicyVariables = [
  {
    name: 'PROXMOX_ROLES_FILE',
    form: 'both',
    meaning: 'JSON file of roles: named bundles of such rules ([policy](policy.md)); an absolute path or `~/...`',
    default: 'none',
    example: '/etc/proxmox-mcp-roles.json',
  },
  {
    name: 'PROXMOX_MATCH_PRIVILEGES',
    form: 'both',
    meaning: 'Whether tools that the token can use on no cluster are left out; the clusters are asked for that',
    default: 'false',
    example: 'true',
  },
] as const;
