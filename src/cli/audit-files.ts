import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { readLine } from '../client/audit/audit-line.js';
import { rotatedFiles } from '../client/audit/chain-files.js';
import { linesOf } from '../client/audit/verify-chain.js';
import { settledValue } from '../config/environment.js';
import { readEnvironment } from './environment.js';
import type { Flags } from './flags.js';

/** The files of an audit, those that were put aside first; one of those stands for itself. Throws where there are none. */
export async function auditFiles(named: string | undefined, flags: Flags): Promise<string[]> {
  const file = named ?? (await configuredFile(flags));
  const aside = existsSync(dirname(file)) ? rotatedFiles(file) : [];
  if (existsSync(file)) {
    if (!statSync(file).isFile()) throw new Error(`'${file}' is no file`);
    return [...aside, file];
  }
  if (aside.length === 0) throw new Error(`there is no file '${file}'`);
  const last = aside.at(-1);
  throw new Error(
    `there is no file '${file}', and ${aside.length} that were put aside: the end of the chain is missing, unless nothing was written since; '${last}' can be looked at by its name`,
  );
}

async function configuredFile({ 'env-file': envFile }: Flags): Promise<string> {
  const surroundings = { env: process.env, cwd: process.cwd(), platform: process.platform };
  const { parsed, env } = await readEnvironment(surroundings, envFile);
  if (parsed.ok && parsed.config.audit !== undefined) return parsed.config.audit.file;
  const isSet = settledValue(env.PROXMOX_AUDIT_FILE) !== undefined;
  throw new Error(
    isSet ? 'the configuration is not right: name the file' : 'PROXMOX_AUDIT_FILE is not set: name the file',
  );
}

/** Throws for files that hold no line of an audit at all: they are empty, or something else. */
export async function requireAudit(files: readonly string[]): Promise<void> {
  const file = files.at(-1);
  let isEmpty = true;
  for await (const { bytes } of linesOf(files)) {
    if (readLine(bytes) !== undefined) return;
    isEmpty = false;
  }
  throw new Error(
    isEmpty ? `'${file}' is empty: there is not one line` : `'${file}' is no audit: not one line is of one`,
  );
}
