import { parseNeed } from '../../pve/privileges.js';

/** A role and what it brings. */
export interface Role {
  readonly roleid: string;
  readonly privileges: readonly string[];
}

/** A permission as the new token is given it. */
export interface Grant {
  readonly path: string;
  readonly roles: string;
  readonly propagate: boolean;
}

/** The roles that there are, chosen so that they bring what is needed on each path and the least beside it. */
export function leastGrants(needs: readonly string[], roles: readonly Role[]): Grant[] | undefined {
  const byPath = new Map<string, (readonly string[])[]>();
  for (const { anyOf, path } of needs.map(parseNeed)) byPath.set(path, [...(byPath.get(path) ?? []), anyOf]);
  const grants = [...byPath].map(([path, wanted]) => ({ path, chosen: leastRoles(wanted, roles), propagate: false }));
  if (grants.some(({ chosen }) => chosen === undefined)) return undefined;
  return grants
    .map(({ path, chosen = [], propagate }) => ({ path, roles: chosen.join(','), propagate }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** To look at anything is less than to do any one thing. */
function weight(roles: readonly Role[]): number {
  const all = [...new Set(roles.flatMap(({ privileges }) => privileges))];
  return all.reduce((sum, privilege) => sum + (privilege.endsWith('.Audit') ? 1 : 100), 0);
}

/** One role that brings all of it, or the smallest for each part: whichever brings less. */
function leastRoles(wanted: readonly (readonly string[])[], roles: readonly Role[]): string[] | undefined {
  const ordered = roles.toSorted((a, b) => weight([a]) - weight([b]) || a.roleid.localeCompare(b.roleid));
  const brings = ({ privileges }: Role, anyOf: readonly string[]) => anyOf.some((one) => privileges.includes(one));
  const parts = wanted.map((anyOf) => ordered.find((role) => brings(role, anyOf)));
  if (parts.includes(undefined)) return undefined;
  const whole = ordered.find((role) => wanted.every((anyOf) => brings(role, anyOf)));
  const each = [...new Set(parts.flatMap((role) => role ?? []))];
  const best = whole !== undefined && weight([whole]) <= weight(each) ? [whole] : each;
  return best.map(({ roleid }) => roleid).sort();
}
