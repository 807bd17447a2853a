import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { field } from './json-field.js';

/** What a tool answered. */
export interface DemoAnswer {
  /** `structuredContent`; for an error what its text holds. */
  readonly data: unknown;
  readonly isError: boolean;
  readonly milliseconds: number;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** An MCP client of the smallest kind: JSON-RPC, a message a line, over a server's stdin and stdout. */
export class DemoClient {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  #said = '';

  /** Starts a command with this environment and no other. */
  constructor([command = '', ...args]: readonly string[], env: Record<string, string>, cwd: string) {
    this.#child = spawn(command, args, { env, cwd, stdio: 'pipe' });
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', () => this.#end(resolve));
      this.#child.once('error', (error) => {
        this.#said += error.message;
        this.#end(resolve);
      });
    });
    // A write to a server that is gone fails here; its end is told by `close`.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stderr?.on('data', (chunk) => {
      this.#said += String(chunk);
    });
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#receive(line));
  }

  /** Opens the session; gives how long the server took to be ready. */
  async connect(version: string): Promise<number> {
    const began = performance.now();
    await this.#request('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'proxmox-mcp-demo', version },
    });
    this.#send({ method: 'notifications/initialized' });
    return performance.now() - began;
  }

  /** How many tools the server lists. */
  async countTools(): Promise<number> {
    const tools = field(await this.#request('tools/list', {}), 'tools');
    return Array.isArray(tools) ? tools.length : 0;
  }

  async call(tool: string, args: object): Promise<DemoAnswer> {
    const began = performance.now();
    const result = await this.#request('tools/call', { name: tool, arguments: args });
    const milliseconds = performance.now() - began;
    const structured = field(result, 'structuredContent');
    const data: unknown = structured ?? JSON.parse(String(field(result, 'content', 0, 'text') ?? '{}'));
    return { data, isError: field(result, 'isError') === true, milliseconds };
  }

  /** Ends the session as a client does, by closing the server's stdin. */
  close(): Promise<void> {
    this.#child.stdin?.end();
    return this.#ended;
  }

  #request(method: string, params: object): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  #send(message: object): void {
    this.#child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  #receive(line: string): void {
    const message: unknown = JSON.parse(line);
    const id = field(message, 'id');
    const waiting = typeof id === 'number' ? this.#waiting.get(id) : undefined;
    if (waiting === undefined || typeof id !== 'number') return;
    this.#waiting.delete(id);
    const error = field(message, 'error', 'message');
    if (error === undefined) waiting.resolve(field(message, 'result'));
    else waiting.reject(new Error(String(error)));
  }

  #end(resolve: () => void): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(`the server ended: ${this.#said}`));
    this.#waiting.clear();
    resolve();
  }
}
