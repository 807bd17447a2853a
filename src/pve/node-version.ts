import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { text } from './loose.js';

/** What one node runs: during an upgrade the nodes of a cluster differ. */
export const nodeVersion = endpoint('GET /nodes/{node}/version', z.object({ version: text }));

/** Whether `9.2.3` is `9.2` or later. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((one) => one.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0));
  const differs = (want ?? []).findIndex((part, at) => part !== (have?.[at] ?? 0));
  return differs < 0 || (have?.[differs] ?? 0) > (want?.[differs] ?? 0);
}
