import type { DemoAnswer, DemoClient } from './demo-client.js';
import { cell, field, items } from './json-field.js';
import { table } from './table.js';

/** What the tour needs of its stage. */
export interface Stage {
  readonly client: DemoClient;
  print(text: string): void;
  /** Takes a cluster off the network, or brings it back. */
  setReachable(cluster: string, reachable: boolean): void;
}

/** A call as it is told above its answer. */
const told = (tool: string, args: object) => `> ${tool} ${JSON.stringify(args)}`;

async function show(stage: Stage, tool: string, args: object, tableOf: (data: unknown) => string): Promise<DemoAnswer> {
  const answer = await stage.client.call(tool, args);
  stage.print(`${told(tool, args)}\n${tableOf(answer.data)}\n`);
  return answer;
}

/** Clusters and their health. */
export async function showClusters(stage: Stage): Promise<void> {
  stage.print('1. The clusters, and how they are\n');
  await show(stage, 'proxmox-list-all-clusters', {}, (data) => {
    const home = field(data, 'result', 'default_cluster');
    const rows = items(data, 'result', 'clusters').map((one) => [
      `${cell(one, 'name')}${field(one, 'name') === home ? ' (default)' : ''}`,
      cell(one, 'region'),
      cell(one, 'group'),
      cell(one, 'urls', 0),
      cell(one, 'tls'),
    ]);
    return table(['Cluster', 'Region', 'Group', 'Address', 'Certificate checked by'], rows);
  });
  await show(stage, 'proxmox-cluster-health', {}, healthTable);
}

function healthTable(data: unknown): string {
  const rows = items(data, 'clusters').map((one) => {
    const online = items(one, 'result', 'nodes', 'online').length;
    const offline = items(one, 'result', 'nodes', 'offline').length;
    return [
      cell(one, 'cluster'),
      field(one, 'error') === undefined ? cell(one, 'result', 'state') : cell(one, 'error', 'code'),
      cell(one, 'result', 'version'),
      `${online}/${online + offline}`,
      field(one, 'result', 'quorate') === true ? 'yes' : 'no',
      field(one, 'result', 'token_accepted') === true ? 'accepted' : 'refused',
      `${cell(one, 'result', 'latency')} ms`,
    ];
  });
  return table(['Cluster', 'State', 'Version', 'Nodes online', 'Quorum', 'Token', 'Latency'], rows);
}

/** Guests over all clusters: counts, and a few of them. */
export async function showGuests(stage: Stage): Promise<void> {
  stage.print('2. Guests over all clusters\n');
  await show(stage, 'proxmox-get-all-cluster-status', {}, (data) => {
    const rows = items(data, 'clusters').map((one) => [
      cell(one, 'cluster'),
      ...['vms', 'containers'].flatMap((kind) => [
        cell(one, 'result', kind, 'running'),
        cell(one, 'result', kind, 'stopped'),
      ]),
      share(one, 'cpu'),
      share(one, 'memory'),
      share(one, 'storage'),
    ]);
    return table(['Cluster', 'VMs running', 'stopped', 'CTs running', 'stopped', 'CPU', 'Memory', 'Storage'], rows);
  });
  const fields = ['vmid', 'name', 'type', 'node', 'status', 'maxmem'];
  await show(stage, 'proxmox-list-all-vms-from-all-clusters', { limit: 9, fields }, (data) => {
    const rows = items(data, 'clusters').flatMap((one) => items(one, 'items').map((guest) => guestRow(one, guest)));
    const shown = table(['Cluster', 'VMID', 'Name', 'Type', 'Node', 'Status', 'Memory'], rows);
    return `${shown}\n${rows.length} of ${cell(data, 'total')} guests; next_cursor leads to the rest`;
  });
}

const gibibyte = 2 ** 30;

function guestRow(cluster: unknown, guest: unknown): string[] {
  const memory = Number(field(guest, 'maxmem'));
  return [
    cell(cluster, 'cluster'),
    ...['vmid', 'name', 'type', 'node', 'status'].map((key) => cell(guest, key)),
    Number.isNaN(memory) ? '-' : `${memory / gibibyte} GiB`,
  ];
}

function share(one: unknown, what: string): string {
  const part = Number(field(one, 'result', what, 'used')) / Number(field(one, 'result', what, 'total'));
  return Number.isNaN(part) ? '-' : `${Math.round(part * 100)} %`;
}

const routed: readonly (readonly [tool: string, args: object])[] = [
  ['proxmox-vm-info', { name: 'prod-db-1' }],
  ['proxmox-vm-info', { name: 'stg-web-1' }],
  ['proxmox-vm-info', { vmid: 902 }],
  ['proxmox-lxc-info', { name: 'prometheus' }],
  ['proxmox-lxc-info', { name: 'prometheus', cluster: 'staging' }],
];

const refused: readonly (readonly [tool: string, args: object])[] = [
  ['proxmox-vm-info', { name: 'sandbox' }],
  ['proxmox-list-vms', { cluster: 'stagin' }],
  ['proxmox-list-vms', { clsuter: 'staging' }],
];

