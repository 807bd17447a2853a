import {
  AmbiguousClusterSelectionError,
  AmbiguousGuestError,
  ClusterConfigurationError,
  ClusterConnectionError,
  ClusterError,
  ClusterNotFoundError,
  type GuestLocation,
  type GuestName,
  GuestNotFoundError,
  PlaceNotFoundError,
  TaskNotFoundError,
  UnnamedPrivilegeError,
} from '../clusters/errors.js';
import { ConfigurationError } from '../config/configuration-error.js';
import { BadAnswerError, ConnectionError, PathValueError, TaskUnseenError, UploadSourceError } from '../pve/errors.js';
import type { ErrorText } from '../tools/error-text.js';
import { InvalidInput } from '../tools/invalid-input.js';
import { Refused } from '../tools/refused.js';
import { AuditError } from './audit/audit-error.js';
import { describePolicyError } from './describe-policy-error.js';
import { describeRequestError, says } from './describe-request-error.js';
import { InvalidArgumentsError } from './input.js';
import { describeNotConfirmed, NotConfirmedError } from './not-confirmed.js';
import { BusyError, several } from './places.js';
import { StepError } from './run-write.js';
import { SecretLostError } from './secret-files.js';
import { ToolPolicyError } from './tool-policy.js';
import { PartialWriteError } from './write-gate.js';

/** What describing an error needs to know of the clusters. */
export type TokenIdOf = (cluster: string) => string | undefined;

/** The one place where an error becomes text: a code, a sentence, what to do next, and its facts as data. */
export function describeError(error: unknown, tokenIdOf: TokenIdOf = () => undefined): ErrorText {
  if (error instanceof PartialWriteError && error.cause instanceof SecretLostError)
    return { ...describeLostSecret(error.cause), done: error.done };
  if (error instanceof PartialWriteError) {
    const { code, message, next, ...facts } = describeError(error.cause, tokenIdOf);
    return {
      code,
      message: `${message.replace('; nothing was sent.', '.')} This stopped half way: what is listed in 'done' was sent and accepted, and stays.`,
      next,
      ...facts,
      done: error.done,
      ...(error.left === undefined ? {} : { left: error.left }),
      ...(error.undo.length > 0 ? { undo: error.undo } : {}),
    };
  }
  if (error instanceof ClusterConnectionError) {
    const { fallback, cause } = error;
    return { ...describeRequestError(cause, tokenIdOf), ...(fallback === undefined ? {} : { fallback }) };
  }
  if (error instanceof ConnectionError || error instanceof BadAnswerError)
    return describeRequestError(error, tokenIdOf);
  if (error instanceof ClusterError) return describeClusterError(error);
  if (error instanceof InvalidArgumentsError || error instanceof InvalidInput)
    return {
      code: 'INVALID_ARGUMENTS',
      message: 'The arguments are not right; nothing was sent.',
      next: 'Correct what is listed and call again.',
      arguments: error.faults,
    };
  const unsent = describeUnsent(error);
  if (unsent !== undefined) return unsent;
  if (error instanceof ConfigurationError)
    return {
      code: 'NOT_CONFIGURED',
      message: 'Nothing can be done: the configuration of this server is not right.',
      next: 'Tell the user what is listed; `proxmox-mcp doctor` in a terminal shows the same.',
      faults: error.faults,
    };
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError'))
    return {
      code: 'CANCELLED',
      message: 'The call was cancelled; a task that Proxmox had begun goes on.',
      next: 'Look at it with proxmox-list-tasks.',
    };
  return describeRequestError(error, tokenIdOf);
}

function describeStep({ upid, outcome, seconds }: StepError): ErrorText {
  const { state, exitstatus, log } = outcome;
  return state === 'running'
    ? {
        code: 'STILL_RUNNING',
        message: `The task of a step was still running when the ${seconds} s of this call were over, and goes on; the steps after it were not sent.`,
        next: 'Wait for it with proxmox-wait-task, then do what is left; a longer timeout does all in one call.',
        upid,
        log,
      }
    : {
        code: 'TASK_FAILED',
        message: 'The task of a step did not end well; the steps after it were not sent.',
        next: 'See what its log says, and take back or go on with what was done.',
        upid,
        exitstatus,
        log,
      };
}

