type Verdict = string | undefined;
type Judge = (value: string) => Verdict;

function matching(pattern: RegExp, fault: (value: string) => string): Judge {
  return (value) => (pattern.test(value) ? undefined : fault(value));
}

const remoteParts: Readonly<Record<string, Judge>> = {
  apitoken: () => undefined,
  fingerprint: matching(/^([A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}$/, () => 'value does not match the regex pattern'),
  host: matching(/^[A-Za-z0-9.:_-]+$/, () => 'value does not look like a valid address'),
  port: matching(/^\d+$/, (value) => `type check ('integer') failed - got '${value}'`),
};

function remoteFault(value: string): Verdict {
  const given = new Set<string>();
  for (const part of value.split(',')) {
    const [key = ''] = part.split('=', 1);
    const judge = remoteParts[key];
    if (judge === undefined) {
      return `format error\n${key}: property is not defined in schema and the schema does not allow additional properties`;
    }
    given.add(key);
    const fault = judge(part.slice(key.length + 1));
    if (fault !== undefined) return `format error\n${key}: ${fault}`;
  }
  const missing = ['apitoken', 'host'].find((key) => !given.has(key));
  return missing === undefined ? undefined : `format error\n${missing}: property is missing and it is not optional`;
}

function pair(format: string): Judge {
  return (value) => {
    if (value === '1') return undefined;
    const ids = value.split(':');
    const fault = ids.length > 2 ? 'too many colons' : ids.map((id) => judges[format]?.(id)).find(Boolean);
    return fault === undefined ? undefined : `entry '${value}' contains invalid ID - ${fault}`;
  };
}

const judges: Readonly<Record<string, Judge>> = {
  'pve-node': matching(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/, () => 'value does not look like a valid node name'),
  'pve-vmid': matching(/^[1-9][0-9]{2,8}$/, () => 'value does not look like a valid VM ID'),
  'pve-configid': matching(/^[a-zA-Z][a-zA-Z0-9_-]+$/, (value) => `invalid configuration ID '${value}'`),
  'pve-storage-id': matching(
    /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]$/,
    (value) => `storage ID '${value}' contains illegal characters`,
  ),
  'pve-storage-content': matching(
    /^(images|rootdir|vztmpl|iso|backup|snippets|import|none)$/,
    (value) => `invalid content type '${value}'`,
  ),
  'pve-poolid': matching(
    /^[A-Za-z0-9.\-_]+(\/[A-Za-z0-9.\-_]+){0,2}$/,
    (value) => `pool name '${value}' contains invalid characters`,
  ),
  'pve-roleid': matching(/^[A-Za-z0-9.\-_]+$/, (value) => `role name '${value}' contains invalid characters`),
  'pve-groupid': matching(/^[A-Za-z0-9.\-_]+$/, (value) => `group name '${value}' contains invalid characters`),
  'pve-userid': matching(
    /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+$/,
    (value) => `value '${value}' does not look like a valid user name`,
  ),
  'pve-tokenid': matching(
    /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+$/,
    (value) => `value '${value}' does not look like a valid token ID`,
  ),
  'pve-task-status-type': matching(/^(ok|error|warning|unknown)$/i, (value) => `invalid task status type '${value}'`),
  'dns-name': matching(
    /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?$/,
    () => 'value does not look like a valid DNS name',
  ),
  'mac-addr': matching(
    /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i,
    () => 'value does not look like a valid unicast MAC address',
  ),
  'disk-size': matching(/^\d+(\.\d+)?[KMGT]?$/, (value) => `value does not look like a valid disk size: ${value}`),
  urlencoded: matching(/^[-%a-zA-Z0-9_.!~*'()]*$/, (value) => `invalid urlencoded string: ${value}`),
  'pve-bridge-id': matching(
    /^[a-zA-Z][a-zA-Z0-9_]*[a-zA-Z0-9_.-]*$/,
    (value) => `'${value}' is not a valid bridge name`,
  ),
  'bridge-pair': pair('pve-bridge-id'),
  'storage-pair': pair('pve-storage-id'),
  'proxmox-remote': remoteFault,
  'pve-volume-id-or-qm-path': matching(
    /^(none|cdrom|\/.+|\d+(\.\d+)?|cloudinit|[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:.+)$/,
    (value) => `unable to parse volume ID '${value}'`,
  ),
  'pve-tag': matching(/^[a-zA-Z0-9_][a-zA-Z0-9_\-+.]*$/, (value) => `invalid characters in tag '${value}'`),
  CIDR: matching(/^[0-9a-fA-F.:]+\/\d{1,3}$/, () => 'value does not look like a valid CIDR network'),
};

/** PVE splits its lists at commas, semicolons, blanks and NUL. */
export function splitList(value: string): string[] {
  return value.split(/[,;\s\0]+/).filter((item) => item !== '');
}

/** The fault of a value in a named format; a format that is not known here takes everything. */
export function formatFault(format: string, value: string): string | undefined {
  const whole = judges[format];
  if (whole !== undefined) return whole(value);
  if (!format.endsWith('-list')) return undefined;
  const single = judges[format.slice(0, -'-list'.length)];
  if (single === undefined) return undefined;
  for (const item of splitList(value)) {
    const fault = single(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
