/** Who is given something. */
export interface Subject {
  readonly type: string;
  readonly ugid: string;
}

/** A role of somebody on a path. */
export interface Grant extends Subject {
  readonly path: string;
  readonly roleid: string;
}

interface Known extends Grant {
  readonly propagate?: boolean | undefined;
}

const isOf = (entry: Grant, { type, ugid }: Subject) => entry.type === type && entry.ugid === ugid;

const isAbove = (above: string, path: string) => above !== path && (above === '/' || path.startsWith(`${above}/`));

/**
 * What subjects inherit on a path and lose by the first entry there: a deeper entry replaces those above it
 * (pve-access-control, RPCEnvironment.pm and AccessControl.pm, roles).
 */
export function replacedOf(known: readonly Known[], path: string, subjects: readonly Subject[]) {
  return subjects.flatMap((subject) => {
    const own = known.filter((entry) => isOf(entry, subject));
    if (own.some((entry) => entry.path === path)) return [];
    const above = own.filter((entry) => isAbove(entry.path, path) && entry.propagate !== false);
    const nearest = above.toSorted((a, b) => b.path.length - a.path.length)[0]?.path;
    if (nearest === undefined) return [];
    const roles = above.filter((entry) => entry.path === nearest).map(({ roleid }) => roleid);
    return [{ ugid: subject.ugid, from: nearest, roles: roles.sort() }];
  });
}

/** Those of the wanted that are not there. */
export const missingOf = (known: readonly Known[], wanted: readonly Grant[]): Grant[] =>
  wanted.filter(
    (grant) => !known.some((entry) => isOf(entry, grant) && entry.path === grant.path && entry.roleid === grant.roleid),
  );
