import { isAtLeast } from '../../pve/node-version.js';
import { type Findings, those } from './finding.js';

/** One row of `/cluster/status`. */
export interface StatusRow {
  readonly type: string;
  readonly name: string;
  readonly quorate?: boolean | undefined;
  readonly online?: boolean | undefined;
  readonly local?: boolean | undefined;
  readonly ip?: string | undefined;
}

export interface ClusterFacts {
  readonly cluster: string;
  /** What it says of itself; absent where that could not be read, with the reason. */
  readonly rows?: readonly StatusRow[];
  readonly unread?: string;
  /** Of the node that takes part. */
  readonly version: string;
  /** The package that moves VMs; absent where it could not be read. */
  readonly qemuServer?: string | undefined;
}

interface Pair {
  readonly source: ClusterFacts;
  readonly target: ClusterFacts;
  /** Whether a VM is to be moved while it runs. */
  readonly live: boolean;
  readonly disks: number;
  /** Whether the one node speaks with the other; a backup goes by a storage. */
  readonly tunnel?: boolean;
}

/** What of the two clusters keeps a guest from going from the one to the other. */
export function clusterStops({ source, target, live, disks, tunnel = true }: Pair): Findings {
  const quorum = [source, target].flatMap(({ cluster, rows }) =>
    rows?.some(({ type, quorate }) => type === 'cluster' && quorate === false) === true
      ? [
          {
            code: 'quorum',
            message: `cluster '${cluster}' has no quorum: it takes no change`,
            fix: 'Bring its nodes back.',
          },
        ]
      : [],
  );
  const unread = [source, target].flatMap(({ cluster, unread: why }) =>
    why === undefined
      ? []
      : [{ code: 'unread', message: `whether cluster '${cluster}' has quorum is not known: ${why}` }],
  );
  const versions = tunnel ? versionFindings(source, target, live, disks) : restoreFindings(source, target);
  return {
    stops: [
      ...those(
        isSame(source.rows, target.rows) && {
          code: 'same_cluster',
          message: `'${source.cluster}' and '${target.cluster}' are the same cluster`,
          fix: 'Use proxmox-migrate-vm or proxmox-migrate-lxc.',
        },
      ),
      ...quorum,
      ...versions.stops,
    ],
    warnings: [...unread, ...versions.warnings],
  };
}

/** Two names of one cluster: the same name and the same nodes at the same addresses. */
function isSame(a: readonly StatusRow[] | undefined, b: readonly StatusRow[] | undefined): boolean {
  const mark = (rows: readonly StatusRow[]) =>
    rows
      .map(({ type, name, ip = '' }) => `${type} ${name} ${ip}`)
      .sort()
      .join();
  return a !== undefined && b !== undefined && a.some(({ ip }) => ip !== undefined) && mark(a) === mark(b);
}

const release = (version: string) => version.split('.').slice(0, 2).join('.');

/** A restore asks nothing of the version, but promises nothing either. */
function restoreFindings(source: ClusterFacts, target: ClusterFacts): Findings {
  return {
    stops: [],
    warnings: those(
      !isAtLeast(target.version, release(source.version)) && {
        code: 'version',
        message: `the target node runs ${target.version}, older than ${source.version} at the source: a backup of a newer release is not promised to restore, and settings that it does not know can keep the guest from starting`,
        fix: 'Keep the source until the guest was seen to start there (no delete_source).',
      },
    ),
  };
}

function versionFindings(source: ClusterFacts, target: ClusterFacts, live: boolean, disks: number): Findings {
  const older = !isAtLeast(target.version, release(source.version));
  const { qemuServer } = source;
  return {
    stops: those(
      // Both ends of a move from another cluster came with 7.3.
      !isAtLeast(target.version, '7.3') && {
        code: 'version',
        message: `the target node runs ${target.version}, which takes no guest from another cluster; 7.3 does`,
        fix: 'Upgrade the target, choose a newer node, or go by backup and restore (via: backup).',
      },
      !isAtLeast(source.version, '7.3') && {
        code: 'version',
        message: `the source node runs ${source.version}, which cannot move a guest to another cluster; 7.3 can`,
        fix: 'Upgrade the source, or go by backup and restore (via: backup).',
      },
      // The taint checks of Perl stopped it, but for the command line (qemu-server, git ea4c1ccb).
      live &&
        qemuServer !== undefined &&
        !isAtLeast(qemuServer, '8.2.5') && {
          code: 'version_online',
          message: `qemu-server ${qemuServer} at the source cannot move a running VM by the API; 8.2.5 can`,
          fix: 'Upgrade the source node, or shut the VM down and set online: false.',
        },
    ),
    warnings: those(
      older && {
        code: 'version',
        message: `the target node runs ${target.version}, older than ${source.version} at the source: it may say that its tunnel is too old, which it does before anything is copied, or not know a setting or the machine of the guest`,
        fix: 'If it is refused, upgrade the target, choose a newer node, or go by backup and restore (via: backup).',
      },
      !older &&
        !isAtLeast(target.version, source.version) && {
          code: 'version',
          message: `the target node runs ${target.version}, a little older than ${source.version} at the source`,
        },
      live &&
        qemuServer === undefined &&
        !isAtLeast(source.version, '8.3') && {
          code: 'version_online',
          message: `a running VM can be moved from qemu-server 8.2.5 on; which the source has could not be read`,
        },
      disks > 8 &&
        (qemuServer === undefined || !isAtLeast(qemuServer, '9.0.23')) && {
          code: 'many_disks',
          message: `with ${disks} disks the source may give up after 10 s; from qemu-server 9.0.23 on it waits 120 s`,
        },
    ),
  };
}
