import { z } from 'zod';
import {
  configText,
  disk,
  disksOf,
  type GuestConfig,
  isDiskKey,
  isNicKey,
  nic,
  nicsOf,
} from '../../pve/guest-config.js';
import type { guestStatus } from '../../pve/guest-status.js';
import { shownField } from '../../pve/secret-fields.js';
import { share } from '../../pve/share.js';
import type { GuestTarget } from '../scope.js';
import { tagList } from './guest-rows.js';

const word = z.string().optional();
const amount = z.number().optional();

/** What is said of a VM and of a container alike. */
export const guestFacts = z.object({
  vmid: z.number(),
  name: word,
  node: z.string(),
  status: z.string(),
  qmpstatus: word,
  template: z.boolean().optional(),
  lock: word,
  tags: z.array(z.string()).optional(),
  ha: z.object({ state: word, group: word }).optional(),
  uptime: amount,
  cpu: amount,
  cpus: amount,
  mem: amount,
  maxmem: amount,
  disk: amount,
  maxdisk: amount,
  description: word,
  disks: z.array(disk),
  nics: z.array(nic),
  config: z.record(z.string(), z.union([z.string(), z.number()])),
  pending: z.array(z.string()),
  addresses: z.array(z.object({ name: z.string(), mac: word, addresses: z.array(z.string()) })).optional(),
});

type Status = z.output<(typeof guestStatus)['data']>;

/** A guest as its node describes it: what it does, what it is made of, and what waits for its next start. */
export function toFacts({ vmid, node, type }: GuestTarget, status: Status, config: GuestConfig, next: GuestConfig) {
  const { name, qmpstatus, lock, template, tags, ha, uptime, cpu, cpus, mem, maxmem, disk: used, maxdisk } = status;
  const description = configText(config.description)?.trim();
  return {
    vmid,
    name,
    node,
    status: status.status,
    // The same word again unless the VM is paused, suspended or broken.
    qmpstatus: qmpstatus === status.status ? undefined : qmpstatus,
    template: template || undefined,
    lock,
    tags: tags ? tagList(tags) : undefined,
    ha: ha?.managed ? { state: ha.state, group: ha.group } : undefined,
    uptime,
    cpu: share(cpu),
    cpus,
    mem,
    maxmem,
    disk: type === 'lxc' ? used : undefined,
    maxdisk,
    description: description || undefined,
    disks: disksOf(config),
    nics: nicsOf(config),
    config: restOf(config),
    pending: changesOf(config, next),
  };
}

/** The keys that will have another value, or none. */
const changesOf = (config: GuestConfig, next: GuestConfig) =>
  [...new Set([...Object.keys(config), ...Object.keys(next)])]
    .filter((key) => key !== 'digest' && JSON.stringify(config[key]) !== JSON.stringify(next[key]))
    .sort();

/** Said elsewhere in the answer, or of no use to anybody. */
const left = new Set([
  'name',
  'hostname',
  'tags',
  'lock',
  'template',
  'description',
  'digest',
  'parent',
  'vmgenid',
  'meta',
]);

function restOf(config: GuestConfig): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => {
      if (left.has(key) || isDiskKey(key) || isNicKey(key)) return [];
      if (key === 'cipassword') return [[key, '**********']];
      return [[key, typeof value === 'number' ? value : shownField(key, configText(value) ?? JSON.stringify(value))]];
    }),
  );
}
