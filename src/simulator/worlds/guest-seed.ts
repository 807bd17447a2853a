import type { SeededRandom } from '../random.js';
import type { AgentState, ConfigValue, GuestState, GuestType, SnapshotState } from '../state.js';

export type GuestSystem = 'debian' | 'ubuntu' | 'alpine' | 'windows' | 'talos';

export interface GuestSeed {
  vmid: number;
  name: string;
  /** A virtual machine when left out. */
  type?: GuestType;
  node: string;
  cores: number;
  /** MiB */
  memory: number;
  /** GiB */
  disk: number;
  system?: GuestSystem;
  tags?: string;
  notes?: string;
  pool?: string;
  stopped?: boolean;
  paused?: boolean;
  template?: boolean;
  lock?: string;
  /** Configured and answering. */
  agent?: boolean;
  /** Configured, but nothing answers in the guest. */
  silentAgent?: boolean;
  snapshots?: string[];
  /** Changes that wait for a restart. */
  pending?: Record<string, ConfigValue | null>;
  ignoresShutdown?: boolean;
  storage?: string;
  vlan?: number;
}

export interface GuestSurroundings {
  /** `10.20.0` of a /16; the rest of an address follows from the VMID. */
  readonly subnet: string;
  readonly storage: string;
  readonly qemu: string;
  readonly now: number;
  readonly random: SeededRandom;
}

const osinfo: Readonly<Record<GuestSystem, Record<string, string>>> = {
  debian: {
    id: 'debian',
    name: 'Debian GNU/Linux',
    'pretty-name': 'Debian GNU/Linux 12 (bookworm)',
    version: '12 (bookworm)',
    'version-id': '12',
    'kernel-release': '6.1.0-37-amd64',
    'kernel-version': '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1',
    machine: 'x86_64',
  },
  ubuntu: {
    id: 'ubuntu',
    name: 'Ubuntu',
    'pretty-name': 'Ubuntu 24.04.2 LTS',
    version: '24.04.2 LTS (Noble Numbat)',
    'version-id': '24.04',
    'kernel-release': '6.8.0-63-generic',
    'kernel-version': '#66-Ubuntu SMP PREEMPT_DYNAMIC',
    machine: 'x86_64',
  },
  windows: {
    id: 'mswindows',
    name: 'Microsoft Windows',
    'pretty-name': 'Windows Server 2022 Standard',
    version: 'Microsoft Windows Server 2022',
    'version-id': '2022',
    'kernel-release': '20348',
    'kernel-version': '10.0',
    machine: 'x86_64',
    variant: 'server',
    'variant-id': 'server',
  },
  alpine: { id: 'alpine', name: 'Alpine Linux', 'pretty-name': 'Alpine Linux v3.22', machine: 'x86_64' },
  talos: { id: 'talos', name: 'Talos', 'pretty-name': 'Talos (v1.10.4)', machine: 'x86_64' },
};

