import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import {
  cloudInitDrive,
  cloudInitDump,
  cloudInitRows,
  decodeKeys,
  isCloudInitKey,
  withoutSecrets,
} from '../../pve/cloud-init.js';
import { failureInWords } from '../../pve/failure.js';
import { configText, type GuestConfig, guestConfig } from '../../pve/guest-config.js';
import { waiting, waitingOf } from '../../pve/pending.js';
import { defineTool } from '../define.js';

const parts = ['user', 'network', 'meta'] as const;

export default [
  defineTool({
    name: 'proxmox-cloudinit-get',
    title: 'Cloud-init',
    description: 'Cloud-init of a VM: settings, what its drive lacks, what the guest sees.',
    effect: 'read',
    scope: 'vm',
    toolset: 'config',
    input: {},
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      node: z.string(),
      drive: z.object({ disk: z.string(), volid: z.string() }).optional(),
      settings: z.record(z.string(), z.string()),
      /** Not on the drive yet. */
      pending: z.array(waiting),
      user: z.string().optional(),
      network: z.string().optional(),
      meta: z.string().optional(),
    }),
    calls: { config: guestConfig, rows: cloudInitRows, dump: cloudInitDump },
    privileges: ['VM.Audit on /vms'],
    run: async ({ target, call, note }) => {
      const { vmid, name, node } = target;
      const { data: config } = await call.config(target);
      const drive = cloudInitDrive(config);
      if (drive === undefined) note('It has no cloud-init drive, so the guest sees none of this.');
      const pending = waitingOf((await call.rows(target)).data);
      const dumped = await Promise.all(
        parts.map(async (type) => [type, await attempt(call.dump(target, { type }))] as const),
      );
      const seen = dumped.flatMap(([type, outcome]) => {
        if (!('error' in outcome)) return [[type, withoutSecrets(outcome.value.data)] as const];
        note(`${type} data could not be read: ${failureInWords(outcome.error)}`);
        return [];
      });
      const shown = drive === undefined ? {} : { drive: { disk: drive.disk, volid: drive.volid } };
      return { vmid, name, node, ...shown, settings: settingsOf(config), pending, ...Object.fromEntries(seen) };
    },
  }),
];

function settingsOf(config: GuestConfig): Record<string, string> {
  const found = Object.keys(config)
    .filter(isCloudInitKey)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((key) => {
      const text = configText(config[key]) ?? '';
      if (key === 'cipassword') return [key, '[not shown]'] as const;
      return [key, key === 'sshkeys' ? decodeKeys(text) : text] as const;
    });
  return Object.fromEntries(found);
}
