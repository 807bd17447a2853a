import type { Params } from '../../pve/params.js';
import { quoted, toWords } from '../../pve/quoted.js';
import { readClusterNotes } from '../firewall/options.js';
import { type ListedRule, nextDigest, readRules } from '../firewall/rules.js';
import { Refused } from '../refused.js';
import type { Copying, CopySide, Definition } from './copy.js';
import { type Lacking, lackingReferences, makeLacking } from './copy-referenced.js';
import { referencesOf } from './firewall-references.js';
import { ruleText } from './rule-text.js';

interface Group {
  readonly comment?: string | undefined;
  readonly rules: readonly ListedRule[];
  readonly lacking?: Lacking;
}

const again = 'Call again with overwrite to finish: the rules are replaced as a whole, whatever they are by then.';

async function readGroup({ call }: CopySide, name: string): Promise<Group | undefined> {
  // pve-firewall knows security groups in lower case alone (PVE/Firewall.pm, generic_fw_config_parser).
  const group = name.toLowerCase();
  const found = (await call.groups({})).data.find((one) => one.group === group);
  return found && { comment: found.comment, rules: await readRules({ level: 'group', group }, call) };
}

/** A rule as it is sent; left out, Proxmox would leave it off. */
function parametersOf({ pos: _, digest: __, enable, ...rule }: ListedRule): Params {
  return { ...rule, enable: enable ?? false };
}

async function requireMacros(rules: readonly ListedRule[], { cluster, call }: CopySide): Promise<void> {
  const used = [...new Set(rules.flatMap(({ macro }) => macro ?? []))];
  if (used.length === 0) return;
  const known = (await call.macros({})).data.map(({ macro }) => macro);
  const unknown = used.filter((macro) => !known.includes(macro));
  if (unknown.length > 0)
    throw new Refused(
      `the version of ${cluster} has no macro ${unknown.sort().join(', ')}`,
      'Write these rules with protocol and ports first.',
    );
}

/** A security group with its rules in their order, and with the IP sets and aliases that they name. */
export const groupCopy: Definition<Group> = {
  label: 'security group',
  read: readGroup,
  // A group that is like it does nothing as long as what it names is not there.
  fields: ({ comment, rules, lacking }) => ({
    comment,
    rules: { inOrder: rules.map(ruleText) },
    'what it names': [...(lacking?.aliases ?? []), ...(lacking?.sets ?? [])].map(({ name }) => name),
  }),
  fit: async (group, copying) => {
    const { target, note } = copying;
    const references = referencesOf(group.rules);
    await requireMacros(group.rules, target);
    const lacking = await lackingReferences(references, copying);
    if (references.generated.length > 0)
      note(`The rules name ${toWords(references.generated)}, which the vnets of ${target.cluster} have to bring.`);
    const interfaces = [...new Set(group.rules.flatMap(({ iface }) => iface ?? []))];
    if (interfaces.length > 0)
      note(`The rules name interfaces, which may be others on ${target.cluster}: ${toWords(interfaces.sort())}.`);
    for (const text of await readClusterNotes(target.call)) note(`${target.cluster}: ${text}`);
    return { ...group, lacking };
  },
  write: async (wanted, copying, there) => {
    const group = copying.name.toLowerCase();
    if (wanted.lacking !== undefined) await makeLacking(wanted.lacking, copying);
    if (there === undefined) await createGroup(group, wanted, copying);
    else await replaceGroup(group, wanted, there, copying);
  },
};

/** A new rule comes to the top, so they are added from the last. */
async function createGroup(group: string, { comment, rules }: Group, { target, offerUndo }: Copying): Promise<void> {
  const { call, cluster } = target;
  await call.setGroup({}, { group, comment });
  offerUndo(
    `proxmox-firewall-replace-rules with cluster ${cluster}, level group, group ${group} and rules [], then proxmox-firewall-delete with level cluster, kind group and object ${group}`,
  );
  for (const rule of rules.toReversed()) await call.addRule({ group }, parametersOf(rule));
}

/** The new rules are added before the old ones go, so that at no time what was let through is not. */
async function replaceGroup(group: string, wanted: Group, there: Group, copying: Copying): Promise<void> {
  const { call, cluster } = copying.target;
  const place = { level: 'group', group } as const;
  const before = there.rules;
  if ((wanted.comment ?? '') !== (there.comment ?? ''))
    await call.setGroup({}, { group, rename: group, comment: wanted.comment ?? '' });
  if (JSON.stringify(wanted.rules.map(ruleText)) === JSON.stringify(before.map(ruleText))) return;
  copying.offerUndo(
    `proxmox-firewall-replace-rules with cluster ${cluster}, level group, group ${group} and the rules of before, from the top: ${before.map((rule) => quoted(ruleText(rule), 300)).join(', ')}. ${again}`,
  );
  const added = wanted.rules.toReversed();
  for (const [index, rule] of added.entries()) {
    const digest = nextDigest(await readRules(place, call), before, { added: index, left: before.length }, again);
    await call.addRule({ group }, { ...parametersOf(rule), digest });
  }
  for (let left = before.length; left > 0; left -= 1) {
    const digest = nextDigest(await readRules(place, call), before, { added: added.length, left }, again);
    await call.removeRule({ group, pos: added.length + left - 1 }, { digest });
  }
}
