// What the list of tools costs a model's context.
import { openSession } from './session.mjs';
import { bytes, held, noted } from './statistics.mjs';

const cluster = (prefix) => ({
  [`${prefix}_API_URL`]: 'https://127.0.0.1:1',
  [`${prefix}_TOKEN_ID`]: 'bench@pve!tools',
  [`${prefix}_TOKEN_SECRET`]: '00000000-0000-0000-0000-000000000000',
});

const modes = {
  'one cluster': cluster('PROXMOX'),
  'several clusters': {
    PROXMOX_CLUSTERS: 'one,two',
    ...cluster('PROXMOX_CLUSTER_one'),
    ...cluster('PROXMOX_CLUSTER_two'),
    PROXMOX_CLUSTER_two_API_URL: 'https://127.0.0.1:2',
  },
};

const size = (value) => Buffer.byteLength(JSON.stringify(value));

async function listTools(server, env) {
  const session = await openSession(server, env);
  try {
    return await session.request('tools/list');
  } finally {
    await session.close();
  }
}

/** A tool may cost so much on average with everything on. */
const mostBytes = 550;

function describe(mode, everything, daily) {
  const tools = everything.tools.map((tool) => ({ name: tool.name, size: size(tool) })).sort((a, b) => b.size - a.size);
  const mean = size(everything.tools) / tools.length;
  const largest = tools.slice(0, 3).map((tool) => `${tool.name} ${bytes(tool.size)}`);
  return [
    noted(`tools/list, ${mode}, by default (${daily.tools.length} tools)`, bytes(size(daily))),
    noted(`tools/list, ${mode}, everything on (${tools.length} tools)`, bytes(size(everything))),
    held(`a tool, ${mode}, everything on, on average`, bytes(mean), bytes(mostBytes), mean <= mostBytes),
    ...largest.map((tool, at) => noted(at === 0 ? `its largest, ${mode}` : '', tool)),
  ];
}

export async function measureToolList(server) {
  const lines = [];
  for (const [mode, env] of Object.entries(modes)) {
    const everything = await listTools(server, { ...env, PROXMOX_TOOLSETS: 'all' });
    lines.push(...describe(mode, everything, await listTools(server, env)));
  }
  return lines;
}
