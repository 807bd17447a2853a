import { privilegesOf } from './roles.js';
import type { AclEntry, ClusterState } from './state.js';

/** Privilege -> granted with propagation. */
export type Grants = ReadonlyMap<string, boolean>;

const nothing: Grants = new Map();

function rolesAt(entries: readonly AclEntry[], final: boolean): Map<string, boolean> | undefined {
  const effective = entries.filter((entry) => final || entry.propagate);
  if (effective.length === 0) return undefined;
  return new Map(effective.map((entry) => [entry.roleid, entry.propagate]));
}

/** `/a/b` -> `/`, `/a`, `/a/b` */
function pathsTo(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return ['/', ...parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`)];
}

/** What one user or token may do; made for one request, so that a changed ACL counts at the next. */
export class Permissions {
  readonly #state: ClusterState;
  readonly #authid: string;
  readonly #user: string;
  readonly #acl = new Map<string, AclEntry[]>();
  readonly #known = new Map<string, Grants>();
  readonly #groups: ReadonlySet<string>;
  readonly #privsep: boolean;
  readonly #owner: Permissions | undefined;

  constructor(state: ClusterState, authid: string) {
    this.#state = state;
    this.#authid = authid;
    const [user = '', tokenid] = authid.split('!');
    this.#user = user;
    this.#groups = new Set(state.groups.filter((group) => group.users.includes(user)).map((group) => group.groupid));
    const token = state.users.find((entry) => entry.userid === user)?.tokens.find((entry) => entry.tokenid === tokenid);
    this.#privsep = token?.privsep ?? true;
    this.#owner = tokenid === undefined ? undefined : new Permissions(state, user);
    for (const entry of state.acl) {
      const list = this.#acl.get(entry.path);
      if (list === undefined) this.#acl.set(entry.path, [entry]);
      else list.push(entry);
    }
  }

  /** The privileges on a path, with inheritance, pools and the token's separation resolved. */
  on(path: string): Grants {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const grants = this.#grantsOn(path);
    this.#known.set(path, grants);
    return grants;
  }

  has(path: string, privilege: string): boolean {
    return this.on(path).has(privilege);
  }

  hasAny(path: string, privileges: readonly string[]): boolean {
    const grants = this.on(path);
    return privileges.some((privilege) => grants.has(privilege));
  }

  hasAll(path: string, privileges: readonly string[]): boolean {
    const grants = this.on(path);
    return privileges.every((privilege) => grants.has(privilege));
  }

  /** The groups of a user; undefined where there is no such user. */
  groupsOf(userid: string): string[] | undefined {
    if (!this.#state.users.some((user) => user.userid === userid)) return undefined;
    return this.#state.groups.filter((group) => group.users.includes(userid)).map((group) => group.groupid);
  }

  #grantsOn(path: string): Grants {
    if (this.#owner === undefined) return this.#ownGrants(path);
    const ofUser = this.#owner.on(path);
    if (!this.#privsep) return ofUser;
    const grants = new Map<string, boolean>();
    for (const [privilege, propagate] of this.#ownGrants(path)) {
      const userPropagates = ofUser.get(privilege);
      if (userPropagates !== undefined) grants.set(privilege, propagate && userPropagates);
    }
    return grants;
  }

  #ownGrants(path: string): Grants {
    const roles = this.#authid === 'root@pam' ? new Map([['Administrator', true]]) : this.#roles(path);
    if (roles.has('NoAccess')) return nothing;
    const grants = new Map<string, boolean>();
    for (const [roleid, propagate] of [...roles, ...this.#poolRoles(path)]) {
      for (const privilege of privilegesOf(this.#state, roleid)) {
        grants.set(privilege, propagate || grants.get(privilege) === true);
      }
    }
    return grants;
  }

  /** An entry deeper in the tree replaces what was inherited; one for the user replaces those of his groups. */
  #roles(path: string): Map<string, boolean> {
    let roles = new Map<string, boolean>();
    for (const step of pathsTo(path)) {
      const entries = this.#acl.get(step);
      if (entries === undefined) continue;
      roles = this.#rolesOfStep(entries, step === path) ?? roles;
    }
    return roles;
  }

  #rolesOfStep(entries: readonly AclEntry[], final: boolean): Map<string, boolean> | undefined {
    if (this.#owner !== undefined) {
      return rolesAt(
        entries.filter((entry) => entry.type === 'token' && entry.ugid === this.#authid),
        final,
      );
    }
    return (
      rolesAt(
        entries.filter((entry) => entry.type === 'user' && entry.ugid === this.#user),
        final,
      ) ??
      rolesAt(
        entries.filter((entry) => entry.type === 'group' && this.#groups.has(entry.ugid)),
        final,
      )
    );
  }

  #poolRoles(path: string): Map<string, boolean> {
    const vmid = /^\/vms\/(\d+)$/.exec(path)?.[1];
    const storage = /^\/storage\/([^/]+)$/.exec(path)?.[1];
    const roles = new Map<string, boolean>();
    if (vmid === undefined && storage === undefined) return roles;
    for (const pool of this.#state.pools) {
      const inside = vmid === undefined ? pool.storages.includes(storage ?? '') : pool.vmids.includes(Number(vmid));
      if (!inside) continue;
      for (const roleid of this.#roles(`/pool/${pool.poolid}`).keys()) roles.set(roleid, true);
    }
    return roles;
  }
}
