import { ClusterError } from '../clusters/errors.js';
import type { ProxmoxClient } from '../pve/client.js';
import { permissions } from '../pve/discovery.js';
import { RequestError } from '../pve/errors.js';
import { grantCommand, holds, holdsSome, mildest, parseNeed } from '../pve/privileges.js';

/**
 * Proxmox leaves out rows that a token may not see, without a word. When a list is empty and the token lacks a
 * privilege that its rows need, this says so.
 */
export async function emptyListNotes(
  clientOf: () => ProxmoxClient,
  privileges: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (privileges.length === 0) return [];
  try {
    const client = clientOf();
    const { data } = await client.send(permissions, {}, {}, signal);
    return privileges.map(parseNeed).flatMap((need) => {
      if (holds(data, need)) return [];
      const privilege = need.anyOf.join(' or ');
      const lack = holdsSome(data, need)
        ? `has ${privilege} only on parts of ${need.path}`
        : `lacks ${privilege} on ${need.path}`;
      const grant = grantCommand(client.config.tokenId, need.path, mildest(need.anyOf));
      return [
        `This may be empty for want of a privilege: the token ${lack}, and Proxmox leaves out what it may not see. To grant it: ${grant}`,
      ];
    });
  } catch (error) {
    // Its own answer, or that of the cluster, tells what is wrong with it.
    if (error instanceof RequestError || error instanceof ClusterError) return [];
    throw error;
  }
}
