import type { RawParameters } from './arguments.js';
import type { Caller } from './caller.js';
import { forbidden, type PveError } from './pve-error.js';
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

function checkFault(check: PermissionCheck, caller: Caller, raw: RawParameters): Fault {
  if ('modify' in check) return modifyFault(caller, fillIn(check.modify, raw));
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
