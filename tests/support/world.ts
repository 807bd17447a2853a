import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/listen.js';
import { type Answer, type Session, startSession } from './session.js';

export interface World {
  readonly simulator: Simulator;
  call(tool: string, args?: Record<string, unknown>, signal?: AbortSignal): Promise<Answer>;
  /** Requests that would change something, of all clusters, since the test began. */
  writes(): number;
  /** The result; fails for an error. */
  result(tool: string, args?: Record<string, unknown>): Promise<Record<string, any>>;
  /** The writes of a plan, as `POST /path` and its parameters; nothing may have been sent. */
  plan(tool: string, args?: Record<string, unknown>): Promise<readonly Record<string, any>[]>;
  /** The error. */
  error(tool: string, args?: Record<string, unknown>): Promise<Record<string, any>>;
}

/** The simulated clusters, twenty times as fast, and the built server with a client, for all tests of a file. */
export function useWorld(env: Record<string, string> = {}, options: SimulatorOptions = {}): World {
  let simulator: Simulator | undefined;
  let session: Session | undefined;
  let before = 0;
  const required = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the world has not begun');
    return value;
  };
  const sent = () =>
    required(simulator).clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;
  beforeAll(async () => {
    const began = Date.now();
    simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 }, ...options });
    session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false', ...env });
  });
  afterAll(async () => {
    await session?.close();
    await simulator?.close();
  });
  beforeEach(() => {
    before = sent();
  });
  const call: World['call'] = (...args) => required(session).call(...args);
  return {
    get simulator() {
      return required(simulator);
    },
    call,
    writes: () => sent() - before,
    result: async (tool, args) => {
      const { data, isError, text } = await call(tool, args);
      if (isError) throw new Error(`${tool}: ${text}`);
      return data.result;
    },
    plan: async (tool, args) => {
      const sentBefore = sent();
      const { data, isError, text } = await call(tool, args);
      if (isError || data.plan === undefined) throw new Error(`${tool} gave no plan: ${text}`);
      if (sent() !== sentBefore) throw new Error(`${tool} sent something for a plan`);
      return data.plan.writes;
    },
    error: async (tool, args) => {
      const { data, isError, text } = await call(tool, args);
      if (!isError) throw new Error(`${tool} gave no error: ${text}`);
      return data.error ?? data;
    },
  };
}
