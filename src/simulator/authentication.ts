import type { Cluster } from './cluster.js';
import { PveError } from './pve-error.js';
import type { TokenState, UserState } from './state.js';

export interface Credentials {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

function refused(cluster: Cluster, reason: string): PveError {
  // from 9.1.5 on a server no longer says which part was wrong
  return new PveError(401, cluster.state.version === '9.2' ? 'Authentication failed!' : reason);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function hasTicket({ authorization, cookie }: Credentials): boolean {
  return /(^|;\s*)PVEAuthCookie=/.test(cookie ?? '') || /^PVEAuthCookie[= ]/.test(authorization ?? '');
}

function enabledUser(cluster: Cluster, userid: string): UserState {
  const user = cluster.state.users.find((entry) => entry.userid === userid);
  if (user === undefined) throw refused(cluster, `no such user ('${userid}')`);
  if (!user.enable) throw refused(cluster, `user '${userid}' is disabled`);
  if (user.expire > 0 && user.expire < cluster.now) throw refused(cluster, `user '${userid}' is expired`);
  return user;
}

function validToken(cluster: Cluster, user: UserState, tokenid: string): TokenState {
  const token = user.tokens.find((entry) => entry.tokenid === tokenid);
  if (token === undefined) throw refused(cluster, `no such token '${tokenid}' for user '${user.userid}'`);
  if (token.expire > 0 && token.expire < cluster.now) throw refused(cluster, `token '${tokenid}' access expired`);
  return token;
}

/** The authid of a request, `user@realm!token`; throws the 401 of a real server. */
export function authenticate(cluster: Cluster, credentials: Credentials): string {
  // a ticket beats a good token; none is ever issued here, so each is a stale one
  if (hasTicket(credentials)) throw refused(cluster, 'permission denied - invalid PVE ticket');
  const value = /^PVEAPIToken[= ](.*)$/.exec(credentials.authorization ?? '')?.[1];
  if (value === undefined) throw new PveError(401, 'No ticket');
  const parts = /^([^\s:/!]+@[A-Za-z][A-Za-z0-9.\-_]+)!([A-Za-z][A-Za-z0-9.\-_]+)=(.*)$/.exec(decoded(value.trim()));
  const [, userid = '', tokenid = '', secret = ''] = parts ?? [];
  if (parts === null) throw refused(cluster, 'invalid token value!');
  const token = validToken(cluster, enabledUser(cluster, userid), tokenid);
  if (token.secret !== secret) throw refused(cluster, 'invalid token value!');
  return `${userid}!${tokenid}`;
}
