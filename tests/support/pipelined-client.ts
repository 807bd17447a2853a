import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

/** How a call ended; `cancelled` when it was, as nothing comes then. */
export interface Ending {
  readonly state: 'answered' | 'error' | 'refused' | 'cancelled';
  /** What the tool answered, as data; of a refusal the protocol's error. */
  readonly data: Record<string, any>;
}

/** A call that was sent. */
export interface Sent {
  readonly id: number;
  readonly ending: Promise<Ending>;
  cancel(): void;
}

/** What came on stdout that nobody waits for, and what never came. */
export interface Strays {
  /** Answers to what was answered before, or never asked. */
  doubled: number;
  /** Answers to cancelled calls: they were on their way already. */
  late: number;
  noise: number;
}

/** The built server and the least client that can flood it: any number of calls at once, reading when it likes to. */
export class PipelinedClient {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly strays: Strays = { doubled: 0, late: 0, noise: 0 };
  progress = 0;
  stderr = '';
  readonly #waiting = new Map<number, (ending: Ending) => void>();
  readonly #cancelled = new Set<number>();
  #rest = '';
  #lastId = 0;

  constructor(server: string, env: Record<string, string>) {
    this.child = spawn(process.execPath, [server], {
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', PROXMOX_TOOLSETS: 'all', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
    this.child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr = (this.stderr + chunk).slice(-20_000);
    });
    this.child.stdin.on('error', () => {});
  }

  /** Calls that have no answer yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  async open(): Promise<void> {
    const clientInfo = { name: 'pipelined', version: '0' };
    await this.request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }).ending;
    this.write({ method: 'notifications/initialized' });
  }

  request(method: string, params: Record<string, unknown>): Sent {
    this.#lastId += 1;
    const id = this.#lastId;
    const ending = new Promise<Ending>((resolve) => this.#waiting.set(id, resolve));
    this.write({ id, method, params });
    return { id, ending, cancel: () => this.#cancel(id) };
  }

  /** @param isTold asks for progress */
  send(tool: string, args: Record<string, unknown> = {}, isTold = false): Sent {
    const meta = isTold ? { _meta: { progressToken: this.#lastId + 1 } } : {};
    return this.request('tools/call', { name: tool, arguments: args, ...meta });
  }

  call(tool: string, args: Record<string, unknown> = {}): Promise<Ending> {
    return this.send(tool, args).ending;
  }

  /** False where the pipe is full, or what was written before waits. */
  write(message: object): boolean {
    return this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  async close(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.stdin.end();
    await exited;
  }

  #cancel(requestId: number): void {
    const resolve = this.#waiting.get(requestId);
    if (resolve === undefined) return;
    this.#waiting.delete(requestId);
    this.#cancelled.add(requestId);
    this.write({ method: 'notifications/cancelled', params: { requestId } });
    resolve({ state: 'cancelled', data: {} });
  }

  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#settle(line);
  }

  #settle(line: string): void {
    let message: Record<string, any>;
    try {
      message = JSON.parse(line);
    } catch {
      this.strays.noise += 1;
      return;
    }
    if (message.method === 'notifications/progress') this.progress += 1;
    if (message.method !== undefined) return;
    const resolve = this.#waiting.get(message.id);
    if (resolve !== undefined) {
      this.#waiting.delete(message.id);
      resolve(endingOf(message));
    } else if (this.#cancelled.delete(message.id)) this.strays.late += 1;
    else this.strays.doubled += 1;
  }
}

function endingOf({ result, error }: Record<string, any>): Ending {
  if (error !== undefined) return { state: 'refused', data: error };
  const data = result.structuredContent ?? (result.content === undefined ? result : JSON.parse(result.content[0].text));
  return { state: result.isError === true ? 'error' : 'answered', data };
}

/** What the system says of a process. */
export interface Footprint {
  /** MiB. */
  readonly memory: number;
  readonly peak: number;
  readonly descriptors: number;
}

/** Undefined where the system does not say. */
export function footprintOf(pid: number | undefined): Footprint | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { memory: mib('VmRSS'), peak: mib('VmHWM'), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Looks again until it is so, or the time is over. */
export async function eventually(look: () => boolean, seconds: number): Promise<boolean> {
  for (let left = seconds * 20; left > 0; left -= 1) {
    if (look()) return true;
    await pause(50);
  }
  return look();
}
