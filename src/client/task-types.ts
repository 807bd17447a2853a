import type { Endpoint } from '../pve/endpoint.js';

/** By verb and what follows `/nodes/{node}/{type}/{vmid}`; `*` is `qm` or `vz`. Under HA the manager's tasks come instead. */
const ofGuests: Readonly<Record<string, readonly string[]>> = {
  DELETE: ['*destroy'],
  'POST /status/start': ['*start', 'hastart'],
  'POST /status/stop': ['*stop', 'hastop'],
  'POST /status/shutdown': ['*shutdown', 'hastop'],
  'POST /status/reboot': ['*reboot'],
  'POST /status/reset': ['*reset'],
  'POST /status/suspend': ['*suspend', '*pause'],
  'POST /status/resume': ['*resume'],
  'POST /clone': ['*clone'],
  'POST /migrate': ['qmigrate', 'vzmigrate', 'hamigrate'],
  'POST /remote_migrate': ['qmigrate', 'vzmigrate'],
  'POST /template': ['*template'],
  'POST /config': ['*config'],
  'POST /move_disk': ['*move'],
  'POST /move_volume': ['move_volume'],
  'PUT /resize': ['resize'],
  'POST /snapshot': ['*snapshot'],
  'DELETE /snapshot/{snapname}': ['*delsnapshot'],
  'POST /snapshot/{snapname}/rollback': ['*rollback'],
};

/** By the whole route. */
const others: Readonly<Record<string, readonly string[]>> = {
  'POST /nodes/{node}/qemu': ['qmcreate', 'qmrestore'],
  'POST /nodes/{node}/lxc': ['vzcreate', 'vzrestore'],
  'POST /nodes/{node}/{type}': ['qmcreate', 'qmrestore', 'vzcreate', 'vzrestore'],
  'POST /nodes/{node}/vzdump': ['vzdump'],
  'POST /nodes/{node}/storage/{storage}/upload': ['imgcopy'],
  'POST /nodes/{node}/storage/{storage}/download-url': ['download'],
  'POST /nodes/{node}/aplinfo': ['download'],
  'DELETE /nodes/{node}/storage/{storage}/content/{volume}': ['imgdel'],
  'DELETE /nodes/{node}/storage/{storage}/prunebackups': ['prunebackups'],
  'PUT /nodes/{node}/network': ['srvreload'],
  'POST /nodes/{node}/apt/update': ['aptupdate'],
  'POST /nodes/{node}/services/{service}/start': ['srvstart'],
  'POST /nodes/{node}/services/{service}/stop': ['srvstop'],
  'POST /nodes/{node}/services/{service}/restart': ['srvrestart'],
  'POST /nodes/{node}/services/{service}/reload': ['srvreload'],
  'POST /nodes/{node}/startall': ['startall'],
  'POST /nodes/{node}/stopall': ['stopall'],
  'POST /nodes/{node}/migrateall': ['migrateall'],
  'POST /nodes/{node}/certificates/acme/certificate': ['acmenewcert'],
  'PUT /nodes/{node}/certificates/acme/certificate': ['acmerenew'],
  'PUT /cluster/sdn': ['reloadnetworkall'],
};

const guestRoute = /^([A-Z]+) \/nodes\/\{node\}\/(?:qemu|lxc|\{type\})\/\{vmid\}(.*)$/;

/** The types of task that a write may start; `undefined` where that is not known. */
export function taskTypesOf({ route }: Endpoint): readonly string[] | undefined {
  const guest = guestRoute.exec(route);
  if (guest === null) return others[route];
  const types = ofGuests[`${guest[1]} ${guest[2]}`.trim()];
  return types?.flatMap((type) => (type.startsWith('*') ? [`qm${type.slice(1)}`, `vz${type.slice(1)}`] : [type]));
}
