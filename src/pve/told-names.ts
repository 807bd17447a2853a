// What Proxmox VE lets nobody put into a name cannot come from it: it is replaced as an answer is read, so that no
// name is ever a sentence, wherever it is shown or sent afterwards.

/** These are names and states wherever they stand. */
const always = [
  'node',
  'storage',
  'pool',
  'poolid',
  'lock',
  'hastate',
  'qmpstatus',
  'plugintype',
  'iface',
  'sid',
  'vnet',
  'zone',
  'roleid',
  'groupid',
  'userid',
  'ugid',
  'tokenid',
  'realm',
  'snapname',
];

/** These are, of guests, their snapshots and the members of a cluster; of what an agent tells they may be anything. */
const ofGuests = ['name', 'hostname', 'parent', 'status'];
const guestPaths = /^\/(?:cluster\/status|nodes\/[^/]+\/(?:qemu|lxc)(?:\/\d+\/(?:status\/current|config|snapshot))?)$/;

/** Each of its rows is read by hand, in resources.ts, and its names by {@link toldName}. */
const readByHand = '/cluster/resources';

const longest = 128;
const marks = '_.:/@!+=,;*%~#()-';
const plainText = `[A-Za-z0-9${marks}]{0,${longest}}`;
const plain = new RegExp(`^${plainText}$`);
const form = new RegExp(`^[\\p{L}\\p{N}${marks}]{0,${longest}}$`, 'u');
const foreign = new RegExp(`[^\\p{L}\\p{N}${marks}]+`, 'gu');

const keys = { all: new Set([...always, ...ofGuests]), some: new Set(always) };
const suspects = (names: Iterable<string>) => new RegExp(`"(?:${[...names].join('|')})"\\s*:\\s*"(?!${plainText}")`);
const suspect = { all: suspects(keys.all), some: suspects(keys.some) };

/**
 * The data of an answer, with each name in it a name.
 * @param json as it came: one look tells of nearly all that there is nothing to do
 */
export function withToldNames(path: string, json: string, data: unknown): unknown {
  if (path === readByHand) return data;
  const which = guestPaths.test(path) ? 'all' : 'some';
  return suspect[which].test(json) ? named(data, keys[which]) : data;
}

function named(value: unknown, names: ReadonlySet<string>, key = ''): unknown {
  if (typeof value === 'string') return names.has(key) ? toldName(value) : value;
  if (Array.isArray(value)) return value.map((part) => named(part, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([inner, part]) => [inner, named(part, names, inner)]));
}

/** A name as it may be told: what no name has is replaced. */
export function toldName(text: string): string {
  if (plain.test(text) || form.test(text)) return text;
  return text
    .slice(0, longest * 8)
    .replace(foreign, '?')
    .slice(0, longest);
}
