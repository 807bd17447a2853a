import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { ForbiddenError, NotImplementedError, ServerError } from '../../pve/errors.js';
import { text } from '../../pve/loose.js';
import { customCpu } from './devices.js';
import type { CpuVerdict, GuestFacts } from './guest-stops.js';

const model = z.record(z.string(), z.unknown());

export const cpuReads = {
  /** Since 9.1. */
  cpuModel: endpoint('GET /cluster/qemu/custom-cpu-models/{cputype}', model),
  cpuModels: endpoint('GET /nodes/{node}/capabilities/qemu/cpu', z.array(z.object({ name: text }))),
};
export type CpuCalls = { readonly [K in keyof typeof cpuReads]: Call<(typeof cpuReads)[K]> };

const written = ({ cputype: _, digest: __, ...rest }: z.output<typeof model>) =>
  JSON.stringify(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b)));

/** Looks at both sides where the guest has a model of the administrator's own. */
export async function readCpuModel(
  here: CpuCalls,
  there: CpuCalls,
  { config }: GuestFacts,
  node: string,
): Promise<CpuVerdict> {
  const cputype = customCpu(config);
  if (cputype === undefined) return 'same';
  const [own, other] = await Promise.all([attempt(here.cpuModel({ cputype })), attempt(there.cpuModel({ cputype }))]);
  if (!('error' in other))
    return 'error' in own || written(own.value.data) === written(other.value.data) ? 'same' : 'other';
  if (other.error instanceof ServerError && /not found/.test(other.error.reason)) return 'missing';
  if (!(other.error instanceof NotImplementedError) && !(other.error instanceof ForbiddenError)) return 'unknown';
  // Before, and for one who may not see the model itself, a node names what it has; not to everybody.
  const listed = await attempt(there.cpuModels({ node }));
  if ('error' in listed) return 'unknown';
  const names = listed.value.data.map(({ name }) => name);
  if (names.includes(cputype)) return 'same';
  return names.some((name) => name.startsWith('custom-')) ? 'missing' : 'unknown';
}
