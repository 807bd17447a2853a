import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Simulator, startSimulator } from '../simulator/listen.js';
import { clientSnippets } from './client-snippets.js';
import { DemoClient } from './demo-client.js';
import { type Stage, showClusters, showGuests, showMoves, showOutage, showRouting, showSearch } from './demo-tour.js';

/** `proxmox-mcp demo`: starts simulated clusters and this server, and shows what a client gets from it. */
export async function demo(): Promise<number> {
  // A reader that has seen enough, such as `head`, is no fault.
  process.stdout.on('error', () => process.exit(0));
  const simulator = await startSimulator();
  try {
    await tour(simulator);
  } finally {
    await simulator.close();
  }
  print(ending());
  return 0;
}

const print = (text: string) => process.stdout.write(`${text}\n`);

const command = () => realpathSync(process.argv[1] ?? '');

async function tour(simulator: Simulator): Promise<void> {
  const env = { ...surroundings(), ...simulator.env(), PROXMOX_LOG_LEVEL: 'warn', PROXMOX_TOOLSETS: 'all' };
  // Its own folder holds no `.env` that would be read.
  const client = new DemoClient([process.execPath, command()], env, dirname(command()));
  try {
    const ready = await client.connect(PROXMOX_MCP_VERSION);
    const tools = await client.countTools();
    print(
      `proxmox-mcp ${PROXMOX_MCP_VERSION}: ${simulator.clusters.length} simulated Proxmox VE clusters listen on this machine over HTTPS. The server itself\n` +
        `was started with their addresses and speaks MCP over stdio: ready after ${Math.round(ready)} ms, ${tools} tools.\n` +
        'A line with > is a tool call; below it is what the server answered.\n',
    );
    const stage: Stage = {
      client,
      print,
      setReachable: (cluster, reachable) =>
        simulator.cluster(cluster).setFault(reachable ? undefined : { kind: 'unreachable' }),
    };
    for (const show of [showClusters, showGuests, showRouting, showSearch, showMoves, showOutage]) await show(stage);
  } finally {
    await client.close();
  }
}

/** What any program needs from the system; Windows opens no socket without `SystemRoot`. */
function surroundings(): Record<string, string> {
  const names = ['PATH', 'SystemRoot', 'TEMP', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function ending(): string {
  const snippets = clientSnippets.map(
    ({ client, place, text }) => `${client}: ${place}\n\n${text.replace(/^/gm, '  ')}\n`,
  );
  return [
    'To use it, paste one of these; PROXMOX_ENV_FILE names your file of settings (see .env.example.multi).\n',
    ...snippets,
    'With --demo after proxmox-mcp the same server runs on simulated clusters and needs no settings.',
    'From this folder, in place of npx -y proxmox-mcp:',
    `  ${process.execPath} ${command()}`,
    'Then `proxmox-mcp doctor` checks your own clusters.',
  ].join('\n');
}
