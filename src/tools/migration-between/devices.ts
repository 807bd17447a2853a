import { configText, type GuestConfig } from '../../pve/guest-config.js';
import { parseProperties } from '../../pve/property-string.js';

const isDeviceKey = (key: string) => /^(?:hostpci|usb)\d+$/.test(key);

/** A mapped device, which the other cluster must know by the same name. */
export interface MappedDevice {
  readonly key: string;
  readonly kind: 'pci' | 'usb';
  readonly id: string;
}

const devicesOf = (config: GuestConfig) =>
  Object.entries(config).flatMap(([key, value]) => {
    const text = configText(value);
    return isDeviceKey(key) && text !== undefined ? [{ key, parts: parseProperties(text, 'host') }] : [];
  });

/** Devices of a node that the guest has as its own; they cannot go along. */
export const passedThrough = (config: GuestConfig): string[] =>
  devicesOf(config)
    .filter(({ parts }) => parts.get('host') !== undefined && !/^spice$/i.test(parts.get('host') ?? ''))
    .map(({ key }) => key)
    .sort();

export const mappingsOf = (config: GuestConfig): MappedDevice[] =>
  devicesOf(config).flatMap(({ key, parts }) => {
    const id = parts.get('mapping');
    return id === undefined ? [] : [{ key, kind: key.startsWith('usb') ? ('usb' as const) : ('pci' as const), id }];
  });

/** `custom-fast` of `cpu: custom-fast,flags=+aes`. */
export function customCpu(config: GuestConfig): string | undefined {
  const model = parseProperties(configText(config.cpu) ?? '', 'cputype').get('cputype');
  return model?.startsWith('custom-') ? model : undefined;
}
