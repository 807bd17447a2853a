import { Permissions } from './permissions.js';
import type { ClusterState } from './state.js';

/** Who makes a call. */
export interface Caller {
  /** `user@realm` or `user@realm!token`; empty where nobody had to log in. */
  readonly authid: string;
  readonly user: string;
  readonly tokenid: string | undefined;
  readonly permissions: Permissions;
}

export function callerOf(state: ClusterState, authid: string): Caller {
  const [user = '', tokenid] = authid.split('!');
  return { authid, user, tokenid, permissions: new Permissions(state, authid) };
}
