import { ClusterConnectionError, TaskNotFoundError, UnnamedPrivilegeError } from '../clusters/errors.js';
import type { Via } from '../clusters/route.js';
import { ApiError, ConnectionError, ForbiddenError, UnpreparedError } from '../pve/errors.js';
import type { Tool } from '../tools/define.js';

/** What a failed request means for the call that made it. */
export function failureOn(cluster: string, call: { readonly tool: Tool; readonly via: Via }, error: unknown): unknown {
  const { tool, via } = call;
  if (error instanceof UnpreparedError) return error.cause;
  if (error instanceof ConnectionError) return new ClusterConnectionError(error);
  if (tool.scope === 'task' && via === 'default' && error instanceof ApiError)
    return new TaskNotFoundError(cluster, error);
  // Some checks of Proxmox do not say what they looked for.
  if (error instanceof ForbiddenError && error.aclPath === undefined && tool.privileges.length > 0)
    return new UnnamedPrivilegeError(error, tool.privileges);
  return error;
}
