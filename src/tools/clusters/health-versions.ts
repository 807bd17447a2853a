import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import type { nodeVersion } from '../../pve/node-version.js';
import { settle } from '../../pve/settle.js';

/** What each node runs, where not all run the same. */
export async function versionsOf(
  call: Call<typeof nodeVersion>,
  nodes: readonly string[],
): Promise<Record<string, string> | undefined> {
  if (nodes.length < 2) return undefined;
  const asked = await attempt(settle(nodes, (node) => call({ node })));
  if ('error' in asked) return undefined;
  const versions = asked.value.values.map(({ key, value }): [string, string] => [key, value.data.version]);
  return new Set(versions.map(([, version]) => version)).size > 1 ? Object.fromEntries(versions) : undefined;
}
