import { free, storageIdOf } from '../disk-volumes.js';
import { type Disk, diskText, isDiskKey, ownDisksOf, volumeKey } from '../disks.js';
import type { MigrationFault, MigrationStage } from '../fault.js';
import { lock, unlock } from '../guest-lock.js';
import { forgetGuest } from '../guest-registry.js';
import { parseProperties } from '../property-string.js';
import { died } from '../pve-error.js';
import type { Call } from '../route.js';
import type { TaskLog } from '../running-task.js';
import type { ConfigValue, GuestState, StorageState, VolumeState } from '../state.js';
import { storageNamed } from '../storage.js';
import { findVolume } from '../stored-volumes.js';
import { type IdMap, mapped } from './id-map.js';
import type { RemoteApi } from './remote-api.js';
import type { IncomingDisk, Tunnel } from './tunnel.js';

export interface MigrationPlan {
  readonly call: Call;
  readonly guest: GuestState;
  readonly remote: RemoteApi;
  readonly targetNode: string;
  readonly targetVmid: number;
  readonly storages: IdMap;
  readonly bridges: IdMap;
  readonly online: boolean;
  readonly restart: boolean;
  readonly deleteSource: boolean;
  readonly fault: MigrationFault | undefined;
}

export interface OutgoingVolume {
  readonly key: string;
  readonly volid: string;
  readonly storage: StorageState;
  readonly volume: VolumeState | undefined;
  readonly size: number;
  readonly target: string;
  readonly generated: boolean;
}

/** What the source's node says when it dies in the middle. */
export class SourceDied extends Error {}

/** A migration to another cluster, seen from the source. */
export class Migration {
  readonly plan: MigrationPlan;
  readonly log: TaskLog;
  readonly guest: GuestState;
  /** The volume of the source -> its copy on the other side. */
  readonly copies = new Map<string, string>();
  /** Something went wrong that did not stop it. */
  problems = false;
  #tunnel: Tunnel | undefined;

  constructor(plan: MigrationPlan, log: TaskLog) {
    this.plan = plan;
    this.log = log;
    this.guest = plan.guest;
  }

  /** The other side, if it can be reached still. */
  get tunnel(): Tunnel {
    const tunnel = this.#tunnel;
    if (tunnel === undefined) throw died('no tunnel');
    const { faults, localNode, endpoint } = this.plan.remote.known.cluster;
    if (faults.refusesConnections(endpoint) || faults.ofNode(localNode.node) !== undefined) tunnel.lose(this.log.now);
    return tunnel;
  }

  get hasTunnel(): boolean {
    return this.#tunnel !== undefined;
  }

  failsAt(stage: MigrationStage): string | undefined {
    const { fault } = this.plan;
    return fault?.at === stage ? (fault.text ?? usualTexts[stage]) : undefined;
  }

  connect(volumes: readonly OutgoingVolume[]): void {
    const { remote, targetNode, targetVmid, call } = this.plan;
    const { log, guest } = this;
    const storages = [...new Set(volumes.map(({ target }) => target))].join(',');
    const bridges = [...new Set(this.#networks().map(({ target }) => target))].join(',');
    const path = `/nodes/${targetNode}/${guest.type}/${targetVmid}/mtunnel`;
    const answer = remote.post(path, {
      ...(storages === '' ? {} : { storages }),
      ...(bridges === '' ? {} : { bridges }),
    });
    const upid = typeof answer === 'object' && answer !== null && 'upid' in answer ? String(answer.upid) : '';
    const { cluster } = remote.known;
    this.#tunnel = cluster.tunnels.get(upid);
    log.info(`remote: started tunnel worker '${upid}'`);
    this.tell('version');
    const own = call.cluster.state.tunnelVersion ?? 2;
    log.info(`local WS tunnel version: ${own}`);
    log.info(`remote WS tunnel version: ${this.tunnel.version}`);
    log.info(`minimum required WS tunnel version: ${this.tunnel.version}`);
    if (own === this.tunnel.version) return;
    const why = own > this.tunnel.version ? 'too old' : 'not compatible';
    // the process that held the tunnel ends with the task
    this.tunnel.lose(log.now);
    throw died(`Remote tunnel endpoint ${why}, upgrade required`);
  }

  /** The lines that each command leaves. */
  tell(command: string): void {
    this.log.plain(`tunnel: -> sending command "${command}" to remote`);
    this.log.plain('tunnel: <- got reply');
  }

  volumes(): OutgoingVolume[] {
    return ownDisksOf(this.guest, { unused: true }).map((disk) => this.#outgoing(disk));
  }

  /** What of a volume is told to the other side. */
  incoming({ volid, target, volume, size }: OutgoingVolume): IncomingDisk {
    const { vmid } = this.guest;
    const file = volid.slice(volid.lastIndexOf('/') + 1).replace(/^[^:]*:/, '');
    const name = file.replace(/\.(raw|qcow2|vmdk|subvol)$/, '').replace(`-${vmid}-`, `-${this.plan.targetVmid}-`);
    return { storage: target, name, size, format: volume?.format ?? 'raw' };
  }

  lockSource(): void {
    lock(this.guest, 'migrate');
  }

  unlockSource(): void {
    unlock(this.guest);
  }

  removeSource(): void {
    const { cluster } = this.plan.call;
    for (const disk of ownDisksOf(this.guest, { unused: true })) free(cluster, disk.volid, this.guest.node);
    forgetGuest(cluster, this.guest);
  }

  /** The configuration as the other side gets it: with its volumes and bridges. */
  sentConfig(): Record<string, ConfigValue> {
    const config: Record<string, ConfigValue> = { ...this.guest.config };
    for (const disk of ownDisksOf(this.guest, { unused: true })) {
      const copy = this.copies.get(disk.volid);
      if (copy !== undefined) config[disk.key] = this.#renamed(disk, copy);
    }
    for (const { key, from, target } of this.#networks()) {
      this.log.info(`mapped: ${key} from ${from} to ${target}`);
      config[key] = String(config[key]).replace(/((?:^|,)bridge=)[^,]+/, `$1${target}`);
    }
    return config;
  }

  #renamed(disk: Disk, copy: string): string {
    if (!isDiskKey(this.guest.type, disk.key)) return copy;
    const properties = new Map(disk.properties);
    properties.set(volumeKey(this.guest.type), copy);
    return diskText(this.guest.type, properties);
  }

  #networks(): { key: string; from: string; target: string }[] {
    return Object.entries(this.guest.config).flatMap(([key, value]) => {
      const from = /^net\d+$/.test(key) ? parseProperties(String(value), 'model').get('bridge') : undefined;
      return from === undefined ? [] : [{ key, from, target: mapped(this.plan.bridges, from) }];
    });
  }

  #outgoing(disk: Disk): OutgoingVolume {
    const { cluster } = this.plan.call;
    const storage = storageNamed(cluster, storageIdOf(disk.volid));
    if (!storage.enabled) throw died(`storage '${storage.storage}' is disabled`);
    const volume = findVolume(storage, disk.volid, this.guest.node);
    return {
      key: disk.key,
      volid: disk.volid,
      storage,
      volume,
      size: volume?.size ?? disk.size,
      target: mapped(this.plan.storages, storage.storage),
      generated: /cloudinit/.test(disk.volid) || disk.key === 'tpmstate0',
    };
  }
}

const usualTexts: Readonly<Record<MigrationStage, string>> = {
  copy: 'disk import failed - see log above',
  config: '400 Parameter verification failed.\nnet0: invalid format - format error',
  connection: 'got timeout',
  source: '',
  memory: 'aborting',
  resume: 'got timeout',
  unlock: 'got timeout',
};
