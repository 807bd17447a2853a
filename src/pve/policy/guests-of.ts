import { ownersOf } from '../volume-owner.js';
import { type Asked, isSet, requestPattern } from './asked.js';
import { guestsIn, volumeOwners } from './guest-names.js';

/** How requests of a route say which guests they are about. */
interface Naming {
  readonly route: string;
  /** Values of the path, and parameters, that name guests. */
  readonly by: readonly string[];
  /** One that names a guest that is to be made. */
  readonly makes?: string;
  /** Parameters that make it be about more than it names. */
  readonly widenedBy?: readonly string[];
  /** It is about more than what it names, as a rule is that was there before. */
  readonly open?: true;
  /** It goes on by itself, and so is no matter of its guests alone. */
  readonly lasts?: true;
  /** Whom it is about where it names none. */
  readonly otherwise?: 'node' | 'cluster';
  /** Whether it adds a backup or a snapshot, and changes nothing else. */
  readonly adds?: (params: Asked['params']) => boolean;
}

/**
 * Modes but for this one halt the guest, and older backups are deleted unless it is said that they are not. What is left
 * out is taken from the defaults of the node and the storage (vzdump.conf), which may say otherwise.
 */
const addsBackup = ({ mode, remove, 'prune-backups': pruned, stop }: Asked['params']) =>
  mode === 'snapshot' && remove !== undefined && !isSet(remove) && pruned === undefined && !isSet(stop);

/** `stop` ends the backups of others. */
const backupWideners = ['all', 'pool', 'exclude', 'stop'] as const;
const backupJob = { by: ['vmid'], widenedBy: backupWideners, lasts: true, otherwise: 'cluster' } as const;

const guestPath = '/nodes/{node}/{type}/{vmid}';

/** The first that fits decides. A write of any other route is about no guest. */
export const namings: readonly Naming[] = [
  { route: 'POST /nodes/{node}/{type}', by: [], makes: 'vmid' },
  { route: `POST ${guestPath}/clone`, by: ['vmid'], makes: 'newid' },
  { route: `POST ${guestPath}/snapshot`, by: ['vmid'], adds: () => true },
  // Its `target-vmid` is one of the other cluster.
  { route: `POST ${guestPath}/remote_migrate`, by: ['vmid'] },
  { route: `[A-Z]+ ${guestPath}(?:/.+)?`, by: ['vmid', 'target-vmid'] },
  {
    route: 'POST /nodes/{node}/vzdump',
    by: ['vmid'],
    widenedBy: backupWideners,
    otherwise: 'node',
    adds: addsBackup,
  },
  { route: 'POST /nodes/{node}/(?:startall|stopall|suspendall|migrateall)', by: ['vms'], otherwise: 'node' },
  { route: 'POST /nodes/{node}/status', by: [], otherwise: 'node' },
  // Calls of whatever kind, as one text.
  { route: 'POST /nodes/{node}/execute', by: [], otherwise: 'node' },
  { route: 'DELETE /nodes/{node}/disks/(?:directory|lvm|lvmthin|zfs)/{name}', by: [], otherwise: 'node' },
  { route: 'PUT /nodes/{node}/disks/wipedisk', by: [], otherwise: 'node' },
  { route: 'POST /cluster/bulk-action/guest/\\w+', by: ['vms'], otherwise: 'cluster' },
  { route: '(?:GET|POST) /nodes/{node}/storage/{storage}/content', by: ['vmid'] },
  { route: '[A-Z]+ /nodes/{node}/storage/{storage}/content/{volume}', by: ['volume'] },
  { route: '(?:GET|DELETE) /nodes/{node}/storage/{storage}/prunebackups', by: ['vmid'], otherwise: 'cluster' },
  { route: 'GET /nodes/{node}/storage/{storage}/file-restore/\\w+', by: ['volume'] },
  { route: 'GET /nodes/{node}/vzdump/extractconfig', by: ['volume'] },
  { route: 'POST /cluster/ha/resources', by: ['sid'] },
  { route: '[A-Z]+ /cluster/ha/resources/{sid}(?:/.+)?', by: ['sid'] },
  { route: 'POST /cluster/ha/rules', by: ['resources'] },
  // Whom a rule or a group has held until now is not said.
  { route: 'PUT /cluster/ha/rules/{rule}', by: ['resources'], open: true, otherwise: 'cluster' },
  { route: 'DELETE /cluster/ha/rules/{rule}', by: [], otherwise: 'cluster' },
  { route: 'PUT /cluster/ha/groups/{group}', by: [], otherwise: 'cluster' },
  { route: 'POST /cluster/ha/status/(?:arm|disarm)-ha', by: [], otherwise: 'cluster' },
  { route: 'POST /cluster/backup', ...backupJob, adds: addsBackup },
  // What it leaves out stays as it was, which is not known.
  { route: 'PUT /cluster/backup/{id}', ...backupJob },
  { route: 'POST /cluster/replication', by: ['id'] },
  { route: '[A-Z]+ /cluster/replication/{id}', by: ['id'] },
  { route: '[A-Z]+ /nodes/{node}/replication/{id}(?:/.+)?', by: ['id'] },
  { route: 'PUT /pools(?:/{poolid})?', by: ['vms'], widenedBy: ['storage'] },
  { route: 'PUT /access/acl', by: ['path'] },
  { route: 'DELETE /nodes/{node}/tasks/{upid}', by: ['upid'] },
];

