import { parseArgs } from 'node:util';

const options = {
  demo: { type: 'boolean' },
  'env-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  'key-file': { type: 'string' },
  'new-key-file': { type: 'string' },
  'dry-run': { type: 'boolean' },
  after: { type: 'string' },
  expect: { type: 'string' },
  port: { type: 'string' },
  clusters: { type: 'string' },
  http: { type: 'boolean' },
  world: { type: 'string' },
  // `simulate --version 9.2` takes a value where `--version` alone takes none; it is split off before.
  pve: { type: 'string' },
} as const;

export type Flags = ReturnType<typeof readArguments>['values'];

/** The options and operands of a command line. Throws on one that is not known. */
export function readArguments(args: readonly string[]) {
  const given = args.flatMap((arg, index) => {
    const next = args[index + 1];
    if (args[0] !== 'simulate') return [arg];
    if (arg.startsWith('--version=')) return [`--pve=${arg.slice('--version='.length)}`];
    return [arg === '--version' && next !== undefined && !next.startsWith('-') ? '--pve' : arg];
  });
  return parseArgs({ args: given, options, allowPositionals: true });
}
