import { turnOff } from '../guest-running.js';
import { parseProperties } from '../property-string.js';
import { died, PveError } from '../pve-error.js';
import type { Migration, OutgoingVolume } from './migration.js';
import {
  attempt,
  cleanUpTarget,
  copyVolumes,
  meetFaults,
  type Phase,
  type Phases,
  sendConfig,
  sizeWord,
} from './phases.js';
import { scanVm } from './scan.js';

const shares = [4, 20, 45, 70, 90, 100];

function isMapped(value: unknown): boolean {
  return parseProperties(String(value), 'host').has('mapping');
}

/** Devices of the host that hold a VM where it is. */
function refuseLocalDevices({ guest, log }: Migration): void {
  const running = guest.status === 'running';
  const devices = Object.entries(guest.config).filter(
    ([key, value]) =>
      (/^(hostpci|usb|ivshmem)\d*$/.test(key) && !/^(host=)?spice\b/i.test(String(value))) ||
      (/^(serial|parallel)\d+$/.test(key) && String(value).startsWith('/dev/')),
  );
  const blocking = devices.filter(([, value]) => !isMapped(value)).map(([key]) => key);
  if (blocking.length > 0) throw died(`can't migrate VM which uses local devices: ${blocking.join(', ')}`);
  const names = devices.map(([key, value]) => `${key}:${parseProperties(String(value), 'host').get('mapping')}`);
  if (running && names.length > 0) {
    throw died(`can't live migrate running VM which uses following mapped devices: ${names.join(', ')}`);
  }
  if (names.length > 0) log.info('migrating VM which uses mapped local devices');
  if (running && /clipboard=vnc/.test(String(guest.config.vga ?? ''))) {
    throw died("VMs with 'clipboard' set to 'vnc' are not live migratable!");
  }
}

function* prepare(migration: Migration): Phase {
  const { guest, log, plan } = migration;
  const locked = guest.config.lock;
  if (locked !== undefined) throw died(`VM is locked (${locked})`);
  if (guest.status === 'running') {
    if (!plan.online) throw died("can't migrate running VM without --online");
    log.info('conntrack state migration not supported or disabled, active connections might get dropped');
  }
  refuseLocalDevices(migration);
  migration.connect(migration.volumes());
  log.plain('websocket tunnel started');
  yield 1;
}

/** While the VM runs, what QEMU has open is mirrored later on; all else is copied as it is. */
function isMirrored({ guest }: Migration, volume: OutgoingVolume): boolean {
  return guest.status === 'running' && !volume.generated && !volume.key.startsWith('unused');
}

function allocateMirrors(migration: Migration, volumes: readonly OutgoingVolume[]): void {
  for (const volume of volumes) {
    migration.log.info(`Allocating volume for drive '${volume.key}' on remote storage '${volume.target}'..`);
    migration.log.plain('tunnel: -> sending command "disk" to remote');
    const copy = migration.tunnel.allocateDisk(migration.incoming(volume));
    migration.log.plain('tunnel: <- got reply');
    migration.log.info(`volume '${volume.volid}' is '${copy}' on the target`);
    migration.copies.set(volume.volid, copy);
  }
}

function* first(migration: Migration): Phase {
  const { log, guest, plan } = migration;
  log.info(`starting migration of VM ${guest.vmid} to node '${plan.targetNode}' (${plan.remote.endpoint.host})`);
  migration.lockSource();
  const volumes = migration.volumes();
  for (const _ of volumes) migration.tell('bwlimit');
  scanVm(migration, volumes);
  yield 1;
  yield* copyVolumes(
    migration,
    volumes.filter((volume) => !isMirrored(migration, volume)),
  );
  const mirrored = volumes.filter((volume) => isMirrored(migration, volume));
  allocateMirrors(migration, mirrored);
  // a lost connection shows while much is sent: with nothing to copy that is later
  if (migration.failsAt('connection') === undefined) meetFaults(migration);
  sendConfig(migration);
  yield 1;
}

function takeBack(migration: Migration): void {
  migration.unlockSource();
  cleanUpTarget(migration);
}

