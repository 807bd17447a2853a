import {
  AnswerTimeoutError,
  ApiError,
  BadAnswerError,
  BreakerOpenError,
  CertificateError,
  ConnectionError,
  ForbiddenError,
  NodeTimeoutError,
  NodeUnreachableError,
  NotImplementedError,
  ParameterError,
  type RequestError,
  StaleProxyError,
  UnauthorizedError,
} from '../pve/errors.js';
import { OutcomeUnknownError } from '../pve/lost-reply.js';
import { PolicyError } from '../pve/policy/policy-error.js';
import { grantCommand, mildest } from '../pve/privileges.js';
import { oneLine, toWord } from '../pve/quoted.js';
import type { ErrorText } from '../tools/error-text.js';
import { describePolicyError } from './describe-policy-error.js';

/** Text for what went wrong between here and a cluster; anything unforeseen is said to be so, without its words. */
export function describeRequestError(error: unknown, tokenIdOf: (cluster: string) => string | undefined): ErrorText {
  if (error instanceof PolicyError) return describePolicyError(error);
  if (error instanceof OutcomeUnknownError) return describeLost(error);
  if (error instanceof ConnectionError) return describeConnection(error);
  if (error instanceof ApiError) return describeStatus(error, tokenIdOf);
  if (error instanceof BadAnswerError)
    return {
      code: 'BAD_ANSWER',
      message: `What answered for cluster '${error.cluster}' did not answer as Proxmox VE does: ${error.reason}.`,
      next: 'Check that the API URL is that of a Proxmox VE node and not of something in front of it.',
      cluster: error.cluster,
      request: `${error.method} ${error.path}`,
    };
  return {
    code: 'INTERNAL_ERROR',
    message: `An unforeseen error (${error instanceof Error ? error.name : typeof error}); its details are in the log.`,
    next: 'Try another way; if it comes again, report it with the log.',
  };
}

function describeLost({ cause, finding, cluster, method, path }: OutcomeUnknownError): ErrorText {
  return {
    code: 'OUTCOME_UNKNOWN',
    message: `Cluster '${cluster}' was sent this write and ${lostHow(cause)}: whether it was done is not certain, and it was not sent again. ${finding.found}`,
    next: finding.look,
    cluster,
    request: `${method} ${path}`,
    ...finding.facts,
  };
}

function lostHow(cause: RequestError): string {
  if (cause instanceof BadAnswerError) return 'what answered was not Proxmox VE';
  if (cause instanceof AnswerTimeoutError || cause instanceof NodeTimeoutError) return 'gave no answer in time';
  return 'its reply was lost on the way';
}

function describeBreaker(error: BreakerOpenError): ErrorText {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    code: 'CLUSTER_DOWN',
    message: `Cluster '${error.cluster}' has failed again and again; this was not sent.`,
    next: `It is asked again by the first call in ${error.seconds} s; until then all fail at once. proxmox-cluster-health asks it now. Other clusters are not affected.`,
    cluster: error.cluster,
    address: error.address,
    reason: error.code,
    down_since: time(error.since),
    last_failure: time(error.failedAt),
    next_probe: time(error.nextProbe),
  };
}

function describeConnection(error: ConnectionError): ErrorText {
  const facts = { cluster: error.cluster, address: error.address, reason: error.code };
  if (error instanceof CertificateError) return describeCertificate(error);
  if (error instanceof BreakerOpenError) return describeBreaker(error);
  if (error instanceof AnswerTimeoutError)
    return {
      code: 'CLUSTER_TIMEOUT',
      message: `Cluster '${error.cluster}' gave no answer within ${error.seconds} s.`,
      next: 'Try again later, or look at the cluster with proxmox-cluster-health.',
      ...facts,
    };
  return {
    code: 'CLUSTER_UNREACHABLE',
    message: `Cluster '${error.cluster}' cannot be reached.`,
    next: 'Other clusters are not affected. Check that the node is up and that its address is right.',
    ...facts,
  };
}

