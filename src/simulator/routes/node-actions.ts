import type { Cluster } from '../cluster.js';
import { isTemplate, lockOf } from '../guest.js';
import { turnOff } from '../guest-running.js';
import { nodeSettings } from '../node-settings.js';
import { splitList } from '../parameter-format.js';
import { died, forbidden, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import { digestOfJson } from '../sections.js';
import type { NodeState } from '../state.js';
import { flag, node } from './common-parameters.js';
import { migrateInTask } from './guest-migrate.js';
import { localDisks } from './guest-migrate-preconditions.js';

const bootSeconds = 60;

function power({ cluster, params }: Call): null {
  const target = cluster.node(params.text('node'));
  for (const guest of cluster.state.guests) {
    if (guest.node === target.node && guest.status === 'running') turnOff(guest);
  }
  const reboots = params.text('command') === 'reboot';
  cluster.tasks.after(2, () => leave(cluster, target));
  if (reboots) cluster.tasks.after(2 + bootSeconds, (at) => arrive(target, at));
  return null;
}

function leave(cluster: Cluster, target: NodeState): void {
  target.online = false;
  target.offlineSince = cluster.now * 1000;
}

function arrive(target: NodeState, at: number): void {
  target.online = true;
  target.offlineSince = undefined;
  target.bootedAt = at;
}

function wake({ cluster, params }: Call): string {
  const target = cluster.node(params.text('node'));
  if (target === cluster.localNode) throw died(`'${target.node}' is local node, cannot wake my self!`);
  const { wakeonlan } = nodeSettings(cluster, target.node).options;
  if (wakeonlan === undefined) throw died(`No wake on LAN MAC address defined for '${target.node}'!`);
  if (!target.online) cluster.tasks.after(bootSeconds, (at) => arrive(target, at));
  return String(wakeonlan);
}

/** One task for all, and one for each guest. */
function migrateAll(call: Call): string {
  const { cluster, caller, params } = call;
  const source = cluster.node(params.text('node'));
  const target = cluster.state.nodes.find((one) => one.node === params.text('target'));
  if (target === undefined) throw died(`no such cluster node '${params.text('target')}'`);
  if (target === source) throw parameterError({ target: 'target is local node.' });
  const named = splitList(params.optionalText('vms') ?? '').map(Number);
  const closed = named.find((vmid) => !caller.permissions.has(`/vms/${vmid}`, 'VM.Migrate'));
  if (closed !== undefined) throw forbidden(`/vms/${closed}, VM.Migrate`);
  if (named.length === 0 && !caller.permissions.has('/', 'VM.Migrate')) throw forbidden('/, VM.Migrate');
  const guests = cluster.state.guests.filter(
    (guest) =>
      guest.node === source.node &&
      (named.length === 0 || named.includes(guest.vmid)) &&
      !isTemplate(guest) &&
      lockOf(guest) === undefined,
  );
  for (const guest of guests) {
    const stuck =
      guest.status === 'running' && !params.flag('with-local-disks') && localDisks(call, guest)[0] !== undefined;
    const fault = stuck
      ? "Problem found while scanning volumes - can't live migrate attached local disks without with-local-disks option"
      : undefined;
    migrateInTask(call, { guest, target, mapping: undefined, fault });
  }
  return cluster.tasks.start({
    node: source.node,
    type: 'migrateall',
    user: caller.authid,
    duration: guests.length === 0 ? 0 : 9,
    log: guests.map((guest) => `Migrating ${guest.type === 'qemu' ? 'VM' : 'CT'} ${guest.vmid}`),
  }).upid;
}

const certificateTask =
  (type: string) =>
  ({ cluster, caller, params }: Call): string => {
    const target = cluster.node(params.text('node'));
    const { options } = nodeSettings(cluster, target.node);
    const domains = Object.keys(options).filter((key) => key.startsWith('acme'));
    if (domains.length === 0) throw died('No domains configured in node configuration');
    return cluster.tasks.start({
      node: target.node,
      type,
      user: caller.authid,
      duration: 5,
      log: [
        'Loading ACME account details',
        'Placing ACME order',
        'All domains validated!',
        'Setting pveproxy certificate',
      ],
    }).upid;
  };

const mayModify = { path: '/nodes/{node}', privileges: ['Sys.Modify'] } as const;
const mayPower = { path: '/nodes/{node}', privileges: ['Sys.PowerMgmt'] } as const;
const acmeDomains = Array.from({ length: 6 }, (_, at) => `acmedomain${at}`);
const workers84 = { type: 'integer', optional: true, min: 1 } as const;
const workers92 = { ...workers84, max: 64 } as const;
const migrateAllParameters = {
  node,
  target: node,
  vms: { type: 'string', optional: true, format: 'pve-vmid-list' },
  'with-local-disks': flag,
} as const;

export const nodeActionRoutes: readonly Route[] = [
  {
    route: 'GET /nodes/{node}/config',
    params: {
      node,
      property: {
        type: 'string',
        optional: true,
        enum: {
          '8.4': ['acme', ...acmeDomains, 'ballooning-target', 'description', 'startall-onboot-delay', 'wakeonlan'],
          '9.2': [
            'acme',
            ...acmeDomains,
            'ballooning-target',
            'description',
            'location',
            'startall-onboot-delay',
            'wakeonlan',
          ],
        },
      },
    },
    permission: { path: '/', privileges: ['Sys.Audit'] },
    handler: ({ cluster, params }) => {
      const { options } = nodeSettings(cluster, params.text('node'));
      return { ...options, digest: digestOfJson(options) };
    },
  },
  {
    route: 'POST /nodes/{node}/status',
    params: { node, command: { type: 'string', enum: ['reboot', 'shutdown'] } },
    permission: mayPower,
    handler: power,
  },
  { route: 'POST /nodes/{node}/wakeonlan', params: { node }, proxied: false, permission: mayPower, handler: wake },
  {
    route: 'POST /nodes/{node}/migrateall',
    since: '9.2',
    params: { ...migrateAllParameters, maxworkers: workers92, 'max-workers': workers92 },
    permission: 'all',
    handler: migrateAll,
  },
  {
    route: 'POST /nodes/{node}/migrateall',
    until: '8.4',
    params: { ...migrateAllParameters, maxworkers: workers84 },
    permission: 'all',
    handler: migrateAll,
  },
  {
    route: 'POST /nodes/{node}/certificates/acme/certificate',
    params: { node, force: flag },
    permission: mayModify,
    handler: certificateTask('acmenewcert'),
  },
  {
    route: 'PUT /nodes/{node}/certificates/acme/certificate',
    params: { node, force: flag },
    permission: mayModify,
    handler: certificateTask('acmerenew'),
  },
];
