import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { defineList } from '../define.js';

const pci = z.object({
  id: z.string(),
  class: text.optional(),
  vendor: text.optional(),
  device: text.optional(),
  vendor_name: z.string().optional(),
  device_name: z.string().optional(),
  iommugroup: number.optional(),
  mdev: z.unknown().optional(),
});

const usb = z.object({
  busnum: number,
  devnum: number,
  usbpath: z.string().optional(),
  vendid: text,
  prodid: text,
  manufacturer: z.string().optional(),
  product: z.string().optional(),
  speed: text.optional(),
});

const hex = (value: string | undefined) => value?.replace(/^0x/, '');

export default [
  defineList({
    name: 'proxmox-list-hardware',
    title: 'List node hardware',
    description: 'PCI or USB devices of a node, with path and id for a mapping.',
    effect: 'read',
    scope: 'node',
    toolset: 'hardware',
    input: { kind: z.enum(['pci', 'usb']).optional().describe('Default pci') },
    output: z.object({
      path: z.string(),
      id: z.string(),
      vendor: z.string().optional(),
      device: z.string().optional(),
      class: z.string().optional(),
      iommugroup: z.number().optional(),
      mediated: z.boolean().optional(),
      speed: z.string().optional(),
    }),
    calls: {
      pci: endpoint('GET /nodes/{node}/hardware/pci', z.array(pci)),
      usb: endpoint('GET /nodes/{node}/hardware/usb', z.array(usb)),
    },
    privileges: ['Sys.Modify|Sys.Audit on /'],
    run: async ({ target, input, call }) => {
      if (input.kind === 'usb') {
        const { data } = await call.usb(target);
        const rows = data.map(({ busnum, devnum, usbpath, vendid, prodid, manufacturer, product, speed }) => ({
          path: usbpath === undefined ? `${busnum}-${devnum}` : `${busnum}-${usbpath}`,
          id: `${vendid}:${prodid}`,
          vendor: manufacturer,
          device: product,
          speed,
        }));
        return { rows: rows.sort((a, b) => a.path.localeCompare(b.path)) };
      }
      const { data } = await call.pci(target);
      const rows = data.map(({ id, vendor, device, vendor_name, device_name, iommugroup, mdev, ...rest }) => ({
        path: id,
        id: `${hex(vendor)}:${hex(device)}`,
        vendor: vendor_name,
        device: device_name,
        class: rest.class,
        // Without an IOMMU the group is -1.
        iommugroup: iommugroup === -1 ? undefined : iommugroup,
        mediated: mdev === undefined ? undefined : true,
      }));
      return { rows: rows.sort((a, b) => a.path.localeCompare(b.path)) };
    },
  }),
];
