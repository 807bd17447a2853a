import { createHash } from 'node:crypto';
import { answer } from './api.js';
import type { Certificates } from './certificate.js';
import type { SimulatorClock } from './clock.js';
import { Cluster } from './cluster.js';
import { Exchange, type RecordedRequest } from './exchange.js';
import type { Fault, FaultScope } from './fault.js';
import { Listener } from './listener.js';
import type { Mounts } from './mounts.js';
import { SeededRandom } from './random.js';
import type { Peer } from './remote/remote-api.js';
import type { ClusterState, UserState } from './state.js';
import type { MainToken } from './worlds/access-seed.js';

export interface ClusterOptions {
  readonly state: ClusterState;
  readonly clock: SimulatorClock;
  readonly token: MainToken;
  readonly certificates: Certificates | undefined;
  readonly host: string;
  readonly authDelayMs: number;
}

/** A task as a test or a demo asks for it. */
export interface StartedTask {
  node: string;
  type: string;
  id?: string;
  user?: string;
  /** Seconds. */
  duration: number;
  /** Lines, spread over the duration. */
  log: string[];
  exitstatus: string;
}

/** Where the simulator speaks plain HTTP its nodes still have certificates for one another. */
function inventedFingerprint(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex').toUpperCase();
  return hex.match(/../g)?.join(':') ?? '';
}

/** One cluster that listens. */
export class SimulatedCluster {
  readonly name: string;
  readonly fingerprint: string | undefined;
  readonly caPem: string | undefined;
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly #cluster: Cluster;
  readonly #exchange: Exchange;
  readonly #listener: Listener;
  readonly #host: string;
  readonly #secure: boolean;
  readonly #forwards = new Map<string, string | undefined>();
  #shown: keyof Certificates = 'usual';

  constructor(options: ClusterOptions) {
    const { state, clock, token, certificates, host, authDelayMs } = options;
    this.name = state.name;
    this.fingerprint = certificates?.usual.fingerprint;
    this.caPem = certificates?.usual.ca;
    this.tokenId = token.id;
    this.tokenSecret = token.secret;
    this.#host = host;
    this.#secure = certificates !== undefined;
    this.#cluster = new Cluster(
      state,
      clock,
      () => certificates?.[this.#shown].fingerprint ?? inventedFingerprint(state.name),
    );
    this.#exchange = new Exchange(this.#cluster, authDelayMs);
    this.#listener = new Listener(host, certificates, (request, response) => {
      void this.#exchange.handle(request, response);
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  get url(): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    return `${this.#secure ? 'https' : 'http'}://${host}:${this.port}`;
  }

  /** Brought up to the clock with each look. */
  get state(): ClusterState {
    this.#cluster.settle();
    return this.#cluster.state;
  }

  get requests(): RecordedRequest[] {
    return this.#exchange.requests;
  }

  get connections(): number {
    return this.#listener.connections;
  }

  get maxInFlight(): number {
    return this.#exchange.maxInFlight;
  }

  listen(port: number): Promise<void> {
    return this.#listener.listen(port);
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  /** A token with privilege separation; its user gets all rights when he is new, so that the ACL given here decides. */
  addToken(tokenId: string, acl: Record<string, string[]>): string {
    const { state } = this.#cluster;
    const [userid = '', tokenid = ''] = tokenId.split('!');
    if (!/@/.test(userid) || tokenid === '') throw new Error(`not a token id (user@realm!name): ${tokenId}`);
    const user = this.#userFor(userid);
    const secret = new SeededRandom(`${state.name} ${tokenId}`).uuid();
    user.tokens = user.tokens.filter((token) => token.tokenid !== tokenid);
    user.tokens.push({ tokenid, secret, privsep: true, expire: 0 });
    state.acl = state.acl.filter((entry) => entry.type !== 'token' || entry.ugid !== tokenId);
    for (const [path, grants] of Object.entries(acl)) {
      for (const roleid of this.#rolesFor(grants)) {
        state.acl.push({ path, type: 'token', ugid: tokenId, roleid, propagate: true });
      }
    }
    return secret;
  }

  setFault(fault: Fault | undefined, scope: FaultScope = {}): void {
    const { faults, clock } = this.#cluster;
    if (fault === undefined) faults.clear();
    else faults.add(fault, scope, clock.now());
    this.#shown = faults.has('certificate') ? 'other' : 'usual';
    this.#listener.serve(this.#shown);
    if (faults.refusesConnections) this.#listener.refuse();
    else this.#listener.accept();
  }

  /** Lets its nodes reach those of other clusters, and mount what they have mounted. */
  meet(clusters: readonly SimulatedCluster[], mounts: Mounts): void {
    this.#cluster.mounts = mounts;
    for (const storage of this.#cluster.state.storages) mounts.join(storage);
    this.#cluster.peers = (host, port) => {
      for (const other of clusters) {
        const peer = other.#peerAt(host, port);
        if (peer !== undefined) return peer;
      }
      return /^(127\.|localhost$|::1$)/.test(host) ? 'refused' : undefined;
    };
  }

  startTask(task: StartedTask): string {
    return this.#cluster.tasks.start({ ...task, user: task.user ?? 'root@pam' }).upid;
  }

  /** An address that leads here besides: a forwarded port, to the first node or to the one that is named. */
  alsoAt(url: string, node?: string): void {
    const { hostname, port } = new URL(url);
    this.#forwards.set(`${hostname}:${port}`, node);
  }

  /** This cluster at one of its addresses: what it listens on, or what its nodes have among themselves. */
  #peerAt(host: string, port: number): Peer | 'refused' | undefined {
    const { state, localNode } = this.#cluster;
    const own = [this.#host, '127.0.0.1', 'localhost', '::1'].includes(host) && port === this.port;
    if (own) return this.#peerOn(localNode.node);
    const forwarded = this.#forwards.get(`${host}:${port}`);
    if (this.#forwards.has(`${host}:${port}`)) return this.#peerOn(forwarded ?? localNode.node);
    const node = state.nodes.find((entry) => entry.ip === host);
    if (node === undefined) return undefined;
    const ports = [8006, this.port, ...[...this.#forwards.keys()].map((key) => Number(key.split(':').at(-1)))];
    return ports.includes(port) ? this.#peerOn(node.node) : 'refused';
  }

  #peerOn(node: string): Peer {
    const cluster = this.#cluster.seenFrom(node);
    return {
      cluster,
      fingerprint: cluster.fingerprint(),
      answer: (method, path, params, authorization) =>
        answer(cluster, { method, path, params, credentials: { authorization, cookie: undefined } }),
    };
  }

  #userFor(userid: string): UserState {
    const { state } = this.#cluster;
    const known = state.users.find((user) => user.userid === userid);
    if (known !== undefined) return known;
    const user: UserState = { userid, enable: true, expire: 0, tokens: [] };
    state.users.push(user);
    state.acl.push({ path: '/', type: 'user', ugid: userid, roleid: 'Administrator', propagate: true });
    return user;
  }

  /** Privileges have a dot in them and become a role of their own. */
  #rolesFor(grants: readonly string[]): string[] {
    const { state } = this.#cluster;
    const privileges = grants.filter((grant) => grant.includes('.')).sort();
    const roles = grants.filter((grant) => !grant.includes('.'));
    if (privileges.length === 0) return roles;
    const known = state.roles.find((role) => role.privileges.join() === privileges.join());
    const roleid = known?.roleid ?? `Granted${state.roles.length + 1}`;
    if (known === undefined) state.roles.push({ roleid, privileges });
    return [...roles, roleid];
  }
}
