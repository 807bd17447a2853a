import type { Environment } from './environment.js';

/** Which tools are offered, as it was written; the catalogue says whether the names are known. */
export interface ToolChoice {
  /** Names of toolsets, `default` or `all`. */
  readonly toolsets?: readonly string[];
  /** Names of tools; a `*` stands for anything. */
  readonly tools?: readonly string[];
  /** Names of tools that are not offered in any case; a `*` stands for anything. */
  readonly exclude?: readonly string[];
}

const names = (written: string | undefined) =>
  written
    ?.split(/[,\s]+/)
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** `PROXMOX_TOOLSETS`, `PROXMOX_TOOLS` and `PROXMOX_EXCLUDE_TOOLS`; `undefined` where none is set. */
export function readToolChoice(environment: Environment): ToolChoice | undefined {
  const toolsets = names(environment.get('PROXMOX_TOOLSETS'));
  const tools = names(environment.get('PROXMOX_TOOLS'));
  const exclude = names(environment.get('PROXMOX_EXCLUDE_TOOLS'));
  if (toolsets === undefined && tools === undefined && exclude === undefined) return undefined;
  return { ...(toolsets && { toolsets }), ...(tools && { tools }), ...(exclude && { exclude }) };
}
