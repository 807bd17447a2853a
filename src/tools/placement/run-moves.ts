import { attempt } from '../../pve/attempt.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { guestStatus } from '../../pve/guest-status.js';
import { nameOrNone } from '../../pve/quoted.js';
import { type GuestResource, guestResources } from '../../pve/resources.js';
import type { WaitOptions, WaitResult } from '../../pve/task-wait.js';
import { startedUpid } from '../../pve/upid.js';
import { type Outcome, runSteps, type Step } from '../bulk/run-steps.js';
import { isManaged } from './ha-bounds.js';

export const moveCalls = {
  guests: guestResources,
  status: guestStatus,
  migrate: endpoint('POST /nodes/{node}/{type}/{vmid}/migrate', startedUpid),
};
type MoveCalls = { readonly [K in keyof typeof moveCalls]: Call<(typeof moveCalls)[K]> };

/** A guest that is to go to a node. */
export interface GuestMove {
  readonly guest: GuestResource;
  readonly to: string;
}

interface Surroundings {
  readonly call: MoveCalls;
  wait(task: { readonly node: string; readonly upid: string }, options: WaitOptions): Promise<WaitResult>;
  secondsLeft(): number;
  pause(ms: number): Promise<void>;
  note(text: string): void;
  progress(done: number, total: number, message: string): Promise<void>;
}

interface Way {
  readonly atOnce: number;
  readonly stopAtFailure: boolean;
  readonly withLocal?: boolean | undefined;
}

const betweenLooks = 2000;
const leastSeconds = 0.1;

/** The parameters of a move; a container that runs is stopped and started. */
function paramsOf({ type }: GuestResource, to: string, running: boolean, withLocal: boolean | undefined) {
  const online = running || undefined;
  return type === 'qemu'
    ? { target: to, online, 'with-local-disks': (running && withLocal) || undefined }
    : { target: to, restart: online };
}

/** Placement and lock are live in this list, wherever the guest is by now. */
async function lookAt({ guests }: MoveCalls, { vmid }: GuestResource): Promise<GuestResource | undefined> {
  return (await guests({}, { type: 'vm' })).data.find((one) => one.vmid === vmid);
}

/** The manager moves it when it comes to it: done is what has its new node and no lock. */
async function arrival({ call, secondsLeft, pause }: Surroundings, { guest, to }: GuestMove): Promise<Outcome> {
  while (secondsLeft() >= leastSeconds) {
    const seen = await attempt(lookAt(call, guest));
    if (!('error' in seen) && seen.value?.node === to && seen.value.lock === undefined) return { outcome: 'ok' };
    await pause(betweenLooks);
  }
  return { outcome: 'running', why: 'the HA manager was told, and it has not arrived yet' };
}

function stepOf(surroundings: Surroundings, move: GuestMove, withLocal: boolean | undefined): Step {
  const { guest, to } = move;
  const { call } = surroundings;
  return {
    label: `${guest.vmid} ${nameOrNone(guest.name)} to ${to}`,
    start: async () => {
      const now = (await lookAt(call, guest)) ?? guest;
      if (now.node === to) return undefined;
      // HA moves guests together that it keeps together; what is under way is not asked for again.
      if (isManaged(now) && now.lock === 'migrate' && (await arrival(surroundings, move)).outcome === 'ok')
        return undefined;
      const place = { node: now.node, type: now.type, vmid: now.vmid };
      const running = (await call.status(place)).data.status === 'running';
      return (await call.migrate(place, paramsOf(now, to, running, withLocal))).data;
    },
    settled: () => arrival(surroundings, move),
  };
}

/** Moves guests, each waited for until it has arrived; in their order where it is one at a time. */
export async function runMoves(surroundings: Surroundings, moves: readonly GuestMove[], way: Way): Promise<Outcome[]> {
  const queues = moves.map((move) => [stepOf(surroundings, move, way.withLocal)]);
  return (await runSteps(surroundings, queues, way)).flat();
}
