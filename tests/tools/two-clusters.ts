import { type Fault, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Answer, type Session, startSession } from '../support/session.js';

export const tool = 'proxmox-migrate-vm-between-clusters';
export const from = 'production';
export const to = 'disaster-recovery';

/** Two simulated clusters twenty times as fast as real ones, and the built server with a client. */
export interface TwoClusters {
  readonly simulator: Simulator;
  readonly session: Session;
  readonly source: ReturnType<Simulator['cluster']>;
  readonly target: ReturnType<Simulator['cluster']>;
  guest(vmid: number, cluster?: string): any;
  /** Requests that were to change something, so far. */
  writes(): string[];
  move(args: Record<string, unknown>): Promise<Answer>;
  /** As if the user had said yes. */
  moved(args: Record<string, unknown>): Promise<Answer>;
  fault(at: 'source' | 'target', fault: Fault | undefined, path?: RegExp): void;
  close(): Promise<void>;
}

export async function startTwo(env: Record<string, string> = {}, speed = 20): Promise<TwoClusters> {
  const began = Date.now();
  const simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * speed } });
  const session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false', ...env });
  const source = simulator.cluster(from);
  const target = simulator.cluster(to);
  const move = (args: Record<string, unknown>) => session.call(tool, { cluster: from, target_cluster: to, ...args });
  return {
    ...{ simulator, session, source, target, move },
    guest: (vmid, cluster = from) => simulator.cluster(cluster).state.guests.find((one) => one.vmid === vmid),
    writes: () =>
      simulator.clusters.flatMap(({ name, requests }) =>
        requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${name} ${method} ${path}`),
      ),
    moved: (args) => move({ ...args, confirm: true }),
    fault: (at, fault, path) => (at === 'source' ? source : target).setFault(fault, path === undefined ? {} : { path }),
    close: async () => {
      await session.close();
      await simulator.close();
    },
  };
}
