import type { Fault, MigrationStage, SimulatedCluster } from '../../src/simulator/listen.js';

/** A request of a call, as it left. */
export interface Leaving {
  readonly cluster: string;
  readonly method: string;
  /** Below /api2/json, without its query. */
  readonly path: string;
  /** Whether its answer named a task. */
  readonly startsTask: boolean;
}

/** Something that can happen to a request. */
export interface FaultKind {
  readonly name: string;
  readonly fits: (request: Leaving) => boolean;
  /** Whether a request that met it may go out again. */
  readonly mayRepeat?: true;
  /** Whether it lasts until it is lifted, and not for the one request. */
  readonly lasts?: true;
  /** Whether it shows only where connections are TLS. */
  readonly needsTls?: true;
  /** Whether it holds a request back, so that somebody has to let time pass. */
  readonly holds?: true;
  /** Whether it is the node of the request that has it. */
  readonly ofNode?: true;
  readonly fault: Fault;
}

const any = () => true;
const nodeOf = (path: string) => /^\/nodes\/([^/]+)/.exec(path)?.[1];
const hasNode = ({ path }: Leaving) => nodeOf(path) !== undefined;
const isWrite = ({ method }: Leaving) => method !== 'GET';
const status = (code: number, reason: string): Pick<FaultKind, 'fault'> => ({
  fault: { kind: 'status', status: code, reason },
});
const ranWith = (code: number, reason: string): FaultKind => ({
  name: `${code} though it ran`,
  fits: isWrite,
  fault: { kind: 'status', status: code, reason, ran: true },
});

const forms = ['html', 'truncated', 'foreign'] as const;
const stages: readonly MigrationStage[] = ['copy', 'config', 'connection', 'source', 'memory', 'resume', 'unlock'];

/** Every fault that the simulator can set, as it can meet one request. */
export const faultKinds: readonly FaultKind[] = [
  { name: '401', fits: any, ...status(401, 'authentication failure') },
  { name: '403', fits: any, ...status(403, 'Permission check failed (/, Sys.Modify)') },
  { name: '500', fits: any, ...status(500, 'got timeout') },
  { name: '500 locked', fits: isWrite, ...status(500, 'VM is locked (backup)') },
  {
    name: '500 file lock',
    fits: isWrite,
    ...status(500, "can't lock file '/var/lock/qemu-server/lock.conf' - got timeout"),
  },
  { name: '501', fits: any, ...status(501, 'Method not implemented') },
  { name: '502', fits: any, ...status(502, 'Bad Gateway') },
  { name: '503', fits: any, ...status(503, 'Service Unavailable') },
  { name: '595', fits: any, mayRepeat: true, ...status(595, 'No route to host') },
  { name: '596', fits: any, ...status(596, 'Connection timed out') },
  { name: '597', fits: any, ...status(597, 'Broken pipe') },
  { name: '599', fits: any, ...status(599, 'Too many redirections') },
  ranWith(502, 'Bad Gateway'),
  ranWith(596, 'Connection timed out'),
  ranWith(597, 'Broken pipe'),
  ranWith(599, 'Too many redirections'),
  { name: 'reset before', fits: any, fault: { kind: 'unreachable' } },
  { name: 'reset within the reply', fits: any, fault: { kind: 'reset' } },
  { name: 'reply lost', fits: any, fault: { kind: 'lost' } },
  { name: 'hangs', fits: any, holds: true, fault: { kind: 'hung' } },
  { name: 'hangs though it ran', fits: isWrite, holds: true, fault: { kind: 'late' } },
  { name: 'slow', fits: any, fault: { kind: 'slow', ms: 5 } },
  ...forms.map((form): FaultKind => ({ name: `garbage ${form}`, fits: any, fault: { kind: 'garbage', form } })),
  ...forms.map(
    (form): FaultKind => ({
      name: `garbage ${form} though it ran`,
      fits: isWrite,
      fault: { kind: 'garbage', form, ran: true },
    }),
  ),
  { name: 'redirect', fits: any, fault: { kind: 'redirect', location: 'https://127.0.0.1:1/api2/json/version' } },
  { name: 'cluster down', fits: any, mayRepeat: true, lasts: true, fault: { kind: 'unreachable' } },
  { name: 'node down', fits: hasNode, mayRepeat: true, lasts: true, ofNode: true, fault: { kind: 'unreachable' } },
  { name: 'node hangs', fits: hasNode, lasts: true, ofNode: true, holds: true, fault: { kind: 'hung' } },
  { name: 'no quorum', fits: isWrite, lasts: true, fault: { kind: 'no-quorum' } },
  {
    name: 'other certificate',
    fits: any,
    mayRepeat: true,
    lasts: true,
    needsTls: true,
    fault: { kind: 'certificate' },
  },
  {
    name: 'task fails',
    fits: ({ startsTask }) => startsTask,
    fault: { kind: 'task', exitstatus: 'unable to do it: the disk is broken' },
  },
  { name: 'task hangs', fits: ({ startsTask }) => startsTask, fault: { kind: 'stuck' } },
  ...stages.map(
    (at): FaultKind => ({
      name: `migration fails: ${at}`,
      fits: ({ path }) => path.endsWith('/remote_migrate'),
      fault: { kind: 'migration', at },
    }),
  ),
];

export const literally = (path: string) => new RegExp(`^${path.replace(/[\\^$.+?()[\]{}|*]/g, '\\$&')}$`);

/** Sets the fault for the very request that is about to leave. */
export function setFaultFor(cluster: SimulatedCluster, { method, path }: Leaving, kind: FaultKind): void {
  const node = nodeOf(path);
  if (kind.ofNode && node !== undefined) cluster.setFault(kind.fault, { node });
  else if (kind.lasts) cluster.setFault(kind.fault);
  else if (kind.fault.kind === 'migration') cluster.setFault(kind.fault, { times: 1 });
  else cluster.setFault(kind.fault, { method, path: literally(path), times: 1 });
}
