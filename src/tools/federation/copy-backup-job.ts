import type { Bound } from '../../pve/endpoint.js';
import { toWord } from '../../pve/quoted.js';
import { splitList } from '../../pve/storage.js';
import { scheduleOf } from '../backup/backup-job.js';
import { chooseStorage } from '../backup/choose-storage.js';
import { Refused } from '../refused.js';
import { definitionFields, type definitionReads, type Definition as StorageDefinition } from './compare-storage.js';
import type { Copying, CopySide, Definition } from './copy.js';
import { compareFields } from './difference.js';
import { settingText, settingTexts } from './setting-text.js';

/** A job as it is sent. */
interface Job {
  readonly settings: Readonly<Record<string, string>>;
  readonly excludedPaths: readonly string[];
}

const everyKey = ({ settings, excludedPaths }: Job) =>
  excludedPaths.length > 0 ? { ...settings, 'exclude-path': excludedPaths } : settings;

/** What is read and is no setting, or is written as another. */
const notSettings = ['id', 'type', 'next-run', 'digest', 'starttime', 'dow', 'schedule', 'exclude-path'];

// Those of POST /cluster/backup that a token may set, and that every version from 8.4 has.
const settable = new Set([
  ...['all', 'pool', 'exclude', 'schedule', 'storage', 'node', 'mode', 'compress', 'enabled', 'comment'],
  ...['prune-backups', 'notes-template', 'protected', 'repeat-missed', 'mailto', 'mailnotification'],
  ...['notification-mode', 'bwlimit', 'ionice', 'lockwait', 'stopwait', 'stop', 'stdexcludes'],
  ...['fleecing', 'performance', 'pbs-change-detection-mode', 'pigz', 'zstd', 'quiet', 'remove'],
]);

async function readJob({ call }: CopySide, id: string): Promise<Job | undefined> {
  const found = (await call.jobs({})).data.find((one) => one.id === id);
  if (found === undefined) return undefined;
  const { all, 'prune-backups': prune, 'repeat-missed': repeat, ...others } = settingTexts(found, notSettings);
  const schedule = scheduleOf(found);
  const settings = {
    ...others,
    enabled: others.enabled ?? '1',
    storage: others.storage ?? 'local',
    ...(all === '1' ? { all } : {}),
    ...(repeat === '1' ? { 'repeat-missed': repeat } : {}),
    ...(schedule === undefined ? {} : { schedule }),
    ...(prune ? { 'prune-backups': splitList(prune).sort().join(',') } : {}),
  };
  return { settings, excludedPaths: [found['exclude-path'] ?? []].flat().map(String) };
}

/** A scheduled backup of all guests or of a pool. */
export const backupJobCopy: Definition<Job> = {
  label: 'backup job',
  read: readJob,
  fields: everyKey,
  fit: async ({ settings: job, excludedPaths }, copying, there) => {
    const { name, source, target, leaveOut } = copying;
    if (job.vmid !== undefined)
      throw new Refused(
        `backup job '${name}' is for VMIDs ${toWord(String(job.vmid))}, which mean guests of ${source.cluster}`,
        'Make it there with proxmox-create-backup-job and its own VMIDs; jobs of all guests or of a pool can be copied.',
      );
    for (const key of Object.keys(job)
      .filter((one) => !settable.has(one))
      .sort())
      leaveOut(`${toWord(key)}: not for a token to set, or not of this version`);
    const { exclude, node, fleecing, ...rest } = Object.fromEntries(
      Object.entries(job).filter(([key]) => settable.has(key)),
    );
    await requirePool(rest.pool, target.call, target.cluster);
    if (exclude !== undefined) leaveOut(`exclude ${toWord(exclude)}: these VMIDs mean guests of ${source.cluster}`);
    const kept = rest.all === undefined ? undefined : there?.settings.exclude;
    const settings = {
      ...rest,
      ...(kept === undefined ? {} : { exclude: kept }),
      ...(await fittingNode(node, copying)),
      ...(await fittingStorages(rest.storage, fleecing, copying)),
    };
    return { settings, excludedPaths };
  },
  write: async (job, { name, target: { call }, outline }, there) => {
    const { enabled, schedule = 'no time' } = job.settings;
    if (enabled !== '0') outline(`It is on, and runs at ${toWord(schedule)}.`);
    const wanted = everyKey(job);
    if (there === undefined) {
      await call.createJob({}, { id: name, ...wanted });
      return;
    }
    // Of the ways to choose guests, the new one takes the place of the old by itself.
    const own = ['all', 'pool', 'vmid', ...Object.keys(cleared)];
    const gone = Object.keys(everyKey(there)).filter((key) => !(key in wanted) && !own.includes(key));
    const deleted = gone.length > 0 ? gone.sort().join(',') : undefined;
    await call.updateJob({ id: name }, { ...cleared, ...wanted, delete: deleted });
  },
};

/** What is no option of vzdump, and is set back by its value (API2/Backup.pm, update_job, looks `delete` up among those). */
const cleared = { comment: '', 'repeat-missed': '0' };

async function requirePool(pool: string | undefined, call: CopySide['call'], cluster: string): Promise<void> {
  if (pool === undefined || (await call.pools({})).data.some(({ poolid }) => poolid === pool)) return;
  throw new Refused(
    `the job is for pool '${pool}', which ${cluster} does not have, or its token may not see`,
    'Copy the pool first: kind pool.',
  );
}

async function fittingNode(node: string | undefined, { target, leaveOut }: Copying) {
  if (node === undefined) return {};
  const known = (await target.call.nodes({})).data.some((one) => one.node === node);
  if (known) return { node };
  leaveOut(`node ${node}: ${target.cluster} has no such node, so the job is for all of its nodes`);
  return {};
}

/** A storage of the same name need not be the same one. */
async function fittingStorages(named: string | undefined, fleecing: string | undefined, copying: Copying) {
  const { source, target, targetStorage, note, leaveOut } = copying;
  const [here, there] = await Promise.all([readDefinitions(source.call), readDefinitions(target.call)]);
  const usable = there.filter(({ disable }) => settingText(disable) !== '1');
  const storage = chooseStorage(usable, {
    content: 'backup',
    where: `on ${target.cluster}`,
    named: targetStorage ?? named,
    preferred: [],
  });
  const [original, chosen] = [here.find((one) => one.storage === named), there.find((one) => one.storage === storage)];
  const differs = original && chosen ? compareFields(definitionFields(original), definitionFields(chosen)) : [];
  if (storage === named && differs.length > 0)
    note(
      `Storage ${storage} of ${target.cluster} is not that of ${source.cluster}: ${differs.map(({ key }) => key).join(', ')} differ.`,
    );
  const onto = /(?:^|,)storage=([^,]+)/.exec(fleecing ?? '')?.[1];
  if (fleecing === undefined || onto === undefined || usable.some((one) => one.storage === onto))
    return { storage, ...(fleecing === undefined ? {} : { fleecing }) };
  leaveOut(`fleecing: ${target.cluster} has no storage ${onto} for it`);
  return { storage };
}

const readDefinitions = async (call: Bound<typeof definitionReads>): Promise<StorageDefinition[]> =>
  (await call.definitions({})).data;
