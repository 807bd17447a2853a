import { auditVariables } from './audit-variables.js';
import { confirmVariables } from './confirm-variables.js';
import { globalPolicyVariables, policyVariables } from './policy-variables.js';
import { priceVariables } from './price-variables.js';
import { secretKeyVariables } from './secret-key-variables.js';

/** One setting of a cluster: `PROXMOX_CLUSTER_<name>_<suffix>`, or `PROXMOX_<suffix>` in the single-cluster form. */
export interface ClusterVariable {
  readonly suffix: string;
  /** Whether the single-cluster form has it too. */
  readonly single: boolean;
  readonly required: boolean;
  readonly meaning: string;
  readonly default: string;
  readonly example: string;
}

/** One setting of the whole server. */
interface GlobalVariable {
  readonly name: string;
  /** `multi` has an effect only with `PROXMOX_CLUSTERS`. */
  readonly form: 'both' | 'multi';
  readonly meaning: string;
  readonly default: string;
  readonly example: string;
}

/** Every setting of a cluster that this version knows. */
export const clusterVariables = [
  {
    suffix: 'API_URL',
    single: true,
    required: true,
    meaning:
      'Address of a node, `https://host:8006`; scheme, port and `/api2/json` may be left out. Several, separated by commas, are nodes of the same cluster, tried in order',
    default: '',
    example: 'https://pve1.example.com:8006',
  },
  {
    suffix: 'TOKEN_ID',
    single: true,
    required: true,
    meaning: 'API token, `user@realm!tokenname`',
    default: '',
    example: 'mcp@pve!proxmox-mcp',
  },
  {
    suffix: 'TOKEN_SECRET',
    single: true,
    required: true,
    meaning: 'Secret of the token, as Proxmox showed it once, or `enc:v1:...` as `proxmox-mcp encrypt` gave it',
    default: '',
    example: '00000000-0000-0000-0000-000000000000',
  },
  {
    suffix: 'TOKEN_SECRET_FILE',
    single: true,
    required: false,
    meaning: 'File that holds the secret and nothing else, in place of `TOKEN_SECRET`: an absolute path or `~/...`',
    default: 'none',
    example: '/run/secrets/proxmox-token',
  },
  {
    suffix: 'VERIFY',
    single: true,
    required: false,
    meaning: 'Whether the server certificate is checked; `false` accepts any, and is warned about',
    default: 'true',
    example: 'true',
  },
  {
    suffix: 'CA_FILE',
    single: true,
    required: false,
    meaning: "PEM file of the authority that signed the certificate, in place of the system's; `~/` is the home folder",
    default: "the system's authorities",
    example: '/etc/ssl/proxmox/pve-root-ca.pem',
  },
  {
    suffix: 'FINGERPRINT',
    single: true,
    required: false,
    meaning:
      'SHA-256 fingerprint of the certificate, in place of any authority; several, separated by commas, one for each node',
    default: 'none',
    example: '00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF',
  },
  {
    suffix: 'DEFAULT_NODE',
    single: true,
    required: false,
    meaning: 'Node for a call that needs one and names none',
    default: 'none',
    example: 'pve1',
  },
  {
    suffix: 'DEFAULT_STORAGE',
    single: true,
    required: false,
    meaning: 'Storage for a call that needs one and names none',
    default: 'none',
    example: 'local-lvm',
  },
  {
    suffix: 'DEFAULT_BRIDGE',
    single: true,
    required: false,
    meaning: 'Network bridge for a call that needs one and names none',
    default: 'none',
    example: 'vmbr0',
  },
  {
    suffix: 'REGION',
    single: true,
    required: false,
    meaning: 'Where the cluster is; reads accept `region:eu-west`, and the value alone where it means nothing else',
    default: 'none',
    example: 'eu-west',
  },
  {
    suffix: 'TIER',
    single: true,
    required: false,
    meaning: 'What the cluster is for; reads accept `tier:production`, and the value alone where it means nothing else',
    default: 'none',
    example: 'production',
  },
  {
    suffix: 'GROUP',
    single: false,
    required: false,
    meaning: 'Name that reads accept in place of a cluster, for all clusters that share it',
    default: 'none',
    example: 'europe',
  },
  ...policyVariables,
  ...priceVariables,
  {
    suffix: 'REMOTE_HOST',
    single: false,
    required: false,
    meaning:
      'Where nodes of other clusters reach this one when a guest is moved to it: one host, or one for each node, with a port where it is not 8006',
    default: "the node's address in the API URL, or that of its cluster",
    example: 'pve1=192.0.2.11,pve2=192.0.2.12',
  },
  {
    suffix: 'FALLBACK',
    single: false,
    required: false,
    meaning:
      'Cluster that answers reads of a whole cluster while this one cannot be reached; the answer says so. What is about a guest, a node, a storage or a task, and what changes something, never goes there',
    default: 'none',
    example: 'disaster-recovery',
  },
] as const satisfies readonly ClusterVariable[];