const describeBusy = ({ where, underWay, most, isWait }: BusyError): ErrorText => ({
  code: 'BUSY',
  message: `${busyPlace(where)} has ${underWay} ${
    isWait ? 'calls that change something or wait' : 'calls'
  } under way, and takes no more; nothing was sent.`,
  next: `Let some of them end, or cancel them, then call again.${isWait ? ' Reads go through meanwhile.' : ''}${
    where === undefined ? '' : ' Other clusters are not affected.'
  }`,
  under_way: underWay,
  most,
});

const busyPlace = (where: string | undefined) =>
  where === undefined ? 'This server' : where === several ? 'Work over several clusters' : `Cluster '${where}'`;

const describeLostSecret = ({ reason, undone }: SecretLostError): ErrorText => ({
  code: 'SECRET_NOT_KEPT',
  message: `The new secret could not be written to its file (${reason}) and is lost; ${
    undone ? 'what it belongs to was deleted again.' : 'what it belongs to could NOT be deleted again.'
  }`,
  next: `${undone ? '' : "Delete what is listed in 'done'. "}Tell the user to look at PROXMOX_SECRET_DIR, then call again.`,
  deleted_again: undone,
});

const auditReasons: Readonly<Record<string, string>> = {
  NOT_A_FILE: 'it is no plain file',
  NOT_AN_AUDIT: 'its last lines are no audit',
  LOCKED: "another process does not give it back; if there is none, the file of this name with '.lock' can be deleted",
};

const describeUnwritten = ({ file, reason }: AuditError): ErrorText => ({
  code: 'AUDIT_UNWRITABLE',
  message: `What is changed must be written down first, and cannot be (${auditReasons[reason] ?? reason}); nothing was sent.`,
  next: 'Tell the user: PROXMOX_AUDIT_FILE must be mended, then call again. Only PROXMOX_AUDIT_REQUIRED=false does without.',
  variable: 'PROXMOX_AUDIT_FILE',
  file,
  reason,
});

/** What stopped before anything was sent, or was never seen. */
function describeUnsent(error: unknown): ErrorText | undefined {
  if (error instanceof Refused)
    return { code: 'REFUSED', message: `${error.message}; nothing was sent.`, next: error.next, ...error.facts };
  if (error instanceof NotConfirmedError) return describeNotConfirmed(error);
  if (error instanceof AuditError) return describeUnwritten(error);
  if (error instanceof BusyError) return describeBusy(error);
  if (error instanceof StepError) return describeStep(error);
  if (error instanceof TaskUnseenError)
    return {
      code: 'TASK_NOT_SEEN',
      message: `The status of the task could not be read within ${error.seconds} s: whether it runs is not known.`,
      next: 'Look at its cluster with proxmox-cluster-health, then wait again.',
      upid: error.upid,
    };
  if (error instanceof UploadSourceError)
    return {
      code: 'FILE_UNREADABLE',
      message: `The file could not be sent to its end: ${error.reason}. Proxmox keeps nothing of it.`,
      next: 'Make sure that nothing else changes the file, and call again.',
    };
  if (error instanceof PathValueError)
    return {
      code: 'INVALID_ARGUMENTS',
      message: `'${error.parameter}' cannot be used: ${error.reason}; nothing was sent.`,
      next: `Give another '${error.parameter}'.`,
    };
  return undefined;
}

function describeClusterError(error: ClusterError): ErrorText {
  if (error instanceof ToolPolicyError) return describePolicyError(error);
  if (error instanceof ClusterNotFoundError)
    return {
      code: 'CLUSTER_NOT_FOUND',
      message: `No cluster has the name that was given; nothing was sent.`,
      next: error.nearest === undefined ? 'Use one of the known names.' : `Did you mean '${error.nearest}'?`,
      asked: error.cluster,
      known: error.known,
    };
  if (error instanceof AmbiguousClusterSelectionError)
    return {
      code: 'AMBIGUOUS_CLUSTER',
      message: `It is not certain which cluster is meant: ${error.message}.`,
      next: `Call again with 'cluster' set.`,
      candidates: error.candidates,
      ...(error.unasked.length > 0 ? { not_asked: error.unasked } : {}),
    };
  if (error instanceof GuestNotFoundError) return describeMissingGuest(error);
  if (error instanceof UnnamedPrivilegeError) {
    const message = `The token of cluster '${error.cluster}' may not do this. Needed: ${error.needs.join(', ')}.`;
    return { ...describeRequestError(error.cause, () => undefined), message };
  }
  if (error instanceof AmbiguousGuestError)
    return {
      code: 'AMBIGUOUS_GUEST',
      message: `More than one guest of cluster '${error.cluster}' has that name.`,
      next: `Call again with 'vmid'.`,
      found: error.found,
    };
  return describeInCluster(error);
}

