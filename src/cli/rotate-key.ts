import { readFileSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { isEncrypted } from '../config/encrypted-value.js';
import { readEnvironment, settledValue } from '../config/environment.js';
import { expandHome } from '../config/file-path.js';
import { parseEnvFile } from './env-file.js';
import { present } from './environment.js';
import type { Flags } from './flags.js';
import { type Keys, neitherKey, reencrypt } from './reencrypt.js';
import { type Replacement, replaceFiles } from './replace-files.js';
import { nameKey, rotateSettings } from './rotate-settings.js';
import { configuredKey, keyInFile } from './secret-key.js';

const keyVariables = ['PROXMOX_SECRET_KEY_FILE', 'PROXMOX_SECRET_KEY'];

/** What is to be replaced, the file of settings last: until then it names the old key. */
interface Rotation {
  readonly files: readonly Replacement[];
  readonly told: readonly string[];
}

/** `proxmox-mcp rotate-key`: every encrypted value of a file of settings, and of the files it names, under another key. */
export async function rotateKey(flags: Flags): Promise<number> {
  const { 'env-file': envFile, 'new-key-file': newKeyFile, 'key-file': keyFile, 'dry-run': isDry = false } = flags;
  if (envFile === undefined || newKeyFile === undefined)
    throw new Error('rotate-key needs --env-file FILE and --new-key-file FILE');
  const path = realpathSync(resolve(envFile));
  const text = readText(path);
  const settings = parseEnvFile(text);
  const env = { ...settings, ...present(process.env) };
  const keys = {
    old:
      keyFile === undefined
        ? configuredKey(env, ', or name a file of it with --key-file')
        : keyInFile('--key-file', keyFile),
    new: keyInFile('--new-key-file', newKeyFile),
  };
  if (keys.old === keys.new) throw new Error('the new key is the old one. Nothing was changed');
  const { files, told } = plan({ path, before: text }, settings, env, keys, resolve(newKeyFile));
  if (!isDry) replaceFiles(files);
  const heading = files.length === 0 ? 'nothing to change' : isDry ? 'would be changed:' : 'changed:';
  process.stdout.write(`${[heading, ...told].join('\n')}\n`);
  return 0;
}

/** A byte that is no UTF-8 would be written back as another one. */
function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) throw new Error(`'${path}' is not UTF-8. Nothing was changed`, { cause: error });
    throw error;
  }
}

type Settings = Readonly<Record<string, string | undefined>>;
type Held = Pick<Replacement, 'path' | 'before'>;

function plan(held: Held, settings: Settings, env: Settings, keys: Keys, newKeyFile: string): Rotation {
  const secrets = secretFiles(settings, env).map((file) => ({ ...file, ...rotateFile(file, keys) }));
  const rotated = rotateSettings(held.before, keys);
  const anew = secrets.filter(({ before, after }) => before !== after);
  const isAny = secrets.some(({ isOne }) => isOne) || rotated.encrypted.length + rotated.already.length > 0;
  const named = isAny ? nameKey(rotated.text, newKeyFile) : { text: rotated.text, replaced: undefined };
  const settingsFile = { ...held, after: named.text };
  const plain = Object.keys(settings).filter(
    (name) => /^PROXMOX_(.+_)?TOKEN_SECRET$/.test(name) && settings[name] && !rotated.encrypted.includes(name),
  );
  return {
    files: [...anew, ...(named.text === held.before ? [] : [settingsFile])],
    told: [
      ...anew.map(({ path, variable }) => `  ${path}: the secret of ${variable} is under the new key`),
      ...rotated.encrypted.map((name) => `  ${held.path}: ${name} is under the new key`),
      ...(named.replaced === undefined ? [] : [`  ${held.path}: PROXMOX_SECRET_KEY_FILE names ${newKeyFile}`]),
      ...plain
        .filter((name) => !rotated.already.includes(name))
        .map((name) => `left as it is: ${name} is not encrypted`),
      ...[
        ...rotated.already,
        ...secrets.filter(({ isOne, after, before }) => isOne && after === before).map(({ variable }) => variable),
      ].map((name) => `left as it is: ${name} is under the new key already`),
      ...(isAny ? keyElsewhere(settings, named.replaced !== undefined, newKeyFile) : []),
    ],
  };
}

/** What is still to be done by hand: the real environment, which goes before the file, is not ours to change. */
function keyElsewhere(settings: Settings, isNamed: boolean, newKeyFile: string): string[] {
  const other = keyVariables.find((name) => {
    const value = settledValue(process.env[name]);
    return value !== undefined && value !== settledValue(settings[name]);
  });
  if (other !== undefined)
    return [
      `to do: the environment sets ${other}, which goes before the file: set PROXMOX_SECRET_KEY_FILE=${newKeyFile} in its place`,
    ];
  return isNamed ? [] : [`to do: set PROXMOX_SECRET_KEY_FILE=${newKeyFile} where the server is started`];
}

interface SecretFileHeld extends Held {
  readonly variable: string;
}

/** The files of secrets that the settings name, each once. */
function secretFiles(settings: Settings, env: Settings): SecretFileHeld[] {
  const files = new Map<string, SecretFileHeld>();
  for (const [variable, value] of Object.entries(settings)) {
    const written = settledValue(value);
    if (!/^PROXMOX_(.+_)?TOKEN_SECRET_FILE$/.test(variable) || written === undefined) continue;
    const expanded = expandHome(written, readEnvironment(env));
    if (!expanded.ok) throw new Error(`${variable} ${expanded.problem}`);
    const path = realpathSync(expanded.value);
    files.set(path, { path, variable, before: readText(path) });
  }
  return [...files.values()];
}

function rotateFile({ path, before }: Held, keys: Keys): { readonly after: string; readonly isOne: boolean } {
  const value = before.trim();
  if (!isEncrypted(value)) return { after: before, isOne: false };
  const anew = reencrypt(value, keys);
  if (anew === undefined) throw neitherKey(`the secret in '${path}'`);
  return { after: before.replace(value, () => anew), isOne: true };
}
