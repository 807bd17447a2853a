import { publishTools } from '../server/tool-list.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import type { Flags } from './flags.js';
import { table } from './table.js';

/** `proxmox-mcp tools`: what the server can offer, as a table or as `tools/list` answers it with several clusters. */
export async function tools({ json }: Flags): Promise<number> {
  if (json) {
    process.stdout.write(`${JSON.stringify(publishTools(true), null, 2)}\n`);
    return 0;
  }
  const all: readonly Tool[] = catalogue;
  const rows = [...all]
    .sort((a, b) => (a.toolset === b.toolset ? a.name.localeCompare(b.name) : a.toolset.localeCompare(b.toolset)))
    .map(({ toolset, name, effect, title, daily }) => [toolset, name, effect, daily ? 'yes' : '', title]);
  process.stdout.write(
    `${table(['Toolset', 'Tool', 'Effect', 'In default', 'Title'], rows)}\n${rows.length} tools; PROXMOX_TOOLSETS chooses what is offered\n`,
  );
  return 0;
}
