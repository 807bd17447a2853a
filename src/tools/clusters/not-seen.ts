import { z } from 'zod';
import type { Permissions } from '../../pve/discovery.js';
import { parseNeed } from '../../pve/privileges.js';
import { missingPrivileges } from './cluster-totals.js';

/** What stands in a part of a report in place of zero, or beside what is not all. */
export const notSeen = { not_seen: z.string().optional(), seen_in_part: z.string().optional() };

export const unlistedNodes = 'the nodes could not be listed';

/** What the token lacks of a privilege, in words; `undefined` where it holds it, or its privileges are not known. */
export function lackOf(granted: Permissions | undefined, need: string): string | undefined {
  if (granted === undefined || missingPrivileges(granted, [need]).length === 0) return undefined;
  const { anyOf, path } = parseNeed(need);
  return `the token lacks ${anyOf.join(' or ')} on ${path}`;
}
