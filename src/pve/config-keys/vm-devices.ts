import { flag, formed, forms, integer, like, number, oneOf, type Parts, text } from './key-spec.js';

const models =
  'e1000 e1000-82540em e1000-82544gc e1000-82545em e1000e i82551 i82557b i82559er ne2k_isa ne2k_pci pcnet rtl8139 virtio vmxnet3';

/** `virtio=<MAC>`, one for each model. */
const modelWithMac: Parts = Object.fromEntries(
  models.split(' ').map((model) => [model, { type: 'text', sameAs: 'macaddr', names: 'model' }]),
);

export const networkCard: Parts = {
  ...modelWithMac,
  model: { ...oneOf(models), bare: true, required: true },
  macaddr: formed(forms.mac),
  bridge: formed(forms.bridge),
  firewall: flag,
  link_down: flag,
  mtu: integer(1, 65_520),
  queues: integer(0, 64),
  rate: number(0),
  tag: integer(1, 4094),
  trunks: formed(forms.numberRanges),
};

export const guestAgent: Parts = {
  enabled: { ...flag, bare: true, required: true },
  'freeze-fs': { ...flag, since: 9 },
  'freeze-fs-on-backup': flag,
  'guest-fsfreeze': { ...flag, since: 9 },
  fstrim_cloned_disks: flag,
  type: oneOf('virtio isa'),
};

export const sound: Parts = {
  device: { ...oneOf('ich9-intel-hda intel-hda AC97'), required: true },
  driver: oneOf('spice none'),
};

export const pciDevice: Parts = {
  host: { ...text, bare: true },
  'device-id': text,
  driver: { ...oneOf('vfio keep'), since: 9 },
  'legacy-igd': flag,
  mapping: text,
  mdev: text,
  pcie: flag,
  rombar: flag,
  romfile: text,
  'sub-device-id': text,
  'sub-vendor-id': text,
  'vendor-id': text,
  'x-vga': flag,
};

export const usbDevice: Parts = {
  host: {
    ...like(
      /^(?:(?:0x)?[0-9A-Fa-f]{4}:(?:0x)?[0-9A-Fa-f]{4}|\d+-\d+(?:\.\d+)*|spice)$/i,
      'spice, vendor:product or bus-port',
    ),
    bare: true,
  },
  mapping: formed(forms.configId),
  usb3: flag,
};

export const sharedMemory: Parts = {
  name: like(/^[A-Za-z0-9-]+$/, 'letters, digits and -'),
  size: { ...integer(1), required: true },
};

export const machine: Parts = {
  type: {
    ...like(
      /^(?:pc|q35|virt|pc(?:-i440fx)?-\d+(?:\.\d+)+(?:\+pve\d+)?(?:\.pxe)?|pc-q35-\d+(?:\.\d+)+(?:\+pve\d+)?(?:\.pxe)?|virt(?:-\d+(?:\.\d+)+)?(?:\+pve\d+)?)$/,
      'pc, q35 or virt, or one with its version such as pc-q35-9.2+pve1',
    ),
    longest: 40,
    bare: true,
  },
  'aw-bits': { ...number(32, 64), since: 9 },
  'enable-s3': flag,
  'enable-s4': flag,
  viommu: oneOf('intel virtio'),
};

export const display: Parts = {
  type: {
    ...oneOf('cirrus qxl qxl2 qxl3 qxl4 none serial0 serial1 serial2 serial3 std virtio virtio-gl vmware'),
    bare: true,
  },
  clipboard: oneOf('vnc'),
  memory: integer(4, 512),
};

export const sharedFolder: Parts = {
  dirid: { ...formed(forms.configId), bare: true, required: true },
  cache: oneOf('auto always metadata never'),
  'direct-io': flag,
  'expose-acl': flag,
  'expose-xattr': flag,
};

export const numaNode: Parts = {
  cpus: { ...formed(forms.numberRanges), required: true },
  hostnodes: formed(forms.numberRanges),
  memory: number(),
  policy: oneOf('preferred bind interleave'),
};

export const processor: Parts = {
  cputype: { ...like(/^[\w.+-]+$/, 'a CPU model, such as host or x86-64-v3'), bare: true },
  flags: text,
  'guest-phys-bits': { ...integer(), since: 9 },
  hidden: flag,
  'hv-vendor-id': text,
  level: { ...integer(), since: 9 },
  'phys-bits': text,
  'reported-model': text,
};

export const random: Parts = {
  source: { ...oneOf('/dev/urandom /dev/random /dev/hwrng'), bare: true, required: true },
  max_bytes: integer(),
  period: integer(),
};

export const watchdog: Parts = { model: { ...oneOf('i6300esb ib700'), bare: true }, action: text };

export const smbios: Parts = {
  base64: flag,
  family: text,
  manufacturer: text,
  product: text,
  serial: text,
  sku: text,
  uuid: text,
  version: text,
};

export const addresses: Parts = {
  gw: formed(forms.ip4),
  gw6: formed(forms.ip6),
  ip: formed(forms.cidr4),
  ip6: formed(forms.cidr6),
};

const volume = formed(forms.volume);
export const snippets: Parts = { meta: volume, network: volume, user: volume, vendor: volume };

export const amdSev: Parts = {
  type: { ...text, bare: true, required: true },
  'allow-smt': flag,
  'kernel-hashes': flag,
  'no-debug': flag,
  'no-key-sharing': flag,
};

export const intelTdx: Parts = {
  type: { ...text, bare: true, required: true },
  attestation: { ...flag, required: true },
  'vsock-cid': integer(),
  'vsock-port': integer(),
};

export const boot: Parts = { legacy: { ...text, bare: true }, order: text };
