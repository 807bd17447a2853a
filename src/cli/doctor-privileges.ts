import type { Permissions } from '../pve/discovery.js';
import { holds, holdsSome, mildest, type Need, parseNeed, readerCommands } from '../pve/privileges.js';

/** A privilege that tools need and the token lacks. */
export interface LackingPrivilege {
  /** Either will do. */
  readonly anyOf: readonly string[];
  readonly path: string;
  /** `part`: held on something below the path, so the tools show that much. */
  readonly held: 'nowhere' | 'part';
  /** The privilege that only looks is unknown to this version, and what is left allows more: no reason to grant it. */
  readonly optional: boolean;
  readonly tools: readonly string[];
}

/** The part of a tool that is looked at. */
export interface Needing {
  readonly name: string;
  readonly privileges: readonly string[];
}

/** What the tools need and the token does not hold on the whole of a path. */
export function lackingPrivileges(
  granted: Permissions,
  version: string | undefined,
  tools: readonly Needing[],
): LackingPrivilege[] {
  const lacking = new Map<string, LackingPrivilege>();
  for (const { name, privileges } of tools) {
    for (const written of privileges) {
      const need = parseNeed(written);
      if (holds(granted, need)) continue;
      const earlier = lacking.get(written);
      const anyOf = knownTo(version, need);
      lacking.set(written, {
        anyOf,
        path: need.path,
        held: holdsSome(granted, need) ? 'part' : 'nowhere',
        optional: looksOnly(need.anyOf) && !looksOnly(anyOf),
        tools: [...(earlier?.tools ?? []), name],
      });
    }
  }
  return [...lacking.values()];
}

const looksOnly = (anyOf: readonly string[]) => mildest(anyOf).every((privilege) => privilege.endsWith('.Audit'));

/** The commands that grant what is held nowhere and is not optional, for each path. */
export function grantCommands(granted: Permissions, tokenId: string, lacking: readonly LackingPrivilege[]): string[] {
  const byPath = new Map<string, string[]>();
  for (const { anyOf, path, held, optional } of lacking) {
    if (held === 'part' || optional) continue;
    const place = grantPath(granted, path);
    byPath.set(place, [...(byPath.get(place) ?? []), ...mildest(anyOf)]);
  }
  return [...byPath].flatMap(([path, privileges]) => readerCommands(tokenId, path, privileges));
}

/**
 * An entry on a path replaces, for its user or token, what came down from above. So where nothing but inherited rights
 * is held on the path, the grant goes where those come from.
 */
function grantPath(granted: Permissions, path: string): string {
  const held = granted[path];
  if (held === undefined) return '/';
  const inherited = Object.entries(granted['/'] ?? {}).flatMap(([name, propagates]) => (propagates ? [name] : []));
  const isSame = Object.keys(held).length === inherited.length && inherited.every((name) => name in held);
  return isSame ? '/' : path;
}

/** `VM.Monitor` went with 9.0, and `VM.GuestAgent.*` came. */
function knownTo(version: string | undefined, { anyOf }: Need): readonly string[] {
  if (version === undefined) return anyOf;
  const major = Number.parseInt(version, 10);
  const known = anyOf.filter((name) =>
    name.startsWith('VM.GuestAgent.') ? major >= 9 : name !== 'VM.Monitor' || major < 9,
  );
  return known.length > 0 ? known : anyOf;
}
