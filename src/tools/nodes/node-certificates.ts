import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number } from '../../pve/loose.js';
import { isoTime } from '../../pve/time.js';
import { startedUpid } from '../../pve/upid.js';
import { defineList, defineTool } from '../define.js';
import { Refused } from '../refused.js';

const certificate = z.object({
  filename: z.string(),
  subject: z.string().optional(),
  issuer: z.string().optional(),
  fingerprint: z.string().optional(),
  san: z.array(z.string()).optional(),
  notbefore: number.optional(),
  notafter: number.optional(),
});

const nodeConfig = endpoint('GET /nodes/{node}/config', z.record(z.string(), z.unknown()));

export default [
  defineList({
    name: 'proxmox-list-certificates',
    title: 'List certificates',
    description: 'Certificates of a node: names, fingerprints, days left.',
    effect: 'read',
    scope: 'node',
    toolset: 'nodes',
    input: {},
    output: z.object({
      filename: z.string(),
      subject: z.string().optional(),
      issuer: z.string().optional(),
      fingerprint: z.string().optional(),
      names: z.array(z.string()).optional(),
      valid_until: z.string().optional(),
      days_left: z.number().optional(),
    }),
    calls: { certificates: endpoint('GET /nodes/{node}/certificates/info', z.array(certificate)) },
    privileges: [],
    run: async ({ target, call, now }) => {
      const { data } = await call.certificates(target);
      const rows = data.map(({ filename, subject, issuer, fingerprint, san, notafter }) => ({
        filename,
        subject,
        issuer,
        fingerprint,
        names: san,
        valid_until: notafter === undefined ? undefined : isoTime(notafter),
        days_left: notafter === undefined ? undefined : Math.floor((notafter - now / 1000) / 86_400),
      }));
      return { rows: rows.sort((a, b) => a.filename.localeCompare(b.filename)) };
    },
  }),
  defineTool({
    name: 'proxmox-order-certificate',
    title: 'Order certificate',
    description: "Order or renew a node's certificate by ACME; restarts pveproxy.",
    effect: 'destroy',
    scope: 'node',
    toolset: 'nodes',
    input: {
      renew: z.boolean().optional().describe('Renew the present one'),
      force: z.boolean().optional().describe('Present or not due'),
    },
    output: z.object({ node: z.string(), upid: z.string() }),
    calls: {
      nodeConfig,
      order: endpoint('POST /nodes/{node}/certificates/acme/certificate', startedUpid),
      renew: endpoint('PUT /nodes/{node}/certificates/acme/certificate', startedUpid),
    },
    privileges: ['Sys.Modify on /nodes', 'Sys.Audit on /nodes'],
    run: async ({ target, input, call }) => {
      const { data } = await call.nodeConfig(target);
      if (!Object.keys(data).some((key) => /^acme(domain\d+)?$/.test(key)))
        throw new Refused(
          `node '${target.node}' has no ACME domains`,
          'An account is made by root@pam alone, in the web interface; there the domains are set too.',
        );
      const send = input.renew ? call.renew : call.order;
      return { node: target.node, upid: (await send(target, { force: input.force })).data };
    },
  }),
];