const patterns = namings.map((naming) => ({ naming, pattern: requestPattern(naming.route) }));

/** Guests that a request is about without naming them: those of the cluster, or of a node or a pool alone. */
export interface Unnamed {
  readonly node?: string | undefined;
  readonly pool?: string | undefined;
  readonly except: readonly (number | null)[];
}

/** The guests that a request is about. */
export interface Concerned {
  /** That it changes, or takes something from. */
  readonly named: readonly number[];
  /** Whose backups it reads. */
  readonly read: readonly number[];
  /** That is to be made. */
  readonly made: number | undefined;
  /** Whether it is about anything beside them. */
  readonly more: boolean;
  readonly unnamed: Unnamed | undefined;
  readonly adds: boolean;
  /** Volumes that it puts to use, and whose they are is not known. */
  readonly unowned: readonly string[];
}

const nobody: Concerned = {
  named: [],
  read: [],
  made: undefined,
  more: true,
  unnamed: undefined,
  adds: false,
  unowned: [],
};

export function guestsOf({ request, params }: Asked): Concerned {
  for (const { naming, pattern } of patterns) {
    const hit = pattern.exec(request);
    if (hit !== null) return concerned(naming, hit.groups ?? {}, params);
  }
  return nobody;
}

/**
 * The values of a route's path that say which guests a write is about, whatever its parameters are; `undefined` where
 * that cannot be told without them.
 */
export function decidedBy(route: string): readonly string[] | undefined {
  const template = route.replace('{type}', 'qemu');
  for (const { naming, pattern } of patterns) {
    const hit = pattern.exec(template);
    if (hit === null) continue;
    const groups = hit.groups ?? {};
    const inPath = naming.by.filter((name) => name in groups);
    return inPath.length === 0 && (naming.by.length > 0 || naming.makes !== undefined) ? undefined : inPath;
  }
  return [];
}

function concerned(naming: Naming, groups: Readonly<Record<string, string>>, params: Asked['params']): Concerned {
  // Of a value in the path and a parameter of the same name, the server takes the one in the path.
  const given = (name: string) => groups[name] ?? params[name];
  const found = naming.by.flatMap((name) => namedBy(name, given(name)));
  const [made = undefined, ...more] = naming.makes === undefined ? [] : guestsIn(given(naming.makes));
  const volumes = volumeOwners(params);
  const named = [...found.filter((one) => one !== null), ...volumes.used];
  const wider = (naming.widenedBy ?? []).some((name) => isSet(params[name]));
  const isUnnamed = wider || naming.open === true || (named.length === 0 && made === undefined);
  return {
    named,
    read: volumes.read,
    made: made ?? undefined,
    more: isUnnamed || naming.lasts === true || found.includes(null) || more.length > 0,
    unnamed:
      !isUnnamed || naming.otherwise === undefined
        ? undefined
        : { node: naming.otherwise === 'node' ? groups.node : undefined, ...chosen(naming, params) },
    adds: naming.adds?.(params) === true,
    unowned: volumes.unowned,
  };
}

/** Of `pool` and `exclude`, what can be relied on: beside other choices the server does not look at each. */
function chosen({ widenedBy = [] }: Naming, params: Asked['params']): Pick<Unnamed, 'pool' | 'except'> {
  const given = new Set(widenedBy.filter((name) => isSet(params[name])));
  if (given.size === 1 && given.has('pool')) return { pool: String(params.pool), except: [] };
  const isRest = given.size === 2 && given.has('all') && given.has('exclude') && params.vmid === undefined;
  return { except: isRest ? guestsIn(params.exclude) : [] };
}

function namedBy(name: string, value: unknown): (number | null)[] {
  if (value === undefined) return [];
  if (name !== 'volume') return guestsIn(value);
  const owners = ownersOf(String(value));
  return owners.length === 0 ? [null] : owners;
}
