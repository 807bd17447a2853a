/** What is known of one address of a cluster. */
export interface EndpointState {
  /** `https://host:port` */
  readonly url: string;
  /** `bad`: it gave no answer, or none of Proxmox VE, and others are asked before it. */
  readonly state: 'up' | 'bad' | 'untried';
  /** Milliseconds since the epoch, as all times here. */
  readonly since: number;
  readonly lastError?: string;
  /** Of one that is bad: when it is asked again at the earliest. */
  readonly nextProbe?: number;
  /** Milliseconds that its last good answer took. */
  readonly latencyMs?: number;
}

/** What is known of the way to a cluster, without asking anything. */
export interface ConnectionState {
  /** `open`: calls fail at once; `probing`: so, and one request finds out whether that can end. */
  readonly state: 'closed' | 'open' | 'probing';
  readonly since: number;
  /** The last failure of the connection; it stays when the connection is good again. */
  readonly lastError?: { readonly at: number; readonly message: string; readonly code: string };
  /** When `open`: the earliest time at which a call may find out. */
  readonly nextProbe?: number;
  /** Milliseconds that the last good answer took. */
  readonly latencyMs?: number;
  /** In the order of the configuration. */
  readonly endpoints: readonly EndpointState[];
}
