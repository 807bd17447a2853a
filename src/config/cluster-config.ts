import type { ToolChoice } from './tool-choice.js';

/** How one cluster's server certificate is checked. */
export type TlsConfig =
  /** Against the system's certificate authorities. */
  | { readonly mode: 'system' }
  /** Against the authority in this PEM file, and no other. */
  | { readonly mode: 'ca'; readonly caFile: string }
  /** Against SHA-256 fingerprints of the leaf, upper-case hex with colons; any one that matches is enough. */
  | { readonly mode: 'fingerprint'; readonly fingerprints: readonly string[] }
  /** Not at all. */
  | { readonly mode: 'off' };

/** Where a node answers. */
export interface RemoteAddress {
  readonly host: string;
  readonly port: number;
}

/** How nodes of other clusters reach those of a cluster. */
export interface RemoteHosts {
  /** For nodes that are not named. */
  readonly every?: RemoteAddress;
  readonly nodes: Readonly<Record<string, RemoteAddress>>;
}

/** One Proxmox VE cluster: where it is, how to sign in, and what is said when a call leaves it open. */
export interface ClusterConfig {
  /** The name that the `cluster` argument takes. */
  readonly name: string;
  /** Addresses of nodes of this one cluster, `https://host:port` each, tried in order; never empty. */
  readonly apiUrls: readonly [string, ...string[]];
  /** `user@realm!tokenname`. */
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly tls: TlsConfig;
  /** The node that a call gets that needs one and names none. */
  readonly defaultNode?: string;
  readonly defaultStorage?: string;
  readonly defaultBridge?: string;
  readonly region?: string;
  readonly tier?: string;
  /** Reads accept it in place of a cluster's name. */
  readonly group?: string;
  readonly prices?: Prices;
  /** Where its nodes are for other clusters, if not where they say that they are. */
  readonly remoteHosts?: RemoteHosts;
  /** The cluster that answers reads of a whole cluster while this one cannot be reached. */
  readonly fallback?: string;
  /** What may be done there; every one of the rules must allow it. */
  readonly policy?: readonly PolicyRule[];
}

/** Both ends included. */
export interface VmidSpan {
  readonly from: number;
  readonly to: number;
}

/** A rule about what may be done on a cluster, and the setting that it comes from: a variable, or a role and its file. */
export type PolicyRule = { readonly from: string } & (
  | { readonly kind: 'access'; readonly value: 'read' | 'operate' | 'full' }
  | { readonly kind: 'allow_vmids'; readonly value: readonly VmidSpan[] }
  | { readonly kind: 'allow_tools' | 'deny_tools' | 'allow_pools' | 'protect_tags'; readonly value: readonly string[] }
);

export type RuleKind = PolicyRule['kind'];

/** What the resources of a cluster cost, as far as that is configured. */
export interface Prices {
  /** What the prices are for; a month has 730 hours. */
  readonly per: 'hour' | 'month';
  readonly vcpu?: number;
  readonly memoryGib?: number;
  /** By storage; `*` stands for every other one. */
  readonly diskGib?: ReadonlyMap<string, number>;
  /** ISO 4217: `EUR`. */
  readonly currency?: string;
  /** What is wrong with settings of prices; there are no prices then. */
  readonly wrong?: readonly string[];
}

/** A pattern of guest names, and the cluster that such guests live on. */
export interface ClusterPattern {
  /** As it was written: a prefix, a `*` glob, or `/regex/`. */
  readonly pattern: string;
  readonly regex: RegExp;
  /** How many literal characters every name that matches holds; of the patterns that match, the highest wins. */
  readonly literal: number;
  readonly cluster: string;
}

/** A range of VMIDs, both ends included, and the cluster that it belongs to. */
export interface VmidRange {
  readonly from: number;
  readonly to: number;
  readonly cluster: string;
}

/** Everything that the clusters and the routing between them are made from. */
export interface ClusterRegistryConfig {
  /** In the order in which they were named. */
  readonly clusters: readonly ClusterConfig[];
  readonly defaultCluster: string;
  /** Whether `PROXMOX_CLUSTERS` was set; otherwise there is one cluster, called `default`. */
  readonly multiCluster: boolean;
  readonly patterns: readonly ClusterPattern[];
  readonly vmidMap: readonly VmidRange[];
  /** Whether whatever changes something is neither listed nor run. */
  readonly readOnly?: boolean;
  /** Who confirms what destroys: the `confirm` of the call, where it is not there, or the person beside it. */
  readonly confirm?: 'argument' | 'human' | 'human-all';
  /** Whether tools that no cluster's token can use are left out. */
  readonly matchPrivileges?: boolean;
  /** Which tools are offered; `default` where it is not there. */
  readonly tools?: ToolChoice;
  /** Whether all clusters are checked after the start. */
  readonly validateOnStart: boolean;
  /** Seconds after which a cached client is built anew. */
  readonly cacheTtl: number;
  /** The folder that new secrets are kept in; without one nothing that has a secret can be made. */
  readonly secretDir?: string;
  /** Where every change is written down; nowhere where it is not there. */
  readonly audit?: AuditConfig;
}

/** What is written down, and where. */
export interface AuditConfig {
  readonly file: string;
  /** Whether nothing is sent that could not be written down before. */
  readonly required: boolean;
  /** Whether reads are written down too. */
  readonly reads: boolean;
  /** How large the file may be before it is put aside. */
  readonly maxBytes: number;
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogConfig {
  readonly level: LogLevel;
  /** A file to append to; standard error when absent. */
  readonly file?: string;
}

/** One thing that is wrong with the environment: the variable at fault, and what would be right. */
export interface ConfigFault {
  readonly variable: string;
  readonly message: string;
}
