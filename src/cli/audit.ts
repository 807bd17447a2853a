import { rotatedFiles } from '../client/audit/chain-files.js';
import { type LinePlace, type Verdict, verifyChain } from '../client/audit/verify-chain.js';
import { settledValue } from '../config/environment.js';
import { showAudit } from './audit-show.js';
import { readEnvironment } from './environment.js';
import type { Flags } from './flags.js';

/** `proxmox-mcp audit verify|show [FILE]`: exit code 0 whole, 1 broken, 2 nothing to read. */
export async function audit([command, file, ...others]: readonly string[], flags: Flags): Promise<number> {
  if ((command !== 'verify' && command !== 'show') || others.length > 0)
    throw new Error("'audit' takes 'verify' or 'show', and then a file if it is not that of PROXMOX_AUDIT_FILE");
  const files = filesOf(file ?? (await configuredFile(flags)));
  if (command === 'show') return showAudit(files);
  const verdict = await verifyChain({ files, after: hashOf(flags.after), expect: hashOf(flags.expect) });
  if (verdict.whole === 0 && verdict.broken === undefined) throw new Error('there is not one line');
  process.stdout.write(`${flags.json ? JSON.stringify({ files, ...verdict }, null, 2) : inWords(verdict, files)}\n`);
  return isWhole(verdict) ? 0 : 1;
}

const isWhole = ({ broken, expected }: Verdict) => broken === undefined && expected !== false;

async function configuredFile({ 'env-file': envFile }: Flags): Promise<string> {
  const surroundings = { env: process.env, cwd: process.cwd(), platform: process.platform };
  const { parsed, env } = await readEnvironment(surroundings, envFile);
  if (parsed.ok && parsed.config.audit !== undefined) return parsed.config.audit.file;
  const isSet = settledValue(env.PROXMOX_AUDIT_FILE) !== undefined;
  throw new Error(
    isSet ? 'the configuration is not right: name the file' : 'PROXMOX_AUDIT_FILE is not set: name the file',
  );
}

/** The full ones first. One that was put aside stands for itself. */
function filesOf(file: string): string[] {
  return [...rotatedFiles(file), file];
}

function hashOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{64}$/i.test(text)) return text?.toLowerCase();
  throw new Error('a hash has 64 characters, 0 to 9 and a to f');
}

function inWords(verdict: Verdict, files: readonly string[]): string {
  const { whole, from, to, last, broken, unended, torn, expected } = verdict;
  const place = ({ file, line }: LinePlace) => (files.length > 1 ? `line ${line} of ${file}` : `line ${line}`);
  const span = whole === 0 ? '' : `, from ${from} to ${to}`;
  return [
    broken === undefined
      ? `${whole} lines are whole${span}.`
      : `BROKEN at ${place(broken)}: ${broken.problem}.\n${whole} lines before it are whole${span}.`,
    ...torn.map((one) => `Torn by a crash: ${place(one)}, ${one.bytes} bytes.`),
    ...unended.flatMap((one) => [
      `Begun and not ended (killed, or still under way): ${place(one)}, ${one.time}, ${one.tool} on ${one.clusters.join(', ')}`,
      ...one.requests.map((request) => `  ${request}`),
    ]),
    ...(expected === undefined ? [] : [expected ? 'The expected hash is there.' : 'The expected hash is NOT there.']),
    `Last hash: ${last.hash}`,
    'Keep it where this machine cannot change it: --expect with it finds a chain that was cut or made anew.',
  ].join('\n');
}
