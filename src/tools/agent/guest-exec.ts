import { z } from 'zod';
import { agentExec, agentExecStatus, inputOf } from '../../pve/guest-agent.js';
import { guestConfig } from '../../pve/guest-config.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { expectAgent, ofAgent } from './ready-agent.js';
import { type Program, told, untilExit } from './run-program.js';

const output = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  pid: z.number(),
  /** exited, running or unknown. */
  state: z.string(),
  exitcode: z.number().optional(),
  /** That ended it. */
  signal: z.number().optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  /** Of all output, where only its start is shown. */
  stdout_characters: z.number().optional(),
  stderr_characters: z.number().optional(),
  /** The agent itself had cut it. */
  stdout_truncated: z.boolean().optional(),
  stderr_truncated: z.boolean().optional(),
  /** Why nothing is known of it. */
  why: z.string().optional(),
  failed: z.number().optional(),
});

const privileges = ['VM.GuestAgent.Unrestricted|VM.Monitor on /vms'] as const;

/** What of a program stands in an answer; a program that failed is no failure of the call, one that was lost is. */
function reported(program: Program) {
  if (program.state === 'exited') return { state: program.state, ...told(program.status) };
  return program.state === 'unknown' ? { ...program, failed: 1 } : program;
}

/** Characters that the server takes as `input-data`. */
const longestInput = 65_536;

export default [
  defineTool({
    name: 'proxmox-guest-exec',
    title: 'Run program in VM',
    description: 'Run a program in a VM, without shell. A nonzero exitcode is no error.',
    effect: 'destroy',
    scope: 'vm',
    toolset: 'agent',
    input: {
      command: z.array(z.string()).min(1).describe('Program, arguments'),
      input: z.string().optional().describe('Standard input'),
      timeout: z.int().min(1).max(3600).optional().describe('Seconds; default 30'),
    },
    output,
    calls: { config: guestConfig, exec: agentExec, status: agentExecStatus },
    privileges,
    run: async ({ target, input, call, pause, progress, note }) => {
      const { vmid, name, node } = target;
      const given = input.input === undefined ? undefined : inputOf(input.input);
      if (given !== undefined && given.length > longestInput)
        throw new InvalidInput({ argument: 'input', message: `at most ${longestInput} bytes` });
      await expectAgent(target, call.config);
      const { data } = await ofAgent(call.exec(target, { command: input.command, 'input-data': given }));
      // The PID of a plan.
      if (data.pid === 0) return { vmid, name, node, pid: 0, state: 'unknown' };
      const seconds = input.timeout ?? 30;
      let waited = 0;
      const wait = async (ms: number) => {
        waited += ms / 1000;
        await progress(waited, seconds, 'the program runs');
        await pause(ms);
      };
      const program = await untilExit(target, data.pid, call.status, wait, seconds);
      if (program.state === 'running') note('It goes on: ask for its end with proxmox-guest-exec-status and its pid.');
      return { vmid, name, node, pid: data.pid, ...reported(program) };
    },
  }),
  defineTool({
    name: 'proxmox-guest-exec-status',
    title: 'Program in VM',
    description: 'A program of proxmox-guest-exec. Its end and output can be read once.',
    effect: 'read',
    scope: 'vm',
    toolset: 'agent',
    input: { pid: z.int().min(1).max(4_294_967_295).describe('PID') },
    output,
    calls: { status: agentExecStatus },
    privileges,
    run: async ({ target, input, call }) => {
      const { vmid, name, node } = target;
      const { data } = await ofAgent(call.status(target, { pid: input.pid }));
      const program: Program = data.exited ? { state: 'exited', status: data } : { state: 'running' };
      return { vmid, name, node, pid: input.pid, ...reported(program) };
    },
  }),
];
