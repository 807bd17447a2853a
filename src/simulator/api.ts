import { type RawParameters, verifyArguments } from './arguments.js';
import { authenticate, type Credentials } from './authentication.js';
import { callerOf } from './caller.js';
import type { Cluster } from './cluster.js';
import { requirePermission } from './permission-check.js';
import { died, PveError, parameterError } from './pve-error.js';
import { errorReply, okReply, plainReply, type Reply } from './reply.js';
import { permissionOf } from './route.js';
import { type RouteMatch, Router } from './router.js';
import { routes } from './routes.js';
import type { PveVersion } from './state.js';
import type { UploadedFile } from './upload.js';

export interface ApiRequest {
  readonly method: string;
  /** Below /api2/json, percent-decoded as a whole before it is split, as a real server does. */
  readonly path: string;
  readonly params: RawParameters;
  readonly credentials: Credentials;
  readonly upload?: UploadedFile | undefined;
}

const hungForSeconds = 30;

const routers: Readonly<Record<PveVersion, Router>> = {
  '8.4': new Router(routes, '8.4'),
  '9.2': new Router(routes, '9.2'),
};

/** Answers as a cluster does, below the level of connections. */
export function answer(cluster: Cluster, request: ApiRequest): Reply {
  cluster.settle();
  try {
    return authenticated(cluster, request);
  } catch (error) {
    if (error instanceof PveError) return errorReply(error);
    throw error;
  }
}

function merged(sent: RawParameters, inPath: ReadonlyMap<string, string>): RawParameters {
  const all = new Map(sent);
  // `_dc` is what browsers add against caches; the one unknown parameter that is ignored
  all.delete('_dc');
  for (const [name, value] of inPath) {
    const given = all.get(name);
    if (given?.some((one) => one !== value)) {
      throw parameterError({ [name]: 'duplicate parameter (already defined in URI) with conflicting values!' });
    }
    all.set(name, [value]);
  }
  return all;
}

function authenticated(cluster: Cluster, request: ApiRequest): Reply {
  const segments = request.path.split('/').filter((part) => part !== '');
  const match = routers[cluster.state.version].match(request.method, segments);
  const open = match !== undefined && permissionOf(match.route, cluster.state.version) === 'world';
  const authid = open ? '' : authenticate(cluster, request.credentials);
  if (match === undefined) {
    throw new PveError(501, `Method '${request.method} /${segments.join('/')}' not implemented`);
  }
  const caller = callerOf(cluster.state, authid);
  const params = merged(request.params, match.inPath);
  requirePermission(permissionOf(match.route, cluster.state.version), caller, params);
  const forwarded = forwarding(cluster, request, match);
  if (forwarded === 'unreachable') return plainReply(595, 'No route to host');
  const run = () => {
    const verified = verifyArguments(match.route.params, params, cluster.state.version);
    if (request.method !== 'GET' && !cluster.quorate) throw died('cluster not ready - no quorum?');
    const data = match.route.handler({ cluster, caller, params: verified, upload: request.upload });
    if (request.method !== 'GET' && typeof data === 'string') meetFault(cluster, request.path, data);
    return okReply(data);
  };
  if (forwarded === undefined) return run();
  attempt(run);
  return { ...plainReply(596, 'Connection timed out'), heldFor: hungForSeconds };
}

/** Where it is set that the task fails, or does not end, which has just been started. */
function meetFault(cluster: Cluster, path: string, upid: string): void {
  const task = cluster.state.tasks.find((one) => one.upid === upid);
  const fault = task && cluster.faults.takeOfTask(path, task.node);
  if (task === undefined || fault === undefined) return;
  if (fault.kind === 'stuck') cluster.tasks.stick(task);
  else cluster.tasks.fail(task, fault.exitstatus);
}

/** What a hung node is asked to do is done; only the answer is lost. */
function attempt(run: () => Reply): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PveError)) throw error;
  }
}

function forwarding(cluster: Cluster, request: ApiRequest, match: RouteMatch): 'unreachable' | 'hung' | undefined {
  const name = match.inPath.get('node');
  if (name === undefined || match.route.proxied === false) return undefined;
  // a name that is no node name is left to the verification of parameters
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(name)) return undefined;
  const node = cluster.node(name);
  return cluster.faults.takeOfNode(node.node, request.path) ?? (node.online ? undefined : 'unreachable');
}
