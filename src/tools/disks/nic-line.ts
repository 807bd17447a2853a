import { configText, type GuestConfig, nicsOf } from '../../pve/guest-config.js';
import { parseProperties } from '../../pve/property-string.js';
import { toWord } from '../../pve/quoted.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { label } from './guest-disk.js';

/** The line of a network card, and its name: `net1`. */
export interface NicLine {
  readonly key: string;
  readonly line: string;
}

/** @throws {Refused} naming the cards that there are */
export function nicNamed(target: GuestTarget, config: GuestConfig, slot: number): NicLine {
  const key = `net${slot}`;
  const line = configText(config[key]);
  if (line !== undefined) return { key, line };
  const known = nicsOf(config).map(
    ({ nic, bridge = 'no bridge', mac = '' }) => `${nic} (${toWord(bridge)}, ${toWord(mac)})`,
  );
  throw new Refused(`${label(target)} has no ${key}`, `It has ${known.join(', ') || 'no network card'}.`);
}

/** Changes parts of a line and keeps the rest, the MAC among it; `undefined` takes a part away. */
export function withParts(line: string, parts: Readonly<Record<string, string | undefined>>): string {
  const properties = new Map(parseProperties(line, 'model'));
  for (const [key, value] of Object.entries(parts)) {
    if (value === undefined) properties.delete(key);
    else properties.set(key, value);
  }
  return [...properties].map(([key, value]) => `${key}=${value}`).join(',');
}

const mac = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;

/** `virtio=BC:24:11:00:00:01,...` with another model before the same address. */
export function withModel(line: string, model: string): string {
  return [...parseProperties(line, 'model')]
    .filter(([key]) => key !== 'model')
    .map(([key, value]) => (mac.test(value) && key !== 'macaddr' ? `${model}=${value}` : `${key}=${value}`))
    .join(',');
}
