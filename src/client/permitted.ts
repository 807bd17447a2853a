import type { ClusterRegistry } from '../clusters/registry.js';
import type { Endpoint } from '../pve/endpoint.js';
import type { Params } from '../pve/params.js';
import { decidedBy } from '../pve/policy/guests-of.js';
import { PolicyError } from '../pve/policy/policy-error.js';
import { expandPath, methodOf } from '../pve/route.js';
import type { Tool } from '../tools/define.js';
import type { WriteGate } from './calls.js';
import type { Execution } from './execution.js';
import { refuseProtected } from './protection.js';
import { toolRefusal } from './tool-policy.js';

type Path = Record<string, string | number>;

/** Asks whether a write is allowed, and rejects where it is not. */
type Permit = (endpoint: Endpoint, path: Path, params: Params | undefined) => Promise<void>;

/** A gate that asks before each write. */
export const askingFirst = (gate: WriteGate, permit: Permit): WriteGate => ({
  ...gate,
  before: async (endpoint, path, params) => {
    await permit(endpoint, path, params);
    await gate.before(endpoint, path, params);
  },
});

/** What stands between a tool and its writes beside the rules of a client: those of another cluster, and the guest's own flag. */
export const permitSent = (registry: ClusterRegistry, execution: Execution): ((cluster: string) => Permit) => {
  const elsewhere = permitElsewhere(registry, execution);
  return (cluster) => async (endpoint, path, params) => {
    refuseTool(registry, execution.tool, cluster, endpoint, path);
    await elsewhere(endpoint, path, params);
    await refuseProtected(registry.getClient(cluster), endpoint, path, params, execution.options.signal);
  };
};

/** The rules may be others than when the call began. */
function refuseTool(registry: ClusterRegistry, tool: Tool, cluster: string, { route }: Endpoint, path: Path): void {
  const refusal = toolRefusal(registry, tool, cluster, registry.rulesInForce(cluster));
  if (refusal === undefined) return;
  const facts = { cluster, method: methodOf(route), path: expandPath(route, path) };
  throw new PolicyError(facts, refusal.rule, `it is kept from ${tool.name}`);
}

const remoteMove = /^POST \/nodes\/\{node\}\/(\{type\}|qemu|lxc)\/\{vmid\}\/remote_migrate$/;
const creation = { route: 'POST /nodes/{node}/{type}' } as const;

/** What one cluster sends to another makes a guest there: to be allowed as if it were made by a request of ours. */
function permitElsewhere(registry: ClusterRegistry, execution: Execution): Permit {
  const { target_cluster: other } = execution.arguments.shared;
  const { signal } = execution.options;
  return async ({ route }, path, params = {}) => {
    if (other === undefined || !remoteMove.test(route)) return;
    const type = /\/(qemu|lxc)\//.exec(route)?.[1] ?? path.type ?? 'qemu';
    const made = { vmid: params['target-vmid'] ?? path.vmid };
    const permitted = registry.getClient(other).permit(creation, { node: unknown('node'), type }, made, signal);
    const refusal = await refusalOf(permitted);
    if (refusal !== undefined) throw refusal;
  };
}

/** Asks for writes that are only planned; what is refused is kept, as a tool may go on with its other guests. */
export function permitPlanned(
  registry: ClusterRegistry,
  execution: Execution,
  refusals: PolicyError[],
): (cluster: string) => Permit {
  const others = permitSent(registry, execution);
  return (cluster) => async (endpoint, path, params) => {
    try {
      await registry.getClient(cluster).permit(endpoint, path, params, execution.options.signal);
      await others(cluster)(endpoint, path, params);
    } catch (error) {
      if (error instanceof PolicyError) refusals.push(error);
      throw error;
    }
  };
}

const guestRules: ReadonlySet<string> = new Set(['allow_vmids', 'allow_pools', 'protect_tags']);

/** Whether rules may allow one write of a call and not the next, so that it is gone through before anything is sent. */
export function needsRehearsal(registry: ClusterRegistry, { clusters, arguments: { shared } }: Execution): boolean {
  const others = shared.target_cluster === undefined ? [] : [shared.target_cluster];
  return [...clusters, ...others].some((name) =>
    registry.getClusterConfig(name).policy?.some(({ kind }) => guestRules.has(kind)),
  );
}

/**
 * Stops a call whose writes are all ruled out for its target, whatever its arguments are: what the tool itself has
 * against it, such as that a guest is running, would lead astray.
 * @throws {PolicyError}
 */
export async function holdTarget(
  registry: ClusterRegistry,
  { tool, options }: Execution,
  cluster: string,
  target: object,
) {
  const known = Object.fromEntries(Object.entries(target).filter(([, value]) => isPathValue(value)));
  let first: PolicyError | undefined;
  for (const endpoint of writesOf(tool)) {
    const deciding = decidedBy(endpoint.route);
    if (deciding === undefined || deciding.some((name) => !(name in known))) return;
    const names = [...endpoint.route.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const path = { ...Object.fromEntries(names.map((name) => [name, unknown(name)])), ...known };
    const refusal = await refusalOf(registry.getClient(cluster).permit(endpoint, path, {}, options.signal));
    if (refusal === undefined) return;
    first ??= refusal;
  }
  if (first !== undefined) throw first;
}

/** What stands in a path for a value that is not known. */
const unknown = (name: string) => `{${name}}`;

const isPathValue = (value: unknown) => typeof value === 'string' || typeof value === 'number';

const writesOf = ({ calls }: Tool): Endpoint[] => Object.values(calls).filter(({ route }) => methodOf(route) !== 'GET');

async function refusalOf(pending: Promise<void>): Promise<PolicyError | undefined> {
  try {
    await pending;
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const { cluster, method, path, rule: kind, variable: from, why } = error;
    return new PolicyError({ cluster, method, path: path.replace(/%7B(\w+)%7D/g, '{$1}') }, { kind, from }, why);
  }
}
