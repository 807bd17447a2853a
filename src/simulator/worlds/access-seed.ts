import { SeededRandom } from '../random.js';
import type { AclEntry, ClusterState, UserState } from '../state.js';

export interface MainToken {
  readonly id: string;
  readonly secret: string;
}

function person(userid: string, firstname: string, lastname: string, comment: string): UserState {
  const email = `${userid.split('@')[0]}@example.com`;
  return { userid, enable: true, expire: 0, firstname, lastname, email, comment, tokens: [] };
}

function entry(path: string, type: AclEntry['type'], ugid: string, roleid: string, propagate = true): AclEntry {
  return { path, type, ugid, roleid, propagate };
}

function users(random: SeededRandom, secret: string, now: number): UserState[] {
  return [
    { userid: 'root@pam', enable: true, expire: 0, email: 'admin@example.com', tokens: [] },
    {
      userid: 'mcp@pve',
      enable: true,
      expire: 0,
      comment: 'Automation',
      tokens: [{ tokenid: 'main', secret, privsep: true, expire: 0, comment: 'proxmox-mcp' }],
    },
    {
      ...person('monitoring@pve', 'Prometheus', 'Exporter', 'Read only'),
      tokens: [{ tokenid: 'exporter', secret: random.uuid(), privsep: false, expire: 0 }],
    },
    person('alice@pve', 'Alice', 'Keller', 'Platform team'),
    {
      ...person('bob@pve', 'Bob', 'Moreau', 'Web team'),
      tokens: [
        { tokenid: 'ci', secret: random.uuid(), privsep: true, expire: now + 86_400 * 90, comment: 'GitLab runner' },
      ],
    },
    { ...person('carol@pve', 'Carol', 'Lindqvist', 'Left the company'), enable: false },
  ];
}

/** Users, groups, roles, realms and ACLs of a cluster, and the token with which the product comes. */
export function accessOf(
  cluster: string,
  now: number,
): Pick<ClusterState, 'users' | 'groups' | 'roles' | 'realms' | 'acl'> & { token: MainToken } {
  const random = new SeededRandom(`access ${cluster}`);
  const secret = random.uuid();
  return {
    token: { id: 'mcp@pve!main', secret },
    users: users(random, secret, now),
    groups: [
      { groupid: 'admins', comment: 'Platform team', users: ['alice@pve'] },
      { groupid: 'developers', comment: 'May start and stop', users: ['bob@pve', 'carol@pve'] },
    ],
    roles: [{ roleid: 'Operator', privileges: ['VM.Audit', 'VM.Console', 'VM.PowerMgmt', 'VM.Snapshot'] }],
    realms: [
      { realm: 'pam', type: 'pam', comment: 'Linux PAM standard authentication', default: false },
      { realm: 'pve', type: 'pve', comment: 'Proxmox VE authentication server', default: true },
    ],
    acl: [
      entry('/', 'user', 'mcp@pve', 'Administrator'),
      entry('/', 'token', 'mcp@pve!main', 'Administrator'),
      entry('/', 'user', 'monitoring@pve', 'PVEAuditor'),
      entry('/', 'group', 'admins', 'PVEAdmin'),
      entry('/pool/web', 'group', 'developers', 'Operator'),
      entry('/pool/web', 'token', 'bob@pve!ci', 'Operator'),
      entry('/storage/local', 'group', 'developers', 'PVEDatastoreUser', false),
    ],
  };
}
