import { randomBytes } from 'node:crypto';
import { formatProperties, parseProperties } from './property-string.js';
import type { GuestType } from './state.js';

/** With the prefix that Proxmox has registered. */
export function newMac(): string {
  const tail = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `BC:24:11:${tail.join(':')}`.toUpperCase();
}

const models = /^(e1000.*|i825.*|ne2k_.*|pcnet|rtl8139|virtio|vmxnet3)$/;

/** A VM's network device as it is stored: `virtio=<mac>,bridge=...`; without an address it gets a new one. */
function qemuDevice(text: string, renew: boolean): string {
  const properties = parseProperties(text, 'model');
  const named = [...properties.keys()].find((key) => models.test(key));
  const model = properties.get('model') ?? named ?? 'virtio';
  const given = named === undefined ? properties.get('macaddr') : properties.get(named);
  for (const key of ['model', 'macaddr', named ?? '']) properties.delete(key);
  const mac = renew || given === undefined || given === '' ? newMac() : given.toUpperCase();
  return [`${model}=${mac}`, formatProperties(properties, '')].filter((part) => part !== '').join(',');
}

function lxcDevice(text: string, renew: boolean): string {
  const properties = parseProperties(text, '');
  if (renew || !properties.has('hwaddr')) properties.set('hwaddr', newMac());
  properties.set('type', 'veth');
  const name = properties.get('name') ?? 'eth0';
  properties.delete('name');
  return `name=${name},${formatProperties(properties, '')}`;
}

export function networkDevice(type: GuestType, text: string, renew = false): string {
  return type === 'qemu' ? qemuDevice(text, renew) : lxcDevice(text, renew);
}

export function bridgeOf(text: string): { readonly bridge: string | undefined; readonly tag: string | undefined } {
  const properties = parseProperties(text, 'model');
  return { bridge: properties.get('bridge'), tag: properties.get('tag') };
}
