import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { agentExec, agentExecStatus, mostGivenAtOnce, mostWrittenAtOnce } from '../../pve/guest-agent.js';
import { configText, guestConfig } from '../../pve/guest-config.js';
import { quoted, toWord } from '../../pve/quoted.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { path } from './guest-path.js';
import { expectAgent, ofAgent } from './ready-agent.js';
import { type Program, type ProgramCalls, told, untilExit } from './run-program.js';

const write = endpoint('POST /nodes/{node}/qemu/{vmid}/agent/file-write', z.null());

interface Writing extends ProgramCalls {
  readonly write: Call<typeof write>;
}

interface Surroundings {
  readonly target: GuestTarget<'qemu'>;
  readonly call: Writing;
  pause(ms: number): Promise<void>;
  offerUndo(how: string): void;
}

/** Seconds that one step in the guest is given. */
const patience = 30;

interface Parts {
  readonly file: string;
  /** A file beside it that nothing else has the name of. */
  readonly part: string;
}

/**
 * Runs a line of shell with the file as `$0` and its part as `$1`.
 * @throws {Refused} with the reason where it did not go well
 */
async function shell(
  target: GuestTarget<'qemu'>,
  call: Writing,
  pause: (ms: number) => Promise<void>,
  step: Parts & { readonly line: string; readonly input?: string },
): Promise<void> {
  const command = ['/bin/sh', '-c', step.line, step.file, step.part];
  const { data } = await call.exec(target, { command, 'input-data': step.input });
  // The PID of a plan.
  if (data.pid === 0) return;
  const why = failureOf(await untilExit(target, data.pid, call.status, pause, patience));
  if (why !== undefined) throw new Refused(why, "See what 'undo' says of the guest's files, then call again.");
}

function failureOf(program: Program): string | undefined {
  if (program.state === 'unknown') return program.why;
  if (program.state === 'running') return `a step was still running after ${patience} s`;
  const { exitcode, stderr } = told(program.status);
  if (exitcode === 0) return undefined;
  const said = stderr.trim();
  return said === '' ? `a step ended with ${exitcode ?? 'a signal'}` : `a step failed: ${quoted(said)}`;
}

/**
 * Writes what one request cannot carry: parts go to a file beside it, whose content then replaces its own, so that until
 * the last step it is as it was, and keeps its owner and mode. The last step may leave it cut, as on a full disk.
 */
async function writeInParts(
  { target, call, pause, offerUndo }: Surroundings,
  bytes: Buffer,
  { file, part }: Parts,
): Promise<void> {
  offerUndo(`Delete ${part} in the guest.`);
  const content = bytes.subarray(0, mostWrittenAtOnce).toString('base64');
  await ofAgent(call.write(target, { file: part, content, encode: false }));
  for (let at = mostWrittenAtOnce; at < bytes.length; at += mostGivenAtOnce) {
    const input = bytes.subarray(at, at + mostGivenAtOnce).toString('base64');
    await shell(target, call, pause, { line: 'base64 -d >> "$1"', file, part, input });
  }
  offerUndo(`The last step may have cut ${file}: where ${part} is still there, it holds all that was to be written.`);
  await shell(target, call, pause, { line: 'cat "$1" > "$0" && rm -f "$1"', file, part });
}

const longest = 1_000_000;

/** Nobody can foresee it, and a call has the one that its plan has. */
const partNames = new WeakMap<object, string>();

function partOf(input: { readonly file: string }): string {
  const name = partNames.get(input) ?? `${input.file}.${crypto.randomUUID()}.part`;
  partNames.set(input, name);
  return name;
}

export default [
  defineTool({
    name: 'proxmox-guest-file-write',
    title: 'Write file in VM',
    description: `Write a file in a VM, replacing it. Over ${mostWrittenAtOnce} bytes: not on Windows.`,
    effect: 'destroy',
    scope: 'vm',
    toolset: 'agent',
    input: {
      file: path,
      content: z.string().max(longest).describe('All of it'),
      base64: z.boolean().optional().describe('content is base64'),
    },
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      file: z.string(),
      bytes: z.number(),
    }),
    calls: { config: guestConfig, write, exec: agentExec, status: agentExecStatus },
    privileges: ['VM.GuestAgent.FileWrite|VM.GuestAgent.Unrestricted|VM.Monitor on /vms'],
    run: async (context) => {
      const { target, input, call, outline } = context;
      const { file } = input;
      const bytes = Buffer.from(input.content, input.base64 ? 'base64' : 'utf8');
      if (input.base64 && bytes.toString('base64').replace(/=+$/, '') !== input.content.replace(/\s|=+\s*$/g, ''))
        throw new InvalidInput({ argument: 'content', message: 'this is no base64' });
      await expectAgent(target, call.config);
      const about = { vmid: target.vmid, name: target.name, file, bytes: bytes.length };
      if (bytes.length <= mostWrittenAtOnce) {
        // Encoded here: the server's own encoding fails at characters beyond Latin-1.
        await ofAgent(call.write(target, { file, content: bytes.toString('base64'), encode: false }));
        return about;
      }
      const { data } = await call.config(target, { current: true });
      if (/^w/.test(configText(data.ostype) ?? ''))
        throw new Refused(
          `one request carries ${mostWrittenAtOnce} bytes, and parts are joined by a shell that Windows has not`,
          'Write parts of it under several names, and join them with a program of the guest.',
        );
      outline(`${toWord(file)} is written in place by the last step; should that fail half way, it is cut.`);
      await writeInParts(context, bytes, { file, part: partOf(input) });
      return about;
    },
  }),
];
