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
  /** Addresses that it listens at, each that of the next node. */
  readonly endpoints: number;
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
  readonly #listeners: readonly Listener[];
  readonly #host: string;
  readonly #secure: boolean;
  readonly #forwards = new Map<string, string | undefined>();
  #shown: keyof Certificates = 'usual';

  constructor(options: ClusterOptions) {
    const { state, clock, token, certificates, host, authDelayMs, endpoints } = options;
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
    this.#listeners = Array.from(
      { length: endpoints },
      (_, endpoint) =>
        new Listener(host, certificates, (request, response) => {
          void this.#exchange.handle(request, response, endpoint);
        }),
    );
  }

  /** Of its first address. */
  get port(): number {
    return this.#listeners[0]?.port ?? 0;
  }

  /** Its first address. */
  get url(): string {
    return this.urls[0] ?? '';
  }

  get urls(): string[] {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    return this.#listeners.map(({ port }) => `${this.#secure ? 'https' : 'http'}://${host}:${port}`);
  }

  /** Brought up to the clock with each look. */
  get state(): ClusterState {
    this.#cluster.settle();
    return this.#cluster.state;
  }

  get requests(): RecordedRequest[] {
    return this.#exchange.requests;
  }

  /** How often a fault was met, of whatever is hit one by one. */
  get faultHits(): number {
    return this.#cluster.faults.hits;
  }

  get connections(): number {
    return this.#listeners.reduce((sum, { connections }) => sum + connections, 0);
  }

  get maxInFlight(): number {
    return this.#exchange.maxInFlight;
  }

  /** @param port of the first address, the others take the next; 0 takes free ones */
  async listen(port: number): Promise<void> {
    await Promise.all(this.#listeners.map((listener, at) => listener.listen(port === 0 ? 0 : port + at)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  /** A token with privilege separation; its user gets all rights when he is new, so that the ACL given here decides. Its secret follows from its name unless one is given. */
  addToken(tokenId: string, acl: Record<string, string[]>, secretGiven?: string): string {
    const { state } = this.#cluster;
    const [userid = '', tokenid = ''] = tokenId.split('!');
    if (!/@/.test(userid) || tokenid === '') throw new Error(`not a token id (user@realm!name): ${tokenId}`);
    const user = this.#userFor(userid);
    const secret = secretGiven ?? new SeededRandom(`${state.name} ${tokenId}`).uuid();
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
    if (fault === undefined) faults.clear(scope.endpoint);
    else faults.add(fault, scope, clock.now());
    this.#shown = faults.has('certificate') ? 'other' : 'usual';
    for (const [endpoint, listener] of this.#listeners.entries()) {
      listener.serve(this.#shown);
      if (faults.refusesConnections(endpoint)) listener.refuse();
      else listener.accept();
    }
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
    const own = [this.#host, '127.0.0.1', 'localhost', '::1'].includes(host);
    const endpoint = own ? this.#listeners.findIndex((listener) => listener.port === port) : -1;
    if (endpoint >= 0) return this.#peerOn(this.#cluster.at(endpoint).localNode.node);
    const forwarded = this.#forwards.get(`${host}:${port}`);
    if (this.#forwards.has(`${host}:${port}`)) return this.#peerOn(forwarded ?? localNode.node);
    const node = state.nodes.find((entry) => entry.ip === host);
    if (node === undefined) return undefined;
    const ports = [
      8006,
      ...this.#listeners.map((listener) => listener.port),
      ...[...this.#forwards.keys()].map((key) => Number(key.split(':').at(-1))),
    ];
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
