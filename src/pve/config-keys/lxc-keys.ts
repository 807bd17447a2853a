import {
  counted,
  flag,
  formed,
  forms,
  integer,
  type KeySpecs,
  like,
  number,
  oneOf,
  type Parts,
  properties,
  startupOrder,
  text,
  upTo,
} from './key-spec.js';

const idmap = like(
  /^(?:passthrough|[ug]:\d+:\d+:[1-9]\d*(?:;[ug]:\d+:\d+:[1-9]\d*)*)$/,
  'passthrough, or u:0:100000:65536;...',
);

const volume: Parts = {
  volume: { ...text, bare: true, required: true },
  acl: flag,
  idmap: { ...idmap, since: 9 },
  mountoptions: like(
    /^(?:discard|lazytime|noatime|nodev|noexec|nosuid)(?:;(?:discard|lazytime|noatime|nodev|noexec|nosuid))*$/,
    'discard, lazytime, noatime, nodev, noexec, nosuid, separated by ;',
  ),
  quota: flag,
  replicate: flag,
  ro: flag,
  shared: flag,
  size: formed(forms.diskSize),
};

const mountPoint: Parts = {
  ...volume,
  backup: flag,
  keepattrs: { ...flag, since: 9 },
  mp: { ...text, required: true },
};

const networkCard: Parts = {
  name: { ...like(/^[-\w.]+$/, 'the name inside the container, such as eth0'), required: true },
  bridge: like(/^[-\w.]+$/, 'the name of a bridge'),
  firewall: flag,
  gw: formed(forms.ip4),
  gw6: formed(forms.ip6),
  'host-managed': { ...flag, since: 9 },
  hwaddr: formed(forms.mac),
  ip: formed(forms.cidr4),
  ip6: formed(forms.cidr6),
  link_down: flag,
  mtu: integer(64, 65_535),
  rate: number(),
  tag: integer(1, 4094),
  trunks: like(/^\d+(?:;\d+)*$/, 'VLANs, separated by ;'),
  type: oneOf('veth'),
};

const passedDevice: Parts = {
  path: { ...text, bare: true },
  'deny-write': flag,
  gid: integer(0),
  mode: like(/^0[0-7]{3}$/, 'an octal mode such as 0660'),
  uid: integer(0),
};

const features: Parts = {
  force_rw_sys: flag,
  fuse: flag,
  keyctl: flag,
  mknod: flag,
  mount: like(/^[\w; ]+$/, 'kinds of file systems, separated by ;'),
  nesting: flag,
};

/** What a container can be configured with (the contracts of 8.4.5 and 9.2.3). */
export const lxcKeys: KeySpecs = {
  arch: oneOf('amd64 i386 arm64 armhf riscv32 riscv64'),
  cmode: oneOf('shell console tty'),
  console: flag,
  cores: integer(1, 8192),
  cpulimit: number(0, 8192),
  cpuunits: integer(0, 500_000),
  debug: flag,
  description: { ...upTo(8192), lines: true },
  'dev[n]': counted(256, properties(passedDevice)),
  entrypoint: { ...text, since: 9 },
  env: { ...text, since: 9 },
  features: properties(features),
  hookscript: formed(forms.volume),
  hostname: { ...formed(forms.dnsName), longest: 255 },
  lock: oneOf('backup create destroyed disk fstrim migrate mounted rollback snapshot snapshot-delete'),
  memory: integer(16),
  'mp[n]': counted(256, properties(mountPoint)),
  nameserver: text,
  'net[n]': counted(32, properties(networkCard)),
  onboot: flag,
  ostype: oneOf('debian devuan ubuntu centos fedora opensuse archlinux alpine gentoo nixos unmanaged'),
  protection: flag,
  rootfs: properties(volume),
  searchdomain: formed(forms.dnsNames),
  startup: { ...formed(forms.startup), parts: startupOrder },
  swap: integer(0),
  tags: formed(forms.tags),
  template: flag,
  timezone: text,
  tty: integer(0, 6),
  unprivileged: flag,
  'unused[n]': counted(256, properties({ volume: { ...formed(forms.volume), bare: true, required: true } })),
};
