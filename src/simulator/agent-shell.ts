import { nameOf } from './guest.js';
import type { AgentState, GuestState } from './state.js';

export interface ProgramResult {
  readonly exitcode: number;
  readonly out: string;
  readonly err: string;
  /** Seconds. */
  readonly takes: number;
}

/** The machine that a program runs on. */
export interface Machine {
  readonly guest: GuestState;
  readonly agent: AgentState;
  readonly input: string;
  readonly now: number;
}

function said(out: string, exitcode = 0): ProgramResult {
  return { exitcode, out, err: '', takes: 0 };
}

function failed(err: string, exitcode = 1): ProgramResult {
  return { exitcode, out: '', err, takes: 0 };
}

/** What the guest has in a file: what was written to it, and a few that every guest has. */
export function fileOf(guest: GuestState, agent: AgentState, path: string): string | undefined {
  const written = agent.files?.[path];
  if (written !== undefined) return written;
  if (path === '/etc/hostname') return `${nameOf(guest)}\n`;
  if (path !== '/etc/os-release') return undefined;
  const { name = 'Debian GNU/Linux', version = '', id = 'debian' } = agent.osinfo;
  return `NAME="${name}"\nVERSION="${version}"\nID=${id}\n`;
}

function cat(machine: Machine, paths: readonly string[]): ProgramResult {
  if (paths.length === 0) return said(machine.input);
  const parts = paths.map((path) => ({ path, text: fileOf(machine.guest, machine.agent, path) }));
  const missing = parts.filter(({ text }) => text === undefined);
  const err = missing.map(({ path }) => `cat: ${path}: No such file or directory\n`).join('');
  return { exitcode: missing.length > 0 ? 1 : 0, out: parts.map(({ text }) => text ?? '').join(''), err, takes: 0 };
}

type Program = (machine: Machine, args: readonly string[]) => ProgramResult;

const programs: Readonly<Record<string, Program>> = {
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

function shell(machine: Machine, script: string): ProgramResult {
  let last = said('');
  let [out, err, takes] = ['', '', 0];
  for (const line of script.split(/\n|;|&&/).map((part) => part.trim())) {
    const [name, ...args] = words(line);
    if (name === undefined) continue;
    const exit = /^exit\s+(\d+)/.exec(line);
    if (exit !== null) return { exitcode: Number(exit[1]), out, err, takes };
    last = programs[name]?.(machine, args) ?? failed(`sh: 1: ${name}: not found\n`, 127);
    out += last.out;
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
    return shell(machine, at < 0 ? machine.input : (args[at + 1] ?? ''));
  }
  return programs[name]?.(machine, args);
}
