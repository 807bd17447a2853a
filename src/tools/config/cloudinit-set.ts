import { z } from 'zod';
import { type Attempt, attempt } from '../../pve/attempt.js';
import { cloudInitDrive, encodeKeys, isCloudInitKey, regenerateDrive } from '../../pve/cloud-init.js';
import { forms } from '../../pve/config-keys/key-spec.js';
import type { Answer } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { type GuestConfig, guestConfig } from '../../pve/guest-config.js';
import { afterwards, pendingRows, waitingAfter } from '../../pve/pending.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { endedWell } from './ended-well.js';
import { type AskedChange, readChange } from './guest-change.js';
import { askedOf, inBackground, parametersOf, updateVm } from './sent-change.js';

const word = z.string().min(1).max(4096).optional();
const input = {
  ipconfig0: word.describe('ip=dhcp; ip=CIDR,gw=IP'),
  ipconfigs: z.record(z.string(), z.unknown()).optional().describe('ipconfig1: ..., ...'),
  sshkeys: z.string().min(1).max(65_536).optional().describe('Keys, one a line'),
  ciuser: word.describe('User'),
  cipassword: word.describe('Password'),
  nameserver: word.describe('DNS servers'),
  searchdomain: word.describe('DNS domain'),
  ciupgrade: z.boolean().optional().describe('Upgrade at first boot'),
  citype: z.enum(['configdrive2', 'nocloud', 'opennebula']).optional().describe('Data format'),
  cicustom: word.describe('user=local:snippets/x.yml'),
  delete: z.array(z.string().min(1)).min(1).max(50).optional().describe('Settings to unset'),
  add_drive: z
    .string()
    .refine((name) => forms.storage.pattern.test(name), forms.storage.says)
    .optional()
    .describe('Storage of new drive'),
};
type Input = z.output<z.ZodObject<typeof input>>;

/** IDE reaches 0 and 2 on every machine type; SATA is there beside it. */
const drivePlaces = ['ide2', 'ide0', 'sata0', 'sata1', 'sata2', 'sata3', 'sata4', 'sata5'] as const;

function wishOf({ ipconfigs = {}, delete: remove = [], add_drive: _, sshkeys, ...rest }: Input): AskedChange {
  const strange = [...Object.keys(ipconfigs)].filter((key) => !/^ipconfig\d+$/.test(key));
  if (strange.length > 0)
    throw new InvalidInput({
      argument: 'ipconfigs',
      message: `${strange.join(', ')}: keys are ipconfig0 to ipconfig31`,
    });
  const foreign = remove.filter((key) => !isCloudInitKey(key));
  if (foreign.length > 0)
    throw new InvalidInput({ argument: 'delete', message: `${foreign.join(', ')}: no setting of cloud-init` });
  const params = { ...rest, sshkeys: sshkeys === undefined ? undefined : checkedKeys(sshkeys), ...ipconfigs };
  return {
    prefix: '',
    params: Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)),
    remove,
  };
}

const keyLine = /(?:^|\s)(?:ssh-\w+|ecdsa-sha2-\S+|sk-\S+)\s+[A-Za-z0-9+/]+=*(?:\s|$)/;

function checkedKeys(given: string): string {
  const encoded = encodeKeys(given);
  const lines = decodeURIComponent(encoded).split('\n');
  const bad = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('#') && !keyLine.test(line.trim()));
  if (bad < 0) return encoded;
  throw new InvalidInput({
    argument: 'sshkeys',
    message: `line ${bad + 1} is no public key ('ssh-ed25519 AAAA... name')`,
  });
}

/** The drive that the guest reads it from: the one it has, or one to be made. */
function driveFor(config: GuestConfig, storage: string | undefined): Record<string, string> {
  if (cloudInitDrive(config) !== undefined) return {};
  if (storage === undefined)
    throw new Refused(
      'the VM has no cloud-init drive, so the guest would see none of this',
      "Give 'add_drive': a storage that holds disk images; the drive is made there.",
    );
  const free = drivePlaces.find((key) => config[key] === undefined);
  if (free === undefined) throw new Refused('the VM has no free place for a drive', 'Detach a CD drive first.');
  return { [free]: `${storage}:cloudinit` };
}

function toldRegenerated(outcome: Attempt<Answer<unknown>>, note: (text: string) => void): boolean {
  if (!('error' in outcome)) return true;
  note(`saved, but the drive was not written anew (${failureInWords(outcome.error)}); that happens at its next start`);
  return false;
}

export default [
  defineTool({
    name: 'proxmox-cloudinit-set',
    title: 'Set cloud-init',
    description: 'Set cloud-init of a VM (user, keys, addresses, DNS); writes its drive anew.',
    effect: 'write',
    scope: 'vm',
    toolset: 'config',
    input,
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      node: z.string(),
      upid: z.string().optional(),
      /** This and what follows is left out where the change was not seen to end well. */
      set: z.array(z.string()).optional(),
      unset: z.array(z.string()).optional(),
      drive: z.string().optional(),
      regenerated: z.boolean().optional(),
      ...afterwards,
    }),
    calls: { config: guestConfig, update: updateVm, regenerate: regenerateDrive, pending: pendingRows },
    privileges: ['VM.Audit on /vms', 'VM.Config.Cloudinit on /vms'],
    run: async (context) => {
      const { target, input: given, call, note } = context;
      const asked = wishOf(given);
      if (Object.keys(asked.params).length + asked.remove.length === 0 && given.add_drive === undefined)
        throw new InvalidInput({ argument: 'ciuser', message: 'nothing to set: give at least one setting' });
      const { data: config } = await call.config(target);
      const wanted = readChange(target, asked, config, undefined);
      for (const text of wanted.notes) note(text);
      const drive = driveFor(config, given.add_drive);
      const change = { set: { ...wanted.set, ...drive }, remove: wanted.remove, notes: [] };
      const { data: upid } = await call.update(target, { ...parametersOf(change, config), ...inBackground });
      const { vmid, name, node } = target;
      const about = { vmid, name, node, ...(typeof upid === 'string' ? { upid } : {}) };
      if (typeof upid === 'string' && !(await endedWell(context, upid))) {
        note(`${askedOf(change)} The drive is not written anew yet; that happens at its next start.`);
        return about;
      }
      const regenerated = toldRegenerated(await attempt(call.regenerate(target)), note);
      if (given.add_drive !== undefined && Object.keys(drive).length === 0)
        note('It has a cloud-init drive; none was added.');
      if (target.status === 'running') note('The running guest reads it at its next boot.');
      const waits = await waitingAfter(call.pending(target), note);
      const unset = asked.remove.length > 0 ? { unset: [...asked.remove] } : {};
      const place = Object.keys(drive)[0] ?? cloudInitDrive(config)?.disk ?? '';
      return { ...about, set: Object.keys(change.set), ...unset, drive: place, regenerated, ...waits };
    },
  }),
];