/** Which cluster a call goes to and why, and what is refused in place of a guess. */
export async function showRouting(stage: Stage): Promise<void> {
  stage.print('3. Where a call goes, and why: every answer says it in `cluster`, `via` and `by`\n');
  const rows = await Promise.all(
    routed.map(async ([tool, args]) => {
      const { data } = await stage.client.call(tool, args);
      return [
        told(tool, args),
        ...['cluster', 'via', 'by'].map((key) => cell(data, key)),
        cell(data, 'result', 'vmid'),
      ];
    }),
  );
  stage.print(`${table(['Call', 'Cluster', 'via', 'by', 'VMID'], rows)}\n`);
  for (const [tool, args] of refused) {
    const { data } = await stage.client.call(tool, args);
    const fault = field(data, 'error', 'arguments', 0, 'message');
    const advice =
      fault === undefined
        ? cell(data, 'error', 'next')
        : `'${cell(data, 'error', 'arguments', 0, 'argument')}' is ${String(fault)}`;
    const message = `${cell(data, 'error', 'code')}: ${cell(data, 'error', 'message')}`;
    stage.print([told(tool, args), folded(message), folded(advice)].join('\n'));
  }
  stage.print('');
}

/** Indented, in lines that a terminal holds. */
const folded = (text: string) => text.replace(/(.{1,106})(?:\s+|$)/g, '  $1\n').trimEnd();

/** A guest found by its address, on whichever cluster it is. */
export async function showSearch(stage: Stage): Promise<void> {
  stage.print('4. Whose address is this?\n');
  const { data } = await stage.client.call('proxmox-vm-info', { name: 'stg-web-1' });
  const ip = cell(data, 'result', 'addresses', 0, 'addresses', 0).replace(/\/.*/, '');
  await show(stage, 'proxmox-find-guest', { ip }, (answer) => {
    const rows = items(answer, 'clusters').flatMap((one) =>
      items(one, 'items').map((guest) => [
        cell(one, 'cluster'),
        ...['vmid', 'name', 'node', 'status'].map((key) => cell(guest, key)),
        items(guest, 'matched').join(', '),
      ]),
    );
    return table(['Cluster', 'VMID', 'Name', 'Node', 'Status', 'Matched'], rows);
  });
}

/** Work that goes across clusters: where there is room, and what a move would do. */
export async function showMoves(stage: Stage): Promise<void> {
  stage.print('5. Room for a new guest, and a move to another cluster: nothing is sent without `confirm`\n');
  await show(stage, 'proxmox-recommend-placement', { cores: 4, memory_mb: 8192, disk_gb: 100 }, (data) => {
    const places = [field(data, 'result', 'best'), ...items(data, 'result', 'runners_up').slice(0, 2)];
    const rows = places.map((one) => [
      ...['cluster', 'node', 'storage'].map((key) => cell(one, key)),
      cell(one, 'why', 0).replace(/ \(.*/, ''),
    ]);
    return table(['Cluster', 'Node', 'Storage', 'Because'], rows);
  });
  const move = { name: 'prod-db-1', target_cluster: 'disaster-recovery' };
  await show(stage, 'proxmox-migrate-vm-between-clusters', move, (data) => {
    const rows = items(data, 'plan', 'hard_stops').map((one) => ['message', 'fix'].map((key) => cell(one, key)));
    return table(['Keeps it from going', 'What to do'], rows);
  });
  const free = { name: 'prod-web-3', target_cluster: 'disaster-recovery' };
  await show(stage, 'proxmox-migrate-vm-between-clusters', free, (data) => {
    const rows = items(data, 'plan', 'writes').map((one) => ['cluster', 'method', 'path'].map((key) => cell(one, key)));
    return table(['Cluster', 'Would be sent', 'To'], rows);
  });
}

/** A dead cluster in the middle of it all. */
export async function showOutage(stage: Stage): Promise<void> {
  stage.print('6. One cluster dies: the others answer, and it costs one entry\n');
  const ask = async () => {
    const answer = await show(stage, 'proxmox-list-nodes', { cluster: 'all', fields: ['node', 'status'] }, nodeTable);
    return Math.round(answer.milliseconds);
  };
  stage.setReachable('staging', false);
  const down = await ask();
  stage.setReachable('staging', true);
  stage.print(`Answered in ${down} ms. Now staging is back:\n`);
  await ask();
}

function nodeTable(data: unknown): string {
  const rows = items(data, 'clusters').map((one) => {
    const nodes = items(one, 'items').map((node) => `${cell(node, 'node')} ${cell(node, 'status')}`);
    const failed = field(one, 'error') !== undefined;
    return [
      cell(one, 'cluster'),
      failed ? `${cell(one, 'error', 'code')}: ${cell(one, 'error', 'message')}` : nodes.join(', '),
    ];
  });
  return table(['Cluster', 'Nodes'], rows);
}