function describeInCluster(error: ClusterError): ErrorText {
  if (error instanceof PlaceNotFoundError) return describeMissingPlace(error);
  if (error instanceof TaskNotFoundError)
    return {
      code: 'TASK_NOT_FOUND',
      message: `Cluster '${error.cluster}', which was chosen by default, does not know this task.`,
      next: "A UPID does not name its cluster: call again with the 'cluster' that stood beside it.",
      proxmox_says: says(error.cause.reason),
    };
  if (error instanceof ClusterConfigurationError)
    return {
      code: 'CA_FILE_UNREADABLE',
      message: `The CA file of cluster '${error.cluster}' cannot be read; nothing was sent.`,
      next: 'Tell the user to correct ..._CA_FILE.',
      cluster: error.cluster,
      file: error.file,
      reason: error.code,
    };
  return {
    code: 'CLUSTER_ERROR',
    message: `${error.message}.`,
    next: 'Correct the arguments and call again.',
    cluster: error.cluster,
  };
}

const kindNames = { vm: 'VM', lxc: 'container', guest: 'guest' } as const;

function describeMissingGuest(error: GuestNotFoundError): ErrorText {
  const kind = kindNames[error.kind];
  const missing =
    error.cluster === 'auto'
      ? `No cluster that answered has such a ${kind}`
      : `Cluster '${error.cluster}' has no such ${kind}`;
  return {
    code: 'GUEST_NOT_FOUND',
    message: `${missing}, or the token may not see it.`,
    next: whereNext(error),
    asked: { ...error.guest },
    ...(error.found.length > 0 ? { found: error.found } : {}),
    ...(error.unasked.length > 0 ? { not_asked: error.unasked } : {}),
  };
}

function whereNext({ cluster, kind, guest, found }: GuestNotFoundError): string {
  const meant = found.filter(
    ({ vmid, name }) =>
      (guest.vmid === undefined || vmid === guest.vmid) && (guest.name === undefined || name === guest.name),
  );
  const [first] = meant.toSorted((a, b) => Number(b.cluster === cluster) - Number(a.cluster === cluster));
  if (first === undefined)
    return found.length > 0
      ? mixedUp(guest, found)
      : guest.name === undefined
        ? 'Look for it with proxmox-find-guest.'
        : 'Look for it with proxmox-find-guest. One that was made just now is known by its VMID at once, by its name after some seconds.';
  const there = first.cluster === cluster ? '' : ` with cluster '${first.cluster}'`;
  const is = first.type === 'qemu' ? 'vm' : 'lxc';
  if (kind !== 'guest' && kind !== is)
    return `It is a ${kindNames[is]}: use the tool that ends in or speaks of ${is}${there}, such as proxmox-${is}-info.`;
  return `Call again${there} if that is the one meant.`;
}

/** No guest has both the VMID and the name. */
function mixedUp(guest: GuestName, found: readonly GuestLocation[]): string {
  const numbered = found.some(({ vmid }) => vmid === guest.vmid);
  return numbered && found.some(({ vmid }) => vmid !== guest.vmid)
    ? "'vmid' and 'name' are those of different guests: give one of them, and 'cluster'."
    : `Only the ${numbered ? 'VMID' : 'name'} is that of a guest: correct the other or leave it out, and give 'cluster'.`;
}

function describeMissingPlace({ argument, asked, cluster, known }: PlaceNotFoundError): ErrorText {
  const code = argument === 'node' ? 'NODE_NOT_FOUND' : 'STORAGE_NOT_FOUND';
  const none = known.length === 0;
  const message =
    asked !== undefined
      ? `Cluster '${cluster}' has no such ${argument} there.`
      : none
        ? `Cluster '${cluster}' shows no ${argument} to this token.`
        : `Cluster '${cluster}' has more than one ${argument}, and none was named.`;
  return {
    code,
    message,
    next: none
      ? 'Tell the user: `proxmox-mcp doctor` lists the privileges that are missing.'
      : `Call again with '${argument}' set to one of the known.`,
    ...(asked === undefined ? {} : { asked }),
    known,
  };
}
