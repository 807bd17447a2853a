import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Answer, row, send } from './request.js';

type Fields = Readonly<Record<string, string | number>>;

function encoded(fields: Fields): string {
  const body = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) body.set(key, String(value));
  return body.toString();
}

/** A simulator with a clock that stands still, and short ways to write to its clusters. */
export class Writing {
  readonly clock = new ManualClock();
  readonly #simulator: Simulator;

  private constructor(clock: ManualClock, simulator: Simulator) {
    this.clock = clock;
    this.#simulator = simulator;
  }

  static async start(): Promise<Writing> {
    const clock = new ManualClock();
    return new Writing(clock, await startSimulator({ clock, authDelayMs: 0 }));
  }

  cluster(name: string): SimulatedCluster {
    return this.#simulator.cluster(name);
  }

  close(): Promise<void> {
    return this.#simulator.close();
  }

  post(name: string, path: string, fields: Fields = {}): Promise<Answer> {
    return send(this.cluster(name), path, { method: 'POST', body: encoded(fields) });
  }

  put(name: string, path: string, fields: Fields = {}): Promise<Answer> {
    return send(this.cluster(name), path, { method: 'PUT', body: encoded(fields) });
  }

  delete(name: string, path: string, fields: Fields = {}): Promise<Answer> {
    return send(this.cluster(name), `${path}?${encoded(fields)}`, { method: 'DELETE' });
  }

  get(name: string, path: string): Promise<Answer> {
    return send(this.cluster(name), path);
  }

  /** Lets a task end and says with what. */
  async end(name: string, answer: Answer, seconds = 60): Promise<unknown> {
    const upid = String(answer.data);
    if (!upid.startsWith('UPID:')) throw new Error(`no task: ${answer.status} ${answer.reason} ${answer.text}`);
    this.clock.advance(seconds);
    const path = `/nodes/${upid.split(':')[1]}/tasks/${encodeURIComponent(upid)}/status`;
    return row(await this.get(name, path)).exitstatus;
  }
}
