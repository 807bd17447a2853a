import { z } from 'zod';
import { toAnswer } from '../../src/client/outcome.js';
import { ToolPolicyError } from '../../src/client/tool-policy.js';
import { ClusterRegistry } from '../../src/clusters/registry.js';
import { parseEnv, requireConfig } from '../../src/config/env.js';
import { endpoint } from '../../src/pve/endpoint.js';
import { RequestError } from '../../src/pve/errors.js';
import { PolicyError } from '../../src/pve/policy/policy-error.js';
import type { Route } from '../../src/pve/route.js';
import type { Simulator } from '../../src/simulator/listen.js';
import { type Area, callsOf } from './examples.js';
import { forgetRequests } from './forget-requests.js';
import { isOurs, openStage } from './hostile-calls.js';
import type { Sent } from './hostile-requests.js';

/** A request that left, taken apart. */
export interface Left {
  readonly method: string;
  /** Decoded. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
}

export interface PolicyFigures {
  calls: number;
  /** Calls that a rule refused. */
  refused: number;
  requests: number;
  writes: number;
}

export const newFigures = (): PolicyFigures => ({ calls: 0, refused: 0, requests: 0, writes: 0 });

/** The variables of one rule on every simulated cluster. */
export const onAll = (suffix: string, value: string) =>
  Object.fromEntries(
    ['production', 'staging', 'disaster_recovery'].map((name) => [`PROXMOX_CLUSTER_${name}_${suffix}`, value]),
  );

export const taggedAll = (tag: string) => (simulator: Simulator) => {
  for (const { state } of simulator.clusters)
    for (const { config } of state.guests) config.tags = [config.tags, tag].filter(Boolean).join(';');
};

const leftOf = ({ method, target, body, isUpload }: Sent): Left => {
  const [path = '', query = ''] = target.split('?');
  const form = new URLSearchParams(isUpload ? '' : body);
  return {
    method,
    path: decodeURIComponent(path),
    params: Object.fromEntries([...new URLSearchParams(query), ...form]),
  };
};

const isRefusal = (error: unknown) => error instanceof PolicyError || error instanceof ToolPolicyError;

/** Every example of an area under some rules, as the library runs it; what left is given to `see`. */
export async function runUnder(
  area: Area,
  rules: { readonly env: Record<string, string>; readonly prepare?: (simulator: Simulator) => void },
  secretDir: string,
  figures: PolicyFigures,
): Promise<Left[]> {
  const prepare = (simulator: Simulator) => {
    area.prepare?.(simulator);
    rules.prepare?.(simulator);
  };
  const stage = await openStage({ ...area, prepare, env: { ...area.env, ...rules.env } }, '9.2', secretDir);
  let last: Record<string, any> | undefined;
  for (const { tool: name, args } of callsOf(area, () => last)) {
    const tool = isOurs(name);
    if (tool === undefined) continue;
    stage.settle();
    figures.calls += 1;
    try {
      const outcome = await stage.executor.execute(tool, args);
      const errors = outcome.entries.flatMap((entry) => ('error' in entry ? [entry.error] : []));
      if (errors.some(isRefusal)) figures.refused += 1;
      last = errors.length > 0 ? undefined : { ...toAnswer(outcome) };
    } catch (error) {
      if (isRefusal(error)) figures.refused += 1;
      last = undefined;
    }
  }
  const left = stage.sent.map(leftOf);
  figures.requests += left.length;
  figures.writes += left.filter(({ method }) => method !== 'GET').length;
  await stage.close();
  return left;
}

/** Sends requests by hand, past all tools, and gives those that reached the cluster. */
export async function sendByHand(
  simulator: Simulator,
  rules: Record<string, string>,
  requests: readonly Left[],
  figures: PolicyFigures,
): Promise<Left[]> {
  const registry = new ClusterRegistry(requireConfig(parseEnv({ ...simulator.env(), ...rules })));
  const cluster = simulator.cluster('production');
  const client = registry.getClient('production');
  forgetRequests(simulator);
  for (const { method, path, params } of requests) {
    const route: Route = `${method === 'PUT' || method === 'POST' || method === 'DELETE' ? method : 'GET'} /${encodeURI(path.slice(1))}`;
    figures.calls += 1;
    try {
      await client.send(endpoint(route, z.unknown()), {}, params);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error instanceof PolicyError) figures.refused += 1;
    }
  }
  const reached = cluster.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path, params }) => ({
      method,
      path,
      params: Object.fromEntries(Object.entries(params).map(([k, v]) => [k, String(v)])),
    }));
  figures.requests += cluster.requests.length;
  figures.writes += reached.length;
  await registry.close();
  return reached;
}