function macOf(random: SeededRandom): string {
  const hex = random.hex(3).toUpperCase();
  // the prefix that Proxmox owns and gives its guests by default
  return `BC:24:11:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}

function addressOf(seed: GuestSeed, around: GuestSurroundings): string {
  const [first, second, third] = around.subnet.split('.');
  const last = 20 + (seed.vmid % 200);
  return `${first}.${second}.${Number(third) + Math.floor(seed.vmid / 200)}.${last}`;
}

function commonConfig(seed: GuestSeed): Record<string, ConfigValue> {
  return {
    ...(seed.tags === undefined ? {} : { tags: seed.tags }),
    ...(seed.notes === undefined ? {} : { description: `${seed.notes}\n` }),
    ...(seed.lock === undefined ? {} : { lock: seed.lock }),
    ...(seed.template === true ? { template: 1 } : {}),
    ...(seed.stopped === true || seed.template === true ? {} : { onboot: 1 }),
  };
}

function vmConfig(seed: GuestSeed, mac: string, around: GuestSurroundings): Record<string, ConfigValue> {
  const storage = seed.storage ?? around.storage;
  const windows = seed.system === 'windows';
  const prefix = seed.template === true ? 'base' : 'vm';
  const agent = seed.agent === true || seed.silentAgent === true;
  return {
    ...(agent ? { agent: 'enabled=1' } : {}),
    boot: 'order=scsi0;ide2;net0',
    cores: seed.cores,
    cpu: windows ? 'host' : 'x86-64-v2-AES',
    ide2: seed.template === true ? `${storage}:vm-${seed.vmid}-cloudinit,media=cdrom` : 'none,media=cdrom',
    ...(windows
      ? { bios: 'ovmf', machine: 'pc-q35-9.0', efidisk0: `${storage}:vm-${seed.vmid}-disk-1,efitype=4m,size=4M` }
      : {}),
    // a property string since 8.0, so it comes as text
    memory: String(seed.memory),
    meta: `creation-qemu=${around.qemu},ctime=${around.now - 86_400 * around.random.integer(40, 700)}`,
    name: seed.name,
    net0: `virtio=${mac},bridge=vmbr0,firewall=1${seed.vlan === undefined ? '' : `,tag=${seed.vlan}`}`,
    numa: 0,
    ostype: windows ? 'win11' : 'l26',
    scsi0: `${storage}:${prefix}-${seed.vmid}-disk-0,discard=on,iothread=1,size=${seed.disk}G,ssd=1`,
    scsihw: 'virtio-scsi-single',
    smbios1: `uuid=${around.random.uuid()}`,
    sockets: 1,
    vmgenid: around.random.uuid(),
    ...commonConfig(seed),
  };
}

function containerConfig(seed: GuestSeed, mac: string, around: GuestSurroundings): Record<string, ConfigValue> {
  const storage = seed.storage ?? around.storage;
  const prefix = seed.template === true ? 'basevol' : 'vm';
  const vlan = seed.vlan === undefined ? '' : `,tag=${seed.vlan}`;
  return {
    arch: 'amd64',
    cores: seed.cores,
    features: 'nesting=1',
    hostname: seed.name,
    memory: seed.memory,
    net0: `name=eth0,bridge=vmbr0,firewall=1,gw=${around.subnet}.1,hwaddr=${mac},ip=${addressOf(seed, around)}/16${vlan},type=veth`,
    ostype: seed.system ?? 'debian',
    rootfs: `${storage}:${prefix}-${seed.vmid}-disk-0,size=${seed.disk}G`,
    swap: 512,
    unprivileged: 1,
    ...commonConfig(seed),
  };
}

function agentOf(seed: GuestSeed, mac: string, around: GuestSurroundings): AgentState {
  const tail = mac.slice(9).toLowerCase().replaceAll(':', '');
  return {
    osinfo: { ...osinfo[seed.system ?? 'debian'] },
    interfaces: [
      { name: 'lo', mac: '00:00:00:00:00:00', addresses: ['127.0.0.1/8', '::1/128'] },
      {
        name: seed.system === 'windows' ? 'Ethernet' : 'eth0',
        mac: mac.toLowerCase(),
        addresses: [`${addressOf(seed, around)}/16`, `fe80::be24:11ff:fe${tail.slice(0, 2)}:${tail.slice(2, 6)}/64`],
      },
      ...(seed.system === 'ubuntu' ? [{ name: 'docker0', mac: '02:42:3a:11:9c:0d', addresses: [] }] : []),
    ],
  };
}

function snapshotsOf(seed: GuestSeed, config: Record<string, ConfigValue>, now: number): SnapshotState[] {
  const names = seed.snapshots ?? [];
  return names.map((name, at) => ({
    name,
    description: `Taken ${name.replaceAll('-', ' ')}\n`,
    snaptime: now - 86_400 * (names.length - at) * 3,
    parent: names[at - 1],
    vmstate: false,
    config: { ...config },
  }));
}

/** A guest with all that its few words leave open filled in. */
export function guestFromSeed(seed: GuestSeed, around: GuestSurroundings): GuestState {
  const { random, now } = around;
  const mac = macOf(random);
  const type = seed.type ?? 'qemu';
  const running = seed.stopped !== true && seed.template !== true;
  const config = type === 'qemu' ? vmConfig(seed, mac, around) : containerConfig(seed, mac, around);
  const snapshots = snapshotsOf(seed, config, now);
  const last = snapshots.at(-1)?.name;
  return {
    vmid: seed.vmid,
    type,
    node: seed.node,
    status: running ? 'running' : 'stopped',
    qmpstatus: seed.paused === true ? 'paused' : undefined,
    startedAt: running ? now - random.integer(3_600, 86_400 * 60) : undefined,
    config: last === undefined ? config : { ...config, parent: last },
    pending: { ...seed.pending },
    snapshots,
    agent: seed.agent === true && running ? agentOf(seed, mac, around) : undefined,
    ignoresShutdown: seed.ignoresShutdown === true,
    load: {
      cpu: Number(random.between(0.004, 0.45).toFixed(4)),
      memory: Math.floor(seed.memory * 1024 ** 2 * random.between(0.25, 0.9)),
      disk: type === 'lxc' ? Math.floor(seed.disk * 1024 ** 3 * random.between(0.1, 0.7)) : 0,
      netin: random.integer(200, 400_000),
      netout: random.integer(200, 400_000),
      diskread: random.integer(0, 900_000),
      diskwrite: random.integer(500, 900_000),
    },
  };
}
