import type { ApiError, ConnectionError, ForbiddenError } from '../pve/errors.js';

/** Something about which cluster, or about one cluster as a whole. */
export class ClusterError extends Error {
  override readonly name: string = 'ClusterError';
  /** The cluster it is about: as asked for, or as chosen. */
  readonly cluster: string;
  constructor(cluster: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.cluster = cluster;
  }
}

/** A cluster whose client cannot be made; nothing was sent. */
export class ClusterConfigurationError extends ClusterError {
  override readonly name = 'ClusterConfigurationError';
  /** The file that cannot be read. */
  readonly file: string;
  /** The system's code: `ENOENT`, `EACCES`, ... */
  readonly code: string;
  constructor(cluster: string, file: string, code: string, cause: unknown) {
    super(cluster, `the CA file of cluster '${cluster}' cannot be read`, { cause });
    this.file = file;
    this.code = code;
  }
}

/** No cluster, group or list has that name. */
export class ClusterNotFoundError extends ClusterError {
  override readonly name = 'ClusterNotFoundError';
  /** The names there are. */
  readonly known: readonly string[];
  readonly nearest: string | undefined;
  constructor(cluster: string, known: readonly string[], nearest: string | undefined) {
    super(cluster, `no cluster is named '${cluster}'; there are ${known.join(', ')}`);
    this.known = known;
    this.nearest = nearest;
  }
}

/** A cluster that gave no answer. */
export class ClusterConnectionError extends ClusterError {
  override readonly name = 'ClusterConnectionError';
  override readonly cause: ConnectionError;
  /** Why the cluster that answers in its place did not; absent where there is none for the call. */
  readonly fallback: string | undefined;
  constructor(cause: ConnectionError, fallback?: string) {
    super(cause.cluster, `cluster '${cause.cluster}': ${cause.message}`);
    this.cause = cause;
    this.fallback = fallback;
  }
}

/** More than one cluster could be meant, and choosing one would be a guess. */
export class AmbiguousClusterSelectionError extends ClusterError {
  override readonly name = 'AmbiguousClusterSelectionError';
  /** The clusters that could be meant. */
  readonly candidates: readonly string[];
  /** Clusters that could not be asked, and so may be meant too. */
  readonly unasked: readonly string[];
  constructor(cluster: string, candidates: readonly string[], message: string, unasked: readonly string[] = []) {
    super(cluster, message);
    this.candidates = candidates;
    this.unasked = unasked;
  }
}

/** The default cluster does not know a task, whose UPID does not say where it runs. */
export class TaskNotFoundError extends ClusterError {
  override readonly name = 'TaskNotFoundError';
  override readonly cause: ApiError;
  constructor(cluster: string, cause: ApiError) {
    super(cluster, `cluster '${cluster}' does not know the task`);
    this.cause = cause;
  }
}

/** The token may not do it, and the server did not say what it lacks. */
export class UnnamedPrivilegeError extends ClusterError {
  override readonly name = 'UnnamedPrivilegeError';
  override readonly cause: ForbiddenError;
  /** What the tool needs: `VM.Audit on /vms`. */
  readonly needs: readonly string[];
  constructor(cause: ForbiddenError, needs: readonly string[]) {
    super(cause.cluster, `the token lacks one of ${needs.join(', ')}`, { cause });
    this.cause = cause;
    this.needs = needs;
  }
}

/** A guest, as a call names it. */
export interface GuestName {
  readonly vmid?: number | undefined;
  readonly name?: string | undefined;
}

/** Where a guest was found. */
export interface GuestLocation {
  readonly cluster: string;
  readonly node: string;
  readonly type: 'qemu' | 'lxc';
  readonly vmid: number;
  readonly name?: string | undefined;
}

/** The chosen cluster has no such guest. */
export class GuestNotFoundError extends ClusterError {
  override readonly name = 'GuestNotFoundError';
  readonly guest: GuestName;
  readonly kind: 'vm' | 'lxc' | 'guest';
  /** Where such a guest is, of the clusters that were asked. */
  readonly found: readonly GuestLocation[];
  /** Clusters that could not be asked. */
  readonly unasked: readonly string[];
  constructor(
    cluster: string,
    guest: GuestName,
    kind: 'vm' | 'lxc' | 'guest',
    found: readonly GuestLocation[] = [],
    unasked: readonly string[] = [],
  ) {
    super(cluster, `cluster '${cluster}' has no such ${kind}`);
    this.guest = guest;
    this.kind = kind;
    this.found = found;
    this.unasked = unasked;
  }
}

/** Several guests of one cluster carry that name, or name and VMID are those of two guests. */
export class AmbiguousGuestError extends ClusterError {
  override readonly name = 'AmbiguousGuestError';
  readonly guest: GuestName;
  readonly found: readonly GuestLocation[];
  constructor(cluster: string, guest: GuestName, found: readonly GuestLocation[]) {
    super(cluster, `more than one guest of cluster '${cluster}' fits`);
    this.guest = guest;
    this.found = found;
  }
}

/** A call needs a node or a storage that it does not name, or names one that is not there. */
export class PlaceNotFoundError extends ClusterError {
  override readonly name = 'PlaceNotFoundError';
  readonly argument: 'node' | 'storage';
  /** What was asked for; absent when nothing was. */
  readonly asked: string | undefined;
  /** What there is to choose from. */
  readonly known: readonly string[];
  constructor(cluster: string, argument: 'node' | 'storage', asked: string | undefined, known: readonly string[]) {
    super(
      cluster,
      asked === undefined ? `'${argument}' is needed` : `no ${argument} '${asked}' on cluster '${cluster}'`,
    );
    this.argument = argument;
    this.asked = asked;
    this.known = known;
  }
}