function describeCertificate(error: CertificateError): ErrorText {
  const pinned = error.code === 'FINGERPRINT_MISMATCH';
  return {
    code: 'CERTIFICATE_REFUSED',
    message: pinned
      ? `Cluster '${error.cluster}' shows another certificate than the pinned one; nothing was sent.`
      : `The certificate of cluster '${error.cluster}' is not trusted; nothing was sent.`,
    next: `If the user confirms that this is the node's certificate (Datacenter, node, Certificates), set ..._FINGERPRINT of cluster '${error.cluster}' to the fingerprint seen.`,
    cluster: error.cluster,
    address: error.address,
    reason: error.code,
    fingerprint_seen: error.fingerprint,
  };
}

function describeStatus(error: ApiError, tokenIdOf: (cluster: string) => string | undefined): ErrorText {
  const facts = {
    cluster: error.cluster,
    request: `${error.method} ${error.path}`,
    status: error.status,
    proxmox_says: says(error.reason),
  };
  if (error instanceof ParameterError)
    return {
      code: 'PARAMETERS_REFUSED',
      message: 'Proxmox refused the parameters.',
      next: 'Correct what is listed and call again.',
      ...facts,
      parameters: parametersOf(error),
    };
  if (error instanceof UnauthorizedError)
    return {
      code: 'TOKEN_REFUSED',
      message: `Cluster '${error.cluster}' does not accept the API token.`,
      next: 'Tell the user to check the token ID, its secret and its expiry; calling again will not help.',
      ...facts,
    };
  if (error instanceof ForbiddenError) return { ...describeForbidden(error, tokenIdOf(error.cluster)), ...facts };
  return { ...describeNode(error), ...facts };
}

/** Words of a cluster stand alone, on one line. */
export const says = (reason: string): string => oneLine(reason, longestReason);

const longestReason = 500;
const mostParameters = 50;

const parametersOf = ({ parameters }: ParameterError) =>
  Object.fromEntries(
    Object.entries(parameters)
      .slice(0, mostParameters)
      .map(([name, reason]) => [toWord(name), says(reason)]),
  );

function describeForbidden(error: ForbiddenError, tokenId: string | undefined): ErrorText {
  const { aclPath, privileges } = error;
  if (aclPath === undefined)
    return {
      code: 'PRIVILEGE_MISSING',
      message: `The token of cluster '${error.cluster}' may not do this.`,
      next: 'Tell the user; `proxmox-mcp doctor` lists the missing privileges.',
    };
  const grant = tokenId === undefined ? undefined : grantCommand(tokenId, aclPath, mildest(privileges));
  return {
    code: 'PRIVILEGE_MISSING',
    message: `The token of cluster '${error.cluster}' lacks ${privileges.join(' or ')} on ${aclPath}.`,
    next:
      grant === undefined
        ? 'Tell the user to grant it.'
        : `Tell the user to grant it, on a node: ${grant} (and to the token's user, where he lacks it too)`,
  };
}

function describeNode(error: ApiError): ErrorText {
  if (error instanceof NotImplementedError)
    return {
      code: 'NOT_SUPPORTED',
      message: `Cluster '${error.cluster}' has no such call; its Proxmox VE may be too old or too new for it.`,
      next: 'Look at its version with proxmox-cluster-status.',
    };
  if (error instanceof NodeUnreachableError)
    return {
      code: 'NODE_UNREACHABLE',
      message: `The node is down or cut off inside cluster '${error.cluster}'; nothing was run.`,
      next: 'Look at the nodes with proxmox-list-nodes.',
    };
  if (error instanceof NodeTimeoutError || error instanceof StaleProxyError)
    return {
      code: 'NODE_TIMEOUT',
      message: `The node did not answer in time inside cluster '${error.cluster}'.`,
      next: 'A read can be repeated; after a write, look at proxmox-list-tasks before repeating it.',
    };
  if (/detected modified configuration|checksum mismatch \(file change/i.test(error.reason))
    return {
      code: 'CHANGED_MEANWHILE',
      message: `Cluster '${error.cluster}' did not do it, as the configuration was changed since it was read here.`,
      next: 'Another call, or a person, was quicker. Look at it again, and call again, one call after the other.',
    };
  return {
    code: 'PROXMOX_ERROR',
    message: `Cluster '${error.cluster}' could not do it.`,
    next: 'proxmox_says tells why.',
  };
}
