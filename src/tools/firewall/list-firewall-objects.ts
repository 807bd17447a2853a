import { z } from 'zod';
import { inTurns } from '../../pve/attempt.js';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { guestResources } from '../../pve/resources.js';
import { defineList } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { readAliases, readEntries, readIpsets, setReads } from './firewall-sets.js';
import { findPlace, optionLevels, type Place } from './place.js';

const comment = text.optional();
const groups = z.array(z.object({ group: z.string(), comment }));
const references = z.array(
  z.object({ type: z.string(), name: z.string(), ref: text.optional(), scope: text.optional(), comment }),
);
const macros = z.array(z.object({ macro: z.string(), descr: text.optional() }));
const lines = z.array(z.object({ n: number, t: z.string() }));

const calls = {
  guestResources,
  ...setReads,
  groups: endpoint('GET /cluster/firewall/groups', groups),
  macros: endpoint('GET /cluster/firewall/macros', macros),
  referencesOfCluster: endpoint('GET /cluster/firewall/refs', references),
  referencesOfGuest: endpoint('GET /nodes/{node}/{type}/{vmid}/firewall/refs', references),
  logOfNode: endpoint('GET /nodes/{node}/firewall/log', lines),
  logOfGuest: endpoint('GET /nodes/{node}/{type}/{vmid}/firewall/log', lines),
};
type Reads = Bound<typeof calls>;

const row = z.object({
  name: z.string().optional(),
  cidr: z.string().optional(),
  comment: z.string().optional(),
  /** Of an IP set; a `!` stands before what is taken out of it. */
  entries: z.array(z.string()).optional(),
  type: z.string().optional(),
  /** How a rule writes it. */
  ref: z.string().optional(),
  n: z.number().optional(),
  line: z.string().optional(),
});
type Row = z.input<typeof row>;

const byName = (a: Row, b: Row) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1);

async function ipsetRows(place: Place, call: Reads): Promise<Row[]> {
  const sets = await readIpsets(place, call);
  return inTurns(sets, async ({ name, comment }) => {
    const entries = await readEntries(place, name, call);
    return { name, comment, entries: entries.map(({ cidr, nomatch }) => (nomatch ? `!${cidr}` : cidr)) };
  });
}

async function referenceRows(place: Place, call: Reads): Promise<Row[]> {
  const { data } = await (place.level === 'guest' ? call.referencesOfGuest(place) : call.referencesOfCluster({}));
  // 7.4 names no reference; the name alone will do there.
  return data.map(({ type, name, ref, comment }) => ({
    type,
    name,
    ref: ref ?? (type === 'ipset' ? `+${name}` : name),
    comment,
  }));
}

async function logRows(place: Place, call: Reads, page: { start: number; limit: number }) {
  if (place.level !== 'node' && place.level !== 'guest')
    throw new InvalidInput({ argument: 'level', message: 'a log is kept for a node or a guest' });
  const { data, total } = await (place.level === 'guest' ? call.logOfGuest(place, page) : call.logOfNode(place, page));
  const rows: Row[] = data.map(({ n, t }) => ({ n, line: t }));
  return { rows, total: total ?? page.start + rows.length };
}

export default [
  defineList({
    name: 'proxmox-firewall-list',
    title: 'Firewall objects',
    description: 'Aliases, IP sets, groups, macros, what rules may refer to, or the log.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'firewall',
    input: {
      what: z.enum(['aliases', 'ipsets', 'groups', 'macros', 'refs', 'log']).describe('Which'),
      ...optionLevels,
      level: optionLevels.level.optional().describe('Default cluster'),
    },
    output: row,
    calls,
    privileges: ['Sys.Audit on /', 'VM.Audit on /vms'],
    run: async ({ input, call, page }) => {
      const { what, level = 'cluster', node, vmid } = input;
      const place = await findPlace({ level, node, vmid }, call.guestResources);
      if (level === 'node' && what !== 'log')
        throw new InvalidInput({
          argument: 'level',
          message: 'a node has a log alone; the rest is of cluster or guest',
        });
      if (what === 'log') return logRows(place, call, { start: page.offset, limit: page.limit });
      if (what === 'aliases')
        return { rows: (await readAliases(place, call)).map(({ digest: _, ...alias }) => alias).sort(byName) };
      if (what === 'ipsets') return { rows: (await ipsetRows(place, call)).sort(byName) };
      if (what === 'refs') return { rows: (await referenceRows(place, call)).sort(byName) };
      if (what === 'groups') {
        const { data } = await call.groups({});
        return { rows: data.map(({ group, comment }) => ({ name: group, comment })).sort(byName) };
      }
      const { data } = await call.macros({});
      return { rows: data.map(({ macro, descr }) => ({ name: macro, comment: descr })).sort(byName) };
    },
  }),
];
