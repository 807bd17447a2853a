import { fileOf, runProgram } from '../agent-shell.js';
import { died } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { AgentState } from '../state.js';
import { flag, node, vmid } from './common-parameters.js';
import { answering } from './guest-agent.js';
import { agentPermission } from './guest-agent-commands.js';
import { guestOf } from './guests.js';

const longest = 16 * 1024 ** 2;
const missingFile = 'No such file or directory';

function awake(call: Call, command: string): AgentState {
  const agent = answering(call);
  if (agent.frozen === true) {
    throw died(`Agent error: Command ${command} has been disabled: the command is not allowed`);
  }
  return agent;
}

/** The bytes are taken for characters, and encoded once more. */
function garbled(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Perl's encode_base64 takes each character for a byte, and dies of a wider one. */
function bytesOf(text: string, line: number): Buffer {
  if ([...text].some((char) => (char.codePointAt(0) ?? 0) > 255)) {
    throw died(`Wide character in subroutine entry at /usr/share/perl5/PVE/API2/Qemu/Agent.pm line ${line}.`);
  }
  return Buffer.from(text, 'latin1');
}

function exec(call: Call) {
  const agent = awake(call, 'guest-exec');
  const guest = guestOf(call, 'qemu');
  const command = call.params.list('command');
  const input = bytesOf(call.params.optionalText('input-data') ?? '', 301);
  const result = runProgram({ guest, agent, input, now: call.cluster.now }, command);
  if (result === undefined) {
    throw died(
      `Agent error: Guest agent command failed, error was 'Failed to execute child process “${command[0]}” (${missingFile})'`,
    );
  }
  const processes = agent.processes ?? [];
  const pid = 2_000 + ((call.cluster.now + processes.length * 13) % 28_000) + processes.length;
  const { takes, ...rest } = result;
  agent.processes = [...processes, { pid, endsAt: call.cluster.now + takes, ...rest }];
  return { pid };
}

/** The result of a command is there for one reader only. */
function execStatus(call: Call) {
  const agent = awake(call, 'guest-exec-status');
  const pid = call.params.integer('pid');
  const process = agent.processes?.find((entry) => entry.pid === pid);
  if (process === undefined) throw died(`Agent error: PID ${pid} does not exist`);
  if (process.endsAt > call.cluster.now) return { exited: 0 };
  agent.processes = agent.processes?.filter((entry) => entry !== process) ?? [];
  const { exitcode, out, err } = process;
  return {
    exited: 1,
    exitcode,
    'out-data': out.length === 0 ? undefined : garbled(out.subarray(0, longest)),
    'out-truncated': out.length > longest ? true : undefined,
    'err-data': err === '' ? undefined : garbled(err),
  };
}

function readFile(call: Call) {
  const agent = awake(call, 'guest-file-open');
  const { params } = call;
  const path = params.text('file');
  const bytes = fileOf(guestOf(call, 'qemu'), agent, path);
  if (bytes === undefined) throw died(`Agent error: failed to open file '${path}' (mode: 'r'): ${missingFile}`);
  const offset = params.optionalInteger('offset') ?? 0;
  const part = bytes.subarray(offset, offset + (params.optionalInteger('count') ?? longest));
  const decode = !params.has('decode') || params.flag('decode');
  return {
    content: decode ? part.toString('latin1') : part.toString('base64'),
    'bytes-read': part.length,
    truncated: offset + part.length < bytes.length ? 1 : undefined,
  };
}

function writeFile(call: Call) {
  const agent = awake(call, 'guest-file-open');
  const { params } = call;
  const content = params.text('content');
  const encode = !params.has('encode') || params.flag('encode');
  const bytes = encode ? bytesOf(content, 517) : Buffer.from(content, 'base64');
  agent.files = { ...agent.files, [params.text('file')]: bytes };
  return null;
}

const one = '/nodes/{node}/qemu/{vmid}/agent';
const file = { type: 'string' } as const;

export const guestAgentFileRoutes: readonly Route[] = [
  {
    route: `POST ${one}/exec`,
    params: {
      node,
      vmid,
      command: { type: 'array', items: { type: 'string' } },
      'input-data': { type: 'string', optional: true, maxLength: 65_536 },
    },
    permission: agentPermission(),
    handler: exec,
  },
  {
    route: `GET ${one}/exec-status`,
    params: { node, vmid, pid: { type: 'integer' } },
    permission: agentPermission(),
    handler: execStatus,
  },
  {
    route: `GET ${one}/file-read`,
    params: {
      node,
      vmid,
      file,
      count: { type: 'integer', optional: true, min: 1, max: longest, since: '9.2' },
      decode: { ...flag, since: '9.2' },
      offset: { type: 'integer', optional: true, min: 0, since: '9.2' },
    },
    permission: agentPermission('VM.GuestAgent.FileRead'),
    handler: readFile,
  },
  {
    route: `POST ${one}/file-write`,
    params: { node, vmid, content: { type: 'string', maxLength: 61_440 }, encode: flag, file },
    permission: agentPermission('VM.GuestAgent.FileWrite'),
    handler: writeFile,
  },
];
