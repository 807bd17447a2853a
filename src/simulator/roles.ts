import type { ClusterState, PveVersion } from './state.js';

interface PrivilegeGroup {
  readonly root: readonly string[];
  readonly admin: readonly string[];
  readonly user: readonly string[];
  readonly audit: readonly string[];
}

const vmAdmin = [
  'VM.Allocate',
  'VM.Clone',
  'VM.Config.CPU',
  'VM.Config.Disk',
  'VM.Config.HWType',
  'VM.Config.Memory',
  'VM.Config.Network',
  'VM.Config.Options',
  'VM.Migrate',
  'VM.Snapshot',
  'VM.Snapshot.Rollback',
];

const vmUser = ['VM.Backup', 'VM.Config.CDROM', 'VM.Config.Cloudinit', 'VM.Console', 'VM.PowerMgmt'];

const vmGroups: Readonly<Record<PveVersion, PrivilegeGroup>> = {
  '8.4': { root: [], admin: [...vmAdmin, 'VM.Monitor'], user: vmUser, audit: ['VM.Audit'] },
  '9.2': {
    root: [],
    admin: [...vmAdmin, 'VM.GuestAgent.Unrestricted', 'VM.Replicate'],
    user: [...vmUser, 'VM.GuestAgent.FileRead', 'VM.GuestAgent.FileSystemMgmt', 'VM.GuestAgent.FileWrite'],
    audit: ['VM.Audit', 'VM.GuestAgent.Audit'],
  },
};

const otherGroups: Readonly<Record<string, PrivilegeGroup>> = {
  Datastore: {
    root: [],
    admin: ['Datastore.Allocate', 'Datastore.AllocateTemplate'],
    user: ['Datastore.AllocateSpace'],
    audit: ['Datastore.Audit'],
  },
  Mapping: { root: [], admin: ['Mapping.Modify'], user: ['Mapping.Use'], audit: ['Mapping.Audit'] },
  Pool: { root: [], admin: ['Pool.Allocate'], user: [], audit: ['Pool.Audit'] },
  SDN: { root: [], admin: ['SDN.Allocate'], user: ['SDN.Use'], audit: ['SDN.Audit'] },
  Sys: {
    root: ['Sys.AccessNetwork', 'Sys.Incoming', 'Sys.Modify', 'Sys.PowerMgmt'],
    admin: ['Sys.Console', 'Sys.Syslog'],
    user: [],
    audit: ['Sys.Audit'],
  },
  User: {
    root: ['Realm.Allocate'],
    admin: ['Group.Allocate', 'Realm.AllocateUser', 'User.Modify'],
    user: [],
    audit: [],
  },
};

function builtinRoles(version: PveVersion): ReadonlyMap<string, ReadonlySet<string>> {
  const roles = new Map<string, Set<string>>([
    ['Administrator', new Set(['Permissions.Modify'])],
    ['NoAccess', new Set()],
    ['PVETemplateUser', new Set(['VM.Audit', 'VM.Clone'])],
    ['PVEPoolUser', new Set(['Pool.Audit'])],
    ['PVEMappingAuditor', new Set(['Mapping.Audit'])],
  ]);
  const grant = (role: string, privileges: readonly string[]) => {
    const set = roles.get(role) ?? new Set<string>();
    for (const privilege of privileges) set.add(privilege);
    roles.set(role, set);
  };
  for (const [name, group] of Object.entries({ VM: vmGroups[version], ...otherGroups })) {
    const { root, admin, user, audit } = group;
    grant('Administrator', [...root, ...admin, ...user, ...audit]);
    grant(
      'PVEAdmin',
      [...admin, ...user, ...audit].filter((privilege) => privilege !== 'Mapping.Modify'),
    );
    grant(`PVE${name}Admin`, [...admin, ...user, ...audit]);
    if (user.length > 0) grant(`PVE${name}User`, [...user, ...audit]);
    grant('PVEAuditor', audit);
  }
  return roles;
}

const builtin: Readonly<Record<PveVersion, ReadonlyMap<string, ReadonlySet<string>>>> = {
  '8.4': builtinRoles('8.4'),
  '9.2': builtinRoles('9.2'),
};

export interface Role {
  readonly roleid: string;
  readonly privileges: readonly string[];
  readonly special: boolean;
}

export function listRoles(state: ClusterState): Role[] {
  const special = [...builtin[state.version]].map(([roleid, privileges]) => ({
    roleid,
    privileges: [...privileges].sort(),
    special: true,
  }));
  return [...special, ...state.roles.map((role) => ({ ...role, special: false }))];
}

export function privilegesOf(state: ClusterState, roleid: string): Iterable<string> {
  return builtin[state.version].get(roleid) ?? state.roles.find((role) => role.roleid === roleid)?.privileges ?? [];
}
