import { configText, type GuestConfig, isDiskKey } from '../../pve/guest-config.js';
import { parseProperties } from '../../pve/property-string.js';
import { shownField } from '../../pve/secret-fields.js';
import { splitList } from '../../pve/storage.js';
import type { Fields, Value } from './difference.js';
import { settingText } from './setting-text.js';

/** What no two guests have alike, or comes and goes. */
const own = new Set([
  'digest',
  'vmgenid',
  'meta',
  'lock',
  'parent',
  'snaptime',
  'vmstate',
  'runningmachine',
  'runningcpu',
]);
const ownParts = new Set(['uuid', 'hwaddr', 'macaddr']);
export const ignoredOfGuests =
  'MAC addresses, the SMBIOS UUID, vmgenid, meta and digest; of volumes the storage is compared, not the name';

/** What is no property string. */
const plainKeys = new Set(['name', 'hostname', 'description', 'args', 'searchdomain', 'nameserver', 'hookscript']);

const mac = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;

/** A guest's configuration, key by key and part by part, without what is its own. */
export function guestFields(config: GuestConfig): Fields {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]): [string, Value | undefined][] => {
      const text = configText(value) ?? settingText(value);
      if (text === undefined || own.has(key)) return [];
      if (key === 'tags') return [[key, splitList(text)]];
      if (key === 'sshkeys') return [[key, keysIn(text)]];
      if (shownField(key, text) !== text) return [[key, shownField(key, text)]];
      return plainKeys.has(key) ? [[key, text]] : partsOf(key, text);
    }),
  );
}

/** Public keys, each known by its end. */
function keysIn(encoded: string): string[] {
  const lines = encoded.split(/\n|%0A/i).map((line) => line.replaceAll('%20', ' ').trim());
  return lines.filter((line) => line !== '').map((line) => (line.length > 40 ? `…${line.slice(-40)}` : line));
}

function partsOf(key: string, text: string): [string, string][] {
  const isDisk = isDiskKey(key);
  const parts = parseProperties(text, isDisk ? 'volume' : '');
  return [...parts].flatMap(([name, value]): [string, string][] => {
    if (ownParts.has(name)) return [];
    // `virtio=BC:24:11:00:00:01` is a model and its MAC.
    if (mac.test(value)) return [[`${key}.model`, name]];
    if (isDisk && (name === 'volume' || name === 'file')) return [volumeOf(key, value)];
    return [[name === '' ? key : `${key}.${name}`, value]];
  });
}

/** A disk's name has the VMID in it; an image in a drive is meant by its name. */
function volumeOf(key: string, volid: string): [string, string] {
  const storage = /^([^/:]+):/.exec(volid)?.[1];
  const isFile = storage === undefined || /^[^/:]+:(?:iso|snippets|import)\//.test(volid);
  return isFile ? [`${key}.volume`, volid] : [`${key}.storage`, storage];
}
