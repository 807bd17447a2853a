/** The rule that a word hints at: of one cluster, or of the whole server. */
export interface RuleHint {
  /** As in `PROXMOX_CLUSTER_<name>_<suffix>`, and `PROXMOX_<suffix>` in the single form. */
  readonly suffix?: string;
  readonly variable?: string;
}

/** Beginnings of words that are written into a setting to forbid or to watch something. */
const stems: readonly (readonly [string, RuleHint])[] = [
  ['AUDIT', { variable: 'PROXMOX_AUDIT_FILE' }],
  ['CONFIRM|APPROV|HUMAN', { variable: 'PROXMOX_CONFIRM' }],
  ['READ(?!Y|I)|RO(?![A-Z])|DRY_?RUN|SAFE|WRIT', { suffix: 'ACCESS', variable: 'PROXMOX_READ_ONLY' }],
  ['VM_?IDS?(?![A-Z])', { suffix: 'ALLOW_VMIDS' }],
  ['POOL', { suffix: 'ALLOW_POOLS' }],
  ['TAG|PROTECT', { suffix: 'PROTECT_TAGS' }],
  ['ROLE(?!_ID)', { suffix: 'ROLE' }],
  ['EXCLUD|DENY|DENIED|FORBID|BLOCKED|BLOCK_?LIST|BLACK|DISALLOW', { suffix: 'DENY_TOOLS' }],
  ['ALLOW|TOOL|WHITE|DESTRUCT|DANGER', { suffix: 'ALLOW_TOOLS' }],
  ['ACCESS|PERMI|POLICY|RESTRICT', { suffix: 'ACCESS' }],
  ['PRIV(?!ATE|SEP)', { variable: 'PROXMOX_MATCH_PRIVILEGES' }],
];

/** Credentials, measures, and the trust in a certificate, whatever other words stand beside. */
const noRule =
  /(?:TOKEN|TOKEN_ID|SECRET|PASSWORD|KEY|KEY_ID|TIMEOUT|SIZE)$|SSL|TLS|CERT|INSECURE|UNVERIFIED|SELF_?SIGNED/;

/** The rule that the words of a setting hint at, if any: capitals, with `_` between. */
export function hintedRule(words: string): RuleHint | undefined {
  if (noRule.test(words)) return undefined;
  return stems.find(([stem]) => new RegExp(`(?:^|_)(?:${stem})`).test(words))?.[1];
}

/** What guests are made with by other programs, such as Packer, and no rule. */
const ofOneGuest = /(?:^|_)(?:VM_?ID|POOL(?:_ID|_NAME)?|TAG)$/;

/** The same of a variable of the whole environment, without its `PROXMOX_`. */
export const hintedGlobally = (words: string): RuleHint | undefined => hintedRule(words.replace(ofOneGuest, ''));

const others = new Set(
  (
    'HOST HOSTNAME PORT URL API_HOST API_TOKEN ENDPOINT NODE NODES USER USERNAME USER_NAME PASSWORD PASS REALM TOKEN ' +
    'TOKEN_NAME TOKEN_VALUE STORAGE BRIDGE TEMPLATE DEBUG'
  ).split(' '),
);

/** Whether other well-known programs have a variable of this name: Terraform, Packer, Ansible, Proxmox's own commands. */
export const isOfOthers = (variable: string): boolean =>
  /^PROXMOX_?VE_|^PROXMOX_OUTPUT_/.test(variable) || others.has(variable.replace(/^PROXMOX_/, ''));
