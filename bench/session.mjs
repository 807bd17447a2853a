import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const initialize = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '0.0.0' },
};

/** A stdio MCP server as a child process, and the least client that can time it. */
export class Session {
  #child;
  #rest = '';
  #waiting = new Map();
  #lastId = 0;

  constructor(script, env) {
    this.#child = spawn(process.execPath, [script], {
      cwd: '/',
      env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (chunk) => this.#read(chunk));
    this.#child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${script} ended early`));
    });
  }

  /** Resolves once the session is open. */
  async open() {
    const answer = await this.request('initialize', initialize);
    this.#send({ method: 'notifications/initialized' });
    return answer;
  }

  request(method, params = {}) {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  /** What the tool answered, as data. */
  async call(name, args = {}) {
    const result = await this.request('tools/call', { name, arguments: args });
    return result.structuredContent ?? JSON.parse(result.content[0].text);
  }

  /** The most memory that the process has held, in MiB; undefined where the system does not say. */
  peakMemory() {
    if (process.platform !== 'linux') return undefined;
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  async close() {
    const exited = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exited;
  }

  #send(message) {
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  #read(chunk) {
    this.#rest += chunk;
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#settle(JSON.parse(line));
  }

  #settle({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(new Error(error.message));
  }
}

export async function openSession(script, env) {
  const session = new Session(script, env);
  await session.open();
  return session;
}
