import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number } from '../../pve/loose.js';
import { isoTime } from '../../pve/time.js';
import { defineTool, type Files } from '../define.js';
import { InvalidInput } from '../invalid-input.js';

/** A chain with its key is some kilobytes; what is larger is another file. */
const mostBytes = 256 * 1024;

const installed = z.object({
  filename: z.string(),
  subject: z.string().optional(),
  fingerprint: z.string().optional(),
  san: z.array(z.string()).optional(),
  notafter: number.optional(),
});

/** The text of a PEM file that holds what it should, and nothing of what it should not. */
async function pemOf(files: Files, path: string, argument: string, block: RegExp, foreign: RegExp): Promise<string> {
  const file = await files.find(path, argument);
  if (file.size > mostBytes) throw new InvalidInput({ argument, message: `is larger than ${mostBytes} bytes` });
  const pieces: Uint8Array[] = [];
  for await (const piece of file.open()) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  if (!block.test(text)) throw new InvalidInput({ argument, message: 'is no such PEM file' });
  if (foreign.test(text))
    throw new InvalidInput({ argument, message: 'holds a certificate and a key: give two files' });
  return text;
}

const certificateBlock = /-----BEGIN CERTIFICATE-----/;
const keyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

export default [
  defineTool({
    name: 'proxmox-set-certificate',
    title: 'Set certificate',
    description: 'Give a node a certificate of your own from local PEM files; taken at the restart of pveproxy.',
    effect: 'destroy',
    scope: 'node',
    toolset: 'nodes',
    input: {
      certificate_file: z.string().min(1).max(4096).describe('Whole path'),
      key_file: z.string().min(1).max(4096).optional().describe('Default: key there'),
      force: z.boolean().optional().describe('Replace one'),
    },
    output: z.object({
      node: z.string(),
      filename: z.string(),
      subject: z.string().optional(),
      fingerprint: z.string().optional(),
      names: z.array(z.string()).optional(),
      valid_until: z.string().optional(),
    }),
    calls: {
      upload: endpoint('POST /nodes/{node}/certificates/custom', installed, { filename: 'pveproxy-ssl.pem' }),
    },
    privileges: ['Sys.Modify on /nodes'],
    run: async ({ target, input, call, files, note }) => {
      const { certificate_file, key_file, force } = input;
      const certificates = await pemOf(files, certificate_file, 'certificate_file', certificateBlock, keyBlock);
      const key =
        key_file === undefined ? undefined : await pemOf(files, key_file, 'key_file', keyBlock, certificateBlock);
      // `restart` would drop the connection before it has answered.
      const { data } = await call.upload(target, { certificates, key, force });
      note(
        'In use after proxmox-control-service restarts pveproxy; a pinned fingerprint must then be changed here too.',
      );
      const { filename, subject, fingerprint, san, notafter } = data;
      const valid_until = notafter === undefined ? undefined : isoTime(notafter);
      return { node: target.node, filename, subject, fingerprint, names: san, valid_until };
    },
  }),
];
