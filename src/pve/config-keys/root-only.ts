import { parseProperties, propertyFlag } from '../property-string.js';
import type { GuestType } from './find-key.js';

// Proxmox compares with the literal name root@pam here, so that not even root's own token may (qemu-server, API2/Qemu.pm,
// check_vm_modify_config_perm; pve-container, LXC.pm, check_ct_modify_config_perm).
const whole: Readonly<Record<GuestType, RegExp>> = {
  qemu: /^(?:args|hookscript|lock|spice_enhancements|amd-sev|intel-tdx)$/,
  lxc: /^(?:hookscript|lock|dev\d+)$/,
};

/** Why no API token may set a key to this, or unset it; `undefined` where one may. */
export function rootOnly(
  type: GuestType,
  key: string,
  value: string | undefined,
  before: string | undefined,
  unprivileged = true,
): string | undefined {
  if (whole[type].test(key)) return `only root@pam himself may change '${key}', no API token`;
  // What is replaced or unset is looked at too.
  if (type === 'qemu') return realDevice(key, value ?? '') ?? realDevice(key, before ?? '');
  if (key === 'features') return featureFault(value, before, unprivileged);
  if (/^(?:mp\d+|rootfs)$/.test(key) && value !== undefined && /^(?:volume=)?\//.test(value) && value !== before)
    return 'only root@pam himself may mount a path or a device of the node, no API token';
  return undefined;
}

function realDevice(key: string, value: string): string | undefined {
  const parts = parseProperties(value, 'host');
  const host = parts.get('host');
  const real =
    (/^usb\d+$/.test(key) && host !== undefined && !/^spice$/i.test(host)) ||
    (/^hostpci\d+$/.test(key) && host !== undefined) ||
    (/^serial\d+$/.test(key) && value.startsWith('/'));
  if (!real) return undefined;
  const way = key.startsWith('serial')
    ? "'socket' is free to all"
    : 'a resource mapping (mapping=<name>) is free to tokens';
  return `only root@pam himself may pass a real device of the node to a guest; ${way}`;
}

function featureFault(
  value: string | undefined,
  before: string | undefined,
  unprivileged: boolean,
): string | undefined {
  if (!unprivileged) return 'only root@pam himself may change the features of a privileged container';
  const old = parseProperties(before ?? '', 'nesting');
  const next = parseProperties(value ?? '', 'nesting');
  const changed = [...new Set([...old.keys(), ...next.keys()])].filter((name) => isOn(old, name) !== isOn(next, name));
  return changed.every((name) => name === 'nesting')
    ? undefined
    : 'only root@pam himself may change features other than nesting, no API token';
}

const isOn = (parts: ReadonlyMap<string, string>, name: string) =>
  propertyFlag(parts.get(name)) ?? parts.get(name) ?? false;
