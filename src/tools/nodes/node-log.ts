import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { defineList } from '../define.js';

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
      since: z.iso.datetime({ offset: true }).optional().describe('ISO time'),
    },
    output: z.object({ line: z.string() }),
    calls: {
      journal: endpoint('GET /nodes/{node}/journal', z.array(z.string())),
      syslog: endpoint('GET /nodes/{node}/syslog', z.array(z.object({ n: number, t: text }))),
    },
    privileges: ['Sys.Syslog on /nodes'],
    run: async ({ target, input, call }) => {
      const most = input.lines ?? 100;
      if (input.service === undefined) {
        const since = input.since === undefined ? undefined : Math.floor(Date.parse(input.since) / 1000);
        // Beside `since`, `lastentries` is ignored (mini-journalreader): such an answer is cut here.
        const { data } = await call.journal(target, since === undefined ? { lastentries: most } : { since });
        return { rows: data.slice(-most).map((line) => ({ line })) };
      }
      const about = {
        service: input.service,
        since:
          input.since === undefined ? undefined : new Date(input.since).toISOString().slice(0, 19).replace('T', ' '),
      };
      // Lines come from the oldest on; how many there are is only known from an answer.
      const { total = 0 } = await call.syslog(target, { ...about, start: 0, limit: 1 });
      const start = Math.max(0, total - most);
      const { data } = await call.syslog(target, { ...about, start, limit: most });
      return { rows: data.map(({ t }) => ({ line: t })) };
    },
  }),
];
