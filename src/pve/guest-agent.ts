import { z } from 'zod';
import { endpoint } from './endpoint.js';
import type { RequestError } from './errors.js';
import { ServerError } from './errors.js';
import { flag, number, text } from './loose.js';

/** Bytes that one `file-write` takes: 60 KiB of base64 (qemu-server, API2/Qemu/Agent.pm). */
export const mostWrittenAtOnce = 46_080;
/** Bytes that one `input-data` of 64 KiB takes as base64. */
export const mostGivenAtOnce = 49_152;
/** Bytes that `file-read` carries. */
export const mostRead = 16 * 1024 ** 2;

/** Starts a program in a VM: `command` is the program and its arguments, no shell. */
export const agentExec = endpoint('POST /nodes/{node}/qemu/{vmid}/agent/exec', z.object({ pid: number }), { pid: 0 });

/** What became of a program. The agent forgets it once its end was told. */
export const agentExecStatus = endpoint(
  'GET /nodes/{node}/qemu/{vmid}/agent/exec-status',
  z.object({
    exited: flag,
    exitcode: number.optional(),
    signal: number.optional(),
    'out-data': text.optional(),
    'err-data': text.optional(),
    'out-truncated': flag.optional(),
    'err-truncated': flag.optional(),
  }),
);

/** An agent can tell of an error inside a success: of its own commands the server checks only exec, files and passwords. */
const agentError = z.object({ error: z.object({ class: text.optional(), desc: text.optional() }) });

export function errorOfAgent(result: unknown): string | undefined {
  const { data } = agentError.safeParse(result);
  return data === undefined ? undefined : (data.error.desc ?? data.error.class ?? 'an error without words');
}

/**
 * The bytes behind a string of the agent. The server decodes the agent's base64 and takes each byte for a character
 * (qemu-server, QemuServer/Agent.pm); a string that holds more than bytes was decoded as text already.
 */
export function bytesOf(told: string): Buffer {
  return [...told].every((character) => (character.codePointAt(0) ?? 0) < 256)
    ? Buffer.from(told, 'latin1')
    : Buffer.from(told, 'utf8');
}

/** Bytes as UTF-8 text; `undefined` where they are none. */
export function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What a program wrote: UTF-8 where it is, else each byte as a character. */
export const textOf = (told: string): string => utf8Of(bytesOf(told)) ?? told;

/** Text for a program's standard input, each byte as a character: the server would refuse wider ones. */
export const inputOf = (given: string): string => Buffer.from(given, 'utf8').toString('latin1');

/** Why there is no agent to talk to, and what helps; `undefined` for other failures. */
export function whyNoAgent(error: RequestError): { readonly reason: string; readonly next: string } | undefined {
  if (!(error instanceof ServerError)) return undefined;
  const { reason } = error;
  // The server tells them apart by their words alone (qemu-server, QemuServer/Agent.pm).
  if (/^No QEMU guest agent configured/.test(reason)) return notConfigured;
  if (/^VM \d+(?: is)? not running/.test(reason))
    return { reason: 'the VM is not running', next: 'Start it with proxmox-start-vm.' };
  if (/^QEMU guest agent is not running/.test(reason))
    return {
      reason: 'the guest agent does not answer',
      next: 'Right after a start, try again in a minute; else qemu-guest-agent must be installed and started in the guest.',
    };
  return undefined;
}

export const notConfigured = {
  reason: 'the guest agent is not switched on in the configuration of the VM',
  next: "Set its option 'agent' to 1, install qemu-guest-agent in the guest, then stop and start the VM.",
} as const;
