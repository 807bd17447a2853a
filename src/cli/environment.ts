import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exposureOf, readSecretFile } from '../clusters/secret-file.js';
import type { ClusterRegistryConfig, ConfigFault } from '../config/cluster-config.js';
import { type ParsedEnv, parseEnv } from '../config/env.js';
import { settledValue } from '../config/environment.js';
import { isProtective } from '../config/unknown-variables.js';
import { chooseTools, type Offer } from '../server/tool-choice.js';
import type { ReadLines } from './env-file-lines.js';
import { fileWarnings, type SettingsFile } from './settings-file.js';

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
  /** What was found in files of secrets, and decrypted; of a faulty configuration too. */
  readonly secrets?: readonly string[];
  /** Whether the clusters are those of `--demo`. */
  readonly simulated?: boolean;
}

/** The settings of this process, with the names of tools and toolsets held against those that there are. */
export async function readOwnEnvironment(envFile: string | undefined, offers: Offers): Promise<Environment> {
  const surroundings = { env: process.env, cwd: process.cwd(), platform: process.platform };
  const environment = await readEnvironment(surroundings, envFile);
  return { ...environment, parsed: withToolFaults(environment.parsed, offers) };
}

/** Every tool that can be offered; asked for only where the settings choose. */
type Offers = (config: ClusterRegistryConfig) => readonly Offer[];

export function withToolFaults(parsed: ParsedEnv, offers: Offers): ParsedEnv {
  if (!parsed.ok) return parsed;
  const { config } = parsed;
  if (config.tools === undefined && config.clusters.every(({ policy }) => policy === undefined)) return parsed;
  const { faults } = chooseTools(offers(config), config.tools, config);
  const { log, warnings } = parsed;
  return faults.length === 0 ? parsed : { ok: false, log, warnings, faults };
}

/** Reads the settings: real variables win over those of the first file that is there and holds any. */
export async function readEnvironment({ env, cwd, platform }: Surroundings, envFile?: string): Promise<Environment> {
  const named = envFile ?? settledValue(env.PROXMOX_ENV_FILE);
  const searched = named ? [resolve(cwd, named)] : [join(cwd, '.env'), ...userFile(env, platform)];
  for (const file of searched) {
    const found = await readSettings(file);
    if ('reason' in found) {
      // A folder of that name, such as a Python environment, is no such file.
      if (named === undefined && (!existsSync(file) || found.reason === 'EISDIR')) continue;
      const { parsed, secrets } = parseWithFiles(env);
      return { parsed: withFaults(parsed, [unreadable(file, found.reason)]), secrets, env, file: undefined, searched };
    }
    // Other programs have a `.env` as well.
    const isOurs = Object.keys(found.settings).some((name) => name.startsWith('PROXMOX_')) || found.faults.length > 0;
    if (named === undefined && !isOurs) continue;
    const merged = { ...found.settings, ...present(env) };
    const { parsed, secrets } = parseWithFiles(merged);
    const noted = withWarnings(parsed, [...fileWarnings(file, found), ...found.warnings]);
    return { parsed: withFaults(noted, found.faults), secrets, env: merged, file, searched };
  }
  return { ...parseWithFiles(env), env, file: undefined, searched };
}

/** What the environment and the files of secrets that it names say. */
function parseWithFiles(env: Surroundings['env']): { readonly parsed: ParsedEnv; readonly secrets: readonly string[] } {
  const secrets: string[] = [];
  const parsed = parseEnv(env, { readFile: readSecretFile, onSecret: (secret) => secrets.push(secret) });
  return { parsed, secrets };
}

const withWarnings = (parsed: ParsedEnv, more: readonly ConfigFault[]): ParsedEnv =>
  more.length === 0 ? parsed : { ...parsed, warnings: [...parsed.warnings, ...more] };

function withFaults(parsed: ParsedEnv, more: readonly ConfigFault[]): ParsedEnv {
  if (more.length === 0) return parsed;
  const { log, warnings } = parsed;
  return { ok: false, log, warnings, faults: parsed.ok ? more : [...more, ...parsed.faults] };
}

const unreadable = (file: string, reason: string): ConfigFault => ({
  variable: 'PROXMOX_ENV_FILE',
  message: `the file of settings '${file}' cannot be read (${reason})`,
});

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
export const present = (env: Surroundings['env']) =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => settledValue(value) !== undefined));

async function readSettings(file: string): Promise<(SettingsFile & ReadLines) | { reason: string }> {
  try {
    const content = readFileSync(file, 'utf8');
    const exposed = exposureOf(statSync(file).mode);
    const { readLines } = await import('./env-file-lines.js');
    return { exposed, ...readLines(file, content, isProtective) };
  } catch (error) {
    return { reason: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' };
  }
}
