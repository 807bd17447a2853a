import { parseArgs } from 'node:util';
import { serve } from './serve.js';
import { usage } from './usage.js';

const options = {
  demo: { type: 'boolean' },
  'env-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  'key-file': { type: 'string' },
  'new-key-file': { type: 'string' },
  'dry-run': { type: 'boolean' },
  port: { type: 'string' },
  clusters: { type: 'string' },
  http: { type: 'boolean' },
  world: { type: 'string' },
  // `simulate --version 9.2` takes a value where `--version` alone takes none; it is split off before.
  pve: { type: 'string' },
} as const;

export type Flags = ReturnType<typeof readArguments>['values'];

function readArguments(args: readonly string[]) {
  const given = args.flatMap((arg, index) => {
    const next = args[index + 1];
    if (args[0] !== 'simulate') return [arg];
    if (arg.startsWith('--version=')) return [`--pve=${arg.slice('--version='.length)}`];
    return [arg === '--version' && next !== undefined && !next.startsWith('-') ? '--pve' : arg];
  });
  return parseArgs({ args: given, options, allowPositionals: true });
}

/** Runs the server or a command; the answer is the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { values: flags, positionals } = readArguments(args);
  const [command, ...operands] = positionals;
  if (command === undefined && !flags.version && !flags.help) return serve(flags);
  // A reader that has seen enough, such as `head`, is no fault.
  process.stdout.on('error', () => undefined);
  const code = await run(command, operands, flags);
  // An exit would drop what a slow reader has not taken yet.
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  return code;
}

async function run(command: string | undefined, operands: readonly string[], flags: Flags): Promise<number> {
  if (flags.version) return print(PROXMOX_MCP_VERSION);
  if (flags.help) return print(usage);
  switch (command) {
    case 'demo':
      return (await import('./demo.js')).demo();
    case 'doctor':
      return (await import('./doctor.js')).doctor(flags);
    case 'call':
      return (await import('./call.js')).call(operands, flags);
    case 'tools':
      return (await import('./tools.js')).tools(flags);
    case 'encrypt':
      return (await import('./encrypt.js')).encrypt(flags, operands);
    case 'rotate-key':
      return (await import('./rotate-key.js')).rotateKey(flags);
    case 'simulate':
      return (await import('./simulate.js')).simulate(flags);
    default:
      process.stderr.write(`proxmox-mcp: there is no command '${command}'\n\n${usage}\n`);
      return 2;
  }
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`proxmox-mcp: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
