import type { z } from 'zod';
import { parseUpid } from '../../pve/upid.js';
import type { Calls, Context } from '../define.js';

export type Waiting = Pick<Context<'guest', z.ZodRawShape, Calls>, 'wait' | 'secondsLeft'>;

/** Whether a task was seen to end well in the time that the call has; what follows it is then still to be looked at. */
export async function endedWell({ wait, secondsLeft }: Waiting, upid: string): Promise<boolean> {
  const timeout = secondsLeft();
  if (timeout === 0) return false;
  const { state } = await wait({ node: parseUpid(upid)?.node ?? '', upid }, { timeout });
  return state === 'ok' || state === 'warnings';
}
