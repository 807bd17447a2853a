import { attempt } from '../../pve/attempt.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { ParameterError } from '../../pve/errors.js';
import { number } from '../../pve/loose.js';
import { Refused } from '../refused.js';

/** With `vmid`: whether that one is free, also where the token may not see who has it. */
export const nextId = endpoint('GET /cluster/nextid', number);

/** @throws {Refused} where a VMID that was named is taken */
export async function refuseTaken(call: Call<typeof nextId>, vmid: number | undefined): Promise<void> {
  if (vmid === undefined) return;
  const asked = await attempt(call({}, { vmid }));
  if (!('error' in asked)) return;
  if (!(asked.error instanceof ParameterError)) throw asked.error;
  throw new Refused(`VMID ${vmid} is taken on this cluster`, 'Leave it out for the next free one, or name another.');
}
