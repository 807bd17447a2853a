import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export type Message = Record<string, any>;

export interface Call {
  readonly answer: Promise<Message>;
  cancel(): void;
}

/** The built server as a child, of which every byte on both streams is kept until it is taken. */
export class RecordedServer {
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #stdout = '';
  #stderr = '';
  #rest = '';
  #id = 0;
  answers = 0;
  notifications = 0;

  constructor(file: string, env: Record<string, string>, args: readonly string[] = []) {
    this.#child = spawn(process.execPath, [file, ...args], {
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', PROXMOX_TOOLSETS: 'all', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
    this.#child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr += chunk;
    });
    this.#child.stdin.on('error', () => {});
    this.exit = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)));
  }

  /** What has left since it was last asked for. */
  taken(): { readonly stdout: string; readonly stderr: string } {
    const taken = { stdout: this.#stdout, stderr: this.#stderr };
    this.#stdout = '';
    this.#stderr = '';
    return taken;
  }

  async initialize(): Promise<void> {
    const clientInfo = { name: 'secrets', version: '0' };
    await this.#ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }).answer;
    this.#send({ method: 'notifications/initialized' });
    await this.#ask('tools/list', {}).answer;
  }

  /** With a token for progress, as a client that shows it. */
  call(name: string, args: object): Call {
    return this.#ask('tools/call', { name, arguments: args, _meta: { progressToken: this.#id + 1 } });
  }

  hangUp(): void {
    this.#child.kill('SIGHUP');
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.exit;
  }

  #ask(method: string, params: object): Call {
    this.#id += 1;
    const id = this.#id;
    const answer = new Promise<Message>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      this.exit.then(
        (code) => reject(new Error(`the server ended with ${code}: ${this.#stderr.slice(-2000)}`)),
        reject,
      );
    });
    this.#send({ id, method, params });
    return {
      answer,
      cancel: () => this.#send({ method: 'notifications/cancelled', params: { requestId: id, reason: 'enough' } }),
    };
  }

  #send(message: object): void {
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  #read(chunk: string): void {
    this.#stdout += chunk;
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const message: Message = JSON.parse(line);
      if (message.id === undefined) {
        this.notifications += 1;
        continue;
      }
      this.answers += 1;
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }
}