function* mirror(migration: Migration): Phase {
  const { log, guest } = migration;
  const volumes = migration.volumes().filter((volume) => isMirrored(migration, volume));
  if (volumes.length === 0) return;
  log.info('starting storage migration');
  for (const { key } of volumes) {
    log.info(`${key}: start migration to nbd:unix:/run/qemu-server/${guest.vmid}_nbd.migrate:exportname=drive-${key}`);
    log.plain(`drive mirror is starting for drive-${key}`);
  }
  for (const [at, share] of shares.entries()) {
    yield 2;
    if (at === 2) failMirror(migration);
    for (const { key, size } of volumes) {
      const done = share === 100 ? ', ready' : '';
      log.plain(
        `drive-${key}: transferred ${sizeWord((size * share) / 100)} of ${sizeWord(size)} (${share.toFixed(2)}%) in ${(at + 1) * 2}s${done}`,
      );
    }
  }
  log.plain("all 'mirror' jobs are ready");
  log.info('switching mirror jobs to actively synced mode');
}

function failMirror(migration: Migration): void {
  if (migration.failsAt('connection') !== undefined) migration.tunnel.lose(migration.log.now);
  if (!migration.tunnel.open) throw died("block job (mirror) error: drive-scsi0: 'mirror' has been cancelled");
}

function* sendMemory(migration: Migration): Phase {
  const { log, guest } = migration;
  log.info(`starting online/live migration on unix:/run/qemu-server/${guest.vmid}.migrate`);
  log.info('set migration capabilities');
  log.info('migration downtime limit: 100 ms');
  log.info('set migration parameters');
  log.info(`start migrate command to unix:/run/qemu-server/${guest.vmid}.migrate`);
  const { memory } = guest.load;
  for (const share of [20, 45, 70, 95]) {
    yield 1;
    const text = share === 70 ? migration.failsAt('memory') : undefined;
    if (text !== undefined) {
      log.info('migration status error: failed - Unable to write to socket: Broken pipe');
      throw died(text);
    }
    log.info(
      `migration active, transferred ${sizeWord((memory * share) / 100)} of ${sizeWord(memory)} VM-state, 112.3 MiB/s`,
    );
  }
  yield 1;
  if (!migration.tunnel.open) throw died('aborting');
  log.info(`average migration speed: ${sizeWord(memory / 5)}/s - downtime 64 ms`);
  log.info(`migration completed, transferred ${sizeWord(memory)} VM-state`);
  log.info('migration status: completed');
}

function* second(migration: Migration): Phase {
  const { log, guest } = migration;
  migration.tell('start');
  migration.tunnel.start(log.now);
  log.info(`Setting up tunnel for '/run/qemu-server/${guest.vmid}.migrate'`);
  yield* mirror(migration);
  yield* sendMemory(migration);
}

/** The source goes on as before; the other side is told to forget, if it can be told. */
function abandonSecond(migration: Migration, error: PveError): void {
  const { log } = migration;
  migration.problems = true;
  log.error(`online migrate failure - ${error.message}`);
  log.info('aborting phase 2 - cleanup resources');
  log.info('migrate_cancel');
  migration.unlockSource();
  if (attempt(migration, () => migration.tunnel.stop())) cleanUpTarget(migration);
}

function resume(migration: Migration): void {
  const { log, guest } = migration;
  log.info('stopping NBD storage migration server on target.');
  migration.tell('nbdstop');
  const text = migration.failsAt('resume');
  const resumed = attempt(migration, () => {
    if (text !== undefined) throw died(`no reply to command '{"cmd":"resume"}': reading from tunnel failed: ${text}`);
    migration.tunnel.resume(guest);
    migration.tell('resume');
  });
  if (!resumed) migration.problems = true;
}

function finish(migration: Migration): void {
  const text = migration.failsAt('unlock');
  const told = attempt(migration, () => {
    if (text !== undefined) throw died(`no reply to command '{"cmd":"unlock"}': reading from tunnel failed: ${text}`);
    migration.tunnel.unlock();
    migration.tell('unlock');
    migration.tunnel.quit(false, migration.log.now);
    migration.tell('quit');
  });
  if (told && migration.plan.deleteSource) migration.removeSource();
  if (told) return;
  migration.problems = true;
  migration.tunnel.lose(migration.log.now);
}

function* rest(migration: Migration): Phase {
  const live = migration.guest.status === 'running';
  if (live) {
    try {
      yield* second(migration);
    } catch (error) {
      if (!(error instanceof PveError)) throw error;
      abandonSecond(migration, error);
      return;
    }
    resume(migration);
  }
  turnOff(migration.guest);
  finish(migration);
}

export const vmPhases: Phases = { prepare, first, takeBack, rest };
