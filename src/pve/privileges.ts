import type { Permissions } from './discovery.js';

/** `VM.Audit on /vms`; `A|B on /path` where either privilege will do. */
export interface Need {
  readonly anyOf: readonly string[];
  readonly path: string;
}

export function parseNeed(written: string): Need {
  const [privileges = '', path = '/'] = written.split(' on ');
  return { anyOf: privileges.split('|'), path };
}

/**
 * Whether the token holds it there. The server has resolved every path that it lists, so the nearest one decides: what
 * is granted on a path replaces what comes from above.
 */
export function holds(granted: Permissions, need: Need): boolean {
  const here = granted[need.path];
  if (here !== undefined) return need.anyOf.some((privilege) => here[privilege] !== undefined);
  const inherited = pathsAbove(need.path)
    .map((above) => granted[above] ?? {})
    .findLast((privileges) => Object.values(privileges).includes(true));
  return need.anyOf.some((privilege) => inherited?.[privilege] === true);
}

/** Whether the token holds it there or on anything below: enough to see some of a list's rows. */
export function holdsSome(granted: Permissions, need: Need): boolean {
  const below = need.path === '/' ? '/' : `${need.path}/`;
  return (
    holds(granted, need) ||
    Object.entries(granted).some(
      ([path, privileges]) => path.startsWith(below) && need.anyOf.some((one) => privileges[one] !== undefined),
    )
  );
}

function pathsAbove(path: string): string[] {
  const parts = path.split('/').filter(Boolean);
  return parts.map((_, index) => `/${parts.slice(0, index).join('/')}`);
}

const auditor = 'PVEAuditor';

/** The smallest built-in role that brings a privilege. */
function roleWith(privilege: string): string {
  if (/^(VM|VM\.GuestAgent|Datastore|Sys|Pool|SDN|Mapping)\.Audit$/.test(privilege)) return auditor;
  if (/^VM\.(PowerMgmt|Console|Backup|Config\.CDROM|Config\.Cloudinit)$/.test(privilege)) return 'PVEVMUser';
  if (privilege.startsWith('VM.')) return 'PVEVMAdmin';
  if (privilege === 'Datastore.AllocateSpace') return 'PVEDatastoreUser';
  if (privilege.startsWith('Datastore.')) return 'PVEDatastoreAdmin';
  if (privilege === 'SDN.Use') return 'PVESDNUser';
  if (privilege.startsWith('SDN.')) return 'PVESDNAdmin';
  if (privilege.startsWith('Pool.')) return 'PVEPoolAdmin';
  if (privilege.startsWith('Mapping.')) return 'PVEMappingUser';
  return privilege.startsWith('Sys.') ? 'PVESysAdmin' : 'Administrator';
}

/** Of privileges that will do alike, the one that only looks. */
export function mildest(anyOf: readonly string[]): readonly string[] {
  const audit = anyOf.find((privilege) => privilege.endsWith('.Audit'));
  return audit === undefined ? anyOf.slice(0, 1) : [audit];
}

/** The command that grants privileges to a token by built-in roles, which may bring others with them. */
export function grantCommand(tokenId: string, path: string, privileges: readonly string[]): string {
  return aclCommand(tokenId, path, privileges.map(roleWith));
}

/** What comes down to a path from above, of the kind that it is about: an entry there would take it away. */
export function inheritedOn(granted: Permissions, path: string): string[] {
  const kind = kinds.find(([root]) => path === root || path.startsWith(`${root}/`))?.[1];
  if (kind === undefined) return [];
  const nearest = [...pathsAbove(path), path].map((above) => granted[above] ?? {});
  const here = nearest.findLast((privileges) => Object.keys(privileges).length > 0) ?? {};
  return Object.keys(here).filter((privilege) => privilege.startsWith(kind) && !privilege.endsWith('.Audit'));
}

const kinds = [
  ['/vms', 'VM.'],
  ['/storage', 'Datastore.'],
  ['/sdn', 'SDN.'],
  ['/mapping', 'Mapping.'],
] as const;

/** No built-in role but that of the administrator brings these (pve-access-control, AccessControl.pm). */
const administrative = /^Sys\.(?:Incoming|Modify|PowerMgmt|AccessNetwork)$/;
/** The lesser role of each kind, which the greater one includes. */
const included: Readonly<Record<string, string>> = {
  PVEVMUser: 'PVEVMAdmin',
  PVEDatastoreUser: 'PVEDatastoreAdmin',
  PVESDNUser: 'PVESDNAdmin',
};

interface Wanted {
  readonly missing: readonly string[];
  /** What is held there now, and is to stay. */
  readonly kept: readonly string[];
}

/** The commands that grant what is missing on a path in one entry, and keep there what came from above. */
export function grantWithCommands(tokenId: string, path: string, { missing, kept }: Wanted): string[] {
  const own = [...new Set(missing.filter((privilege) => administrative.test(privilege)))].sort();
  const rest = [...missing, ...kept].filter((privilege) => !administrative.test(privilege));
  const all = new Set(rest.map(roleWith));
  const roles = [...all].filter((role) => !all.has(included[role] ?? '')).sort();
  if (own.length === 0) return [aclCommand(tokenId, path, roles)];
  const role = `MCP-${own.join('-')}`;
  return [`pveum role add ${role} --privs '${own.join(',')}'`, aclCommand(tokenId, path, [role, ...roles])];
}

/** The commands that grant these privileges and no write beside them: `PVEAuditor`, and the rest by a role of its own. */
export function readerCommands(tokenId: string, path: string, privileges: readonly string[]): string[] {
  const rest = [...new Set(privileges.filter((privilege) => roleWith(privilege) !== auditor))].sort();
  const audits = privileges.some((privilege) => roleWith(privilege) === auditor) ? [auditor] : [];
  if (rest.length === 0) return [aclCommand(tokenId, path, audits)];
  const role = ['MCPReader', ...path.split('/').filter(Boolean)].join('-');
  return [`pveum role add ${role} --privs '${rest.join(',')}'`, aclCommand(tokenId, path, [...audits, role])];
}

/**
 * A token with privilege separation has what both it and its user hold.
 * The user is named on `/` alone: below it, an entry of his own would replace what he inherits, and could take rights.
 */
function aclCommand(tokenId: string, path: string, roles: readonly string[]): string {
  const user = path === '/' ? ` --users '${tokenId.slice(0, tokenId.indexOf('!'))}'` : '';
  return `pveum acl modify ${path}${user} --tokens '${tokenId}' --roles ${[...new Set(roles)].join(',')}`;
}
