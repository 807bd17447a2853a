import { z } from 'zod';
import { inTurns } from '../../pve/attempt.js';
import { agentInterfaces, containerInterfaces } from '../../pve/guest-addresses.js';
import { guestConfig } from '../../pve/guest-config.js';
import { canonicalIp } from '../../pve/ip-address.js';
import { clusterResources, type GuestResource } from '../../pve/resources.js';
import { defineList } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { vmid } from '../scope.js';
import { hasTag, tagList } from './guest-rows.js';
import { canonicalMac, type Found, guestSearch, type Inside, unsearchedNotes } from './guest-search.js';
import { awayNotes, seenGuests } from './seen-guests.js';

const word = z.string().min(1).max(256).optional();

const keys = {
  name: word.describe('Part of it'),
  vmid: vmid.optional().describe('VMID'),
  tag: word.describe('Tag'),
  ip: z
    .string()
    .max(64)
    .refine((ip) => canonicalIp(ip) !== undefined, 'not an IP address')
    .optional()
    .describe('IPv4 or IPv6'),
  mac: z
    .string()
    .max(32)
    .refine((mac) => canonicalMac(mac) !== undefined, 'not a MAC address')
    .optional()
    .describe('MAC, in any form'),
};

type Keys = z.output<z.ZodObject<typeof keys>>;

export default [
  defineList({
    name: 'proxmox-find-guest',
    daily: true,
    title: 'Find guest',
    description: 'Find guests on every cluster by name, VMID, tag, IP or MAC; all must match.',
    effect: 'read',
    scope: 'fleet',
    toolset: 'guests',
    input: keys,
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      type: z.string(),
      node: z.string(),
      status: z.string().optional(),
      lock: z.string().optional(),
      tags: z.array(z.string()).optional(),
      pool: z.string().optional(),
      matched: z.array(z.string()),
    }),
    calls: { resources: clusterResources, config: guestConfig, agent: agentInterfaces, container: containerInterfaces },
    privileges: ['VM.Audit on /vms'],
    run: async ({ call, input, progress }) => {
      if (Object.values(input).every((value) => value === undefined))
        throw new InvalidInput({ argument: 'name', message: 'give at least one of name, vmid, tag, ip, mac' });
      const { guests, away } = await seenGuests(call.resources);
      const candidates = guests.flatMap((guest) => matchOutside(guest, input) ?? []);
      const inside: Inside = { ip: canonicalIp(input.ip ?? ''), mac: canonicalMac(input.mac ?? '') };
      if (inside.ip === undefined && inside.mac === undefined) {
        const notes = awayNotes({ guests: candidates.map(({ guest }) => guest), away }, {});
        return { rows: toRows(candidates, input.name), notes: [...notes, ...movedNotes(candidates)] };
      }
      const look = guestSearch(inside, call, away);
      let searched = 0;
      const looked = await inTurns(candidates, async (candidate) => {
        const found = await look(candidate);
        searched += 1;
        if (searched % 10 === 0 || searched === candidates.length)
          await progress(searched, candidates.length, `${searched} of ${candidates.length} guests searched`);
        return found;
      });
      const rows = looked.flatMap(({ found }) => found ?? []);
      return { rows: toRows(rows, input.name), notes: [...unsearchedNotes(looked), ...movedNotes(rows)] };
    },
  }),
];

/** What of a guest's row matches; `undefined` when one of the conditions does not. */
function matchOutside(guest: GuestResource, { name, vmid: id, tag }: Keys): Found | undefined {
  const fits = [
    name === undefined ? undefined : guest.name?.toLowerCase().includes(name.toLowerCase()) === true,
    id === undefined ? undefined : guest.vmid === id,
    tag === undefined ? undefined : hasTag(guest, tag.toLowerCase()),
  ];
  if (fits.includes(false)) return undefined;
  return { guest, matched: ['name', 'vmid', 'tag'].filter((_, index) => fits[index]) };
}

/** A guest that a move has kept or broken off is seldom the one that is meant. */
function movedNotes(found: readonly Found[]): string[] {
  const moved = found.filter(({ guest }) => guest.lock === 'migrate').map(({ guest }) => guest.vmid);
  if (moved.length === 0) return [];
  return [
    `Locked by a move (migrate): ${moved.sort((a, b) => a - b).join(', ')}. Unless it is being moved just now, it is what a move left: its like on another cluster is the one in use.`,
  ];
}

/** Guests of exactly that name first, then by VMID. */
function toRows(found: readonly Found[], name: string | undefined) {
  const asked = name?.toLowerCase();
  const isExact = ({ guest }: Found) => asked !== undefined && guest.name?.toLowerCase() === asked;
  return found
    .toSorted((a, b) => Number(isExact(b)) - Number(isExact(a)) || a.guest.vmid - b.guest.vmid)
    .map(({ guest: { vmid, name, type, node, status, lock, tags, pool }, matched }) => ({
      vmid,
      name,
      type,
      node,
      status,
      lock,
      pool,
      ...(tags ? { tags: tagList(tags) } : {}),
      matched: [...matched],
    }));
}
