import { configText, type GuestConfig } from '../../pve/guest-config.js';
import { parseProperties } from '../../pve/property-string.js';

/** A mapped device or folder, which the other cluster must know by the same name. */
export interface MappedDevice {
  readonly key: string;
  readonly kind: 'pci' | 'usb' | 'dir';
  readonly id: string;
}

const isPlain = (key: string) => /^(?:hostpci|usb)\d+$/.test(key);

const linesOf = (config: GuestConfig) =>
  Object.entries(config).flatMap(([key, value]) => {
    const text = configText(value);
    return text === undefined ? [] : [{ key, text }];
  });

/** Devices of a node that the guest has as its own; they cannot go along (qemu-server, QemuServer.pm, check_local_resources). */
export const passedThrough = (config: GuestConfig): string[] =>
  linesOf(config)
    .filter(({ key, text }) => {
      if (/^(?:parallel\d+|ivshmem)$/.test(key)) return true;
      if (/^serial\d+$/.test(key)) return text !== 'socket';
      const host = isPlain(key) ? parseProperties(text, 'host').get('host') : undefined;
      return host !== undefined && !/^spice$/i.test(host);
    })
    .map(({ key }) => key)
    .sort();

export const mappingsOf = (config: GuestConfig): MappedDevice[] =>
  linesOf(config).flatMap(({ key, text }): MappedDevice[] => {
    const folder = /^virtiofs\d+$/.test(key) ? parseProperties(text, 'dirid').get('dirid') : undefined;
    if (folder !== undefined) return [{ key, kind: 'dir', id: folder }];
    const id = isPlain(key) ? parseProperties(text, 'host').get('mapping') : undefined;
    return id === undefined ? [] : [{ key, kind: key.startsWith('usb') ? 'usb' : 'pci', id }];
  });

/** Whether its clipboard keeps a running VM where it is. */
export const hasVncClipboard = ({ vga }: GuestConfig): boolean =>
  parseProperties(configText(vga) ?? '', 'type').get('clipboard') === 'vnc';

/** `custom-fast` of `cpu: custom-fast,flags=+aes`. */
export function customCpu(config: GuestConfig): string | undefined {
  const model = parseProperties(configText(config.cpu) ?? '', 'cputype').get('cputype');
  return model?.startsWith('custom-') ? model : undefined;
}