export type ClusterSuffix = (typeof clusterVariables)[number]['suffix'];

/** Every setting of the whole server that this version knows. */
export const globalVariables = [
  {
    name: 'PROXMOX_CLUSTERS',
    form: 'multi',
    meaning: 'Names of the clusters, separated by commas; turns the multi-cluster form on',
    default: 'one cluster, called `default`',
    example: 'production,staging,disaster-recovery',
  },
  {
    name: 'PROXMOX_DEFAULT_CLUSTER',
    form: 'multi',
    meaning: 'Cluster of a call that nothing else routes',
    default: 'the first of `PROXMOX_CLUSTERS`',
    example: 'production',
  },
  {
    name: 'PROXMOX_CLUSTER_PATTERNS',
    form: 'multi',
    meaning: 'Cluster by guest name: a prefix, a `*` glob or `/regex/` for each, as JSON or `pattern:cluster,...`',
    default: 'none',
    example: 'prod-:production,stg-:staging',
  },
  {
    name: 'PROXMOX_CLUSTER_VMID_MAP',
    form: 'multi',
    meaning: 'Cluster by VMID: a VMID or a range for each, as JSON or `100-199:cluster,...`',
    default: 'none',
    example: '100-199:production,9000:disaster-recovery',
  },
  {
    name: 'PROXMOX_READ_ONLY',
    form: 'both',
    meaning: 'Whether tools that change something are neither listed nor run',
    default: 'false',
    example: 'true',
  },
  ...confirmVariables,
  {
    name: 'PROXMOX_TOOLSETS',
    form: 'both',
    meaning: 'Toolsets that are offered, separated by commas; `default` is what is needed daily, `all` is everything',
    default: '`default`, or none where `PROXMOX_TOOLS` is set',
    example: 'default,backup,network',
  },
  {
    name: 'PROXMOX_TOOLS',
    form: 'both',
    meaning: 'Tools that are offered beside those of the toolsets; `*` stands for anything',
    default: 'none',
    example: 'proxmox-guest-exec,proxmox-list-*',
  },
  {
    name: 'PROXMOX_EXCLUDE_TOOLS',
    form: 'both',
    meaning: 'Tools that are not offered in any case; `*` stands for anything',
    default: 'none',
    example: 'proxmox-delete-*',
  },
  {
    name: 'PROXMOX_CLUSTER_VALIDATION',
    form: 'both',
    meaning: 'Whether every cluster is checked in the background after the start',
    default: 'true',
    example: 'true',
  },
  {
    name: 'PROXMOX_CLUSTER_CACHE_TTL',
    form: 'both',
    meaning:
      'Seconds after which a cached client is built anew, and its secret read again where that is in a file, 1 to 86400',
    default: '3600',
    example: '3600',
  },
  {
    name: 'PROXMOX_LOG_LEVEL',
    form: 'both',
    meaning: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
    default: 'info',
    example: 'info',
  },
  {
    name: 'PROXMOX_LOG_FILE',
    form: 'both',
    meaning: 'File that the log is appended to, an absolute path or `~/...`',
    default: 'standard error',
    example: '~/proxmox-mcp.log',
  },
  {
    name: 'PROXMOX_SECRET_DIR',
    form: 'both',
    meaning: 'Folder that secrets of new tokens are kept in, a file for each, an absolute path or `~/...`',
    default: '`$XDG_STATE_HOME` or `~/.local/state`, and there `proxmox-mcp/secrets`',
    example: '~/proxmox-mcp-secrets',
  },
  ...auditVariables,
  ...globalPolicyVariables,
  ...secretKeyVariables,
  {
    name: 'PROXMOX_ENV_FILE',
    form: 'both',
    meaning: 'File that these variables are read from; set in the real environment only',
    default: 'the first one found, see below',
    example: '/etc/proxmox-mcp.env',
  },
] as const satisfies readonly GlobalVariable[];

export type GlobalName = (typeof globalVariables)[number]['name'];

export const allClusterSuffixes: readonly string[] = clusterVariables.map((variable) => variable.suffix);

export const globalNames: readonly GlobalName[] = globalVariables.map((variable) => variable.name);

/** The variables of the single-cluster form, `PROXMOX_API_URL` and so on. */
export const singleNames: readonly string[] = clusterVariables
  .filter((variable) => variable.single)
  .map((variable) => `PROXMOX_${variable.suffix}`);
