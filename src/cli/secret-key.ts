import { resolve } from 'node:path';
import { readSecretFile } from '../clusters/secret-file.js';
import { readEnvironment } from '../config/environment.js';
import { FaultList } from '../config/faults.js';
import { SecretReader } from '../config/secret-reader.js';

type Env = Readonly<Record<string, string | undefined>>;

const fileVariable = 'PROXMOX_SECRET_KEY_FILE';

/** The key that is configured. What is wrong with it is thrown, what is careless about it goes to standard error. */
export function configuredKey(env: Env, otherwise = ''): string {
  return readKey(env) ?? fail(`there is no key: set ${fileVariable} or PROXMOX_SECRET_KEY${otherwise}`);
}

/** The key in a file that an option names. */
export function keyInFile(option: string, file: string): string {
  const path = resolve(file);
  return readKey({ [fileVariable]: path }, option) ?? fail(`${option} names no key`);
}

function readKey(env: Env, option?: string): string | undefined {
  const faults = new FaultList();
  const { key } = new SecretReader(readEnvironment(env), faults, { readFile: readSecretFile });
  const told = ({ variable, message }: { readonly variable: string; readonly message: string }) =>
    option === undefined ? message : `${option} ${message.slice(variable.length + 1)}`;
  const [fault] = faults.faults;
  if (fault !== undefined) fail(told(fault));
  for (const warning of faults.warnings) process.stderr.write(`${told(warning)}\n`);
  return key?.value;
}

function fail(message: string): never {
  throw new Error(message);
}
