import { encodeKeys } from '../../pve/cloud-init.js';
import { checkValue, dependsOnRelease } from '../../pve/config-keys/check-value.js';
import { findKey, type GuestType, unknownKey } from '../../pve/config-keys/find-key.js';
import { mergeParts, partNames } from '../../pve/config-keys/merge-parts.js';
import { rootOnly } from '../../pve/config-keys/root-only.js';
import { configText, type GuestConfig } from '../../pve/guest-config.js';
import { propertyFlag } from '../../pve/property-string.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { refuseLostDisk } from './kept-disks.js';
import { refuseOtherTools } from './other-tools.js';

/** What is asked to be set and unset. */
export interface AskedChange {
  /** What stands before a key in the name of its argument. */
  readonly prefix: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
}

/** The same as it can be sent. */
export interface GuestChange {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  /** What of the lines stays that was not named. */
  readonly notes: readonly string[];
}

/** Whether it depends on the cluster's version whether this can be done. */
export function needsRelease(type: GuestType, { params }: AskedChange): boolean {
  return Object.entries(params).some(([key, value]) => {
    const spec = findKey(type, key);
    return spec !== undefined && dependsOnRelease(spec, value);
  });
}

/**
 * Checks a change against what keys there are and what the guest has.
 * @param release the cluster's major version, where it matters
 * @throws {InvalidInput} with every fault
 * @throws {Refused} for what no token may do, and for what would lose a disk
 */
export function readChange(
  target: GuestTarget,
  asked: AskedChange,
  config: GuestConfig,
  release: number | undefined,
): GuestChange {
  const { type } = target;
  const checked = Object.entries(asked.params).map(([key, value]) => ({
    key,
    ...checkParam(type, key, value, release, configText(config[key])),
  }));
  const faults = [
    ...checked.flatMap((one) =>
      'fault' in one ? [{ argument: `${asked.prefix}${one.key}`, message: one.fault }] : [],
    ),
    ...asked.remove.flatMap((key) => removalFault(type, key, asked)),
  ];
  if (faults.length > 0) throw new InvalidInput(...faults);
  const changes = checked.flatMap((one) =>
    'wire' in one ? [withTheRest(type, one.key, one.wire, configText(config[one.key]))] : [],
  );
  const set = Object.fromEntries(changes.map(({ key, value }) => [key, value]));
  refuseOtherTools(type, Object.keys(set), asked.remove);
  refuseRootOnly(type, set, asked.remove, config);
  for (const [key, value] of Object.entries(set)) refuseLostDisk(target, key, value, config);
  return { set, remove: asked.remove, notes: changes.flatMap(({ notes }) => notes) };
}

/** Changes the parts of a line that were named, and keeps the others: firewall, VLAN, MAC, ... */
function withTheRest(type: GuestType, key: string, value: string, line: string | undefined) {
  const parts = findKey(type, key)?.parts;
  if (parts === undefined || line === undefined) return { key, value, notes: [] };
  const merged = mergeParts(parts, line, value);
  const told = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${key}: ${what} ${names.join(', ')}.`];
  const notes = [...told('kept as it was:', merged.kept), ...told('does not go with this, and goes:', merged.dropped)];
  return { key, value: merged.value, notes };
}

function checkParam(
  type: GuestType,
  key: string,
  value: unknown,
  release: number | undefined,
  line: string | undefined,
) {
  const spec = findKey(type, key);
  if (spec === undefined) return { fault: unknownKey(type, key) };
  if (key === 'cipassword' && /^\*+$/.test(String(value)))
    return { fault: 'this is the mask that readers get, no password' };
  if (key === 'sshkeys' && typeof value === 'string') return checkValue(spec, encodeKeys(value), release);
  const present = spec.parts === undefined ? undefined : partNames(spec.parts, line ?? '');
  return checkValue(spec, value, release, new Set(present?.keys()));
}

function removalFault(type: GuestType, key: string, { params }: AskedChange) {
  if (findKey(type, key) === undefined) return [{ argument: 'delete', message: `'${key}': ${unknownKey(type, key)}` }];
  return Object.hasOwn(params, key) ? [{ argument: 'delete', message: `'${key}' is to be set and unset at once` }] : [];
}

function refuseRootOnly(
  type: GuestType,
  set: Readonly<Record<string, string>>,
  remove: readonly string[],
  config: GuestConfig,
): void {
  const unprivileged = propertyFlag(configText(config.unprivileged)) === true;
  const changes: (readonly [string, string | undefined])[] = [
    ...Object.entries(set),
    ...remove.map((key) => [key, undefined] as const),
  ];
  for (const [key, value] of changes) {
    // One way to it, so that whoever denies that tool denies it.
    if (key === 'protection') throw new Refused('protection is a setting of its own', 'Use proxmox-set-protection.');
    const before = configText(config[key]);
    const reason = value === before ? undefined : rootOnly(type, key, value, before, unprivileged);
    if (reason !== undefined)
      throw new Refused(`${key}: ${reason}`, 'Leave it out, or have root@pam set it on the node.');
  }
}
