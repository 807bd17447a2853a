import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ParsedEnv, parseEnv } from '../config/env.js';
import { settledValue } from '../config/environment.js';

/** What the search for a file of settings reads. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
}

/** The environment with the file's settings under it, and where they came from. */
export interface Environment {
  readonly parsed: ParsedEnv;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The file that was read, if any. */
  readonly file: string | undefined;
  /** Where a file was looked for, in order. */
  readonly searched: readonly string[];
  /** Whether the clusters are those of `--demo`. */
  readonly simulated?: boolean;
}

/** Reads the settings: real variables win over those of the first file that is there. */
export async function readEnvironment({ env, cwd, platform }: Surroundings, envFile?: string): Promise<Environment> {
  const named = envFile ?? settledValue(env.PROXMOX_ENV_FILE);
  const searched = named ? [resolve(cwd, named)] : [join(cwd, '.env'), ...userFile(env, platform)];
  for (const file of searched) {
    const content = readIfThere(file);
    if (content === undefined) continue;
    const { parseEnvFile } = await import('./env-file.js');
    const merged = { ...parseEnvFile(content), ...present(env) };
    return { parsed: parseEnv(merged), env: merged, file, searched };
  }
  const parsed = parseEnv(env);
  if (!named) return { parsed, env, file: undefined, searched };
  const fault = { variable: 'PROXMOX_ENV_FILE', message: `the file of settings '${searched[0]}' cannot be read` };
  const { log, warnings } = parsed;
  const faults = parsed.ok ? [fault] : [fault, ...parsed.faults];
  return { parsed: { ok: false, log, warnings, faults }, env, file: undefined, searched };
}

function userFile(env: Surroundings['env'], platform: NodeJS.Platform): string[] {
  const home = env.HOME || env.USERPROFILE;
  const folder =
    platform === 'win32'
      ? env.APPDATA
      : platform === 'darwin'
        ? home && join(home, 'Library', 'Application Support')
        : env.XDG_CONFIG_HOME || (home && join(home, '.config'));
  return folder ? [join(folder, 'proxmox-mcp', '.env')] : [];
}

/** A variable that a client sets to nothing, or to an option's unfilled `${...}`, says nothing. */
const present = (env: Surroundings['env']) =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => settledValue(value) !== undefined));

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
