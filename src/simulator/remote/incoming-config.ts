import { requireKeyPrivilege } from '../guest-config/key-privileges.js';
import { requireBridge } from '../guest-creation.js';
import { requireOn } from '../guest-registry.js';
import { parseProperties } from '../property-string.js';
import { forbidden } from '../pve-error.js';
import type { Call } from '../route.js';
import type { ConfigValue, GuestState } from '../state.js';

const neverSent = ['lock', 'digest', 'parent'];
/** Taken over as they are, past the rights that a change of them would take. */
const carried = {
  qemu: ['vmgenid', 'meta'],
  lxc: ['unprivileged', 'arch', 'ostype'],
} as const;

function requireMapping(call: Call, key: string, value: string): void {
  const kind = /^(hostpci|usb)\d+$/.exec(key)?.[1];
  const mapping = kind === undefined ? undefined : parseProperties(value, 'host').get('mapping');
  if (mapping !== undefined) requireOn(call, `/mapping/${kind === 'usb' ? 'usb' : 'pci'}/${mapping}`, 'Mapping.Use');
}

/** A privileged container takes more than its keys do. */
function requirePrivileged(call: Call, config: Readonly<Record<string, ConfigValue>>): void {
  if (Number(config.unprivileged ?? 0) === 1) return;
  if (call.cluster.state.version === '9.2') requireOn(call, '/', 'Sys.Modify');
  if (config.features !== undefined && call.caller.authid !== 'root@pam') {
    throw forbidden('changing feature flags for privileged container is only allowed for root@pam');
  }
}

/** Puts a configuration from another cluster in place as a change of each of its keys by the caller would. */
export function applyConfig(call: Call, guest: GuestState, config: Readonly<Record<string, ConfigValue>>): void {
  const { type, vmid } = guest;
  if (type === 'lxc') requirePrivileged(call, config);
  const entries = Object.entries(config).filter(([key]) => !neverSent.includes(key));
  const past: readonly string[] = carried[type];
  for (const [key, value] of entries) {
    if (past.includes(key)) continue;
    requireKeyPrivilege(call.caller, { type, vmid }, key, String(value));
    requireMapping(call, key, String(value));
    if (/^net\d+$/.test(key)) requireBridge(call, String(value));
  }
  guest.config = {
    ...Object.fromEntries(entries),
    ...(guest.config.lock === undefined ? {} : { lock: guest.config.lock }),
  };
}
