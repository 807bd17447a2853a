import { attempt } from '../../pve/attempt.js';
import { configText } from '../../pve/guest-config.js';
import { propertyFlag } from '../../pve/property-string.js';
import { twinNotes } from '../guests/name-note.js';
import type { Move } from './move-calls.js';
import type { Sides } from './read-both.js';
import type { SourceFacts } from './read-source.js';

interface Chosen {
  readonly vmid: number;
  readonly node: string;
}

/** Says why this VMID, where later calls about the guest would go, and how what was chosen can be kept. */
export async function tellChoices(context: Move, { destination }: Sides, { vmid, node }: Chosen): Promise<void> {
  const { target, input, note, outline, present } = context;
  present({ target_vmid_reason: await vmidReason(context, { destination }, vmid) });
  const asked = input.target_vmid !== undefined;
  const said = twinNotes(destination, { name: target.name, vmid }, target.source.info.name);
  // Of a VMID that was given the claim has told already where the map sends it.
  for (const text of said) if (!asked || !text.includes("VMIDs '")) note(text);
  const open = [
    ...(asked ? [] : [`target_vmid: ${vmid}`]),
    ...(input.target_node === undefined ? [`target_node: '${node}'`] : []),
  ];
  if (open.length > 0)
    outline(`What was left open is chosen anew when it is done. To keep what stands here: ${open.join(', ')}.`);
}

async function vmidReason(
  { target, input }: Move,
  { destination }: Pick<Sides, 'destination'>,
  vmid: number,
): Promise<string> {
  if (input.target_vmid !== undefined) return 'as asked';
  if (vmid === target.vmid) return 'the same as at the source';
  const lead = destination.ledElsewhere({ vmid: target.vmid });
  const there = target.destination.info.name;
  if (lead !== undefined && lead.by !== 'default')
    return `the next free one: ${target.vmid} is among the ${lead.by} of '${lead.cluster}'`;
  const free = await attempt(destination.call.isFree({}, { vmid: target.vmid }));
  return 'error' in free
    ? `the next free one: ${target.vmid} is taken at the target`
    : `the next free one of those that the VMID map gives to '${there}'`;
}

/** What is to be known of a source that is kept without a lock: nothing but care keeps both from running. */
export function keptUnlocked({ guest: { vmid, type, config } }: SourceFacts, cluster: string): string {
  const boots = propertyFlag(configText(config.onboot)) === true;
  const tool = type === 'qemu' ? 'proxmox-configure-vm' : 'proxmox-configure-lxc';
  return `kept: stopped, but not locked. It has the MACs and addresses of the guest at the target: never run both.${
    boots
      ? ` It has onboot=1 and so starts with its node: set onboot to false (${tool}, guest ${vmid} of '${cluster}').`
      : ''
  }`;
}
