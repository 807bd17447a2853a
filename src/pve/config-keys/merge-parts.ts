import { pieces } from './check-value.js';
import type { Parts } from './key-spec.js';

/** A property string that was changed in parts. */
export interface Merged {
  readonly value: string;
  /** The parts of the present line that were not named, and stay. */
  readonly kept: readonly string[];
  /** Those that cannot stay beside what was asked. */
  readonly dropped: readonly string[];
}

type Names = ReadonlyMap<string, string>;

/** The parts by their own names: `virtio=<MAC>` is `model=virtio,macaddr=<MAC>`. */
export function partNames(parts: Parts, line: string): Names {
  return new Map(
    pieces(parts, line).flatMap(([name, value]): [string, string][] => {
      if (name === undefined) return [];
      const { names, sameAs = name } = parts[name] ?? {};
      return names === undefined
        ? [[sameAs, value]]
        : [
            [names, name],
            [sameAs, value],
          ];
    }),
  );
}

const noAddress = (value: string | undefined) => value !== undefined && !value.includes('/');

/** Parts that exclude each other: of each pair what is asked wins. */
const rivals: readonly (readonly [string, string])[] = [
  ['host', 'mapping'],
  ['legacy', 'order'],
];

function canStay(name: string, asked: Names, present: Names): boolean {
  // Of an address that is no longer fixed Proxmox refuses a gateway, or ignores the whole line.
  if (name === 'gw' && noAddress(asked.get('ip'))) return false;
  if (name === 'gw6' && noAddress(asked.get('ip6'))) return false;
  if (rivals.some((pair) => pair.some((one) => one === name) && pair.some((one) => one !== name && asked.has(one))))
    return false;
  // Of smbios1: whether every text is encoded.
  const encoded = (names: Names) => names.get('base64') === '1';
  if (!present.has('base64') && !asked.has('base64')) return true;
  return name === 'uuid' || encoded(asked) === encoded(present);
}

function isOtherVolume(asked: Names, present: Names): boolean {
  const volume = (names: Names) => names.get('file') ?? names.get('volume');
  const next = volume(asked);
  return next !== undefined && volume(present) !== undefined && next !== volume(present);
}

const isMedium = (volid: string | undefined) => /^(?:none|cdrom|.*:iso\/.*)$/.test(volid ?? '');

/** Changes what was asked of a line and keeps the rest; `tag=` takes a part away. */
export function mergeParts(parts: Parts, line: string, asked: string): Merged {
  const wanted = partNames(parts, asked);
  const present = partNames(parts, line);
  const rest = [...present].filter(([name]) => !wanted.has(name));
  // What another volume was given is not this one's, but that it lies in a CD drive.
  const stays = (name: string) =>
    isOtherVolume(wanted, present) ? name === 'media' && isMedium(wanted.get('file')) : canStay(name, wanted, present);
  const written = ([name, value]: readonly [string, string]) => (parts[name]?.bare ? value : `${name}=${value}`);
  const kept = rest.filter(([name]) => stays(name));
  const isFirst = ([name]: readonly [string, string]) => parts[name]?.bare === true;
  return {
    value: [
      ...kept.filter(isFirst).map(written),
      ...askedPieces(parts, asked),
      ...kept.filter((one) => !isFirst(one)).map(written),
    ].join(','),
    kept: kept.map(([name, value]) => `${name}=${value}`),
    dropped: isOtherVolume(wanted, present)
      ? []
      : rest.filter(([name]) => !stays(name)).map(([name, value]) => `${name}=${value}`),
  };
}

/** As they were written, without those that are to go. */
function askedPieces(parts: Parts, asked: string): string[] {
  return asked.split(',').flatMap((piece) => {
    if (piece === '') return [];
    if (!piece.endsWith('=')) return [piece];
    const model = parts[piece.slice(0, -1)]?.names;
    return model === undefined ? [] : [`${model}=${piece.slice(0, -1)}`];
  });
}
