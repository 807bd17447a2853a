import { type PveVersion, startSimulator, type WorldName } from '../simulator/listen.js';
import type { Flags } from './flags.js';

const worlds: readonly WorldName[] = ['single', 'multi', 'twins', 'large'];
const versions: readonly PveVersion[] = ['8.4', '9.2'];

/** `proxmox-mcp simulate`: prints the environment of its clusters, then serves them until it is stopped. */
export async function simulate(flags: Flags): Promise<number> {
  const world = oneOf('--world', flags.world, worlds);
  const version = oneOf('--version', flags.pve, versions);
  const port = wholeNumber('--port', flags.port, 65_535);
  const clusters = wholeNumber('--clusters', flags.clusters, 200);
  const simulator = await startSimulator({
    ...(world === undefined ? {} : { world }),
    ...(version === undefined ? {} : { version }),
    ...(port === undefined ? {} : { port }),
    ...(clusters === undefined ? {} : { clusters }),
    ...(flags.http ? { http: true } : {}),
  });
  const lines = Object.entries(simulator.env()).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  process.stderr.write(`serving ${simulator.clusters.length} simulated clusters; Ctrl-C stops them\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await simulator.close();
  return 0;
}

function oneOf<T extends string>(flag: string, given: string | undefined, known: readonly T[]): T | undefined {
  if (given === undefined) return undefined;
  const found = known.find((one) => one === given);
  if (found === undefined) throw new Error(`${flag} takes ${known.join(', ')}, not '${given}'`);
  return found;
}

function wholeNumber(flag: string, given: string | undefined, most: number): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new Error(`${flag} takes a whole number from 1 to ${most}, not '${given}'`);
  return number;
}
