import type { Handler } from './declaration.js';

const gpu = {
  id: '0000:01:00.0',
  class: '0x030000',
  vendor: '0x10de',
  device: '0x2204',
  vendor_name: 'NVIDIA Corporation',
  device_name: 'GA102 [GeForce RTX 3090]',
  subsystem_vendor: '0x1458',
  subsystem_device: '0x4043',
  iommugroup: 14,
};

const card = {
  id: '0000:41:00.0',
  class: '0x020000',
  vendor: '0x8086',
  device: '0x1563',
  vendor_name: 'Intel Corporation',
  device_name: 'Ethernet Controller X550',
  subsystem_vendor: '0x8086',
  subsystem_device: '0x0001',
  iommugroup: 31,
};

const stick = {
  busnum: 1,
  devnum: 3,
  port: 2,
  level: 1,
  usbpath: '2',
  class: 0,
  speed: '480',
  vendid: '0951',
  prodid: '1666',
  manufacturer: 'Kingston',
  product: 'DataTraveler 3.0',
  serial: '60A44C4138D8F311B96A0AB0',
};

export const hardwareHandlers: Readonly<Record<string, Handler>> = {
  'GET /nodes/{node}/hardware/pci': ({ params }) => {
    const brief = params.has('verbose') && !params.flag('verbose');
    return brief ? [gpu, card].map(({ id }) => ({ id })) : [gpu, card];
  },
  'GET /nodes/{node}/hardware/usb': () => [stick],
};
