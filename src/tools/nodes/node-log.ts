import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { defineList } from '../define.js';
import { InvalidInput } from '../invalid-input.js';

const hourSeconds = 3600;
const longestHours = 24;

/** A time as journalctl reads it, in the node's zone; one from before a change of its clocks is an hour off. */
function localText(since: number, { time, localtime }: { readonly time: number; readonly localtime: number }): string {
  return new Date((since + localtime - time) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

export default [
  defineList({
    name: 'proxmox-node-log',
    title: 'Node log',
    description: "Last lines of a node's journal, or of one service; oldest first.",
    effect: 'read',
    scope: 'node',
    toolset: 'nodes',
    input: {
      lines: z.int().min(1).max(1000).optional().describe('Default 100'),
      service: z.string().min(1).max(128).optional().describe('Only this service'),
      since: z.iso.datetime({ offset: true }).optional().describe('ISO time; of all: last 24 h'),
    },
    output: z.object({ line: z.string() }),
    calls: {
      journal: endpoint('GET /nodes/{node}/journal', z.array(z.string())),
      time: endpoint('GET /nodes/{node}/time', z.object({ time: number, localtime: number })),
      syslog: endpoint('GET /nodes/{node}/syslog', z.array(z.object({ n: number, t: text }))),
    },
    privileges: ['Sys.Syslog on /nodes', 'Sys.Audit on /nodes'],
    run: async ({ target, input, call, now }) => {
      const most = input.lines ?? 100;
      const since = input.since === undefined ? undefined : Math.floor(Date.parse(input.since) / 1000);
      if (input.service === undefined) {
        // Its answer has no end but that of the journal, which may be of years.
        if (since !== undefined && since < now / 1000 - longestHours * hourSeconds)
          throw new InvalidInput({
            argument: 'since',
            message: `without 'service' at most ${longestHours} h ago; leave it out for the last lines`,
          });
        // Beside `since`, `lastentries` is ignored (mini-journalreader): such an answer is cut here.
        const { data } = await call.journal(target, since === undefined ? { lastentries: most } : { since });
        return { rows: data.slice(-most).map((line) => ({ line })) };
      }
      const about = {
        service: input.service,
        since: since === undefined ? undefined : localText(since, (await call.time(target)).data),
      };
      // Lines come from the oldest on; how many there are is only known from an answer.
      const { total = 0 } = await call.syslog(target, { ...about, start: 0, limit: 1 });
      const start = Math.max(0, total - most);
      const { data } = await call.syslog(target, { ...about, start, limit: most });
      return { rows: data.map(({ t }) => ({ line: t })) };
    },
  }),
];
