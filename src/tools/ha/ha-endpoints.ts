import { z } from 'zod';
import type { version } from '../../pve/discovery.js';
import type { Call } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';

export const haResources = endpoint(
  'GET /cluster/ha/resources',
  z.array(
    z.object({
      sid: z.string(),
      state: z.string().optional(),
      group: z.string().optional(),
      max_restart: number.optional(),
      max_relocate: number.optional(),
      /** Since 9. */
      failback: flag.optional(),
      comment: text.optional(),
      digest: z.string().optional(),
    }),
  ),
);

/** Since 9. */
export const haRules = endpoint(
  'GET /cluster/ha/rules',
  z.array(
    z.object({
      rule: z.string(),
      type: z.string(),
      resources: z.string().optional(),
      nodes: z.string().optional(),
      affinity: z.string().optional(),
      strict: flag.optional(),
      disable: flag.optional(),
      comment: text.optional(),
      digest: z.string().optional(),
    }),
  ),
);
export type HaRule = z.output<(typeof haRules)['data']>[number];

/** Up to 8; since 9 they have become rules. */
export const haGroups = endpoint(
  'GET /cluster/ha/groups',
  z.array(
    z.object({
      group: z.string(),
      nodes: z.string().optional(),
      restricted: flag.optional(),
      nofailback: flag.optional(),
      comment: text.optional(),
      digest: z.string().optional(),
    }),
  ),
);
export type HaGroup = z.output<(typeof haGroups)['data']>[number];

interface RuleCalls {
  readonly version: Call<typeof version>;
  readonly rules: Call<typeof haRules>;
}

/** The rules of a cluster; `undefined` for one older than 9, which has groups. */
export async function rulesOrNone(call: RuleCalls): Promise<readonly HaRule[] | undefined> {
  const { release } = (await call.version({})).data;
  return Number.parseInt(release, 10) < 9 ? undefined : (await call.rules({})).data;
}
