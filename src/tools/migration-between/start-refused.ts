import { ApiError, BadAnswerError, ForbiddenError, ParameterError, type RequestError } from '../../pve/errors.js';
import { isLostReply, OutcomeUnknownError } from '../../pve/lost-reply.js';

/** Whether the source may have begun: no answer came, and looking for its task did not tell. */
export const mayHaveBegun = (error: RequestError): boolean =>
  error instanceof OutcomeUnknownError || error instanceof BadAnswerError || isLostReply(error);

interface Ends {
  readonly cluster: string;
  readonly targetCluster: string;
  readonly address: string;
}

/** Why the source did not begin: it tries the target before it answers, and tells what that said. */
export function startRefusal(error: RequestError, { cluster, targetCluster, address }: Ends) {
  const said = error instanceof ApiError ? error.reason : undefined;
  const remote = remoteVariable(targetCluster);
  const cause = said === undefined ? undefined : causes.find(({ pattern }) => pattern.test(said));
  const own = error instanceof ParameterError || error instanceof ForbiddenError;
  const why =
    said === undefined || own || cause === undefined
      ? `'${cluster}' refused it`
      : `'${cluster}' ${cause.says.replace('ADDRESS', address).replace('TARGET', `'${targetCluster}'`)}`;
  return {
    summary: `The move did not begin: ${why}. The guest is untouched.`,
    ...(said === undefined ? {} : { proxmox_says: said }),
    ...(error instanceof ParameterError ? { parameters: error.parameters } : {}),
    todo: [
      cause === undefined || own
        ? 'Correct what proxmox_says names, and call again.'
        : cause.todo.replace('REMOTE', remote).replace('ADDRESS', address),
    ],
  };
}

const remoteVariable = (cluster: string) => `PROXMOX_CLUSTER_${cluster.replaceAll('-', '_')}_REMOTE_HOST`;

const causes = [
  {
    pattern: /certificate|fingerprint|SSL/i,
    says: 'does not accept the certificate that ADDRESS shows',
    todo: 'What answers at that address is another host than the target node, or its certificate was changed: set REMOTE to the address of the node itself.',
  },
  {
    pattern:
      /can't connect|connection refused|no route|connection timed out|read timeout|service not known|unreachable|reset by peer/i,
    says: 'cannot reach ADDRESS',
    todo: 'Open the way from the source node to that address, or set REMOTE to one that it can reach.',
  },
  {
    pattern: /\b401\b|authentication|invalid token|no ticket/i,
    says: 'reached TARGET, which refused the token',
    todo: 'Check that the token is valid there and has not expired, and that ADDRESS is a node of that cluster: see REMOTE.',
  },
  {
    pattern: /\b403\b|permission check failed/i,
    says: 'reached TARGET, where the token lacks a privilege',
    todo: 'Grant what proxmox_says names, and call again.',
  },
] as const;
