import { attempt } from '../../pve/attempt.js';
import type { Answer, Call } from '../../pve/endpoint.js';
import { ServerError } from '../../pve/errors.js';
import { failureInWords } from '../../pve/failure.js';
import { type agentExec, type agentExecStatus, textOf } from '../../pve/guest-agent.js';
import { quoted } from '../../pve/quoted.js';
import type { GuestTarget } from '../scope.js';

export interface ProgramCalls {
  readonly exec: Call<typeof agentExec>;
  readonly status: Call<typeof agentExecStatus>;
}

type Status = Awaited<ReturnType<ProgramCalls['status']>> extends Answer<infer T> ? T : never;

/** How a program in a guest stands. */
export type Program =
  | { readonly state: 'running' }
  | { readonly state: 'exited'; readonly status: Status }
  /** It was started, and what became of it cannot be said. */
  | { readonly state: 'unknown'; readonly why: string };

const firstPause = 200;
const longestPause = 2000;

/** Looks after a program until it has ended or the time is up. */
export async function untilExit(
  target: GuestTarget<'qemu'>,
  pid: number,
  status: ProgramCalls['status'],
  pause: (ms: number) => Promise<void>,
  seconds: number,
): Promise<Program> {
  let left = seconds * 1000;
  for (let next = firstPause; ; next = Math.min(longestPause, next * 1.5)) {
    const asked = await attempt(status(target, { pid }));
    if ('error' in asked) {
      const { error } = asked;
      return {
        state: 'unknown',
        why: error instanceof ServerError ? quoted(error.reason) : `the node ${failureInWords(error)}`,
      };
    }
    const { data } = asked.value;
    if (data.exited) return { state: 'exited', status: data };
    if (left <= 0) return { state: 'running' };
    const ms = Math.min(next, left);
    await pause(ms);
    left -= ms;
  }
}

/** Both outputs together keep an answer within its size. */
const longestOutput = 9000;

/** The start of a text that takes no more room than this in an answer. */
function start(text: string): string {
  let kept = text.slice(0, longestOutput);
  while (JSON.stringify(kept).length > longestOutput + 200) kept = kept.slice(0, Math.floor(kept.length * 0.8));
  return kept;
}

/** What a program wrote and how it ended, cut to what an answer can hold. */
export function told(status: Status) {
  const [stdout, stderr] = [textOf(status['out-data'] ?? ''), textOf(status['err-data'] ?? '')];
  const [shownOut, shownErr] = [start(stdout), start(stderr)];
  return {
    exitcode: status.exitcode,
    signal: status.signal,
    stdout: shownOut,
    stderr: shownErr,
    stdout_characters: shownOut.length < stdout.length ? stdout.length : undefined,
    stderr_characters: shownErr.length < stderr.length ? stderr.length : undefined,
    stdout_truncated: status['out-truncated'] || undefined,
    stderr_truncated: status['err-truncated'] || undefined,
  };
}
