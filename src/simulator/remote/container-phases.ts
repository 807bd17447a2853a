import { turnOff, turnOn } from '../guest-running.js';
import { died, PveError } from '../pve-error.js';
import type { Migration } from './migration.js';
import { attempt, cleanUpTarget, copyVolumes, meetFaults, type Phase, type Phases, sendConfig } from './phases.js';
import { scanContainer } from './scan.js';

/** A container is stopped to be moved: whether it is to run again has to be remembered. */
export function containerPhases(wasRunning: boolean): Phases {
  return {
    prepare: (migration) => prepare(migration, wasRunning),
    first,
    takeBack: (migration) => takeBack(migration, wasRunning),
    rest: (migration) => rest(migration, wasRunning),
  };
}

/** Directories of the host that are mounted into it. */
function refuseLocalMounts({ guest }: Migration): void {
  for (const [key, value] of Object.entries(guest.config)) {
    if (!/^mp\d+$/.test(key) || !String(value).startsWith('/') || /(^|,)shared=1/.test(String(value))) continue;
    throw died(`cannot migrate local ${String(value).startsWith('/dev/') ? 'device' : 'bind'} mount point '${key}'`);
  }
}

function* prepare(migration: Migration, wasRunning: boolean): Phase {
  const { guest, log, plan } = migration;
  const locked = guest.config.lock;
  if (locked !== undefined) throw died(`CT is locked (${locked})`);
  if (wasRunning && plan.online) throw died('lxc live migration is currently not implemented');
  if (wasRunning && !plan.restart) throw died('running container can only be migrated in restart mode');
  refuseLocalMounts(migration);
  const volumes = migration.volumes();
  const closed = volumes.find(({ storage }) => !storage.content.includes('rootdir'));
  if (closed !== undefined) {
    throw died(`content type 'rootdir' is not available on storage '${closed.storage.storage}'`);
  }
  migration.connect(volumes);
  log.info('websocket tunnel started');
  if (wasRunning) {
    log.info(`shutdown CT ${guest.vmid}`);
    yield 2;
    turnOff(guest);
  }
  yield 1;
}

function* first(migration: Migration): Phase {
  const { log, guest, plan } = migration;
  log.info(`starting migration of CT ${guest.vmid} to node '${plan.targetNode}' (${plan.remote.endpoint.host})`);
  migration.lockSource();
  const volumes = migration.volumes();
  scanContainer(migration, volumes);
  const { replication } = plan.call.cluster.state.configuration;
  if (replication.some((job) => job.id.startsWith(`${guest.vmid}-`))) throw died('cannot remote-migrate replicated VM');
  yield 1;
  yield* copyVolumes(migration, volumes);
  meetFaults(migration);
  sendConfig(migration);
  yield 1;
}

function takeBack(migration: Migration, wasRunning: boolean): void {
  const { log, guest } = migration;
  for (const copy of migration.copies.values()) {
    log.error(`found stale volume copy '${copy}' on node '${migration.plan.targetNode}'`);
  }
  cleanUpTarget(migration);
  log.info('start final cleanup');
  migration.unlockSource();
  if (!wasRunning) return;
  log.info('start container on source node');
  turnOn(guest, log.now);
}

function unlockTarget(migration: Migration): void {
  const text = migration.failsAt('unlock');
  try {
    if (text !== undefined) throw died(`no reply to command '{"cmd":"unlock"}': reading from tunnel failed: ${text}`);
    migration.tunnel.unlock();
    migration.tell('unlock');
  } catch (error) {
    if (!(error instanceof PveError)) throw error;
    migration.log.error(`Failed to clear migrate lock - ${error.message}`);
  }
}

function* rest(migration: Migration, wasRunning: boolean): Phase {
  const { log, plan } = migration;
  log.info('start final cleanup');
  const done = attempt(migration, () => {
    unlockTarget(migration);
    if (wasRunning) startTarget(migration);
    if (plan.deleteSource) migration.removeSource();
    migration.tunnel.quit(false, log.now);
    migration.tell('quit');
  });
  if (!done) {
    migration.problems = true;
    migration.tunnel.lose(log.now);
  }
  yield 0;
}

function startTarget(migration: Migration): void {
  const { log } = migration;
  log.info('start container on target node');
  const text = migration.failsAt('resume');
  if (text !== undefined) {
    throw died(`error - tunnel command '{"cmd":"start"}' failed - failed to handle 'start' command - ${text}`);
  }
  migration.tunnel.start(log.now);
  migration.tell('start');
}
