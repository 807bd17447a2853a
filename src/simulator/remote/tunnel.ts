import { Arguments } from '../arguments.js';
import { callerOf } from '../caller.js';
import type { Cluster } from '../cluster.js';
import type { FirewallState } from '../configuration-state.js';
import { allocate, free } from '../disk-volumes.js';
import { isCloudInit } from '../disks.js';
import { configText } from '../guest-archive.js';
import { unlock } from '../guest-lock.js';
import { forgetGuest, settleLoad } from '../guest-registry.js';
import { turnOff, turnOn } from '../guest-running.js';
import { died, PveError } from '../pve-error.js';
import type { Call } from '../route.js';
import type { ConfigValue, GuestState, TaskState, VolumeState } from '../state.js';
import { storageOn } from '../storage.js';
import { findVolume } from '../stored-volumes.js';
import { applyConfig } from './incoming-config.js';
import { requireTargetStorage } from './target-checks.js';
import { importFault } from './volume-streams.js';

export interface IncomingDisk {
  readonly storage: string;
  /** `vm-100-disk-0`, with the number of the guest on this side. */
  readonly name: string;
  readonly size: number;
  readonly format: string;
}

/** What a tunnel command dies with is told to the other side, exceptions with their status. */
function told(error: PveError): string {
  const lines = Object.entries(error.errors ?? {}).map(([name, text]) => `${name}: ${text}`);
  return [error.status === 500 ? error.message : `${error.status} ${error.message}`, ...lines].join('\n');
}

/** The receiving end of a migration from another cluster: a task with an empty guest, which does what it is told. */
export class Tunnel {
  readonly version: number;
  readonly guest: GuestState;
  readonly task: TaskState;
  readonly #cluster: Cluster;
  readonly #authid: string;
  readonly #volumes: string[] = [];

  constructor(cluster: Cluster, authid: string, guest: GuestState, task: TaskState) {
    this.#cluster = cluster;
    this.#authid = authid;
    this.guest = guest;
    this.task = task;
    this.version = cluster.state.tunnelVersion ?? 2;
  }

  get open(): boolean {
    return this.task.endtime === undefined;
  }

  /** Does a command; what fails here fails with these words on the other side. */
  command<T>(cmd: string, parameters: Readonly<Record<string, unknown>>, run: () => T): T {
    if (!this.open) throw died(`no reply to command '{"cmd":"${cmd}"}': reading from tunnel failed: got timeout`);
    this.task.log.push(`received command '${cmd}'`);
    try {
      return run();
    } catch (error) {
      if (!(error instanceof PveError)) throw error;
      const text = JSON.stringify({ ...parameters, cmd });
      throw died(`error - tunnel command '${text}' failed - failed to handle '${cmd}' command - ${told(error)}`);
    }
  }

  /** A disk that comes as a stream. */
  importDisk(disk: IncomingDisk, streams: readonly string[]): string {
    const { storage, name: volname, format } = disk;
    const parameters = {
      export_formats: streams.join(','),
      with_snapshots: 0,
      storage,
      volname,
      format,
      allow_rename: '1',
    };
    return this.command('disk-import', parameters, () => {
      requireTargetStorage(this.#call(), this.guest.type, storage, this.guest.node);
      const fault = importFault(storageOn(this.#cluster, storage, this.guest.node), format, streams);
      if (fault !== undefined) throw died(fault);
      return this.#allocate(disk);
    });
  }

  /** A disk that the running guest will be mirrored to. */
  allocateDisk(disk: IncomingDisk): string {
    const { storage, format } = disk;
    return this.command('disk', { format, storage }, () => {
      requireTargetStorage(this.#call(), this.guest.type, storage, this.guest.node);
      return this.#allocate(disk);
    });
  }

  config(config: Record<string, ConfigValue>, firewall: FirewallState | undefined, fault?: string): void {
    this.command('config', { conf: configText(config) }, () => {
      if (fault !== undefined) throw died(fault);
      applyConfig(this.#call(), this.guest, config);
      if (firewall !== undefined) {
        this.#cluster.state.configuration.firewall[`guest/${this.guest.vmid}`] = structuredClone(firewall);
      }
      settleLoad(this.guest);
      this.guest.config.lock = 'migrate';
    });
  }

  /** A VM waits for its memory, a container simply starts. */
  start(at: number): void {
    this.command('start', {}, () => {
      turnOn(this.guest, at);
      if (this.guest.type === 'qemu') this.guest.qmpstatus = 'inmigrate';
    });
  }

  /** The guest goes on where it was. */
  resume(source: GuestState): void {
    this.command('resume', {}, () => {
      this.guest.qmpstatus = source.qmpstatus;
      this.guest.startedAt = source.startedAt;
      this.guest.agent = source.agent;
      this.guest.load = { ...source.load };
    });
  }

  stop(): void {
    this.command('stop', {}, () => turnOff(this.guest));
  }

  unlock(): void {
    this.command('unlock', {}, () => unlock(this.guest));
  }

  /** The end; with `cleanup` nothing is left of the guest. */
  quit(cleanup: boolean, at: number): void {
    this.command('quit', { cleanup: cleanup ? 1 : 0 }, () => {
      if (cleanup) {
        for (const volid of this.#volumes) {
          this.task.log.push(`freeing volume '${volid}' as part of cleanup`);
          free(this.#cluster, volid, this.guest.node);
        }
        forgetGuest(this.#cluster, this.guest);
      }
      this.task.log.push('switching to exit-mode, waiting for client to disconnect', 'mtunnel exited');
    });
    this.#close('OK', at);
  }

  /** The other side is gone: all stays as it is. */
  lose(at: number): void {
    this.#close('mtunnel exited unexpectedly', at);
  }

  #close(exitstatus: string, at: number): void {
    this.#cluster.tunnels.delete(this.task.upid);
    this.#cluster.tasks.finish(this.task, exitstatus, at);
  }

  /** What the token may do is looked at with each command. */
  #call(): Call {
    const cluster = this.#cluster;
    return { cluster, caller: callerOf(cluster.state, this.#authid), params: new Arguments(new Map()) };
  }

  #allocate(disk: IncomingDisk): string {
    const volume = this.#allocated(disk, disk.name) ?? this.#allocated(disk, undefined);
    if (volume === undefined) throw died(`unable to allocate '${disk.name}'`);
    this.#volumes.push(volume.volid);
    return volume.volid;
  }

  /** Under its name, or under the next free one where that is taken. */
  #allocated(disk: IncomingDisk, name: string | undefined): VolumeState | undefined {
    const { vmid, node, type } = this.guest;
    const storage = storageOn(this.#cluster, disk.storage, node);
    const plain = `${storage.storage}:${name}`;
    const file = `${storage.storage}:${vmid}/${name}.${disk.format}`;
    const taken = [plain, file].some((volid) => findVolume(storage, volid, node) !== undefined);
    if (name !== undefined && taken && !isCloudInit(name)) return undefined;
    return allocate(this.#cluster, {
      storage: disk.storage,
      node,
      vmid,
      type,
      size: disk.size,
      format: disk.format,
      name,
    });
  }
}
