import type { GuestType } from '../../pve/config-keys/find-key.js';
import { type GuestConfig, nicsOf } from '../../pve/guest-config.js';

/** A network card given without its MAC keeps the one it had: Proxmox would make a new one, and DHCP another address. */
export function withItsMac(type: GuestType, key: string, value: string, config: GuestConfig): string {
  if (!/^net\d+$/.test(key)) return value;
  const [asked] = nicsOf({ [key]: value });
  const had = nicsOf(config).find(({ nic }) => nic === key)?.mac;
  if (had === undefined || asked?.mac !== undefined) return value;
  return `${value},${type === 'qemu' ? 'macaddr' : 'hwaddr'}=${had}`;
}
