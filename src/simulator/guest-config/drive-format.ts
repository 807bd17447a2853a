import type { PropertyFormat } from '../parameters.js';
import { flag } from '../routes/common-parameters.js';

const limits = {
  bps: { type: 'integer', optional: true },
  bps_max_length: { type: 'integer', optional: true, min: 1 },
  bps_rd: { type: 'integer', optional: true },
  bps_rd_length: { type: 'string', optional: true, alias: 'bps_rd_max_length' },
  bps_rd_max_length: { type: 'integer', optional: true, min: 1 },
  bps_wr: { type: 'integer', optional: true },
  bps_wr_length: { type: 'string', optional: true, alias: 'bps_wr_max_length' },
  bps_wr_max_length: { type: 'integer', optional: true, min: 1 },
  iops: { type: 'integer', optional: true },
  iops_max: { type: 'integer', optional: true },
  iops_max_length: { type: 'integer', optional: true, min: 1 },
  iops_rd: { type: 'integer', optional: true },
  iops_rd_length: { type: 'string', optional: true, alias: 'iops_rd_max_length' },
  iops_rd_max: { type: 'integer', optional: true },
  iops_rd_max_length: { type: 'integer', optional: true, min: 1 },
  iops_wr: { type: 'integer', optional: true },
  iops_wr_length: { type: 'string', optional: true, alias: 'iops_wr_max_length' },
  iops_wr_max: { type: 'integer', optional: true },
  iops_wr_max_length: { type: 'integer', optional: true, min: 1 },
  mbps: { type: 'number', optional: true },
  mbps_max: { type: 'number', optional: true },
  mbps_rd: { type: 'number', optional: true },
  mbps_rd_max: { type: 'number', optional: true },
  mbps_wr: { type: 'number', optional: true },
  mbps_wr_max: { type: 'number', optional: true },
} as const satisfies PropertyFormat;

const common = {
  ...limits,
  aio: { type: 'string', optional: true, enum: ['native', 'threads', 'io_uring'] },
  backup: flag,
  cache: { type: 'string', optional: true, enum: ['none', 'writethrough', 'writeback', 'unsafe', 'directsync'] },
  cyls: { type: 'integer', optional: true, until: '8.4' },
  detect_zeroes: flag,
  discard: { type: 'string', optional: true, enum: ['ignore', 'on'] },
  file: { type: 'string', defaultKey: true, format: 'pve-volume-id-or-qm-path' },
  format: { type: 'string', optional: true, enum: ['raw', 'qcow', 'qed', 'qcow2', 'vmdk', 'cloop'] },
  heads: { type: 'integer', optional: true, until: '8.4' },
  'import-from': { type: 'string', optional: true, format: 'pve-volume-id-or-absolute-path' },
  media: { type: 'string', optional: true, enum: ['cdrom', 'disk'] },
  replicate: flag,
  rerror: { type: 'string', optional: true, enum: ['ignore', 'report', 'stop'] },
  secs: { type: 'integer', optional: true, until: '8.4' },
  serial: { type: 'string', optional: true, maxLength: 60, format: 'urlencoded' },
  shared: flag,
  size: { type: 'string', optional: true, format: 'disk-size' },
  snapshot: flag,
  trans: { type: 'string', optional: true, enum: ['none', 'lba', 'auto'], until: '8.4' },
  volume: { type: 'string', optional: true, alias: 'file' },
  werror: { type: 'string', optional: true, enum: ['enospc', 'ignore', 'report', 'stop'] },
} as const satisfies PropertyFormat;

export const ideDrive = {
  ...common,
  model: { type: 'string', optional: true, maxLength: 120, format: 'urlencoded' },
  ssd: flag,
  wwn: { type: 'string', optional: true, pattern: '(?:^(0x)[0-9a-fA-F]{16})' },
} as const satisfies PropertyFormat;

export const sataDrive = {
  ...common,
  ssd: flag,
  wwn: { type: 'string', optional: true, pattern: '(?:^(0x)[0-9a-fA-F]{16})' },
} as const satisfies PropertyFormat;

export const scsiDrive = {
  ...common,
  iothread: flag,
  product: { type: 'string', optional: true, pattern: '[A-Za-z0-9\\-_\\s]{0,16}' },
  queues: { type: 'integer', optional: true, min: 2 },
  ro: flag,
  scsiblock: flag,
  ssd: flag,
  vendor: { type: 'string', optional: true, pattern: '[A-Za-z0-9\\-_\\s]{0,8}' },
  wwn: { type: 'string', optional: true, pattern: '(?:^(0x)[0-9a-fA-F]{16})' },
} as const satisfies PropertyFormat;

export const virtioDrive = { ...common, iothread: flag, ro: flag } as const satisfies PropertyFormat;
