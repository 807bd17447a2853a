// What the list of tools costs a model's context.
import { openSession } from './session.mjs';
import { bytes, noted } from './statistics.mjs';

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

function describe(mode, result) {
  const tools = result.tools.map((tool) => ({ name: tool.name, size: size(tool) })).sort((a, b) => b.size - a.size);
  const mean = tools.reduce((sum, tool) => sum + tool.size, 0) / tools.length;
  const largest = tools.slice(0, 5).map((tool) => `${tool.name} ${bytes(tool.size)}`);
  return [
    noted(`tools/list, ${mode}, by default (${tools.length} tools)`, bytes(size(result))),
    noted(`a tool of it, ${mode}, on average`, bytes(mean)),
    ...largest.map((tool, at) => noted(at === 0 ? `its largest, ${mode}` : '', tool)),
  ];
}

export async function measureToolList(server) {
  const lines = [];
  for (const [mode, env] of Object.entries(modes)) lines.push(...describe(mode, await listTools(server, env)));
  return lines;
}
