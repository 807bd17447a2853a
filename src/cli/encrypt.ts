import { encryptValue, isEncrypted } from '../config/encrypted-value.js';
import { parseTokenSecret } from '../config/token-id.js';
import { readEnvironment } from './environment.js';
import type { Flags } from './flags.js';
import { readSecret } from './read-secret.js';
import { configuredKey, keyInFile } from './secret-key.js';

/** `proxmox-mcp encrypt`: the secret on standard input, as a value for TOKEN_SECRET or the file of it. */
export async function encrypt(flags: Flags, operands: readonly string[]): Promise<number> {
  if (operands.length > 0)
    throw new Error('encrypt reads the secret from standard input: every user of this machine can see a command line');
  const key = await chosenKey(flags);
  const secret = await readSecret('Secret (it is not shown): ');
  if (secret === '') throw new Error('there is no secret on standard input');
  if (isEncrypted(secret)) throw new Error('the secret is encrypted already');
  const checked = parseTokenSecret(secret);
  if (!checked.ok) throw new Error(`the secret ${checked.problem}`);
  process.stdout.write(`${encryptValue(secret, key)}\n`);
  return 0;
}

async function chosenKey({ 'key-file': keyFile, 'env-file': envFile }: Flags): Promise<string> {
  if (keyFile !== undefined) return keyInFile('--key-file', keyFile);
  const surroundings = { env: process.env, cwd: process.cwd(), platform: process.platform };
  const { env, parsed } = await readEnvironment(surroundings, envFile);
  const unread = parsed.ok ? undefined : parsed.faults.find(({ variable }) => variable === 'PROXMOX_ENV_FILE');
  if (unread !== undefined) throw new Error(unread.message);
  return configuredKey(env, ', or name a file of it with --key-file');
}
