import type { ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Person, type Session, startSession } from './session.js';

export const yes: ElicitResult = { action: 'accept', content: { confirm: true } };
export const no: ElicitResult = { action: 'decline' };
export const patience = { timeout: 20_000 };

/** A server that asks before it destroys, and the person whom it asks. */
export interface Desk {
  readonly simulator: Simulator;
  /** Of a server that asks, also of another one. */
  readonly human: Readonly<Record<string, string>>;
  readonly session: Session;
  /** Says no, unless a test has him say something else. */
  person: Person;
  /** What he was asked in this test. */
  questions: string[];
  /** What changes something, of this test: `production POST /nodes/...`. */
  sent(): string[];
  /** Another test begins. */
  begin(): void;
  close(): Promise<void>;
}

/** Time passes twenty times as fast on its clusters. */
export async function openDesk(more: Record<string, string> = {}): Promise<Desk> {
  const began = Date.now();
  const simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  const human = { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false', PROXMOX_CONFIRM: 'human', ...more };
  const session = await startSession(human, [], (question, signal) => {
    desk.questions.push(question.message);
    return desk.person(question, signal);
  });
  const writes = () =>
    simulator.clusters.flatMap(({ name, requests }) =>
      requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${name} ${method} ${path}`),
    );
  let before = 0;
  const desk: Desk = {
    simulator,
    human,
    session,
    person: () => no,
    questions: [],
    sent: () => writes().slice(before),
    begin: () => {
      Object.assign(desk, { person: () => no, questions: [] });
      before = writes().length;
    },
    close: async () => {
      await session.close();
      await simulator.close();
    },
  };
  return desk;
}
