import { died, PveError } from '../pve-error.js';
import type { Script } from '../running-task.js';
import { type Migration, type OutgoingVolume, SourceDied } from './migration.js';
import { exportStreams } from './volume-streams.js';

export type Phase = Generator<number, void, void>;

const shares = [25, 50, 75, 100];
const stepTakes = 2;

export function sizeWord(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

/** The faults that meet a migration between two steps of its copying. */
export function meetFaults(migration: Migration): void {
  const { log } = migration;
  if (migration.failsAt('source') !== undefined) throw new SourceDied();
  if (migration.failsAt('connection') !== undefined) migration.tunnel.lose(log.now);
  const text = migration.failsAt('copy');
  if (text !== undefined) throw died(text);
}

function* copyVolume(migration: Migration, volume: OutgoingVolume): Phase {
  const { log, guest } = migration;
  const { volid, storage, size } = volume;
  const stored = volume.volume;
  const streams = stored === undefined ? [] : exportStreams(guest.type, storage, stored);
  if (streams.length === 0) throw died(`no export formats for '${volid}' - check storage plugin support!`);
  log.plain('tunnel: -> sending command "disk-import" to remote');
  const copy = migration.tunnel.importDisk(migration.incoming(volume), streams);
  log.plain('tunnel: <- got reply');
  for (const [at, share] of shares.entries()) {
    yield stepTakes;
    if (at === 1) meetFaults(migration);
    const done = Math.floor((size * share) / 100);
    const seconds = (at + 1) * stepTakes;
    log.plain(
      `${done} bytes (${(done / 1e9).toFixed(1)} GB, ${sizeWord(done)}) copied, ${seconds} s, ${Math.round(done / seconds / 1e6)} MB/s`,
    );
    migration.tunnel.command('query-disk-import', {}, () => undefined);
  }
  migration.tell('query-disk-import');
  log.info('waiting for disk import to finish..');
  migration.copies.set(volid, copy);
  log.info(`volume '${volid}' is '${copy}' on the target`);
}

/** Streams one volume after the other; what they are called on the other side is kept. */
export function* copyVolumes(migration: Migration, volumes: readonly OutgoingVolume[]): Phase {
  if (volumes.length > 0 && migration.guest.type === 'qemu') migration.log.info('copying local disk images');
  for (const volume of volumes) {
    if (migration.guest.type === 'qemu') {
      yield* copyVolume(migration, volume);
      continue;
    }
    try {
      yield* copyVolume(migration, volume);
    } catch (error) {
      if (!(error instanceof PveError)) throw error;
      throw died(`storage migration for '${volume.volid}' to storage '${volume.target}' failed - ${error.message}`);
    }
  }
}

export function sendConfig(migration: Migration): void {
  const { guest, plan, log } = migration;
  const { firewall } = plan.call.cluster.state.configuration;
  const config = migration.sentConfig();
  log.plain('tunnel: -> sending command "config" to remote');
  migration.tunnel.config(config, firewall[`guest/${guest.vmid}`], migration.failsAt('config'));
  log.plain('tunnel: <- got reply');
}

/** Takes back what is on the other side; nothing where it cannot be told any more. */
export function cleanUpTarget(migration: Migration): void {
  if (!migration.hasTunnel) return;
  attempt(migration, () => {
    migration.tunnel.quit(true, migration.log.now);
    migration.tell('quit');
  });
}

/** What may fail without an end to all: it is written down; answers whether it went well. */
export function attempt(migration: Migration, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof PveError)) throw error;
    migration.log.error(error.message);
    return false;
  }
}

export interface Phases {
  /** Before anything is touched. */
  prepare(migration: Migration): Phase;
  /** Until the other side owns a configuration; what fails here is taken back. */
  first(migration: Migration): Phase;
  takeBack(migration: Migration): void;
  /** From here on there is no way back for all of it. */
  rest(migration: Migration): Phase;
}

function* attemptMigration(migration: Migration, phases: Phases): Phase {
  yield* phases.prepare(migration);
  try {
    yield* phases.first(migration);
  } catch (error) {
    if (!(error instanceof PveError)) throw error;
    migration.log.error(error.message);
    migration.log.info('aborting phase 1 - cleanup resources');
    phases.takeBack(migration);
    throw error;
  }
  yield* phases.rest(migration);
}

/** A dead node ends nothing by itself: its guest is off and keeps its lock, the other side sees the tunnel break. */
function die(migration: Migration): string {
  const { guest } = migration;
  migration.tunnel.lose(migration.log.now);
  guest.status = 'stopped';
  guest.qmpstatus = undefined;
  guest.startedAt = undefined;
  return 'unexpected status';
}

export function* migrationScript(migration: Migration, phases: Phases): Script {
  const { log } = migration;
  try {
    yield* attemptMigration(migration, phases);
  } catch (error) {
    if (error instanceof SourceDied) return die(migration);
    if (!(error instanceof PveError)) throw error;
    log.error(`migration aborted (duration ${log.duration}): ${error.message}`);
    return 'migration aborted';
  }
  if (migration.problems) {
    log.error(`migration finished with problems (duration ${log.duration})`);
    return 'migration problems';
  }
  log.info(`migration finished successfully (duration ${log.duration})`);
  return undefined;
}
