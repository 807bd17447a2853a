import type { RawParameters } from './arguments.js';
import type { Caller } from './caller.js';
import { splitList } from './parameter-format.js';
import { died, forbidden, type PveError } from './pve-error.js';
import type { Permission, PermissionCheck } from './route.js';

type Fault = PveError | undefined;

function fillIn(path: string, raw: RawParameters): string {
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => raw.get(name)?.[0] ?? '');
}

function modifyFault(caller: Caller, path: string): Fault {
  const lesser = path.startsWith('/storage')
    ? 'Datastore.Allocate'
    : path.startsWith('/vms')
      ? 'VM.Allocate'
      : path.startsWith('/pool')
        ? 'Pool.Allocate'
        : 'Permissions.Modify';
  if (caller.permissions.hasAny(path, ['Permissions.Modify', lesser])) return undefined;
  return forbidden(`${path}, Permissions.Modify`);
}

function privilegeFault(caller: Caller, path: string, privileges: readonly string[], any: boolean): Fault {
  if (any) {
    if (caller.permissions.hasAny(path, privileges)) return undefined;
    return forbidden(`${path}, ${privileges.join('|')}`);
  }
  const missing = privileges.find((privilege) => !caller.permissions.has(path, privilege));
  return missing === undefined ? undefined : forbidden(`${path}, ${missing}`);
}

function userFault(caller: Caller, test: string, raw: RawParameters): Fault {
  const userid = raw.get('userid')?.[0] ?? '';
  if (test !== 'self') return privilegeFault(caller, `/access/realm/${userid.split('@')[1] ?? ''}`, [test], false);
  if (caller.permissions.groupsOf(userid) === undefined) return died(`no such user ('${userid}')`);
  return caller.authid === userid ? undefined : forbidden();
}

type GroupCheck = Extract<PermissionCheck, { readonly ofGroups: unknown }>;

/** Who may change all groups may change all users; all others only users in a group of theirs. */
function groupFault(caller: Caller, { ofGroups, groupsParam }: GroupCheck, raw: RawParameters): Fault {
  const userid = raw.get('userid')?.[0] ?? '';
  const groups = caller.permissions.groupsOf(userid);
  if (groupsParam !== 'create' && groups === undefined) return died(`no such user ('${userid}')`);
  if (caller.permissions.hasAny('/access/groups', ofGroups)) return undefined;
  const may = (group: string) => caller.permissions.hasAny(`/access/groups/${group}`, ofGroups);
  if (groupsParam !== undefined) {
    const named = splitList(raw.get('groups')?.[0] ?? '');
    if (named.length === 0) return forbidden(`/access/groups, ${ofGroups.join('|')}`);
    const closed = named.find((group) => !may(group));
    if (closed !== undefined) return forbidden(`/access/groups/${closed}, ${ofGroups.join('|')}`);
    if (groupsParam === 'create') return undefined;
  }
  return groups?.some(may) === true ? undefined : forbidden();
}

function checkFault(check: PermissionCheck, caller: Caller, raw: RawParameters): Fault {
  if ('userid' in check) return userFault(caller, check.userid, raw);
  if ('ofGroups' in check) return groupFault(caller, check, raw);
  if ('modify' in check) return modifyFault(caller, fillIn(check.modify, raw));
  if ('path' in check && check.requireParam !== undefined && !raw.has(check.requireParam)) return forbidden();
  if ('path' in check) return privilegeFault(caller, fillIn(check.path, raw), check.privileges, check.any === true);
  if ('allOf' in check) {
    return check.allOf.map((one) => checkFault(one, caller, raw)).find((fault) => fault !== undefined);
  }
  // which of several ways in was closed is not said
  return check.anyOf.some((one) => checkFault(one, caller, raw) === undefined) ? undefined : forbidden();
}

/** Throws the 403 of a real server; it comes before parameters are verified and before anything is looked up. */
export function requirePermission(permission: Permission, caller: Caller, raw: RawParameters): void {
  if (permission === 'all' || permission === 'world') return;
  if (permission === 'root') {
    if (caller.authid !== 'root@pam') throw forbidden('user != root@pam');
    return;
  }
  const fault = checkFault(permission, caller, raw);
  if (fault !== undefined) throw fault;
}
