import type { Arguments } from './arguments.js';
import type { Caller } from './caller.js';
import type { Cluster } from './cluster.js';
import type { Json } from './json.js';
import type { ParameterSpecs } from './parameters.js';
import type { PveVersion } from './state.js';
import type { UploadedFile } from './upload.js';

/** As in the API's own `permissions`: a path with placeholders and privileges, of which all or any are needed. */
export type PermissionCheck =
  | {
      readonly path: string;
      readonly privileges: readonly string[];
      readonly any?: boolean;
      /** Fails where this parameter is not given. */
      readonly requireParam?: string;
    }
  | { readonly modify: string }
  /** The caller himself, or who may allocate users in the realm of `userid`. */
  | { readonly userid: string }
  /** Privileges on a group that the user in `userid` is in; `groupsParam`: on those named in `groups` too. */
  | { readonly ofGroups: readonly string[]; readonly groupsParam?: 'create' | 'update' }
  | { readonly allOf: readonly PermissionCheck[] }
  | { readonly anyOf: readonly PermissionCheck[] };

/** `all`: any authenticated user, `world`: nobody has to log in, `root`: root@pam himself only. */
export type Permission = 'all' | 'world' | 'root' | PermissionCheck;

export interface Call {
  readonly cluster: Cluster;
  readonly caller: Caller;
  readonly params: Arguments;
  /** The file of an upload. */
  readonly upload?: UploadedFile | undefined;
}

/** A reply with keys beside `data`. */
export class Envelope {
  readonly data: Json;
  readonly beside: { readonly total?: number; readonly changes?: string };

  constructor(data: Json, beside: { readonly total?: number; readonly changes?: string }) {
    this.data = data;
    this.beside = beside;
  }
}

export interface Route {
  /** `GET /nodes/{node}/status` */
  readonly route: string;
  readonly params: ParameterSpecs;
  readonly permission: Permission | Readonly<Record<PveVersion, Permission>>;
  /** False where every node answers for the node in the path (RRD files are on all of them). */
  readonly proxied?: boolean;
  readonly since?: PveVersion;
  readonly until?: PveVersion;
  readonly handler: (call: Call) => Json | Envelope;
}

export function permissionOf(route: Route, version: PveVersion): Permission {
  const { permission } = route;
  return typeof permission === 'object' && '8.4' in permission ? permission[version] : permission;
}

export function existsIn(route: Route, version: PveVersion): boolean {
  if (route.since !== undefined && version < route.since) return false;
  return route.until === undefined || version <= route.until;
}
