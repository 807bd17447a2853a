/** The plain data of one simulated cluster. Handlers read and change it; tests may do both freely. */

import type { ConfigurationState, Settings } from './configuration-state.js';

export type PveVersion = '8.4' | '9.2';
export type GuestType = 'qemu' | 'lxc';
export type ConfigValue = string | number;

export interface ClusterState {
  name: string;
  version: PveVersion;
  /** A host that never joined a cluster: /cluster/status has no cluster row. */
  standalone: boolean;
  quorate: boolean;
  nodes: NodeState[];
  guests: GuestState[];
  storages: StorageState[];
  pools: PoolState[];
  users: UserState[];
  groups: GroupState[];
  /** Roles made by an administrator; the builtin ones follow from the version. */
  roles: RoleState[];
  acl: AclEntry[];
  realms: RealmState[];
  haResources: HaResourceState[];
  backupJobs: BackupJobState[];
  configuration: ConfigurationState;
  tasks: TaskState[];
  /** Of the protocol that clusters migrate guests by; 2 where it is not said. */
  tunnelVersion?: number;
}

export interface NodeState {
  node: string;
  ip: string;
  online: boolean;
  /** Clock milliseconds; guests of a node that is away for five minutes become `unknown`. */
  offlineSince?: number | undefined;
  cpus: number;
  cpuModel: string;
  /** Fraction of all CPUs in use. */
  cpu: number;
  memory: number;
  /** With the guests of the beginning; `guestsThen` is their part of it. */
  memoryUsed: number;
  /** What the guests that ran here at the beginning took, to tell what those take that run now. */
  guestsThen?: { readonly memory: number; readonly cpus: number };
  /** The HA manager keeps it free of guests. */
  maintenance?: boolean;
  /** Where it is not that of its cluster, as in the middle of an upgrade. */
  version?: string;
  rootDisk: number;
  rootUsed: number;
  /** Seconds since 1970. */
  bootedAt: number;
  /** Subscription level, '' for none. */
  level: string;
  networks: NetworkState[];
  /** interfaces.new: what waits for `apply`. */
  stagedNetworks?: NetworkState[] | undefined;
}

export interface NetworkState {
  iface: string;
  type: 'bridge' | 'bond' | 'eth' | 'vlan' | 'alias' | 'OVSBridge' | 'OVSBond' | 'OVSPort' | 'OVSIntPort' | 'vnet';
  active: boolean;
  autostart: boolean;
  address?: string;
  netmask?: string;
  gateway?: string;
  bridgePorts?: string;
  bridgeVlanAware?: boolean;
  slaves?: string;
  bondMode?: string;
  vlanId?: number;
  vlanRawDevice?: string;
  comments?: string;
  /** Further keys: mtu, address6, bond-primary, ovs_options ... */
  options?: Settings;
}

export interface GuestState {
  vmid: number;
  type: GuestType;
  node: string;
  status: 'running' | 'stopped';
  /** QMP state of a running VM when it is not simply running: paused, io-error, prelaunch ... */
  qmpstatus?: string | undefined;
  /** Seconds since 1970; set while running. */
  startedAt?: number | undefined;
  /** Clock milliseconds; statistics broadcasts take ten seconds to know a new guest. */
  createdAt?: number | undefined;
  /** What the configuration file holds, as the API spells it: name, hostname, tags, lock, template, net0 ... */
  config: Record<string, ConfigValue>;
  /** Changes that wait for a restart; null deletes the key. */
  pending: Record<string, ConfigValue | null>;
  snapshots: SnapshotState[];
  /** A guest agent that answers. Whether one is configured is said by `config.agent`. */
  agent?: AgentState | undefined;
  /** A guest that does not react to a shutdown request. */
  ignoresShutdown?: boolean;
  load: GuestLoad;
}

export interface GuestLoad {
  /** Fraction of the guest's CPUs. */
  cpu: number;
  memory: number;
  /** Bytes used on the root disk; known for containers only. */
  disk: number;
  /** Bytes per second. */
  netin: number;
  netout: number;
  diskread: number;
  diskwrite: number;
}

