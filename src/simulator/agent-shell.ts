import { nameOf } from './guest.js';
import type { AgentState, GuestState } from './state.js';

export interface ProgramResult {
  readonly exitcode: number;
  readonly out: Buffer;
  readonly err: string;
  /** Seconds. */
  readonly takes: number;
}

/** The machine that a program runs on. */
export interface Machine {
  readonly guest: GuestState;
  readonly agent: AgentState;
  /** What the program is given on its standard input. */
  readonly input: Buffer;
  readonly now: number;
}

function said(out: string | Buffer, exitcode = 0): ProgramResult {
  return { exitcode, out: Buffer.from(out), err: '', takes: 0 };
}

function failed(err: string, exitcode = 1): ProgramResult {
  return { exitcode, out: Buffer.alloc(0), err, takes: 0 };
}

/** What the guest has in a file: what was written to it, and a few that every guest has. */
export function fileOf(guest: GuestState, agent: AgentState, path: string): Buffer | undefined {
  const written = agent.files?.[path];
  if (written !== undefined) return Buffer.from(written);
  if (path === '/etc/hostname') return Buffer.from(`${nameOf(guest)}\n`);
  if (path !== '/etc/os-release') return undefined;
  const { name = 'Debian GNU/Linux', version = '', id = 'debian' } = agent.osinfo;
  return Buffer.from(`NAME="${name}"\nVERSION="${version}"\nID=${id}\n`);
}

function cat(machine: Machine, paths: readonly string[]): ProgramResult {
  if (paths.length === 0) return said(machine.input);
  const parts = paths.map((path) => ({ path, text: fileOf(machine.guest, machine.agent, path) }));
  const missing = parts.filter(({ text }) => text === undefined);
  const err = missing.map(({ path }) => `cat: ${path}: No such file or directory\n`).join('');
  return {
    exitcode: missing.length > 0 ? 1 : 0,
    out: Buffer.concat(parts.flatMap(({ text }) => text ?? [])),
    err,
    takes: 0,
  };
}

function remove({ agent }: Machine, args: readonly string[]): ProgramResult {
  const paths = args.filter((arg) => !arg.startsWith('-'));
  const kept = Object.entries(agent.files ?? {}).filter(([path]) => !paths.includes(path));
  agent.files = Object.fromEntries(kept);
  return said('');
}

function base64({ input }: Machine, args: readonly string[]): ProgramResult {
  if (!args.includes('-d')) return said(`${input.toString('base64')}\n`);
  return said(Buffer.from(input.toString('latin1'), 'base64'));
}

type Program = (machine: Machine, args: readonly string[]) => ProgramResult;

const programs: Readonly<Record<string, Program>> = {
  base64,
  cat,
  df: () =>
    said(
      'Filesystem     1K-blocks    Used Available Use% Mounted on\n/dev/sda1       41152736 9231104  29796208  24% /\n',
    ),
  echo: (_, args) => said(`${args.join(' ')}\n`),
  false: () => said('', 1),
  hostname: ({ guest }) => said(`${nameOf(guest)}\n`),
  id: () => said('uid=0(root) gid=0(root) groups=0(root)\n'),
  printf: (_, args) => said(args.join('').replaceAll('\\n', '\n')),
  rm: remove,
  pwd: () => said('/\n'),
  sleep: (_, args) => ({ ...said(''), takes: Number(args[0] ?? 1) }),
  true: () => said(''),
  uname: ({ guest, agent }) =>
    said(`Linux ${nameOf(guest)} ${agent.osinfo['kernel-release'] ?? '6.1.0-37-amd64'} x86_64 GNU/Linux\n`),
  uptime: ({ guest, now }) => said(` up ${now - (guest.startedAt ?? now)} seconds,  load average: 0.08, 0.03, 0.01\n`),
  whoami: () => said('root\n'),
};

function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** Runs `name args >> file`: what it says goes to the file. */
function simpleCommand(machine: Machine, line: string): ProgramResult {
  const [, plain = line, arrow, target = ''] = /^(.*?)\s*(>>?)\s*(\S+|"[^"]*")$/.exec(line) ?? [];
  const [name = '', ...args] = words(plain);
  const result = programs[name]?.(machine, args) ?? failed(`sh: 1: ${name}: not found\n`, 127);
  if (arrow === undefined) return result;
  const { agent, guest } = machine;
  const [path = ''] = words(target);
  const before = arrow === '>>' ? (fileOf(guest, agent, path) ?? Buffer.alloc(0)) : Buffer.alloc(0);
  agent.files = { ...agent.files, [path]: Buffer.concat([before, result.out]) };
  return { ...result, out: Buffer.alloc(0) };
}

/** A script of simple commands; `$0`, `$1`, ... are what stands behind it. */
function shell(machine: Machine, script: string, positional: readonly string[]): ProgramResult {
  const filled = script.replace(/\$(\d)/g, (_, at: string) => positional[Number(at)] ?? '');
  let last = said('');
  let [out, err, takes] = [Buffer.alloc(0), '', 0];
  let joined = '';
  for (const part of filled.split(/(\n|;|&&)/).map((one) => one.trim())) {
    if (part === '&&' || part === ';' || part === '') {
      joined = part;
      continue;
    }
    if (joined === '&&' && last.exitcode !== 0) continue;
    const exit = /^exit\s+(\d+)/.exec(part);
    if (exit !== null) return { exitcode: Number(exit[1]), out, err, takes };
    last = simpleCommand(machine, part);
    out = Buffer.concat([out, last.out]);
    err += last.err;
    takes += last.takes;
  }
  return { exitcode: last.exitcode, out, err, takes };
}

/** Runs a program of the guest; undefined where it has none of that name. */
export function runProgram(machine: Machine, command: readonly string[]): ProgramResult | undefined {
  const [path = '', ...args] = command;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^(ba|da)?sh$/.test(name)) {
    const at = args.findIndex((arg) => /^-\w*c$/.test(arg));
    return at < 0
      ? shell(machine, machine.input.toString(), [])
      : shell(machine, args[at + 1] ?? '', args.slice(at + 2));
  }
  return programs[name]?.(machine, args);
}
