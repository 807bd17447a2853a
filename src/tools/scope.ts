import { z } from 'zod';
import type { ClusterHealth } from '../clusters/health.js';
import type { ClusterInfo } from '../clusters/registry.js';
import type { ConnectionState } from '../pve/connection-state.js';
import { volidReads } from './arguments/names.js';
import type { ErrorText } from './error-text.js';

/**
 * Where a tool works. It decides the arguments that the tool gets beside its own, how its cluster is chosen, and the
 * target that it is handed.
 *
 * - `configuration`: the clusters as they are configured; nothing is asked
 * - `fleet`: every cluster, unless the call names fewer; run once for each
 * - `cluster`, `node`, `storage`, `task`: one of these on one cluster
 * - `volume`: a volume by its volid, on a node that has its storage
 * - `vm`, `lxc`, `guest`: a VM, a container, or either
 * - `source-vm`, `source-lxc`: a VM or container that something else is made from
 * - `creation`: the node where something is to be made: the named, the default, or the online one with the most free memory
 * - `across`: several clusters in one run; every one, unless the call names fewer
 * - `between`: two clusters, `cluster` and `target_cluster`
 * - `guest-between`: a VM or container, and the cluster that it is to go to
 */
export type Scope = keyof Targets;

/** What a check found, with its failure in words. */
export type CheckedCluster = Omit<ClusterHealth, 'failure'> & { readonly failure?: ErrorText };

/** A cluster as a tool may see it. */
export interface ClusterView {
  readonly info: Omit<ClusterInfo, 'health'>;
  /** What the last check found; that of the start, or of a call. */
  readonly lastCheck: CheckedCluster | undefined;
  /** The variables that a price needs and that are not set. */
  readonly missingPrices: readonly string[];
  /** Asks the cluster how it is, now. */
  check(): Promise<CheckedCluster>;
  /** Other configured names of this same cluster, by the last check of each; those of this call are waited for. */
  sameAs(): Promise<readonly string[]>;
  /** What is known of the way to it, by the calls that were made. */
  connection(): ConnectionState | undefined;
}

/** A rule that chooses a cluster, and the cluster. */
export interface RoutingRule {
  readonly rule: string;
  readonly cluster: string;
}

export interface GuestTarget<Type extends 'qemu' | 'lxc' = 'qemu' | 'lxc'> {
  readonly node: string;
  readonly vmid: number;
  /** As it stands in the path. */
  readonly type: Type;
  readonly name?: string;
  readonly status?: string;
  readonly template?: boolean;
}

export interface TwoClusters {
  readonly source: ClusterView;
  readonly destination: ClusterView;
}

/** What a tool of each scope is handed, resolved. */
export interface Targets {
  readonly configuration: {
    readonly clusters: readonly ClusterView[];
    readonly patterns: readonly RoutingRule[];
    readonly vmidMap: readonly RoutingRule[];
  };
  readonly fleet: { readonly cluster: ClusterView };
  readonly cluster: { readonly cluster: ClusterView };
  readonly node: { readonly node: string };
  readonly storage: { readonly node: string; readonly storage: string };
  readonly volume: { readonly node: string; readonly storage: string; readonly volid: string };
  readonly task: { readonly node: string; readonly upid: string };
  readonly vm: GuestTarget<'qemu'>;
  readonly lxc: GuestTarget<'lxc'>;
  readonly guest: GuestTarget;
  readonly 'source-vm': GuestTarget<'qemu'>;
  readonly 'source-lxc': GuestTarget<'lxc'>;
  readonly creation: { readonly node: string };
  readonly across: { readonly clusters: readonly ClusterView[] };
  readonly between: TwoClusters;
  readonly 'guest-between': GuestTarget & TwoClusters;
}

export const vmid = z.int().min(100).max(999_999_999);
const word = z.string().min(1).max(256);

const guestArguments = {
  vmid: vmid.optional().describe('VMID'),
  name: word.optional().describe('Or name'),
  node: word.optional().describe('Its node'),
};

const sourceArguments = {
  source_vmid: vmid.optional().describe('VMID'),
  source_name: word.optional().describe('Or name'),
  source_node: word.optional().describe('Its node'),
};

const targetCluster = { target_cluster: word.describe('The other cluster') };

/** The arguments that come with a scope. */
export const scopeArguments = {
  configuration: {},
  fleet: {},
  cluster: {},
  node: { node: word.optional().describe('Node') },
  storage: {
    storage: word.optional().describe('Storage'),
    node: word.optional().describe('Node'),
  },
  volume: {
    volid: z
      .string()
      .regex(/^[A-Za-z][\w.-]*:[^\s,]+$/, volidReads)
      .max(512)
      .describe('storage:name'),
    node: word.optional().describe('Node'),
  },
  task: {
    upid: z.string().min(1).max(512).describe('UPID'),
    node: word.optional().describe("Ignored: the UPID's own"),
  },
  vm: guestArguments,
  lxc: guestArguments,
  guest: guestArguments,
  'source-vm': sourceArguments,
  'source-lxc': sourceArguments,
  creation: { node: word.optional().describe('Node') },
  across: {},
  between: targetCluster,
  'guest-between': { ...guestArguments, ...targetCluster },
} satisfies Record<Scope, z.ZodRawShape>;

/** Whether one run of a tool of the scope works on several clusters: it waits for its tasks itself, each where it runs. */
export const worksOnSeveral = (scope: Scope): boolean => scope === 'across' || needsTwoClusters(scope);

/** Whether a tool of the scope works on two clusters: with one there is nothing to do for it. */
export const needsTwoClusters = (scope: Scope): boolean => scope === 'between' || scope === 'guest-between';