export interface AgentState {
  osinfo: Record<string, string>;
  interfaces: AgentInterface[];
  /** Files that were written, by their path. */
  files?: Record<string, Uint8Array>;
  frozen?: boolean;
  /** Commands that were started and whose result nobody has read yet. */
  processes?: AgentProcess[];
}

export interface AgentProcess {
  pid: number;
  /** Seconds since 1970. */
  endsAt: number;
  exitcode: number;
  out: Uint8Array;
  err: string;
}

export interface AgentInterface {
  name: string;
  mac: string;
  /** `10.0.0.5/24`, `fe80::1/64`; an interface may have none. */
  addresses: string[];
}

export interface SnapshotState {
  name: string;
  description: string;
  /** Seconds since 1970. */
  snaptime: number;
  parent?: string | undefined;
  vmstate?: boolean;
  /** Set while it is made or deleted. */
  snapstate?: 'prepare' | 'delete';
  config: Record<string, ConfigValue>;
}

export interface StorageState {
  storage: string;
  type: string;
  content: string[];
  shared: boolean;
  enabled: boolean;
  /** Nodes it is restricted to; undefined is all. */
  nodes?: string[] | undefined;
  /** Further keys of its configuration: path, server, export, vgname, datastore ... */
  options: Record<string, ConfigValue>;
  total: number;
  used: number;
  /** Nodes on which it cannot be reached just now. */
  inactiveOn: string[];
  volumes: VolumeState[];
}

export interface VolumeState {
  volid: string;
  content: string;
  format: string;
  size: number;
  ctime: number;
  vmid?: number;
  /** The node that has it; undefined on shared storage. */
  node?: string | undefined;
  notes?: string;
  protected?: boolean;
  subtype?: GuestType;
  verification?: string;
  /** The configuration that an archive holds. */
  config?: Record<string, ConfigValue>;
}

export interface PoolState {
  poolid: string;
  comment: string;
  vmids: number[];
  storages: string[];
}

export interface UserState {
  userid: string;
  enable: boolean;
  /** Seconds since 1970, 0 for never. */
  expire: number;
  firstname?: string;
  lastname?: string;
  email?: string;
  comment?: string;
  tokens: TokenState[];
}

export interface TokenState {
  tokenid: string;
  secret: string;
  privsep: boolean;
  expire: number;
  comment?: string;
}

export interface GroupState {
  groupid: string;
  comment: string;
  users: string[];
}

export interface RoleState {
  roleid: string;
  privileges: string[];
}

export interface AclEntry {
  path: string;
  type: 'user' | 'group' | 'token';
  ugid: string;
  roleid: string;
  propagate: boolean;
}

export interface RealmState {
  realm: string;
  type: 'pam' | 'pve' | 'ad' | 'ldap' | 'openid';
  comment: string;
  default: boolean;
}

export interface HaResourceState {
  sid: string;
  state: 'started' | 'stopped' | 'disabled' | 'ignored';
  group?: string;
  comment?: string;
  /** max_restart, max_relocate, failback. */
  options?: Settings;
}

export interface BackupJobState {
  id: string;
  schedule: string;
  storage: string;
  enabled: boolean;
  mode: 'snapshot' | 'suspend' | 'stop';
  all: boolean;
  vmids: number[];
  pool?: string;
  exclude: number[];
  comment?: string;
  prune: Record<string, number>;
  /** All other keys of the job. */
  options?: Settings;
}

export interface TaskState {
  upid: string;
  node: string;
  pid: number;
  pstart: number;
  type: string;
  id: string;
  /** `user@realm` or `user@realm!token` */
  user: string;
  /** Seconds since 1970. */
  starttime: number;
  duration: number;
  /** Appears line by line over the duration; without its end line. */
  log: string[];
  /** What it ends with; an effect may change it when the task ends. */
  exitstatus: string;
  /** Seconds since 1970; set when it has ended. */
  endtime?: number | undefined;
}
