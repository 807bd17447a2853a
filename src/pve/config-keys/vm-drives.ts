import { flag, formed, forms, integer, like, number, oneOf, type Parts } from './key-spec.js';

const perSecond = (unit: 'bps' | 'iops'): Parts => ({
  [`${unit}_rd_length`]: { type: 'text', sameAs: `${unit}_rd_max_length` },
  [`${unit}_wr_length`]: { type: 'text', sameAs: `${unit}_wr_max_length` },
  ...Object.fromEntries(['', '_rd', '_wr'].map((way) => [`${unit}${way}`, integer()])),
  ...Object.fromEntries(['', '_rd', '_wr'].map((way) => [`${unit}${way}_max_length`, integer(1)])),
});

const limits: Parts = {
  ...perSecond('bps'),
  ...perSecond('iops'),
  iops_max: integer(),
  iops_rd_max: integer(),
  iops_wr_max: integer(),
  mbps: number(),
  mbps_max: number(),
  mbps_rd: number(),
  mbps_rd_max: number(),
  mbps_wr: number(),
  mbps_wr_max: number(),
};

const drive: Parts = {
  ...limits,
  file: { ...formed(forms.drive), bare: true, required: true },
  volume: { type: 'text', sameAs: 'file' },
  aio: oneOf('native threads io_uring'),
  backup: flag,
  cache: oneOf('none writethrough writeback unsafe directsync'),
  cyls: { ...integer(), until: 8 },
  detect_zeroes: flag,
  discard: oneOf('ignore on'),
  format: oneOf('raw qcow qed qcow2 vmdk cloop'),
  heads: { ...integer(), until: 8 },
  'import-from': { type: 'text' },
  media: oneOf('cdrom disk'),
  replicate: flag,
  rerror: oneOf('ignore report stop'),
  secs: { ...integer(), until: 8 },
  serial: { ...formed(forms.urlencoded), longest: 60 },
  shared: flag,
  size: formed(forms.diskSize),
  snapshot: flag,
  trans: { ...oneOf('none lba auto'), until: 8 },
  werror: oneOf('enospc ignore report stop'),
};

const wwn = like(/^0x[0-9a-fA-F]{16}$/, '0x and 16 hexadecimal digits');

export const ideDrive: Parts = { ...drive, model: { ...formed(forms.urlencoded), longest: 120 }, ssd: flag, wwn };
export const sataDrive: Parts = { ...drive, ssd: flag, wwn };
export const virtioDrive: Parts = { ...drive, iothread: flag, ro: flag };
export const scsiDrive: Parts = {
  ...virtioDrive,
  product: like(/^[\w\s-]{0,16}$/, 'at most 16 letters and digits'),
  queues: integer(2),
  scsiblock: flag,
  ssd: flag,
  vendor: like(/^[\w\s-]{0,8}$/, 'at most 8 letters and digits'),
  wwn,
};

const made: Parts = {
  file: { ...formed(forms.drive), bare: true, required: true },
  volume: { type: 'text', sameAs: 'file' },
  'import-from': { type: 'text' },
  size: formed(forms.diskSize),
};

export const efiDisk: Parts = {
  ...made,
  efitype: oneOf('2m 4m'),
  format: oneOf('raw qcow qed qcow2 vmdk cloop'),
  'ms-cert': { ...oneOf('2011 2023 2023w 2023k'), since: 9 },
  'pre-enrolled-keys': flag,
};

export const tpmState: Parts = {
  ...made,
  format: { ...oneOf('raw qcow2 vmdk'), since: 9 },
  version: oneOf('v1.2 v2.0'),
};

export const unusedDrive: Parts = {
  file: { ...formed(forms.volume), bare: true, required: true },
  volume: { type: 'text', sameAs: 'file' },
};
