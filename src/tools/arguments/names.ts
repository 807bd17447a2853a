import { z } from 'zod';
import { splitList } from '../../pve/storage.js';

/**
 * What Proxmox takes as the name of each kind of thing, by the official contract of 8.4 and 9.2: no narrower than either,
 * so that what a server has can be named, and no wider than both, so that nothing is sent that it refuses.
 */
const named = (form: RegExp, words: string, longest = 256) => z.string().max(longest).regex(form, words);

const listOf = (one: z.ZodType, words: string) =>
  z
    .string()
    .min(1)
    .max(256)
    .refine((list) => splitList(list).every((item) => one.safeParse(item).success), words);

export const nodeName = named(
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
  'a node is named by letters, digits and inner -',
);
export const nodeList = listOf(nodeName, 'nodes, as pve1,pve2');
export const storageId = named(
  /^[a-zA-Z][\w.-]*[a-zA-Z0-9]$/,
  'a storage is named by a letter, then letters, digits, - _ and ., a letter or digit at its end',
);
export const volidReads = "a volid reads 'storage:name', as proxmox-storage-content lists it";
export const poolId = named(/^[\w.-]+(?:\/[\w.-]+){0,2}$/, 'letters, digits, . _ and -; nested ones as a/b or a/b/c');
export const bridgeName = named(/^[a-zA-Z][\w.-]*$/, 'a bridge is named by a letter, then letters, digits, _ . and -');
export const interfaceName = named(
  /^[a-zA-Z]\w{1,20}(?:[:.]\d+)?$/,
  'a letter, then letters, digits and _; a VLAN as eth0.5; 2 to 20 in all',
  20,
).min(2);
export const interfaceList = listOf(interfaceName, 'interfaces, as eno1,eno2');
export const dnsName = named(
  /^(?!-)[a-zA-Z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-zA-Z0-9-]{1,63}(?<!-))*\.?$/,
  'a host name: letters, digits and inner -, up to 63 between two dots',
);
/** What Proxmox keeps under a name of its configuration: snapshots, rules, jobs, mappings, notification targets. */
export const configId = (longest: number) =>
  named(/^[a-zA-Z][\w-]+$/, `a letter, then letters, digits, _ and -; 2 to ${longest} in all`, longest);
/** Zones and vnets. */
export const sdnId = named(/^[a-zA-Z][a-zA-Z0-9]+$/, 'a letter, then letters and digits; 2 to 8 in all', 8);
/** A container's; a VM may have a longer one. */
export const containerName = dnsName.max(255);
/** Of the firewall: security groups, and what rules name. */
export const groupName = configId(18);
export const firewallName = configId(64);
