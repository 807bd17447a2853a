import { toWord, toWords } from '../../pve/quoted.js';
import { Refused } from '../refused.js';
import { privilegesOf } from './compare-roles.js';
import type { CopySide, Definition } from './copy.js';

interface Role {
  readonly special: boolean;
  readonly privileges: readonly string[];
}

async function readRole({ call }: CopySide, roleid: string): Promise<Role | undefined> {
  const found = (await call.roles({})).data.find((one) => one.roleid === roleid);
  return found && { special: found.special ?? false, privileges: privilegesOf(found) };
}

/** A role with its privileges; who has it is not copied. */
export const roleCopy: Definition<Role> = {
  label: 'role',
  read: readRole,
  fields: ({ privileges }) => ({ privileges }),
  fit: async (role, { name, target, leaveOut, outline }, there) => {
    if (role.special || there?.special)
      throw new Refused(`role '${name}' is built in`, 'Built-in roles are as the version of Proxmox VE has them.');
    // It has every privilege that the version knows.
    const known = (await readRole(target, 'Administrator'))?.privileges;
    const unknown = role.privileges.filter((privilege) => known !== undefined && !known.includes(privilege));
    const privileges = role.privileges.filter((privilege) => !unknown.includes(privilege));
    if (privileges.length === 0 && unknown.length > 0)
      throw new Refused(
        `the version of ${target.cluster} knows none of the privileges of role '${name}': ${toWords(unknown)}`,
        'Make a role there with proxmox-create-role.',
      );
    for (const privilege of unknown)
      leaveOut(`privilege ${toWord(privilege)}: the version of ${target.cluster} has none such`);
    outline('Users, groups and tokens that have the role are not copied: proxmox-assign-permission gives it to them.');
    return { special: false, privileges };
  },
  write: async ({ privileges }, { name, target: { call } }, there) => {
    const privs = privileges.join(',');
    if (there === undefined) await call.createRole({}, { roleid: name, privs });
    else await call.updateRole({ roleid: name }, { privs });
  },
};
