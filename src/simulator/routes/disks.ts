import type { NodeState } from '../state.js';
import type { Handler } from './declaration.js';

const terabyte = 1000 ** 4;

interface Disk {
  readonly name: string;
  readonly size: number;
  readonly used: string;
  readonly model: string;
}

const disks: readonly Disk[] = [
  { name: 'nvme0n1', size: 2 * terabyte, used: 'LVM', model: 'SAMSUNG MZQL21T9HCJR-00A07' },
  { name: 'nvme1n1', size: 2 * terabyte, used: '', model: 'SAMSUNG MZQL21T9HCJR-00A07' },
];

function serialOf(node: NodeState, disk: Disk): string {
  return `S64GNE0R${node.node.length}${node.bootedAt % 100_000}${disk.name.charAt(4)}`;
}

function partitions(disk: Disk) {
  if (disk.used === '') return [];
  const parent = `/dev/${disk.name}`;
  const common = { parent, gpt: 1, health: '', 'osdid-list': null, 'osd-list': null };
  return [
    { ...common, devpath: `${parent}p1`, size: 1_031_168, used: 'BIOS boot' },
    { ...common, devpath: `${parent}p2`, size: 1_073_741_824, used: 'EFI' },
    { ...common, devpath: `${parent}p3`, size: disk.size - 1_074_772_992, used: 'LVM' },
  ];
}

export const listDisks: Handler = ({ cluster, params }) => {
  const node = cluster.node(params.text('node'));
  const wanted = params.optionalText('type') === 'unused' ? disks.filter(({ used }) => used === '') : disks;
  const smart = !params.flag('skipsmart');
  return wanted.flatMap((disk) => [
    {
      devpath: `/dev/${disk.name}`,
      by_id_link: `/dev/disk/by-id/nvme-${disk.model.replaceAll(' ', '_')}_${serialOf(node, disk)}`,
      type: 'nvme',
      size: disk.size,
      // a number or a text, as Perl had it
      rpm: 0,
      model: disk.model,
      serial: serialOf(node, disk),
      vendor: 'unknown',
      wwn: `eui.36344730${node.bootedAt}`,
      health: smart ? 'PASSED' : 'UNKNOWN',
      wearout: smart ? 98 : 'N/A',
      used: disk.used === '' ? undefined : disk.used,
      gpt: disk.used === '' ? 0 : 1,
      mounted: undefined,
      osdid: -1,
      'osdid-list': null,
    },
    ...(params.flag('include-partitions') ? partitions(disk) : []),
  ]);
};
