import { bytesOf } from '../guest.js';
import { applianceSize } from '../routes/appliances.js';
import type { GuestState, StorageState, VolumeState } from '../state.js';

const gib = 1024 ** 3;

function iso(storage: string, file: string, size: number, ctime: number, node?: string): VolumeState {
  return { volid: `${storage}:iso/${file}`, content: 'iso', format: 'iso', size, ctime, node };
}

function containerTemplate(file: string, ctime: number, node: string): VolumeState {
  return { volid: `local:vztmpl/${file}`, content: 'vztmpl', format: 'tzst', size: applianceSize, ctime, node };
}

/** The disks that a guest's configuration names. */
function disksOf(guest: GuestState, now: number): VolumeState[] {
  const disks: VolumeState[] = [];
  for (const [key, value] of Object.entries(guest.config)) {
    if (!/^(scsi|virtio|sata|ide|efidisk|mp|rootfs)\d*$/.test(key)) continue;
    const [volid = ''] = String(value).split(',');
    if (!volid.includes(':')) continue;
    const size = bytesOf(/(?:^|,)size=([^,]+)/.exec(String(value))?.[1] ?? '4M');
    const content = guest.type === 'qemu' ? 'images' : 'rootdir';
    disks.push({ volid, content, format: 'raw', size, ctime: now - 86_400 * 90, vmid: guest.vmid, node: guest.node });
  }
  return disks;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function backupVolume(guest: GuestState, store: StorageState, ctime: number, node: string): VolumeState {
  const date = new Date(ctime * 1000);
  const vm = guest.type === 'qemu';
  const size = Math.floor(guest.load.memory / 2 + 3 * gib);
  const name = String(guest.config.name ?? guest.config.hostname);
  const common = { content: 'backup', size, ctime, vmid: guest.vmid, subtype: guest.type, notes: name };
  if (store.type === 'pbs') {
    const volid = `${store.storage}:backup/${vm ? 'vm' : 'ct'}/${guest.vmid}/${date.toISOString().slice(0, 19)}Z`;
    return { ...common, volid, format: vm ? 'pbs-vm' : 'pbs-ct', verification: 'ok' };
  }
  const day = `${date.getUTCFullYear()}_${two(date.getUTCMonth() + 1)}_${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}_${two(date.getUTCMinutes())}_${two(date.getUTCSeconds())}`;
  const ending = vm ? 'vma.zst' : 'tar.zst';
  const volid = `${store.storage}:backup/vzdump-${guest.type}-${guest.vmid}-${day}-${time}.${ending}`;
  return { ...common, volid, format: ending, node: store.shared ? undefined : node };
}

function addBackups(store: StorageState, guests: readonly GuestState[], now: number): void {
  const lastNight = now - (now % 86_400) - 86_400 + 7_200;
  for (const [at, guest] of guests.entries()) {
    if (guest.status !== 'running') continue;
    for (const daysBack of [0, 1]) {
      const volume = backupVolume(guest, store, lastNight - daysBack * 86_400 + at * 95, guest.node);
      store.volumes.push(daysBack === 1 && at === 0 ? { ...volume, protected: true } : volume);
    }
  }
}

function store(storage: string, type: string, content: string[], total: number, used: number): StorageState {
  const shared = type === 'nfs' || type === 'pbs';
  return {
    storage,
    type,
    content,
    shared,
    enabled: true,
    options: {},
    total: total * gib,
    used: Math.floor(used * gib),
    inactiveOn: [],
    volumes: [],
  };
}

/** A place outside of the cluster, with what it was used for last. */
export interface MountSeed {
  readonly storage: string;
  readonly type: 'nfs' | 'pbs';
  readonly content: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** GiB */
  readonly total: number;
  readonly used: number;
  /** Guests that were backed up to it some days ago. */
  readonly backups?: readonly number[];
}

export function mountFrom(seed: MountSeed, guests: readonly GuestState[], now: number): StorageState {
  const mount = store(seed.storage, seed.type, [...seed.content], seed.total, seed.used);
  mount.options = { ...seed.options };
  const when = now - (now % 86_400) - 5 * 86_400 + 54_000;
  for (const guest of guests.filter(({ vmid }) => seed.backups?.includes(vmid) === true)) {
    const { lock: _, parent: __, ...config } = guest.config;
    mount.volumes.push({ ...backupVolume(guest, mount, when, guest.node), config });
  }
  return mount;
}

export interface StorageSurroundings {
  readonly nodes: readonly string[];
  readonly guests: readonly GuestState[];
  readonly subnet: string;
  readonly now: number;
  /** A lone host keeps its backups in a directory of its own. */
  readonly standalone: boolean;
}

export function storagesFor({ nodes, guests, subnet, now, standalone }: StorageSurroundings): StorageState[] {
  const ctime = now - 86_400 * 120;
  const local = store('local', 'dir', ['iso', 'vztmpl', 'backup', 'snippets', 'import'], 94, 21.4);
  local.options = { path: '/var/lib/vz' };
  const thin = store('local-lvm', 'lvmthin', ['images', 'rootdir'], 1_760, 712.9);
  thin.options = { thinpool: 'data', vgname: 'pve' };
  for (const node of nodes) {
    local.volumes.push(iso('local', 'debian-12.11.0-amd64-netinst.iso', 702_545_920, ctime, node));
    local.volumes.push(containerTemplate('debian-12-standard_12.7-1_amd64.tar.zst', ctime, node));
  }
  thin.volumes = guests.flatMap((guest) => disksOf(guest, now)).filter((disk) => disk.volid.startsWith('local-lvm:'));
  if (standalone) {
    addBackups(local, guests, now);
    return [local, thin];
  }
  const nfs = store('nfs-shared', 'nfs', ['images', 'iso', 'import'], 7_450, 2_910.2);
  nfs.options = { export: '/export/pve', path: '/mnt/pve/nfs-shared', server: `${subnet}.5` };
  nfs.volumes = [
    iso('nfs-shared', 'ubuntu-24.04.2-live-server-amd64.iso', 3_213_064_192, ctime),
    iso('nfs-shared', 'virtio-win-0.1.271.iso', 726_292_480, ctime),
    ...guests
      .flatMap((guest) => disksOf(guest, now))
      .filter((disk) => disk.volid.startsWith('nfs-shared:'))
      .map((disk) => ({ ...disk, node: undefined })),
  ];
  const pbs = store('pbs-backup', 'pbs', ['backup'], 14_900, 6_120.7);
  pbs.options = { datastore: 'main', server: `${subnet}.6`, username: 'pve@pbs' };
  addBackups(pbs, guests, now);
  return [local, thin, nfs, pbs];
}
