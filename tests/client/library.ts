import { z } from 'zod';
import { Executor } from '../../src/client/execute.js';
import type { CallOptions } from '../../src/client/execution.js';
import type { Outcome } from '../../src/client/outcome.js';
import { toAnswer } from '../../src/client/outcome.js';
import type { ClusterRegistry } from '../../src/clusters/registry.js';
import { type Clock, systemClock } from '../../src/pve/clock.js';
import { endpoint } from '../../src/pve/endpoint.js';
import { type Log, silentLog } from '../../src/pve/log.js';
import type { Simulator } from '../../src/simulator/listen.js';
import { catalogue } from '../../src/tools/catalogue.js';
import { defineTool, type Tool } from '../../src/tools/define.js';

/** A tool as an issue to come will bring it: it cuts the power of a VM. */
export const stopVm = defineTool({
  name: 'proxmox-stop-vm',
  title: 'Stop VM',
  description: 'Cut the power of a VM at once.',
  effect: 'destroy',
  scope: 'vm',
  toolset: 'guests',
  input: {},
  output: z.object({ upid: z.string(), node: z.string(), vmid: z.number() }),
  calls: { stop: endpoint('POST /nodes/{node}/qemu/{vmid}/status/stop', z.string()) },
  privileges: ['VM.PowerMgmt on /vms'],
  run: async ({ target, call }) => ({ upid: (await call.stop(target)).data, node: target.node, vmid: target.vmid }),
});

export function toolNamed(name: string): Tool {
  const tools: readonly Tool[] = catalogue;
  const found = tools.find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`no tool ${name}`);
  return found;
}

interface Surroundings {
  readonly clock?: Clock;
  readonly log?: Log;
}

/** Runs a tool as the server does, with its arguments as they come from a client; the error of a single cluster is thrown. */
export async function execute(
  registry: ClusterRegistry,
  tool: Tool | string,
  given?: unknown,
  options?: CallOptions,
  { clock = systemClock, log = silentLog }: Surroundings = {},
): Promise<Outcome> {
  const executor = new Executor(registry, clock, log);
  const outcome = await executor.execute(typeof tool === 'string' ? toolNamed(tool) : tool, given, options);
  const [entry] = outcome.entries;
  if (!outcome.many && entry !== undefined && 'error' in entry) throw entry.error;
  return outcome;
}

/** The plain answer of {@link execute}. */
export const answer = async (...call: Parameters<typeof execute>): Promise<Record<string, any>> =>
  toAnswer(await execute(...call));

/** What all clusters of a world were asked, as `cluster GET /path`. */
export const asked = (simulator: Simulator) =>
  simulator.clusters.flatMap(({ name, requests }) => requests.map(({ method, path }) => `${name} ${method} ${path}`));

export const writes = (simulator: Simulator) => asked(simulator).filter((line) => !line.includes(' GET '));
