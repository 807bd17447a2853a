import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.js';

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
  cluster: { type: 'string' },
  tool: { type: 'string' },
  since: { type: 'string' },
  outcome: { type: 'string' },
  port: { type: 'string' },
  clusters: { type: 'string' },
  http: { type: 'boolean' },
  world: { type: 'string' },
  // `simulate --version 9.2` takes a value where `--version` alone takes none; it is split off before.
  pve: { type: 'string' },
} as const;

type Option = keyof typeof options;

/** What each command takes beside `--env-file`, `--help` and `--version`; the server, which has no name, too. */
const taken: Readonly<Record<string, readonly Option[]>> = {
  '': ['demo'],
  demo: [],
  doctor: ['json'],
  call: [],
  tools: ['json'],
  encrypt: ['key-file'],
  'rotate-key': ['key-file', 'new-key-file', 'dry-run'],
  'audit verify': ['expect', 'after', 'json'],
  'audit show': ['cluster', 'tool', 'since', 'outcome', 'json'],
  simulate: ['port', 'clusters', 'http', 'world', 'pve'],
};
const everywhere: readonly Option[] = ['env-file', 'help', 'version'];

export type Flags = ReturnType<typeof readArguments>['values'];

/** The options and operands of a command line. Throws on one that the command does not know. */
export function readArguments(args: readonly string[]) {
  const given = args.flatMap((arg, index) => {
    const next = args[index + 1];
    if (args[0] !== 'simulate') return [arg];
    if (arg.startsWith('--version=')) return [`--pve=${arg.slice('--version='.length)}`];
    return [arg === '--version' && next !== undefined && !next.startsWith('-') ? '--pve' : arg];
  });
  refuseUnknown(given);
  return parseArgs({ args: given, options, allowPositionals: true });
}

/** An option that is silently without effect would be taken for one that has some. */
function refuseUnknown(args: readonly string[]): void {
  const { positionals, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const [first = '', second = ''] = positionals;
  const command = first === 'audit' ? `${first} ${second}` : first;
  if (!Object.hasOwn(taken, command)) return;
  const known = taken[command] ?? [];
  const allowed: readonly string[] = [...known, ...everywhere];
  const stranger = tokens.find((token) => token.kind === 'option' && !allowed.includes(token.name));
  if (stranger?.kind !== 'option') return;
  const meant = nearest(stranger.name, allowed);
  const names = allowed.map((name) => `--${name === 'pve' ? 'version' : name}`);
  const who = command === '' ? 'the server' : `'${command}'`;
  const hint = meant === undefined ? '' : ` Did you mean --${meant}?`;
  throw new Error(`${who} has no option ${stranger.rawName}.${hint} It takes ${[...new Set(names)].join(', ')}.`);
}
