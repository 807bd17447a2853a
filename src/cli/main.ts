import type { Flags } from './flags.js';
import { serve } from './serve.js';
import { usage } from './usage.js';

/** Runs the server or a command; the answer is the exit code. */
async function main(args: readonly string[]): Promise<number> {
  // As a client starts it. What reads arguments is memory that it need not hold.
  if (args.length === 0) return serve({});
  const { values: flags, positionals } = (await import('./flags.js')).readArguments(args);
  const [command, ...operands] = positionals;
  if (command === undefined && !flags.version && !flags.help) return serve(flags);
  // A reader that has seen enough, such as `head`, is no fault.
  process.stdout.on('error', () => undefined);
  process.on('uncaughtException', fail);
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
    case 'audit':
      return (await import('./audit.js')).audit(operands, flags);
    case 'simulate':
      return (await import('./simulate.js')).simulate(flags);
    default:
      throw new Error(`there is no command '${command}'\n\n${usage}`);
  }
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

async function fail(error: unknown): Promise<never> {
  const { sayError } = await import('./say-error.js');
  await sayError(error);
  process.exit(2);
}

main(process.argv.slice(2)).then((code) => process.exit(code), fail);
