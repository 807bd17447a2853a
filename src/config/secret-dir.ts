import type { Environment } from './environment.js';
import { bad, type Checked, type FaultList, good, quote } from './faults.js';
import { expandHome, isAbsolutePath } from './file-path.js';

/** The folder that new secrets are kept in: the one named, else one in the user's state folder; none without a home. */
export function readSecretDir(environment: Environment, faults: FaultList): string | undefined {
  const named = environment.get('PROXMOX_SECRET_DIR');
  if (named !== undefined) return faults.take('PROXMOX_SECRET_DIR', parseFolder(named, environment));
  const state = environment.get('XDG_STATE_HOME');
  if (state !== undefined && isAbsolutePath(state)) return `${state.replace(/[/\\]+$/, '')}/proxmox-mcp/secrets`;
  const home = expandHome('~/.local/state/proxmox-mcp/secrets', environment);
  return home.ok ? home.value : undefined;
}

function parseFolder(text: string, environment: Environment): Checked<string> {
  const path = expandHome(text, environment);
  if (!path.ok) return path;
  return isAbsolutePath(path.value) ? good(path.value) : bad(`is ${quote(text)}: write an absolute path or ~/...`);
}
